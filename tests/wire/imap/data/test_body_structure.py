"""BODYSTRUCTURE: known samples, what servers do against the grammar, and depth."""

import pytest

from netmail.errors import ProtocolError
from netmail.flows.imap.header_decoding import HEADER_DECODING
from netmail.results.body_structure import BodyStructure
from netmail.wire.imap import responses
from netmail.wire.imap.data.body_fields import MAX_DEPTH
from netmail.wire.imap.data.body_structure import body_structure

EMPTY = b"(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"
TEXT = b'("text" "plain" NIL NIL NIL "7bit" 5 1)'


def read(text, *, strict=False):
    """Read a body structure from its text."""
    return body_structure(responses.values([text], 1000)[0], HEADER_DECODING, strict=strict)


def sections(body):
    """List the sections of all parts."""
    return [part.section for part in body.walk()]


def test_sample():
    """The multipart of RFC 9051 section 7.5.2."""
    body = read(
        b'(("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 1152 23)'
        b'("TEXT" "PLAIN" ("CHARSET" "US-ASCII" "NAME" "cc.diff") '
        b'"<960723163407.20117h@cac.washington.edu>" "Compiler diff" "BASE64" 4554 73) "MIXED")',
        strict=True,
    )

    assert body == BodyStructure(
        "TEXT",
        "multipart/mixed",
        children=(
            BodyStructure(
                "1", "text/plain", {"charset": "US-ASCII"}, encoding="7bit", size=1152, lines=23
            ),
            BodyStructure(
                "2",
                "text/plain",
                {"charset": "US-ASCII", "name": "cc.diff"},
                "960723163407.20117h@cac.washington.edu",
                "Compiler diff",
                "base64",
                4554,
                73,
            ),
        ),
    )


def test_extension_fields():
    """Disposition, languages, location and MD5 are decoded."""
    body = read(
        b'("image" "png" ("name*" "utf-8\'\'%e2%82%ac.png") "<a@b>" "=?utf-8?q?=C3=A4?=" "BASE64" 9'
        b' "md5==" ("INLINE" ("filename" "=?utf-8?q?=C3=A4.png?=")) ("de" "en") "http://x/" NIL)',
        strict=True,
    )

    assert body == BodyStructure(
        "1",
        "image/png",
        {"name": "€.png"},
        "a@b",
        "ä",
        "base64",
        9,
        None,
        "md5==",
        "inline",
        {"filename": "ä.png"},
        ("de", "en"),
        "http://x/",
    )


def test_part_numbers():
    """The sample of RFC 9051 section 6.4.5.1: parts 1, 2, 3 with 3.1 and 3.2, 4 with 4.1, ...

    The message at 4.2 has the parts 4.2.1, 4.2.2 and 4.2.2.1, 4.2.2.2.
    """
    inner = b'("message" "rfc822" NIL NIL NIL "7bit" 5 ' + EMPTY + b" %b 9)"
    nested = b"(" + TEXT + b"(" + TEXT * 2 + b' "alternative") "mixed")'
    message = inner % (b"(" + TEXT * 2 + b' "mixed")')
    fourth = b'(("image" "gif" NIL NIL NIL "base64" 5)' + inner % nested + b' "mixed")'

    assert sections(read(b"(" + TEXT * 2 + message + fourth + b' "mixed")', strict=True)) == [
        *("TEXT", "1", "2", "3", "3.TEXT", "3.1", "3.2", "4", "4.1", "4.2", "4.2.TEXT"),
        *("4.2.1", "4.2.2", "4.2.2.1", "4.2.2.2"),
    ]
    assert sections(read(inner % TEXT, strict=True)) == ["1", "1.1"]
    assert sections(read(inner % (inner % TEXT), strict=True)) == ["1", "1.1", "1.1.1"]
    assert read(inner % TEXT).envelope is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # What is no number is not known.
        (b'("image" "gif" NIL NIL NIL "base64" -1)', BodyStructure("1", "image/gif")),
        (b'("image" "gif" NIL NIL NIL "base64" NIL)', BodyStructure("1", "image/gif")),
        (b'("image" "gif" NIL NIL NIL "base64" %b)' % (b"9" * 30), BodyStructure("1", "image/gif")),
        (b'("image" "gif" NIL NIL NIL "base64")', BodyStructure("1", "image/gif")),
        # Text without its number of lines, with all extension fields and without.
        (b'("text" "x" NIL NIL NIL "base64" 5)', BodyStructure("1", "text/x", size=5)),
        (b'("text" "x" NIL NIL NIL "base64" 5 -1)', BodyStructure("1", "text/x", size=5)),
        (b'("text" "x" NIL NIL NIL "base64" 5 NIL)', BodyStructure("1", "text/x", size=5)),
        (
            b'("text" "x" NIL NIL NIL "base64" 5 NIL ("inline" NIL) NIL NIL)',
            BodyStructure("1", "text/x", size=5, disposition="inline"),
        ),
        (
            b'("text" "x" NIL NIL NIL "base64" 5 NIL NIL ("inline" NIL) NIL NIL)',
            BodyStructure("1", "text/x", size=5, disposition="inline"),
        ),
        (
            b'("text" "x" NIL NIL NIL "base64" 5 "m" ("inline" NIL) NIL NIL)',
            BodyStructure("1", "text/x", size=5, md5="m", disposition="inline"),
        ),
        # Lines of what is no text.
        (
            b'("image" "x" NIL NIL NIL "base64" 5 7 NIL ("inline" NIL) NIL NIL)',
            BodyStructure("1", "image/x", size=5, lines=7, disposition="inline"),
        ),
        # Parameters of another form.
        (
            b'("image" "x" (("a" "b")("c" "d")) NIL NIL "base64" 5)',
            BodyStructure("1", "image/x", {"a": "b", "c": "d"}, size=5),
        ),
        (
            b'("image" "x" ("a" "b" "c") NIL NIL "base64" 5)',
            BodyStructure("1", "image/x", {"a": "b"}, size=5),
        ),
        (
            b'("image" "x" ("a" NIL "c" "d") NIL NIL "base64" 5)',
            BodyStructure("1", "image/x", {"c": "d"}, size=5),
        ),
        (b'("image" "x" () NIL NIL "base64" 5)', BodyStructure("1", "image/x", size=5)),
        (b'("image" "x" "" NIL NIL "base64" 5)', BodyStructure("1", "image/x", size=5)),
        # Dispositions of another form.
        (
            b'("image" "x" NIL NIL NIL "base64" 5 NIL "attachment")',
            BodyStructure("1", "image/x", size=5, disposition="attachment"),
        ),
        (
            b'("image" "x" NIL NIL NIL "base64" 5 NIL ("attachment"))',
            BodyStructure("1", "image/x", size=5, disposition="attachment"),
        ),
        (b'("image" "x" NIL NIL NIL "base64" 5 NIL ())', BodyStructure("1", "image/x", size=5)),
        # A type that is missing, in part or as a whole.
        (b'(NIL NIL NIL NIL NIL "base64" 5)', BodyStructure("1", "text/plain", size=5)),
        (
            b'("text" NIL NIL NIL NIL "base64" 5 1)',
            BodyStructure("1", "text/plain", size=5, lines=1),
        ),
        # A list where a string must be.
        (b'("image" "x" NIL ("a") NIL "base64" 5)', BodyStructure("1", "image/x", size=5)),
        # A message without envelope and body, as Gmail describes one that is encoded.
        (
            b'("message" "rfc822" NIL NIL NIL "base64" 5 NIL ("attachment" NIL) NIL)',
            BodyStructure("1", "message/rfc822", size=5, disposition="attachment"),
        ),
    ],
)
def test_broken(text, expected):
    """What servers write against the grammar is read as it must be meant, or left out."""
    found = read(text)

    assert found == BodyStructure(**{**fields_of(expected), "encoding": "base64"})
    with pytest.raises(ProtocolError):
        read(text, strict=True)


def test_numbers_in_quotes():
    """A number in quotes, or as a literal, is one."""
    assert read(b'("image" "gif" NIL NIL NIL "base64" "5")').size == 5


def fields_of(body):
    """Return the fields of a part by name."""
    return {name: getattr(body, name) for name in BodyStructure.__dataclass_fields__}


@pytest.mark.parametrize(
    ("text", "types"),
    [
        (b'("mixed" ("boundary" "x") NIL NIL)', ["multipart/mixed"]),
        (b'(("image" "x" NIL NIL NIL "7bit" 5))', ["multipart/mixed", "image/x"]),
        (b"(" + TEXT + b" NIL)", ["multipart/mixed", "text/plain"]),
        (
            b'("message" "rfc822" NIL NIL NIL "7bit" 5 NIL ' + TEXT + b" 9)",
            ["message/rfc822", "text/plain"],
        ),
        (
            b'("message" "rfc822" NIL NIL NIL "7bit" 5 ("x" (a)) ' + TEXT + b" 9)",
            ["message/rfc822", "text/plain"],
        ),
    ],
)
def test_broken_trees(text, types):
    """A multipart without parts or type, and a message without an envelope, are read."""
    assert [part.content_type for part in read(text).walk()] == types
    with pytest.raises(ProtocolError):
        read(text, strict=True)


@pytest.mark.parametrize(
    "text", [b"NIL", b'"x"', b"()", b"(())", b'(("image" "x" NIL NIL NIL "7bit" 5)() "mixed")']
)
def test_no_structure(text):
    """What has no parts where they must be is refused."""
    with pytest.raises(ProtocolError):
        read(text)


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        (b"(", b' "mixed")'),
        (b'("message" "rfc822" NIL NIL NIL "7bit" 5 ' + EMPTY + b" ", b" 9)"),
    ],
)
def test_depth(opening, closing):
    """A tree may be 100 deep, and one level more is refused: nothing here is a recursion."""
    depth = MAX_DEPTH - 1
    body = read(opening * depth + TEXT + closing * depth)

    assert len(list(body.walk())) == MAX_DEPTH
    assert body == read(opening * depth + TEXT + closing * depth)
    assert "text/plain" in repr(body)
    with pytest.raises(ProtocolError, match="100 deep"):
        read(opening * MAX_DEPTH + TEXT + closing * MAX_DEPTH)
