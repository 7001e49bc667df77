"""winmail.dat, Outlook's container of texts and files: whole, cut off and hostile."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail import DefectKind
from netmail.limits import DEFAULT_LIMITS, MessageLimits
from netmail.mime.content.tnef import read_tnef
from support.tnef import (
    BINARY,
    NUMBER,
    START,
    STRING,
    STRING8,
    TIME,
    attribute,
    embedded,
    file,
    message,
    properties,
    recipients,
    stored_rtf,
    winmail,
)

ONE = winmail(
    attribute(0x00069007, struct.pack("<II", 1252, 0)),
    START,
    attribute(0x00018010, b"SHORT~1.TXT\0"),
    attribute(0x0006800F, b"Hello"),
    attribute(
        0x00069005,
        properties(
            (STRING, 0x3707, "länger.txt"),
            (STRING8, 0x370E, "text/plain"),
        ),
    ),
)


def test_file_with_its_long_name():
    """The long name and the type come from the MAPI properties."""
    (found,) = read_tnef(ONE, DEFAULT_LIMITS).files

    assert (found.name, found.content_type, found.content) == ("länger.txt", "text/plain", b"Hello")


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

    assert [(found.name, found.content) for found in read_tnef(data, DEFAULT_LIMITS).files] == [
        ("привет.txt", b"1"),
        ("two.bin", b"2"),
    ]


@pytest.mark.parametrize("data", [b"", b"what", ONE[:-3], ONE[:40], winmail(START)[:20]])
def test_each_is_a_defect(data):
    """Data that is cut, or no TNEF, is reported."""
    kinds = []
    read_tnef(data, DEFAULT_LIMITS, report=kinds.append)

    assert kinds == [DefectKind.BAD_TNEF]


def test_limit_of_size():
    """Files beyond the limit are left out."""
    assert read_tnef(ONE, MessageLimits(expanded=3)).files == []


def test_texts_of_the_properties():
    """PidTagBody and PidTagHtml are the texts; the code page is that of the message."""
    data = winmail(
        message(
            (STRING8, 0x1000, b"Gr\xfc\xdfe\r\nAnn\0"),
            (BINARY, 0x1013, "<p>привет</p>".encode("koi8-r")),
            (NUMBER, 0x3FDE, 20866),
        )
    )

    assert read_tnef(data, DEFAULT_LIMITS).texts() == {
        "text/plain": "Grüße\nAnn",
        "text/html": "<p>привет</p>",
    }


def test_text_of_the_attribute():
    """Old mailers write the text beside the properties."""
    data = winmail(attribute(0x0002800C, b"Hello\r\n\0"))

    assert read_tnef(data, DEFAULT_LIMITS).texts() == {"text/plain": "Hello\n"}


@pytest.mark.parametrize(
    ("rtf", "kind", "text"),
    [
        (rb"{\rtf1\ansi Hello\par}", "text/plain", "Hello\n"),
        (rb"{\rtf1\fromhtml1 {\*\htmltag64 <p>}Hello}", "text/html", "<p>Hello"),
    ],
)
def test_text_of_rtf(rtf, kind, text):
    """RTF is read where there is nothing better."""
    data = winmail(message((BINARY, 0x1009, stored_rtf(rtf))))

    assert read_tnef(data, DEFAULT_LIMITS).texts() == {kind: text}


def test_rtf_beyond_its_limit():
    """RTF is cut at the limit, which is reported."""
    kinds = []
    data = winmail(message((BINARY, 0x1009, stored_rtf(rb"{\rtf1 Hello Bob}"))))
    found = read_tnef(data, MessageLimits(rtf=12))

    assert found.texts(report=kinds.append) == {"text/plain": "Hello"}
    assert kinds == [DefectKind.BAD_TNEF]


def test_fields():
    """Author, recipients, subject and date are those that Outlook shows."""
    data = winmail(
        recipients(
            properties(
                (NUMBER, 0x0C15, 1), (STRING, 0x3001, "Bob"), (STRING, 0x39FE, "b@x.example")
            ),
            properties((NUMBER, 0x0C15, 2), (STRING, 0x3003, "c@x.example")),
            properties((NUMBER, 0x0C15, 3), (STRING, 0x3003, "hidden@x.example")),
            properties((STRING, 0x3001, "Directory"), (STRING, 0x3003, "/o=X/cn=D")),
        ),
        message(
            (STRING, 0x0037, "One\r\nX: 1"),
            (STRING, 0x0C1A, 'A "nn"'),
            (STRING, 0x0C1F, "SMTP:a@x.example"),
            (TIME, 0x0039, 133_497_810_450_000_000),
            (STRING, 0x1035, "<1@x.example>"),
        ),
    )

    assert read_tnef(data, DEFAULT_LIMITS).fields() == [
        ("From", '"A \\"nn\\"" <a@x.example>'),
        ("To", '"Bob" <b@x.example>'),
        ("Cc", "c@x.example"),
        ("Subject", "One  X: 1"),
        ("Date", "15 Jan 2024 08:30:45 +0000"),
        ("Message-ID", "<1@x.example>"),
    ]


@pytest.mark.parametrize(
    ("attributes", "date"),
    [
        ([attribute(0x00038005, struct.pack("<7H", 2024, 1, 15, 8, 30, 45, 1))], True),
        ([attribute(0x00038005, struct.pack("<7H", 2024, 13, 15, 8, 30, 45, 1))], False),
        ([message((TIME, 0x0039, (1 << 64) - 1))], False),
    ],
)
def test_dates(attributes, date):
    """A date that is none is left out."""
    fields = dict(read_tnef(winmail(*attributes), DEFAULT_LIMITS).fields())

    assert fields == ({"Date": "15 Jan 2024 08:30:45 +0000"} if date else {})


def test_embedded_message():
    """A message inside keeps its stream, without the identifier of its interface."""
    inner = winmail(message((STRING, 0x0037, "Inner")))
    (found,) = read_tnef(winmail(embedded("Inner", inner)), DEFAULT_LIMITS).files

    assert (found.name, found.content_type) == ("Inner.eml", "message/rfc822")
    assert found.embedded
    assert found.content == inner


@given(st.binary(max_size=200))
def test_anything_is_read(data):
    """Nothing raises."""
    for stream in (
        winmail(START) + data,
        winmail(START, attribute(0x00069005, data)),
        winmail(attribute(0x00069003, data), attribute(0x00069004, data)),
        winmail(message((BINARY, 0x1009, data)), attribute(0x00038005, data)),
        winmail(message((BINARY, 0x1009, stored_rtf(data))), file("a", data)),
    ):
        found = read_tnef(stream, DEFAULT_LIMITS)
        found.texts()
        found.fields()
