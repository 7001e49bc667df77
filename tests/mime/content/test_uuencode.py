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


def test_uuencode_with_spaces_lost():
    """Zeros were written as spaces and lost at the line's end."""
    line = binascii.b2a_uu(b"ab\0\0\0\0").rstrip() + b"\n"

    assert content(b"uuencode", b"begin 644 a\n" + line + b"end\n") == b"ab\0\0\0\0"


@pytest.mark.parametrize(
    "text", ["begin 644 with no more\n", "begin 644 a\nnot encoded at all, really\nend\n"]
)
def test_text_about_uuencode_stays_text(text):
    """Without whole lines and an end it is no file."""
    mail = parse("\n" + text)

    assert (mail.text, mail.attachments) == (text, [])
