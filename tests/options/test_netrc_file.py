"""Credentials of a .netrc file, on request."""

import pytest

from netmail.errors import UsageError
from netmail.options.options import TLS_ALL, MailProtocol, parse_options
from netmail.secret import Secret

FILE = """
machine mail.example.test login ann password "se cret"
machine other.example.test
    login bob
    password drow
machine half.example.test login eve
"""


@pytest.fixture
def netrc(tmp_path):
    """Write a file; return its path."""
    path = tmp_path / "netrc"
    path.write_text(FILE)
    return path


def parse(**options):
    return parse_options(MailProtocol.IMAP, **options)


def test_entry(netrc):
    """The host's entry gives name and password; with them TLS is demanded as ever."""
    options = parse(host="mail.example.test", netrc=netrc)

    assert (options.username, options.password) == ("ann", Secret("se cret"))
    assert options.tls is TLS_ALL
    assert parse_options(MailProtocol.IMAP, options) == options
    assert parse(host="other.example.test", netrc=str(netrc), username="bob").username == "bob"


def test_url(netrc):
    """A URL may name it, and shows no secret."""
    options = parse_options(MailProtocol.IMAP, f"imap://mail.example.test/?netrc={netrc}")

    assert options.password == Secret("se cret")
    assert "se cret" not in options.url


def test_home(tmp_path, monkeypatch, netrc):
    """True is the file in the home directory."""
    netrc.rename(tmp_path / ".netrc")
    monkeypatch.setenv("HOME", str(tmp_path))

    assert parse(host="mail.example.test", netrc=True).username == "ann"


@pytest.mark.parametrize("secret", [{"password": "p"}, {"oauth2_token": "t"}])
def test_given_secret(secret):
    """A secret that is given comes first; the file is not even read."""
    options = parse(host="mail.example.test", username="zoe", netrc="/missing", **secret)

    assert options.username == "zoe"


@pytest.mark.parametrize(
    ("host", "options", "text"),
    [
        ("nowhere.example.test", {}, "no entry with login and password for nowhere"),
        ("half.example.test", {}, "no entry with login and password for half"),
        ("mail.example.test", {"username": "bob"}, "not for this username"),
        ("mail.example.test", {"netrc": "/missing"}, "/missing cannot be read: No such file"),
        ("mail.example.test", {"netrc": ""}, "empty"),
        ("mail.example.test", {"netrc": False}, "netrc"),
    ],
)
def test_refused(netrc, host, options, text):
    """What is missing is named, and what to look at."""
    with pytest.raises(UsageError, match=text):
        parse(host=host, **{"netrc": netrc, **options})


@pytest.mark.parametrize("text", ["machine m login ann passwd hunter2", b"\xff\xfe"])
def test_unreadable(netrc, text):
    """The error shows the line's number, and nothing of the file."""
    netrc.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UsageError, match=r"cannot be read|UTF-8") as caught:
        parse(host="m", netrc=netrc)

    assert "hunter2" not in str(caught.value)
    assert caught.value.__context__ is None
