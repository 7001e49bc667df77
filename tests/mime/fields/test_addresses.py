"""Addresses (RFC 5322 section 3.4) as mailers write them, and attacks by them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail import Address, DefectKind, Group, MessageLimits, parse
from netmail.address import mailboxes
from netmail.mime.fields.addresses import address_list, format_list


def A(address, name=""):  # noqa: N802 - short, for the tables below
    return Address(name, address)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a@b.example", [A("a@b.example")]),
        ("<a@b.example>", [A("a@b.example")]),
        ("Ann <a@b.example>", [A("a@b.example", "Ann")]),
        ('"Ann" <a@b.example>', [A("a@b.example", "Ann")]),
        ('"Doe, Ann" <a@b.example>', [A("a@b.example", "Doe, Ann")]),
        ("Doe, Ann <a@b.example>", [A("a@b.example", "Doe, Ann")]),
        ("a@b.example (Ann)", [A("a@b.example", "Ann")]),
        ("a@b.example (Ann (the one))", [A("a@b.example", "Ann (the one)")]),
        ("Ann (x) <a@b.example> (y)", [A("a@b.example", "Ann")]),
        ("a@b.example, c@d.example", [A("a@b.example"), A("c@d.example")]),
        ("a@b.example; c@d.example", [A("a@b.example"), A("c@d.example")]),
        ("a@b.example,,c@d.example,", [A("a@b.example"), A("c@d.example")]),
        ('"a b"@c.example', [A('"a b"@c.example')]),
        ('"x@evil y"@internal.example', [A('"x@evil y"@internal.example')]),
        ('Ann <"a b"@c.example>', [A('"a b"@c.example', "Ann")]),
        ('"A \\"B\\" C" <a@b.example>', [A("a@b.example", 'A "B" C')]),
        ('Ann "the one" Doe <a@b.example>', [A("a@b.example", "Ann the one Doe")]),
        ("a @ b . example", [A("a@b.example")]),
        ("< a@b.example >", [A("a@b.example")]),
        ("<@x.example,@y.example:a@b.example>", [A("a@b.example")]),
        ("<@x.example:a@b.example>", [A("a@b.example")]),
        ("a@[192.0.2.1]", [A("a@[192.0.2.1]")]),
        ("a@[IPv6:2001:db8::1]", [A("a@[IPv6:2001:db8::1]")]),
        ("Ann <a@b.example", [A("a@b.example", "Ann")]),
        ("Ann a@b.example>", [A("a@b.example", "Ann")]),
        ("<<a@b.example>>", [A("a@b.example")]),
        ("Ann a@b.example", [A("a@b.example", "Ann")]),
        ("'Ann' <a@b.example>", [A("a@b.example", "'Ann'")]),
        ("a@b.example <a@b.example>", [A("a@b.example", "a@b.example")]),
        ("<a@b.example> Ann", [A("a@b.example", "Ann")]),
        ("mailto:a@b.example", [A("a@b.example")]),
        ("Müller <m@b.example>", [A("m@b.example", "Müller")]),
        ("müller@bücher.example", [A("müller@bücher.example")]),
        ("root", [A("root")]),
        ("root, daemon", [A("root"), A("daemon")]),
        ("Ann Doe", [A("", "Ann Doe")]),
        ("<>", [A("")]),
        ("", []),
        (" , ;", []),
        ("(just a comment)", []),
        ("A. B. Doe <a@b.example>", [A("a@b.example", "A. B. Doe")]),
        ("Ann\t Doe <a@b.example>", [A("a@b.example", "Ann Doe")]),
        ('"Ann <a@b.example>', [A("a@b.example", "Ann")]),
        ("Ann [x] <a@b.example>", [A("a@b.example", "Ann [x]")]),
    ],
)
def test_mailboxes(text, expected):
    """The grammar, its old forms, and what mailers write instead."""
    assert address_list(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Team: a@b.example, Ann <c@d.example>;",
            [Group("Team", (A("a@b.example"), A("c@d.example", "Ann")))],
        ),
        ("undisclosed-recipients:;", [Group("undisclosed-recipients")]),
        ("Undisclosed recipients: ;", [Group("Undisclosed recipients")]),
        (
            "A: a@b.example; B: c@d.example;",
            [Group("A", (A("a@b.example"),)), Group("B", (A("c@d.example"),))],
        ),
        ("A: a@b.example;, c@d.example", [Group("A", (A("a@b.example"),)), A("c@d.example")]),
        ("A: a@b.example", [Group("A", (A("a@b.example"),))]),
        ("A: B: a@b.example;;", [Group("A", (A("a@b.example"),))]),
        ('"A, B": a@b.example;', [Group("A, B", (A("a@b.example"),))]),
        ("=?utf-8?q?=C3=84?=: a@b.example;", [Group("Ä", (A("a@b.example"),))]),
        ("(c):", [Group("")]),
        ("A:, ,;", [Group("A")]),
    ],
)
def test_groups(text, expected):
    """Named lists: empty, several, open, nested."""
    assert address_list(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=?utf-8?q?J=C3=BCrgen?= <j@b.example>", [A("j@b.example", "Jürgen")]),
        ('"=?utf-8?q?J=C3=BCrgen?=" <j@b.example>', [A("j@b.example", "Jürgen")]),
        ("=?utf-8?q?J=C3?= =?utf-8?q?=BCrgen?= <j@b.example>", [A("j@b.example", "Jürgen")]),
        ("j@b.example (=?utf-8?q?J=C3=BCrgen?=)", [A("j@b.example", "Jürgen")]),
        ("=?utf-8?q?Doe,_J?= <j@b.example>", [A("j@b.example", "Doe, J")]),
        (
            "=?utf-8?q?Doe=2C_J?= <j@b.example>, c@d.example",
            [A("j@b.example", "Doe, J"), A("c@d.example")],
        ),
        ("=?utf-8?q?a=0D=0ABcc=3A_x?= <j@b.example>", [A("j@b.example", "a Bcc: x")]),
    ],
)
def test_encoded_names(text, expected):
    """Encoded words are decoded in names."""
    assert address_list(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "=?utf-8?q?boss=40bank.example?=",
        "=?utf-8?q?boss=40bank.example_=3Cboss=40bank.example=3E?=",
        "=?utf-8?b?PGJvc3NAYmFuay5leGFtcGxlPg==?=",
        "<=?utf-8?q?boss=40bank.example?=>",
        "a@evil.example@bank.example",
        "<a@evil.example@bank.example>",
        "alice@bank.example)bob@evil.example",
        "alice@bank.example(bob@evil.example",
        "alice@bank.example>bob@evil.example",
        "alice@bank.example:bob@evil.example",
        "alice@bank.example[bob@evil.example",
        "alice@bank.example]bob@evil.example",
        'alice@bank.example"bob@evil.example',
        "<a@bank.example> <b@evil.example>",
        "<a@bank.example>b@evil.example",
        "a@bank.example b@evil.example",
        "a b@c.example d@e.example",
    ],
)
def test_ambiguous_text_gives_no_address(text):
    """CVE-2019-16056, CVE-2023-27043 and their kin: a name, a defect, and no address."""
    kinds = []
    addresses = [each.address for each in mailboxes(address_list(text, report=kinds.append))]

    assert set(addresses) == {""}


def test_word_in_an_address_stays_as_it_is():
    """What is inside an address is never decoded."""
    assert address_list("=?utf-8?q?x?=@b.example")[0].address == "=?utf-8?q?x?=@b.example"


def test_headers_show_encoded_names_quoted():
    """The decoded value of a From cannot be read as another address."""
    mail = parse(b"From: =?utf-8?q?=3Cboss=40bank.example=3E=2C?= <x@evil.example>\n\n")

    assert mail.headers["from"] == '"<boss@bank.example>," <x@evil.example>'
    assert address_list(mail.headers["from"]) == mail.from_


def test_all_to_fields_count():
    """A mailer that repeats To means all of them."""
    assert len(parse(b"To: a@b.example\nTo: c@d.example\n\n").to) == 2


def test_first_from_counts():
    """A second From cannot displace the first."""
    assert parse(b"From: a@b.example\nFrom: c@d.example\n\n").from_ == [A("a@b.example")]


def test_limit_of_addresses():
    """The rest is left unread."""
    kinds = []
    fast = address_list("a@b.example, " * 9, MessageLimits(addresses=5), report=kinds.append)
    slow = address_list("Ann Doe; " * 9, MessageLimits(addresses=5), report=kinds.append)

    assert (len(fast), len(slow), kinds) == (5, 5, [DefectKind.TOO_MANY_ADDRESSES] * 2)


def test_limit_of_length_cuts_no_address():
    """The element at the cut goes whole."""
    text = ", ".join(["abc@b.example"] * 10)

    assert set(address_list(text, MessageLimits(header_value=50))) == {A("abc@b.example")}


@given(st.text())
def test_any_text_is_read(text):
    """Nothing raises, and an address has one "@" outside quotes or none."""
    for address in mailboxes(address_list(text)):
        assert '"' in address.address or address.address.count("@") <= 1


NAMES = st.text(alphabet=st.characters(exclude_categories=["C", "Z"]), max_size=20).filter(
    lambda name: "=?" not in name
)
ADDRESSES = st.from_regex(r"[a-z0-9.+-]{1,10}@[a-z0-9-]{1,10}\.example", fullmatch=True)


@given(st.lists(st.builds(Address, NAMES, ADDRESSES), max_size=5))
def test_round_trip(addresses):
    """What is written by `format_list()` is read again."""
    assert address_list(format_list(addresses)) == addresses
