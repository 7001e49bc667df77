"""Files inside files: listed as attachments after their container."""

import struct

from netmail import MessageLimits, parse
from support.tnef import (
    START,
    STRING,
    STRING8,
    attribute,
    embedded,
    file,
    message,
    part,
    properties,
    winmail,
)

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


def test_text_of_a_winmail():
    """A message that is nothing but a winmail.dat has its text."""
    mail = parse(part(winmail(message((STRING, 0x1000, "Hello")))))

    assert mail.body == {"text/plain": "Hello"}


def test_text_beside_a_winmail():
    """The message's own text counts; of a winmail.dat comes what it lacks."""
    packed = winmail(message((STRING, 0x1000, "packed"), (STRING, 0x1013, "<p>packed</p>")))
    raw = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nown\n--b\n"
    mail = parse(raw + part(packed) + b"\n--b--\n")

    assert (mail.text, mail.html) == ("own", "<p>packed</p>")


def test_message_in_a_winmail():
    """A message inside has headers, text and files, and may have messages itself."""
    deep = winmail(message((STRING, 0x0037, "Deep"), (STRING, 0x1000, "text")), file("a", b"1"))
    inner = winmail(message((STRING, 0x0037, "Grüße")), embedded("Deep.msg", deep))
    mail = parse(part(winmail(embedded("Inner", inner))))
    opened = mail.attachments[1].message
    last = opened.attachments[0].message

    assert [each.filename for each in mail.attachments] == ["winmail.dat", "Inner.eml"]
    assert (opened.subject, last.subject, last.text) == ("Grüße", "Deep", "text")
    assert [(each.filename, each.content) for each in last.attachments] == [("a", b"1")]
    assert mail.attachments[1].content == opened.raw


def test_both_texts_of_a_message_in_a_winmail():
    """Text and HTML are forms of one text."""
    inner = winmail(message((STRING, 0x1000, "Hello"), (STRING, 0x1013, "<p>Hello")))
    opened = parse(part(winmail(embedded("Inner", inner)))).attachments[1].message

    assert opened.body == {"text/plain": "Hello", "text/html": "<p>Hello"}
    assert not opened.defects


def test_messages_beyond_the_limit():
    """Messages in messages are unpacked as deep as the limit says."""
    stream = winmail(message((STRING, 0x1000, "deepest")))
    for level in range(6):
        stream = winmail(embedded(str(level), stream))
    mail = parse(part(stream), limits=MessageLimits(nested_encoded=2))
    depth = 0
    while mail is not None and mail.attachments:
        mail, depth = mail.attachments[-1].message, depth + 1

    assert depth == 3
