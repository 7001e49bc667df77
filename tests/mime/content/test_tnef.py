"""winmail.dat, Outlook's container of attachments: whole, cut off and hostile."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail import DefectKind, parse
from netmail.mime.content.tnef import tnef_files


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


def test_file_with_its_long_name():
    """The long name and the type come from the MAPI properties."""
    (file,) = tnef_files(ONE, 1000)

    assert (file.name, file.content_type, file.content) == ("länger.txt", "text/plain", b"Hello")


def test_file_with_its_title_only():
    """Without properties the title is the name, in the code page that is named."""
    data = winmail(
        attribute(0x00069007, struct.pack("<II", 1251, 0)),
        START,
        attribute(0x00018010, "привет.txt".encode("cp1251") + b"\0"),
        attribute(0x0006800F, b"1"),
        START,
        attribute(0x00018010, b"two.bin\0"),
        attribute(0x0006800F, b"2"),
    )

    assert [(file.name, file.content) for file in tnef_files(data, 9)] == [
        ("привет.txt", b"1"),
        ("two.bin", b"2"),
    ]


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


@pytest.mark.parametrize("data", [b"", b"what", ONE[:-3], ONE[:40], winmail(START)[:20]])
def test_damage_is_a_defect(data):
    """What is cut or foreign is reported."""
    kinds = []
    tnef_files(data, 100, report=kinds.append)

    assert kinds == [DefectKind.BAD_TNEF]


def test_limit_of_size():
    """Files beyond the limit are left out."""
    assert tnef_files(ONE, 3) == []


@given(st.binary(max_size=200))
def test_anything_is_read(data):
    """Nothing raises."""
    tnef_files(winmail(START) + data, 100)
    tnef_files(winmail(START, attribute(0x00069005, data)), 100)
