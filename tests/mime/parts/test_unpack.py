"""Files inside files: listed as attachments after their container."""

import struct

from netmail import parse

UU = b"begin 644 hello.txt\n%2&5L;&\\\n`\nend\n"


def test_uuencode_inline_is_an_attachment():
    """A file written into the text is an attachment, and not in the text."""
    mail = parse(b"Subject: x\n\nbefore\n" + UU + b"after\n")

    assert mail.text == "before\nafter\n"
    assert [(each.filename, each.content) for each in mail.attachments] == [("hello.txt", b"Hello")]


def test_two_uuencoded_files():
    """Each file is found."""
    mail = parse(b"\n" + UU + b"between\n" + UU.replace(b"hello", b"again"))

    assert [each.filename for each in mail.attachments] == ["hello.txt", "again.txt"]


def attribute(number, data):
    head = struct.pack("<BII", 2, number, len(data))
    return head + data + struct.pack("<H", sum(data) & 0xFFFF)


def properties(*pairs):
    data = struct.pack("<I", len(pairs))
    for kind, tag, value in pairs:
        data += struct.pack("<HHII", kind, tag, 1, len(value)) + value + b"\0" * (-len(value) % 4)
    return data


START = attribute(0x00069002, b"\0" * 14)


def winmail(*attributes):
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(attributes)


ONE = winmail(
    attribute(0x00069007, struct.pack("<II", 1252, 0)),
    START,
    attribute(0x00018010, b"SHORT~1.TXT\0"),
    attribute(0x0006800F, b"Hello"),
    attribute(
        0x00069005,
        properties(
            (0x1F, 0x3707, "länger.txt".encode("utf-16-le") + b"\0\0"),
            (0x1E, 0x370E, b"text/plain\0"),
        ),
    ),
)


def test_mail_lists_the_files_inside():
    """The container stays, its files follow it."""
    raw = b"Content-Type: application/ms-tnef; name=winmail.dat\n"
    mail = parse(raw + b"Content-Transfer-Encoding: binary\n\n" + ONE)

    assert [each.filename for each in mail.attachments] == ["winmail.dat", "länger.txt"]
    assert mail.attachments[1].content == b"Hello"


def test_name_with_line_ends_makes_no_header():
    """A name from a stranger cannot add a field to the attachment's headers."""
    data = winmail(START, attribute(0x00018010, b'a\r\nX: 1";b\0'), attribute(0x0006800F, b"1"))
    mail = parse(b"Content-Type: application/ms-tnef\n\n" + data)
    inner = mail.attachments[1]

    assert list(inner.headers) == ["Content-Type", "Content-Disposition"]
    assert inner.filename == "aX: 1';b"
