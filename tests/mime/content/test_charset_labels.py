"""Charset labels: aliases, misspellings, and names of codecs that are no charsets."""

import pytest

from netmail import parse
from netmail.mime.content.charset_labels import codecs_for


def text(content, content_type):
    field = f"Content-Type: {content_type}\n" if content_type else ""
    mail = parse(field.encode() + b"Content-Transfer-Encoding: 8bit\n\n" + content)
    return mail.html or mail.text


@pytest.mark.parametrize(
    ("label", "codec", "expected"),
    [
        ("CP-1251", "cp1251", "Привет"),
        ("CP1251", "cp1251", "Привет"),
        ("iso-8859-8-i", "iso8859-8", "שלום"),
        ("x-nope", "utf-8", "Grüße"),
        ("x-nope", "cp1252", "Grüße"),
        ("unknown-8bit", "cp1252", "Grüße"),
        ("utf8", "utf-8", "Grüße"),
        ('"utf-8"', "utf-8", "Grüße"),
        ("UTF_8", "utf-8", "Grüße"),
        ("x-sjis", "cp932", "日本語"),
        ("iso8859_1", "latin-1", "Grüße"),
        ("ISO-8859-1:1987", "latin-1", "Grüße"),
        ("windows-874", "cp874", "ไทย"),
    ],
)
def test_aliases_and_unknown_labels(label, codec, expected):
    """Misspelt, unusual and unknown names."""
    assert text(expected.encode(codec), f"text/plain; charset={label}") == expected


@pytest.mark.parametrize(
    "label", ["rot13", "zip", "hex", "idna", "punycode", "unicode_escape", "undefined"]
)
def test_codecs_that_are_no_charsets_are_never_used(label):
    """A label from a message cannot choose one of Python's other codecs."""
    assert codecs_for(label) == ()
    assert text(b"abc", f"text/plain; charset={label}") == "abc"
