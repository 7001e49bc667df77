"""URLs to options and back."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.errors import UsageError
from netmail.options.options import (
    TLS_ALL,
    TLS_NONE,
    TLS_TRY,
    MailProtocol,
    Options,
    Secret,
    parse_options,
)
from support.timing import cpu_limit

IMAP, POP3, SMTP = MailProtocol.IMAP, MailProtocol.POP3, MailProtocol.SMTP

READ = [
    (SMTP, "smtp://h", {"host": "h", "port": 587, "tls_implicit": False}),
    (SMTP, "smtps://h", {"port": 465, "tls_implicit": True}),
    (SMTP, "lmtp://h", {"port": 24, "tls_implicit": False, "lmtp": True}),
    (SMTP, "lmtps://u@h:2424", {"port": 2424, "tls_implicit": True, "lmtp": True}),
    (SMTP, "lmtp://h?unix_socket=/run/lmtp", {"unix_socket": "/run/lmtp", "lmtp": True}),
    (SMTP, "smtp://h:24?lmtp=yes", {"lmtp": True}),
    (IMAP, "imap://h", {"port": 143, "tls_implicit": False, "mailbox": None}),
    (IMAP, "imaps://h", {"port": 993, "tls_implicit": True}),
    (POP3, "pop3://h", {"port": 110, "tls_implicit": False}),
    (POP3, "pop3s://h", {"port": 995, "tls_implicit": True}),
    (IMAP, "IMAPS://h:1993", {"port": 1993, "tls_implicit": True}),
    (IMAP, "imap://h:993", {"tls_implicit": True}),
    (IMAP, "imap://u:p%40ss@h", {"username": "u", "password": Secret("p@ss"), "tls": TLS_ALL}),
    (IMAP, "imap://u@example.com:p:q@h", {"username": "u@example.com", "password": Secret("p:q")}),
    (IMAP, "imap://%C3%BC:@h", {"username": "ü", "password": Secret("")}),
    (IMAP, "imap://@h", {"username": None, "password": None}),
    (IMAP, "imap://h:/", {"port": 143, "mailbox": None}),
    (IMAP, "imap://[::1]:1143", {"host": "::1", "port": 1143}),
    (IMAP, "imap://[fe80::1%25eth0]", {"host": "fe80::1%eth0"}),
    (IMAP, "imap://h/INBOX", {"mailbox": "INBOX"}),
    (IMAP, "imap://h/A/B%20%2F%3B", {"mailbox": "A/B /;"}),
    (IMAP, "imap://h//root/", {"mailbox": "/root/"}),
    (IMAP, "imap://u;AUTH=PLAIN@h", {"username": "u", "auth": ("PLAIN",)}),
    (IMAP, "imap://u;auth=plain:p@h", {"auth": ("PLAIN",), "password": Secret("p")}),
    (IMAP, "imap://u:p;AUTH=PLAIN@h", {"auth": ("PLAIN",), "password": Secret("p")}),
    (IMAP, "imap://;AUTH=*@h", {"username": None, "auth": ()}),
    (POP3, "pop3://u;AUTH=+APOP@h", {"auth": ("+APOP",)}),
    (IMAP, "imap://h?timeout=5000&tls=all", {"timeout": 5000, "tls": TLS_ALL}),
    (IMAP, "imap://h?tls=TLS_NONE&verify_peer=no", {"tls": TLS_NONE, "verify_peer": False}),
    (IMAP, "imap://u@h?tls=1&debug=TRUE", {"tls": TLS_TRY, "debug": True}),
    (IMAP, "imap://u@h?auth=PLAIN,LOGIN", {"auth": ("PLAIN", "LOGIN")}),
    (IMAP, "imap://h?username=a%2Bb", {"username": "a+b"}),
    (IMAP, "imap://h?username=a+b&", {"username": "a+b"}),
    (IMAP, "imap://h?tls_implicit=true", {"port": 143, "tls_implicit": True}),
    (IMAP, "imap://h?proxy=socks5h://u:p%2540%40p", {"proxy_password": Secret("p@")}),
]


@pytest.mark.parametrize(("protocol", "url", "expected"), READ, ids=[r[1] for r in READ])
def test_urls_are_read(protocol, url, expected):
    """A URL's parts become options."""
    options = parse_options(protocol, url)

    assert {name: getattr(options, name) for name in expected} == expected


REFUSED = [
    ("h", "begins with a scheme"),
    ("://h", "begins with a scheme"),
    ("http://h", "none of smtp, smtps"),
    ("pop://h", "none of smtp, smtps"),
    ("smtp://h", "is for smtp; pass imap://"),
    ("lmtp://h", "is for smtp; pass imap://"),
    ("imap://", "no host"),
    ("imap:///INBOX", "no host"),
    ("imap://h#f", "no fragment"),
    ("imap://h:x", "port is no number"),
    ("imap://h:999999", "port is no number"),
    ("imap://h:٣", "port is no number"),
    ("imap://h:0", "port is a port from 1"),
    ("imap://h:65536", "port is a port from 1"),
    ("imap://::1", "in brackets"),
    ("imap://[::1", "in brackets"),
    ("imap://[::1]x", "in brackets"),
    ("imap://[x:y:z]", "no IPv6"),
    ("imap://a b", "no spaces"),
    ("imap://u\r\nx@h", "no control"),
    ("imap://u:p%0d%0aQUIT@h", "must not hold CR"),
    ("imap://h/a%00b", "must not hold NUL"),
    ("imap://u%zz@h", "write it as %25"),
    ("imap://u%@h", "write it as %25"),
    ("imap://u%ff@h", "not UTF-8"),
    ("imap://u:p/q@h", "as %2F %3F %40"),
    ("imap://u:1/q@h", "as %2F %3F %40"),
    ("imap://h/INBOX;UIDVALIDITY=1", "a mailbox only"),
    ("imap://h/INBOX/;UID=20", "a mailbox only"),
    ("imap://u;AUTH=A;AUTH=B@h", "AUTH twice"),
    ("imap://:p@h", "password without username"),
    ("imap://h?timeot=1", "the nearest is timeout"),
    ("imap://h?timeout=x", "number in digits"),
    ("imap://h?timeout=-1", "number in digits"),
    ("imap://h?timeout=0", "every wait"),
    ("imap://h?timeout=30", "pass 30000 for 30 seconds"),
    ("imap://h?timeout=1000&timeout=1000", "timeout twice"),
    ("imap://h?debug=2", "one of true, false"),
    ("imap://h?tls=most", "number in digits"),
    ("imap://h?host=i", "no form"),
    ("imap://h?ca_data=x", "no form"),
    ("imap://u@h?username=v", "username twice"),
    ("imaps://h?tls_implicit=false", "pass imap:// for STARTTLS"),
    ("imaps://h?tls=none", "leave tls out"),
]


@pytest.mark.parametrize(("url", "sentence"), REFUSED, ids=[ascii(r[0]) for r in REFUSED])
def test_urls_are_refused(url, sentence):
    """What is no URL of an IMAP server is refused with a reason."""
    with pytest.raises(UsageError, match=sentence):
        parse_options(IMAP, url)


@pytest.mark.parametrize(
    ("protocol", "url"), [(SMTP, "smtp://h/x"), (POP3, "pop3://h/INBOX"), (POP3, "pop3s://h//")]
)
def test_paths_are_imaps_alone(protocol, url):
    """A path on smtp or pop3 says nothing and is refused."""
    with pytest.raises(UsageError, match="has no path"):
        parse_options(protocol, url)


def test_a_scheme_with_tls_refuses_tls_later():
    """smtps:// and tls_implicit=False contradict each other."""
    with pytest.raises(UsageError, match="pass smtp:// for STARTTLS"):
        parse_options(SMTP, "SMTPS://h", tls_implicit=False)


def test_a_scheme_without_tls_takes_tls_later():
    """imap://h:993 with tls_implicit=False is STARTTLS on that port."""
    assert not parse_options(IMAP, "imap://h:993", tls_implicit=False).tls_implicit


WRITTEN = [
    (IMAP, {}, "imap://localhost:143"),
    (SMTP, {}, "smtps://localhost:465"),
    (IMAP, {"host": "::1", "mailbox": "A/ü"}, "imap://[::1]:143/A/%C3%BC"),
    (IMAP, {"username": "a@b;c", "password": "p"}, "imap://a%40b%3Bc@localhost:143"),
    (IMAP, {"port": 993, "tls_implicit": False}, "imap://localhost:993?tls_implicit=false"),
    (IMAP, {"port": 1, "tls_implicit": True}, "imaps://localhost:1"),
    (IMAP, {"host": "h", "username": "u", "tls": 1}, "imap://u@h:143?tls=try"),
    (
        IMAP,
        {"username": "u", "auth": ("PLAIN", "LOGIN"), "timeout": 5000},
        "imap://u@localhost:143?timeout=5000&auth=PLAIN%2CLOGIN",
    ),
    (
        IMAP,
        {"proxy": "socks5h://u:p@[::1]"},
        "imap://localhost:143?proxy=socks5h://%5B::1%5D:1080&proxy_username=u",
    ),
]


@pytest.mark.parametrize(("protocol", "given", "url"), WRITTEN, ids=[w[2] for w in WRITTEN])
def test_urls_are_written(protocol, given, url):
    """Options print as a URL without secrets; its query holds what is not as usual."""
    assert parse_options(protocol, given).url == url


def test_secrets_are_written_on_demand():
    """reveal_url() writes every secret that is a string."""
    options = parse_options(
        IMAP, host="h", username="u", password="a@b", client_cert="c", client_key_password="k"
    )
    expected = "imap://u:a%40b@h:143?client_cert=c&client_key_password=k"

    assert options.reveal_url() == expected


def test_a_token_callable_is_not_written():
    """A callable token has no value to write."""
    options = parse_options(IMAP, host="h", username="u", oauth2_token=lambda: "t")

    assert options.reveal_url() == "imap://u@h:143"


CHARACTERS = st.characters(codec="utf-8", exclude_characters="\r\n\0")
TEXT = st.text(CHARACTERS, min_size=1, max_size=12)
TOKEN = st.text(string.ascii_letters + string.digits + ".-_[]", min_size=1, max_size=12)
HOST = st.one_of(
    st.from_regex(r"[a-z0-9]([a-z0-9.-]{0,10}[a-z0-9])?", fullmatch=True),
    st.ip_addresses().map(str),
)
LOGIN = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"username": TEXT}, optional={"password": TEXT, "authzid": TEXT}),
    st.fixed_dictionaries({"username": TEXT, "oauth2_token": TOKEN}),
)
REST = st.fixed_dictionaries(
    {"host": HOST},
    optional={
        "port": st.integers(1, 65535),
        "tls": st.integers(1, 3),
        "tls_implicit": st.booleans(),
        "debug": st.booleans(),
        "verify_peer": st.booleans(),
        "verify_proxy_host": st.booleans(),
        "timeout": st.integers(1000, 2**31 - 1),
        "connect_timeout": st.integers(1000, 2**31 - 1),
        "client_cert": TEXT,
        "tls_min_version": st.sampled_from(["1.0", "1.3"]),
        "local_hostname": TOKEN,
        "mailbox": TEXT,
        "strict": st.booleans(),
        "proxy": HOST.map(lambda host: f"socks5://a:b%20@{f'[{host}]' if ':' in host else host}"),
    },
)


@given(LOGIN, REST)
def test_urls_with_credentials_round_trip(login, rest):
    """What reveal_url() writes is read as the same options."""
    options = parse_options(IMAP, {**login, **rest})

    assert parse_options(IMAP, options.reveal_url()) == options


@given(LOGIN, REST)
def test_urls_without_secrets_round_trip(login, rest):
    """What url writes is read as the same options, given the secrets again."""
    options = parse_options(IMAP, {**login, **rest})
    names = ("password", "oauth2_token", "proxy_password", "tls")
    secrets = {name: getattr(options, name) for name in names}

    assert parse_options(IMAP, options.url, **secrets) == options


@given(st.one_of(st.text(), st.text("imap:s/@?#[]%;&=AUTH0a.").map("imap://".__add__)))
def test_any_text_is_read_or_refused(text):
    """Any text gives Options or a UsageError, nothing else."""
    try:
        options = parse_options(IMAP, text)
    except UsageError:
        return

    assert parse_options(IMAP, options.reveal_url()) == options


HOSTILE = {
    "colons": "imap://" + ":" * 1_000_000,
    "ats": "imap://" + "@" * 1_000_000 + "h",
    "percents": "imap://u:" + "%41" * 300_000 + "@h",
    "auths": "imap://" + ";AUTH=" * 200_000 + "@h",
    "brackets": "imap://" + "[" * 1_000_000,
    "query": "imap://h?" + "&=" * 500_000,
    "schemes": "imap://" * 200_000,
}


@pytest.mark.parametrize("url", HOSTILE.values(), ids=HOSTILE)
def test_hostile_urls_take_bounded_time(url):
    """A megabyte of anything is decided in linear time."""
    with cpu_limit(5):
        try:
            result: object = parse_options(IMAP, url)
        except UsageError as error:
            result = error

    assert isinstance(result, Options | UsageError)
