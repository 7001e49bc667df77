"""A message's parts: found, printed, and as octets."""

import pytest

from netmail import parse
from support.messages import FILE, IMAGE, PLAIN, multi, part


@pytest.mark.parametrize(
    ("wanted", "section"),
    [
        ("image/png", "2"),
        ("image/", "2"),
        ("IMAGE/*", "2"),
        ("<i>", "2"),
        ("3", "3"),
        (lambda each: each.content == b"file", "3"),
    ],
)
def test_find(wanted, section):
    """By type, half a type, Content-ID, section, or a function."""
    assert parse(multi("mixed", PLAIN, IMAGE, FILE)).find(wanted).section == section


def test_find_nothing():
    """The default is returned."""
    assert parse(PLAIN).find("image/png") is None


def test_tree():
    """Parents and children know each other; each part is one object."""
    mail = parse(multi("mixed", PLAIN, FILE))
    first = mail.root.children[0]

    assert (first.parent, mail.root.parent) == (mail.root, None)
    assert mail.root.is_multipart is True
    assert first.is_multipart is False
    assert first.is_message is False


def test_parts_print_readably():
    """Section, type, name and size."""
    mail = parse(multi("mixed", part("text/plain; name=a.txt", "x")))

    assert repr(mail.root.children[0]) == "<Part 1 text/plain 'a.txt' 1 octets>"
    assert (
        repr(parse("From: Ann <a@b.example>\nSubject: s\n\n"))
        == "<Mail 's' from Ann <a@b.example>>"
    )


def test_sections_of_nested_messages():
    """RFC 9051 section 6.4.5.1: the parts of a message in part 2 are 2.1 and 2.2."""
    inner = part("message/rfc822", multi("mixed", PLAIN, FILE, boundary="c"))
    single = part("message/rfc822", part("message/rfc822", "Subject: x\n\ny"))
    mail = parse(multi("mixed", PLAIN, inner, single))

    assert [each.section for each in mail.walk()] == [
        *("TEXT", "1", "2", "2.TEXT", "2.1", "2.2"),
        *("3", "3.1", "3.1.1"),
    ]


def test_raw_of_a_nested_message():
    """A nested mail has its own exact octets, header and views."""
    nested = (
        parse(multi("mixed", PLAIN, part("message/rfc822", "Subject: x\n\ny"))).find("2").message
    )

    assert (nested.raw, nested.raw_headers, nested.text) == (
        b"Subject: x\n\ny",
        b"Subject: x\n\n",
        "y",
    )
    assert [each.section for each in nested.walk()] == ["2.1"]


def test_content_id_and_description():
    """Brackets off, encoded words decoded."""
    found = parse("Content-ID: <a@b>\nContent-Description: =?utf-8?q?=C3=A4?=\n\n").root

    assert (found.content_id, found.description) == ("a@b", "ä")
