"""Secrets: used, never shown."""

import copy
import pickle
import traceback

import pytest

from netmail.errors import UsageError
from netmail.options.options import MailProtocol, Options, parse_options
from netmail.secret import Secret

PASSWORD = "correct horse"
PRINTED = {
    "repr": repr,
    "str": str,
    "format": format,
    "aligned": lambda secret: f"{secret:>3}",
    "percent": lambda secret: "%s" % secret,  # noqa: UP031 -- the old form must not show it either
    "in a list": lambda secret: str([secret]).strip("[]"),
}


def options(**keywords: object) -> Options:
    """Options that hold every secret there is."""
    return parse_options(
        MailProtocol.IMAP,
        host="h",
        username="u",
        password=PASSWORD,
        proxy=f"http://u:{PASSWORD.replace(' ', '%20')}@p",
        client_cert="c",
        client_key_password=PASSWORD,
        **keywords,
    )


@pytest.mark.parametrize("show", PRINTED.values(), ids=PRINTED)
def test_printing_shows_stars(show):
    """However a secret is printed, three stars appear."""
    assert show(Secret(PASSWORD)) == "***"


def test_reveal_gives_the_value():
    """Only reveal() gives the value."""
    assert Secret(PASSWORD).reveal() == PASSWORD


def test_equal_secrets_are_equal_and_hash_alike():
    """Secrets compare by value, and never equal a plain string."""
    assert {Secret(PASSWORD), Secret(PASSWORD)} == {Secret(PASSWORD)}
    assert Secret(PASSWORD) != Secret("other")
    assert Secret(PASSWORD) != PASSWORD


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickling_is_refused(protocol):
    """No pickle protocol writes a secret in clear."""
    with pytest.raises(UsageError, match="not pickled"):
        pickle.dumps(Secret(PASSWORD), protocol)


def test_pickling_options_is_refused():
    """Options with a password are not pickled either."""
    with pytest.raises(UsageError, match="not pickled"):
        pickle.dumps(options())


def test_state_is_refused():
    """The door that object.__getstate__ opens is shut."""
    with pytest.raises(UsageError, match="state"):
        Secret(PASSWORD).__getstate__()


@pytest.mark.parametrize("name", ["copy", "deepcopy"])
def test_copies_stay_secret(name):
    """A copy is the secret itself."""
    secret = Secret(PASSWORD)

    assert getattr(copy, name)(secret) is secret


def test_a_secret_does_not_change():
    """Neither setting nor deleting an attribute works."""
    secret = Secret(PASSWORD)
    with pytest.raises(AttributeError, match="does not change"):
        secret.value = "x"
    with pytest.raises(AttributeError, match="does not change"):
        del secret._value

    assert secret.reveal() == PASSWORD


SHOWN = {
    "repr": repr,
    "str": str,
    "url": lambda o: o.url,
    "to_dict": lambda o: repr(o.to_dict()),
    "asdict": lambda o: repr(__import__("dataclasses").asdict(o)),
    "percent": "{}".format,
}


@pytest.mark.parametrize("show", SHOWN.values(), ids=SHOWN)
def test_options_show_no_secret(show):
    """Nothing that prints Options shows one of the secrets in them."""
    shown = show(options())

    assert "correct" not in shown
    assert "horse" not in shown


def test_a_token_callable_is_not_shown():
    """A callable's repr may hold its arguments, so it is left out."""
    from functools import partial

    shown = repr(
        parse_options(
            MailProtocol.IMAP, host="h", username="u", oauth2_token=partial(str, PASSWORD)
        )
    )

    assert PASSWORD not in shown


BAD = {
    "host is a URL": {"host": f"imaps://u:{PASSWORD}@h"},
    "host beyond ASCII": {"host": f"ü{PASSWORD}"},
    "port is text": {"port": PASSWORD},
    "line break": {"username": "u", "password": f"{PASSWORD}\r\n"},
    "bytes": {"username": "u", "password": PASSWORD.encode()},
    "contradiction": {"password": PASSWORD},
    "proxy": {"proxy": f"socks9://u:{PASSWORD}@p".replace(" ", "")},
    "proxy port": {"proxy": f"http://u:p{PASSWORD}:x".replace(" ", "")},
    "token": {"username": "u", "oauth2_token": PASSWORD},
    "mechanism": {"username": "u", "auth": f"{PASSWORD}!"},
    "resolve": {"resolve": PASSWORD},
    "ca_data": {"ca_data": PASSWORD},
    "tls": {"tls": PASSWORD},
    "tls_min_version": {"tls_min_version": PASSWORD},
    "surrogate": {"username": "u", "password": f"{PASSWORD}\ud800"},
}


@pytest.mark.parametrize("keywords", BAD.values(), ids=BAD)
def test_refusals_repeat_no_value(keywords):
    """A traceback with everything chained to it shows nothing of a refused string."""
    try:
        parse_options(MailProtocol.IMAP, keywords)
    except UsageError as error:
        shown = "".join(traceback.format_exception(error)) + repr(error.__context__)
    else:
        shown = "horse"

    assert "correct" not in shown
    assert "horse" not in shown


CUT_WRONGLY = {
    "slash": "imaps://user:12/horse@h",
    "question mark": "imaps://user:12?horse=1@h",
    "question mark, two": "imaps://user:12?horse@h=1",
    "hash": "imaps://user:12#horse@h",
    "colon": "imaps://user:horse:x",
    "no scheme": "user:horse@h",
    "percent": "imaps://user:horse%zz@h",
    "not UTF-8": "imaps://user:horse%ff@h",
    "blank": "imaps://user:ho horse@h",
    "scheme": "horse://h",
    "unknown query": "imaps://h?horse=1",
    "two mechanisms": "imaps://u;AUTH=horse;AUTH=horse@h",
    "bracket": "imaps://u:horse@[::1",
    "after bracket": "imaps://u:p@[::1]horse",
}


@pytest.mark.parametrize("url", CUT_WRONGLY.values(), ids=CUT_WRONGLY)
def test_refused_urls_are_not_repeated(url):
    """Where an unencoded password cuts the URL wrongly, no part of it is shown."""
    try:
        parse_options(MailProtocol.IMAP, url)
    except UsageError as error:
        shown = "".join(traceback.format_exception(error, chain=True)) + repr(error.__context__)
    else:
        shown = "horse"

    assert "horse" not in shown.partition("UsageError")[2]
