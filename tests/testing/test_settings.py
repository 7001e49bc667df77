"""How the embedded servers run, and their URLs."""

import pytest

from netmail.errors import UsageError
from netmail.testing.settings import Settings, Tls


@pytest.mark.parametrize(
    ("given", "mode"),
    [
        (False, Tls.NONE),
        (True, Tls.IMPLICIT),
        ("none", Tls.NONE),
        ("starttls", Tls.STARTTLS),
        ("implicit", Tls.IMPLICIT),
        (Tls.STARTTLS, Tls.STARTTLS),
    ],
)
def test_tls(given, mode):
    """TLS is a flag, or the name of a mode."""
    assert Tls.of(given) is mode


@pytest.mark.parametrize("given", ["ssl", "", None, 1.5])
def test_no_tls_mode(given):
    """Everything else is refused, with what to pass."""
    with pytest.raises(UsageError, match='"starttls" or "implicit"'):
        Tls.of(given)


def settings(tls=Tls.NONE, host="127.0.0.1"):
    users = {"ann@example.test": "p@ss/word", "bob": "x"}
    return Settings(users, tls, host, require_auth=False, accept_any=False, tokens={})


@pytest.mark.parametrize(
    ("protocol", "tls", "host", "url"),
    [
        ("smtp", Tls.NONE, "127.0.0.1", "smtp://ann%40example.test:p%40ss%2Fword@127.0.0.1:25"),
        ("imap", Tls.STARTTLS, "::1", "imap://ann%40example.test:p%40ss%2Fword@[::1]:25"),
        ("pop3", Tls.IMPLICIT, "::1", "pop3s://ann%40example.test:p%40ss%2Fword@[::1]:25"),
    ],
)
def test_url(protocol, tls, host, url):
    """Credentials are percent-encoded, and implicit TLS has a scheme of its own."""
    assert settings(tls, host).url(protocol, 25, "ann@example.test") == url


@pytest.mark.parametrize(
    ("protocol", "user", "sentence"),
    [("http", "bob", "smtp, lmtp, imap, pop3"), ("imap", "carol", "ann@example.test, bob")],
)
def test_no_url(protocol, user, sentence):
    """An unknown protocol or user is refused, with those that there are."""
    with pytest.raises(UsageError, match=sentence):
        settings().url(protocol, 25, user)
