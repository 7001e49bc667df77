"""Addresses in SMTP commands: every doubt is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.errors import UsageError
from netmail.wire.smtp_path import forward_path, mailbox, reverse_path, string

GOOD = {
    "usual": ("user@example.org", b"<user@example.org>"),
    "tagged": ("a.b+tag@sub.example.org", b"<a.b+tag@sub.example.org>"),
    "odd marks": ("!#$%&'*/=?^_`{|}~-@x", b"<!#$%&'*/=?^_`{|}~-@x>"),
    "quoted": ('"john doe"@example.org', b'<"john doe"@example.org>'),
    "quoted with an at": ('"a@evil.test x"@example.org', b'<"a@evil.test x"@example.org>'),
    "quoted with an escape": (r'"a\"b\\"@example.org', rb'<"a\"b\\"@example.org>'),
    "literal": ("a@[192.0.2.1]", b"<a@[192.0.2.1]>"),
    "IPv6 literal": ("a@[IPv6:2001:db8::1]", b"<a@[IPv6:2001:db8::1]>"),
    "underscore host": ("a@my_host.local", b"<a@my_host.local>"),
    "IDN": ("a@bücher.example", b"<a@xn--bcher-kva.example>"),
    "IDN with sharp s": ("a@straße.example", b"<a@xn--strae-oqa.example>"),
    "IDN with ideographic dot": ("a@例え。jp", b"<a@xn--r8jz45g.jp>"),
    "local part beyond ASCII": ("ünï@example.org", "<ünï@example.org>".encode()),
    "both beyond ASCII": ("ünï@bücher.example", "<ünï@xn--bcher-kva.example>".encode()),
    "postmaster": ("Postmaster", b"<Postmaster>"),
    "long local part": ("x" * 200 + "@example.org", b"<" + b"x" * 200 + b"@example.org>"),
}


@pytest.mark.parametrize(("address", "expected"), GOOD.values(), ids=GOOD)
def test_forward_path(address, expected):
    """An address becomes a path, its local part untouched."""
    assert expected == forward_path(address)


BAD = {
    "empty": "",
    "no at": "user",
    "no local part": "@example.org",
    "no domain": "user@",
    "display name": "Name <user@example.org>",
    "in brackets": "<user@example.org>",
    "closing bracket": "user@example.org>",
    "parameter": "user@example.org> SIZE=1",
    "parameter without bracket": "user@example.org SIZE=1",
    "quoted closing bracket": '"a> SIZE=1 "@example.org',
    "quoted opening bracket": '"<a"@example.org',
    "escaped closing bracket": r'"a\>b"@example.org',
    "two addresses": "a@example.org,b@example.org",
    "two ats": "a@b@example.org",
    "source route": "@relay.test:a@example.org",
    "space": "a b@example.org",
    "space in the domain": "a@example .org",
    "comment": "a(x)@example.org",
    "line end": "a@example.org\r\nRCPT TO:<b@example.org",
    "line feed": "a@example.org\n",
    "carriage return": "a\r@example.org",
    "NUL": "a\0@example.org",
    "bell": "a\a@example.org",
    "delete": "a\x7f@example.org",
    "control in quotes": '"a\tb"@example.org',
    "no closing quote": '"a@example.org',
    "text after the quote": '"a"b@example.org',
    "dot at the end": "a.@example.org",
    "two dots": "a..b@example.org",
    "domain with a dot at the end": "a@example.org.",
    "domain with two dots": "a@example..org",
    "domain with a hyphen at the edge": "a@-example.org",
    "long label": "a@" + "x" * 64 + ".org",
    "long domain": "a@" + "x." * 127 + "org",
    "long": "x" * 310 + "@example.org",
    "long IDN": "a@" + "ü" * 300,
    "bad IDN": "a@ü..org",
    "folded at": "a@ü.org\uff20evil.test",
    "bad literal": "a@[x]",
    "direction mark": "a\u202eb@example.org",
    "invisible space": "a\u00a0b@example.org",
    "next line": "a\x85b@example.org",
    "lone surrogate": "a\ud800@example.org",
}


@pytest.mark.parametrize("address", BAD.values(), ids=BAD)
def test_no_address(address):
    """What is not exactly one bare address is refused."""
    with pytest.raises(UsageError):
        forward_path(address)


@pytest.mark.parametrize("address", [b"a@example.org", None, 7])
def test_address_is_text(address):
    """An address is a str."""
    with pytest.raises(UsageError, match="must be a str"):
        forward_path(address)


def test_null_reverse_path():
    """Bounces come from nobody."""
    assert reverse_path("") == b"<>"


def test_reverse_path():
    """A sender is an address like another."""
    assert reverse_path("a@example.org") == b"<a@example.org>"


def test_no_null_forward_path():
    """Nobody can be sent to nobody."""
    with pytest.raises(UsageError, match="a recipient"):
        forward_path("")


@given(st.text(max_size=60))
def test_whatever_is_written_stays_within_its_brackets(text):
    """No text breaks out of the path: no line end, and brackets at the ends only."""
    try:
        path = forward_path(text)
    except UsageError:
        return

    assert path[:1] == b"<"
    assert path[-1:] == b">"
    assert not set(path[1:-1]) & set(b"\r\n\0<>")


STRINGS = {
    "address": ("a@example.org", b"a@example.org"),
    "atom": ("bob", b"bob"),
    "two atoms": ("Bob Builder", b'"Bob Builder"'),
    "letters": ("ünï", "ünï".encode()),
}


@pytest.mark.parametrize(("value", "expected"), STRINGS.values(), ids=STRINGS)
def test_string(value, expected):
    """VRFY's argument is an address, an atom or a quoted string."""
    assert expected == string(value, "the name")


@pytest.mark.parametrize(
    "value", ["", "Bob <b@example.org>", "<bob>", 'bo"b', "bo\\b", "a\r\nQUIT", "a\tb", "x " * 200]
)
def test_no_string(value):
    """What could be more than one argument is refused."""
    with pytest.raises(UsageError):
        string(value, "the name")


def test_mailbox_names_what_is_wrong():
    """The error says which argument is meant."""
    with pytest.raises(UsageError, match="the sender: 'x' is not a bare address"):
        mailbox("x", "the sender")


def test_postmaster_is_no_sender():
    """Only RCPT may have the name without domain: RFC 5321 section 4.1.1.3."""
    with pytest.raises(UsageError, match="the sender"):
        reverse_path("postmaster")
