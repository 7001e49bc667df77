"""Content-Type and Content-Transfer-Encoding: types, boundaries, labels."""

import pytest

from netmail import parse
from netmail.mime.fields.content_type import transfer_encoding


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (b"BASE64", "base64"),
        (b"base64 ", "base64"),
        (b"base64;", "base64"),
        (b'"base64"', "base64"),
        (b"base-64", "base64"),
        (b"(comment) base64", "base64"),
        (b"base64 ignored", "base64"),
        (b"quoted-printable;", "quoted-printable"),
        (b"quoted_printable", "quoted-printable"),
        (b"8-bit", "8bit"),
        (b"8bits", "8bit"),
        (b"7bits", "7bit"),
        (b"7-bit", "7bit"),
        (b"x-uuencode", "uuencode"),
        (b"uuencode", "uuencode"),
        (b"x-uue", "uuencode"),
        (b"binary", "binary"),
        (b"8bit\n", "8bit"),
        (b"x-made-up", "8bit"),
    ],
)
def test_odd_labels(label, expected):
    """Case, spaces, quotes, comments and semicolons around the name."""
    assert transfer_encoding(label) == expected


def leaves(raw):
    mail = parse(raw if isinstance(raw, bytes) else raw.encode())
    return [part.text for part in mail.walk() if not part.node.children]


@pytest.mark.parametrize(
    "content_type",
    [
        'multipart/mixed; boundary="a b"',
        'multipart/mixed boundary="a b"',
        'multipart/mixed;; boundary="a b";',
        'multipart/mixed; (comment) boundary="a b" (c)',
        'multipart/mixed; boundary="a b',
        'MULTIPART/MIXED; BOUNDARY="a b"',
        'multipart/mixed; charset=x; boundary = "a b"',
        'multipart/mixed;\n boundary*0="a ";\n boundary*1="b"',
        "multipart/mixed; boundary*=us-ascii''a%20b",
        'multipart/mixed (why; not) ; boundary="a b"',
        'multipart/mixed; type="text/html; x"; boundary="a b"',
    ],
)
def test_boundary_of_a_defective_content_type(content_type):
    """The boundary is found in whatever shape."""
    raw = f"Content-Type: {content_type}\n\n--a b\n\none\n--a b\n\ntwo\n--a b--\n"

    assert leaves(raw) == ["one", "two"]


def test_content_type_that_is_none_is_text():
    """RFC 2045 section 5.2."""
    assert [
        parse(f"Content-Type: {raw}\n\nx").root.content_type
        for raw in ("", "what", "text", "a/b/c")
    ] == ["text/plain"] * 4
