"""The one door: dictionaries, keywords, URLs and Options, alone and mixed."""

import dataclasses
import inspect
import json
import subprocess
import sys
from pathlib import Path
from typing import get_type_hints

import pytest

from netmail.errors import UsageError
from netmail.options.options import (
    TLS_ALL,
    TLS_TRY,
    MailProtocol,
    Options,
    OptionsDict,
    Secret,
    TlsMode,
    check_token,
    parse_options,
)
from netmail.options.values import OPTIONS

IMAP, POP3, SMTP = MailProtocol.IMAP, MailProtocol.POP3, MailProtocol.SMTP
BLADE = {
    "host": "h",
    "port": 1143,
    "username": "u",
    "password": "p",
    "tls": TLS_TRY,
    "debug": True,
    "verify_peer": False,
    "verify_host": False,
    "proxy": "p.example:8080",
    "proxy_username": "pu",
    "proxy_password": "pp",
    "verify_proxy_peer": True,
    "verify_proxy_host": True,
    "timeout": 1000,
}


def test_blades_dictionary_is_taken_whole():
    """Every key that Blade's dictionary has is kept under its name."""
    options = parse_options(IMAP, BLADE)
    expected = {
        **BLADE,
        "password": Secret("p"),
        "proxy": "http://p.example:8080",
        "proxy_password": Secret("pp"),
    }

    assert {name: getattr(options, name) for name in BLADE} == expected


SAME = {
    "dictionary": (({"host": "h", "username": "u", "password": "p@", "port": 993},), {}),
    "keywords": ((), {"host": "h", "username": "u", "password": "p@", "port": 993}),
    "url": (("imaps://u:p%40@h",), {}),
    "url and keyword": (("imaps://u@h",), {"password": "p@"}),
    "dictionary and keyword": (({"host": "h", "username": "u"},), {"password": "p@", "port": 993}),
    "options": ((parse_options(IMAP, "imaps://u:p%40@h"),), {}),
    "options and keyword": ((parse_options(IMAP, "imaps://u@h"),), {"password": "p@"}),
}


@pytest.mark.parametrize(("args", "keywords"), SAME.values(), ids=list(SAME))
def test_every_form_says_the_same(args, keywords):
    """A dictionary, keywords, a URL, Options and mixtures lead to equal Options."""
    assert parse_options(IMAP, *args, **keywords) == SAME["options"][0][0]


def test_defaults():
    """Without any option: loopback, in clear where the server has no TLS, certificates verified."""
    options = parse_options(IMAP)

    assert (options.host, options.port, options.tls, options.timeout) == (
        "localhost",
        143,
        TLS_TRY,
        30_000,
    )
    assert options.verify_peer
    assert options.verify_host
    assert not options.needs_login


@pytest.mark.parametrize("name", OPTIONS)
def test_none_means_not_given(name):
    """None leaves every option as it would be without it."""
    assert parse_options(IMAP, {name: None}) == parse_options(IMAP)


def test_none_does_not_undo_the_source():
    """A keyword of None leaves what the URL says."""
    assert parse_options(IMAP, "imap://u@h", username=None).username == "u"


def test_keywords_take_precedence():
    """A keyword overrides the URL, and what follows from it follows again."""
    options = parse_options(IMAP, "imap://u@h:143", port=993, host="localhost")

    assert options.port == 993
    assert options.tls_implicit is True
    assert options.tls == TLS_TRY


def test_what_was_derived_follows_again_from_options():
    """Over Options, only what was stated stays: the rest follows from the whole."""
    first = parse_options(IMAP, host="h")
    second = parse_options(IMAP, first, username="u", port=993, verify_peer=False)

    assert second.tls == TLS_ALL
    assert second.tls_implicit is True
    assert second.verify_proxy_peer is False


def test_what_was_replaced_stays_over_options():
    """A derived option that dataclasses.replace() changes is stated; the others follow it."""
    first = parse_options(IMAP, host="h")
    second = parse_options(IMAP, dataclasses.replace(first, port=993, tls=TLS_ALL))
    third = parse_options(IMAP, second, username="u", port=143)

    assert second.port == 993
    assert second.tls is TLS_ALL
    assert second.tls_implicit
    assert not third.tls_implicit


def test_what_was_stated_stays_over_options():
    """An explicit mode is obeyed after other options were put over it."""
    first = parse_options(IMAP, host="h", tls=TLS_TRY, tls_implicit=False)
    second = parse_options(IMAP, first, username="u", port=993)

    assert second.tls == TLS_TRY
    assert second.tls_implicit is False


def test_a_new_proxy_gets_no_old_credentials():
    """The credentials of one proxy are not sent to another."""
    options = parse_options(IMAP, "imap://h?proxy=http://u:p%40q", proxy="r")

    assert (options.proxy, options.proxy_username, options.proxy_password) == (
        "http://r:1080",
        None,
        None,
    )


def test_named_proxy_credentials_win_over_the_proxys_url():
    """proxy_password overrides what the proxy's URL holds."""
    options = parse_options(IMAP, proxy="socks5://a:b%40@p", proxy_password="c")

    assert (options.proxy_username, options.proxy_password) == ("a", Secret("c"))


UNKNOWN = {
    "usernam": "username",
    "pasword": "password",
    "Host": "host",
    "user": "username",
    "use_ssl": "tls_implicit",
    "starttls": "tls",
    "verify": "verify_peer",
    "cafile": "ca_file",
    "time_out": "timeout",
    "proxy_user": "proxy_username",
    "socket": "unix_socket",
    "oauth_token": "oauth2_token",
    "protocol": "port",
}


@pytest.mark.parametrize(("name", "nearest"), UNKNOWN.items(), ids=UNKNOWN)
@pytest.mark.parametrize("how", ["dictionary", "keyword"])
def test_unknown_options_name_the_nearest(name, nearest, how):
    """An unknown option is refused with the one that was probably meant."""
    args, keywords = (({name: 1},), {}) if how == "dictionary" else ((), {name: 1})
    with pytest.raises(UsageError, match=f"no option '{name}'; the nearest is '{nearest}'"):
        parse_options(IMAP, *args, **keywords)


@pytest.mark.parametrize("name", [5, None, "x" * 100_000, ""], ids=["int", "None", "long", "empty"])
def test_strange_names_are_refused(name):
    """A key that is no name at all is refused, in a short sentence."""
    with pytest.raises(UsageError, match="no option") as caught:
        parse_options(IMAP, {name: 1})

    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("source", [5, b"imap://h", ["h"], ("h", 143)], ids=repr)
def test_other_sources_are_refused(source):
    """Anything but a dictionary, URL or Options is refused."""
    with pytest.raises(UsageError, match="a dict, a URL or keywords"):
        parse_options(IMAP, source)


def test_options_of_another_protocol_are_refused():
    """Options know what they are for."""
    with pytest.raises(UsageError, match="for smtp, not for imap"):
        parse_options(IMAP, parse_options(SMTP))


LOGINS = [
    ({}, False),
    ({"username": "u"}, True),
    ({"oauth2_token": "t"}, True),
    ({"auth": "EXTERNAL"}, True),
    ({"auth": ()}, False),
]


@pytest.mark.parametrize(("keywords", "expected"), LOGINS, ids=[str(k) for k, _ in LOGINS])
def test_needs_login(keywords, expected):
    """A login is needed where there is a user, a token or a mechanism."""
    assert parse_options(IMAP, keywords).needs_login is expected


def test_seconds():
    """Callers give milliseconds, the code inside waits seconds."""
    assert parse_options(IMAP, timeout=1500).timeout_seconds == 1.5


@pytest.mark.parametrize("token", ["t", Secret("t")], ids=["str", "Secret"])
def test_token(token):
    """A token is kept as a secret, a callable as it is."""
    assert parse_options(IMAP, username="u", oauth2_token=token).oauth2_token == Secret("t")
    assert parse_options(IMAP, username="u", oauth2_token=len).oauth2_token is len


@pytest.mark.parametrize(
    "token", [5, None, "", "a\r\nb", lambda: "t"], ids=lambda token: f"{token!r:.19}"
)
def test_bad_token(token):
    """What a callable returns is checked like a token that was given."""
    assert check_token("t") == Secret("t")
    with pytest.raises(UsageError, match="oauth2_token's result"):
        check_token(token)


def test_to_dict_goes_to_json_and_back():
    """to_dict() holds plain values without secrets, and is read again."""
    pem = "-----BEGIN CERTIFICATE-----\n"
    options = parse_options(IMAP, BLADE, auth="PLAIN", ca_data=pem, verify_peer=True, mailbox="ü")
    written = json.dumps(options.to_dict())
    secrets = {"password": "p", "proxy_password": "pp"}

    assert '"p"' not in written
    assert "pp" not in written
    assert parse_options(IMAP, json.loads(written), **secrets) == options


def test_options_are_frozen():
    """Options do not change."""
    with pytest.raises(AttributeError):
        parse_options(IMAP).port = 1  # type: ignore[misc]


def test_options_hash():
    """Equal options hash alike, so a pool can use them as its key."""
    assert len({parse_options(IMAP, "imaps://h"), parse_options(IMAP, host="h", port=993)}) == 1


def test_the_dictionary_type_has_every_option():
    """OptionsDict, Options and the table of checks name the same options in the same order."""
    fields = list(Options.__dataclass_fields__)

    assert list(get_type_hints(OptionsDict)) == list(OPTIONS)
    assert [name for name in fields if name not in {"protocol", "derived"}] == list(OPTIONS)


def test_the_modes_are_exported():
    """TLS_ALL and the others are members of TlsMode."""
    assert TlsMode(3) is TLS_ALL


def test_importing_is_light():
    """Neither urllib nor ipaddress nor difflib is imported before it is needed."""
    heavy = "urllib.parse", "urllib.request", "ipaddress", "difflib", "pycurl", "ssl"
    code = f"import sys, netmail.options.options; print([m for m in {heavy} if m in sys.modules])"
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )

    assert ran.stdout.strip() == "[]"


PAGE = Path(__file__).parents[2] / "docs" / "topics" / "options.md"


@pytest.mark.parametrize("name", OPTIONS)
def test_every_option_is_described(name):
    """Each option has its line in the documentation, and one in what help() shows."""
    assert f"| `{name}` |" in PAGE.read_text("utf-8")
    assert f"\n    {name}: " in (inspect.getdoc(Options) or "")
