"""What each option takes, as tables."""

from datetime import timedelta
from pathlib import Path

import pytest

from netmail.errors import UsageError
from netmail.options.modes import TlsMode
from netmail.options.options import MailProtocol, Options, Secret, parse_options
from netmail.options.values import OPTIONS

PEM = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"


def parse(**keywords: object) -> Options:
    """IMAP options from keywords."""
    return parse_options(MailProtocol.IMAP, **keywords)


def test_tls_modes_have_libcurls_numbers():
    """The modes are CURLUSESSL_NONE to CURLUSESSL_ALL."""
    pycurl = pytest.importorskip("pycurl")
    expected = [pycurl.USESSL_NONE, pycurl.USESSL_TRY, pycurl.USESSL_CONTROL, pycurl.USESSL_ALL]

    assert [int(mode) for mode in TlsMode] == expected


TAKEN = [
    ("host", "mail.example", "mail.example"),
    ("host", "[::1]", "::1"),
    ("host", "fe80::1%eth0", "fe80::1%eth0"),
    ("host", "bücher.example", "xn--bcher-kva.example"),
    ("host", "[Bücher.example]", "xn--bcher-kva.example"),
    ("host", "faß.example", "xn--fa-hia.example"),
    ("host", "\uff11\uff12\uff17.0.0.1", "127.0.0.1"),
    ("host", "bücher。example", "xn--bcher-kva.example"),
    ("host", "fe80::1%ethü", "fe80::1%ethü"),
    ("port", 1, 1),
    ("port", 65535, 65535),
    ("tls", 0, TlsMode.TLS_NONE),
    ("tls", TlsMode.TLS_ALL, TlsMode.TLS_ALL),
    ("tls_implicit", True, True),
    ("debug", True, True),
    ("timeout", 1000, 1000),
    ("timeout", timedelta(milliseconds=1), timedelta(milliseconds=1)),
    ("timeout", 2**31 - 1, 2**31 - 1),
    ("connect_timeout", "500ms", timedelta(milliseconds=500)),
    ("ca_file", Path("/etc/ca.pem"), "/etc/ca.pem"),
    ("ca_data", PEM, PEM.encode()),
    ("ca_data", PEM.encode(), PEM.encode()),
    ("tls_min_version", "1.3", "1.3"),
    ("tls_max_version", "1.2", "1.2"),
    ("ca", "system", "system"),
    ("ca", "certifi", "certifi"),
    (
        "tls_ciphers",
        "HIGH:!aNULL, TLS_AES_128_GCM_SHA256",
        ("HIGH", "!aNULL", "TLS_AES_128_GCM_SHA256"),
    ),
    ("tls_ciphers", ["ECDHE+AESGCM", "@SECLEVEL=2"], ("ECDHE+AESGCM", "@SECLEVEL=2")),
    ("tls_ciphers", [], ()),
    ("auth", "external", ("EXTERNAL",)),
    ("auth", ["anonymous", "EXTERNAL", "external"], ("ANONYMOUS", "EXTERNAL")),
    ("auth", "external, gssapi", ("EXTERNAL", "GSSAPI")),
    ("auth", "*", ()),
    ("auth", [], ()),
    ("local_hostname", "[127.0.0.1]", "[127.0.0.1]"),
    ("source_address", "192.0.2.1", "192.0.2.1"),
    ("ip_version", 6, 6),
    ("unix_socket", "/run/imap", "/run/imap"),
    ("resolve", "h:993:192.0.2.1", ("h:993:192.0.2.1",)),
    ("resolve", ["h:993:192.0.2.1,::1", "i:25:[::1]"], ("h:993:192.0.2.1,::1", "i:25:[::1]")),
    ("resolve", {("h", 993): "::1"}, ("h:993:::1",)),
    ("resolve", {("bücher.example", 993): "::1"}, ("xn--bcher-kva.example:993:::1",)),
    ("proxy", "socks5h://bücher.example", "socks5h://xn--bcher-kva.example:1080"),
    ("mailbox", "Ünï/ü", "Ünï/ü"),
    ("strict", True, True),
    ("utf8", False, False),
    ("proxy", "p.example:3128", "http://p.example:3128"),
    ("proxy", "p.example", "http://p.example:1080"),
    ("proxy", "HTTPS://p.example", "https://p.example:443"),
    ("proxy", "socks5h://[::1]:9050/", "socks5h://[::1]:9050"),
    ("proxy", "socks4a://u@p", "socks4a://p:1080"),
    ("proxy_username", None, None),
]


@pytest.mark.parametrize(("name", "given", "kept"), TAKEN, ids=[f"{n}={g!r}" for n, g, _ in TAKEN])
def test_values_are_taken(name, given, kept):
    """A good value is kept in its one form."""
    assert getattr(parse(**{name: given}), name) == kept


def test_apop_is_written_as_rfc_2384_does():
    """APOP is no SASL mechanism and carries the plus sign."""
    assert parse(username="u", auth="apop").auth == ("+APOP",)


REFUSED = [
    ("host", "", "empty"),
    ("host", 5, "str, not int"),
    ("host", "h:993", "pass it as port="),
    ("host", "a:b:c", "no IPv6"),
    ("host", "imap://h", "first argument"),
    ("host", "u@h", "without spaces"),
    ("host", "a b", "without spaces"),
    ("host", "ü b", "no valid name"),
    ("host", "☕.example", "no valid name: it is no internationalized domain name"),
    ("host", "⒈.example", "no valid name"),
    ("host", "ü.example\uff0fx", "no valid name"),
    ("host", "ü\uff20example", "no valid name"),
    ("host", "u@bücher.example", "no valid name"),
    ("host", "ü" * 254, "longer than 253"),
    ("port", 0, "from 1 to 65535"),
    ("port", 65536, "from 1 to 65535"),
    ("port", -1, "from 1 to 65535"),
    ("port", 10**4000, "not that"),
    ("port", "993", "int .*, not str"),
    ("port", True, "not bool"),
    ("port", 993.0, "not float"),
    ("username", "", "leave it out"),
    ("username", b"u", "str, not bytes"),
    ("tls", 4, "TLS_NONE, TLS_TRY"),
    ("tls", True, "TLS_NONE, TLS_TRY"),
    ("tls", "all", "TLS_NONE, TLS_TRY"),
    ("tls_implicit", 1, "True or False"),
    ("debug", "yes", "True or False"),
    ("verify_peer", 0, "True or False"),
    ("ca", "windows", '"system" or "certifi"'),
    ("ca", Path("/etc/ca.pem"), "ca_file"),
    ("ca", True, "ca_file"),
    ("tls_max_version", "1.4", "one of the strings"),
    ("tls_ciphers", "HIGH!", "names of cipher suites"),
    ("tls_ciphers", ["A:B"], "names of cipher suites"),
    ("tls_ciphers", ["x" * 100], "names of cipher suites"),
    ("tls_ciphers", 5, "list of str"),
    ("tls_ciphers", [None], "str, not"),
    ("timeout", 0, "every wait has a deadline"),
    ("timeout", -1, "milliseconds from 1000"),
    ("timeout", 2**31, "milliseconds from 1000"),
    ("timeout", 30, "pass 30000 for 30 seconds"),
    ("connect_timeout", 5, "connect_timeout=5 is 5 milliseconds"),
    ("timeout", 1.5, "not float"),
    ("timeout", False, "not bool"),
    ("connect_timeout", 0, "every wait has a deadline"),
    ("ca_file", 7, "str, not int"),
    ("ca_file", b"/ca", "str, not bytes"),
    ("ca_data", "/etc/ca.pem", "as ca_file"),
    ("ca_data", 7, "PEM text"),
    ("ca_data", PEM + "\0", "no PEM"),
    ("tls_min_version", 1.2, "strings"),
    ("tls_min_version", "2.0", "strings"),
    ("auth", "PLÄIN", "SASL mechanisms"),
    ("auth", "A" * 21, "SASL mechanisms"),
    ("auth", 5, "list of str"),
    ("auth", b"PLAIN", "list of str"),
    ("auth", [5], "str, not int"),
    ("oauth2_token", 5, "callable"),
    ("oauth2_token", "", "empty"),
    ("oauth2_token", "a b", "without spaces"),
    ("local_hostname", "a b", "printable ASCII"),
    ("local_hostname", "ü", "printable ASCII"),
    ("ip_version", 5, "4 or 6"),
    ("ip_version", "4", "4 or 6"),
    ("resolve", "h:993:example", "in numbers"),
    ("resolve", "h:0:::1", "from 1 to 65535"),
    ("resolve", "h::::1", "digits"),
    ("resolve", "-h:993", "in numbers"),
    ("resolve", {"h": "::1"}, "mapping"),
    ("resolve", 5, "list of str"),
    ("resolve", [5], "str, not int"),
    ("proxy", "ftp://p", "one of http, https"),
    ("proxy", "http://p/path", "nothing more"),
    ("proxy", "http://p?x=1", "nothing more"),
    ("proxy", "http://p:0", "from 1 to 65535"),
    ("proxy", "http://", "empty"),
    ("proxy", 5, "str, not int"),
    ("mailbox", "", "leave it out"),
]


@pytest.mark.parametrize(
    ("name", "value", "sentence"), REFUSED, ids=[f"{n}={v!r:.30}" for n, v, _ in REFUSED]
)
def test_values_are_refused(name, value, sentence):
    """A bad value is refused with the option's name and what to pass instead."""
    with pytest.raises(UsageError, match=f"{name}.*{sentence}|{sentence}"):
        parse(**{name: value})


@pytest.mark.parametrize("broken", ["a\rb", "a\nb", "a\0b", "a\r\nb"], ids=ascii)
@pytest.mark.parametrize("name", sorted({*OPTIONS} - {"ca_data"}))
def test_line_breaks_are_refused_everywhere(name, broken):
    """No option takes a string with CR, LF or NUL, whatever else it takes."""
    with pytest.raises(UsageError, match=name):
        OPTIONS[name].check(name, broken)


@pytest.mark.parametrize("name", ["username", "password", "authzid", "mailbox", "proxy_password"])
def test_lone_surrogates_are_refused(name):
    """What UTF-8 cannot encode is refused here, not in the middle of a session."""
    with pytest.raises(UsageError, match="surrogate"):
        OPTIONS[name].check(name, "a\udc80")


@pytest.mark.parametrize("name", [name for name, option in OPTIONS.items() if option.secret])
def test_secrets_are_wrapped_once(name):
    """A str becomes a Secret, and a Secret stays one."""
    check = OPTIONS[name].check

    assert check(name, Secret("s")) == check(name, "s") == Secret("s")
