"""The transfer encoding that the writer chooses (RFC 2045 section 6)."""

import pytest

from netmail.mime.writer.transfer import (
    Encoding,
    base64_lines,
    base64_size,
    quoted_printable,
    text_encoding,
)
from support.messages import read, simple


@pytest.mark.parametrize(
    ("text", "eight_bit", "encoding"),
    [
        (b"plain\r\n", False, Encoding.SEVEN_BIT),
        ("é\r\n".encode(), True, Encoding.EIGHT_BIT),
        (b"mostly plain " * 9 + "é".encode(), False, Encoding.QUOTED_PRINTABLE),
        ("漢字".encode() * 9, False, Encoding.BASE64),
        (b"x" * 999, False, Encoding.QUOTED_PRINTABLE),
        (b"x" * 998, False, Encoding.SEVEN_BIT),
        ("é".encode() * 600, True, Encoding.BASE64),
        (b"a" * 30 + b"\0", True, Encoding.QUOTED_PRINTABLE),
        (b"From me", False, Encoding.QUOTED_PRINTABLE),
        (b"x\r\nFrom me", True, Encoding.QUOTED_PRINTABLE),
        (b"", False, Encoding.SEVEN_BIT),
    ],
)
def test_text_encoding(text, eight_bit, encoding):
    """The lightest encoding is chosen that brings a text home."""
    assert text_encoding(text, eight_bit=eight_bit) is encoding


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (b"a=b\r\n", b"a=3Db\r\n"),
        (b"trailing \r\n", b"trailing=20\r\n"),
        (b"no end ", b"no end=20"),
        (b"x" * 80, b"x" * 75 + b"=\r\n" + b"x" * 5),
        (b"From me\r\nFrom us", b"=46rom =\r\nme\r\n=46rom =\r\nus"),
        (b".\r\nx", b"=2E\r\nx"),
        (b"a From b", b"a From b"),
    ],
)
def test_quoted_printable(text, written):
    """Quoted-printable guards trailing spaces, lone dots and "From "."""
    assert quoted_printable(text) == written


@pytest.mark.parametrize("size", [0, 1, 2, 3, 56, 57, 58, 114, 115, 1000])
def test_base64_size(size):
    """The size of base64 is known without encoding."""
    assert base64_size(size) == len(base64_lines(bytes(size)))


@pytest.mark.parametrize(
    ("way", "encodings"),
    [
        ({}, ["quoted-printable", "base64"]),
        ({"eight_bit": True}, ["8bit", "base64"]),
        ({"eight_bit": True, "binary": True}, ["8bit", "binary"]),
    ],
)
def test_ways(way, encodings):
    """What the transport allows decides how parts are encoded."""
    built = simple(text="Eine längere Zeile mit wenigen Umlauten").attachment(b"\0\xff", "x.bin")
    parts = read(built, **way).get_payload()

    assert [part["Content-Transfer-Encoding"] for part in parts] == encodings


def test_long_lines():
    """No line is ever longer than 998 octets, whatever the text."""
    octets = simple(text="x" * 5000, html="é" * 5000).as_bytes(eight_bit=True)

    assert max(map(len, octets.split(b"\r\n"))) <= 998
