"""Uuencoded files, as an encoding and in the midst of text."""

import binascii

import pytest

from netmail import parse
from support.messages import content

UU = b"begin 644 hello.txt\n%2&5L;&\\\n`\nend\n"


def test_uuencode_as_transfer_encoding():
    """The file between "begin" and "end"."""
    assert content(b"x-uuencode", b"some text\n" + UU) == b"Hello"


def test_uuencode_without_begin():
    """Bare lines are decoded too."""
    assert content(b"x-uuencode", b"%2&5L;&\\\n`\nend\n") == b"Hello"


def test_uuencode_with_blanks_lost():
    """Zeros were written as spaces and lost at the line's end."""
    line = binascii.b2a_uu(b"ab\0\0\0\0").rstrip() + b"\n"

    assert content(b"uuencode", b"begin 644 a\n" + line + b"end\n") == b"ab\0\0\0\0"


def test_uuencode_inline_is_an_attachment():
    """A file written into the text is an attachment, and not in the text."""
    mail = parse(b"Subject: x\n\nbefore\n" + UU + b"after\n")

    assert mail.text == "before\nafter\n"
    assert [(each.filename, each.content) for each in mail.attachments] == [("hello.txt", b"Hello")]


def test_two_uuencoded_files():
    """Each file is found."""
    mail = parse(b"\n" + UU + b"between\n" + UU.replace(b"hello", b"again"))

    assert [each.filename for each in mail.attachments] == ["hello.txt", "again.txt"]


@pytest.mark.parametrize(
    "text", ["begin 644 with no more\n", "begin 644 a\nnot encoded at all, really\nend\n"]
)
def test_text_about_uuencode_stays_text(text):
    """Without whole lines and an end it is no file."""
    mail = parse("\n" + text)

    assert (mail.text, mail.attachments) == (text, [])
