"""Embedded messages of a winmail.dat, as messages of the internet."""

from hypothesis import given
from hypothesis import strategies as st

from netmail import parse
from netmail.limits import DEFAULT_LIMITS
from netmail.mime.content.tnef_message import message_octets
from support.tnef import START, STRING, attribute, embedded, file, message, winmail


def written(*attributes, depth=2):
    """Return the message that is written of a stream."""
    return parse(message_octets(winmail(*attributes), DEFAULT_LIMITS, depth))


def test_whole():
    """Fields, texts and files are there, without a defect."""
    mail = written(
        message((STRING, 0x0037, "Grüße"), (STRING, 0x1000, "Hello"), (STRING, 0x1013, "<p>Hello")),
        file("a.bin", bytes(range(256)) * 300),
    )

    assert (mail.subject, mail.text, mail.html) == ("Grüße", "Hello", "<p>Hello")
    assert mail.attachments[0].content == bytes(range(256)) * 300
    assert not mail.defects


def test_boundary_in_the_content():
    """No text ends the part that it is in."""
    mail = written(message((STRING, 0x1000, "--=_tnef_2--\r\n--=_text_2\r\n")))

    assert mail.text == "--=_tnef_2--\n--=_text_2\n"


def test_deeper_than_allowed():
    """A message that is too deep stays a file of octets."""
    mail = written(embedded("x", winmail(message((STRING, 0x1000, "inner")))), depth=0)

    assert [each.content_type for each in mail.attachments] == ["application/octet-stream"]
    assert mail.body == {}


def test_message_that_is_a_file():
    """A file that says it is a message is no part in base64 that is one."""
    listed = b"\1\0\0\0\x1e\0\x0e\x37\1\0\0\0\x0f\0\0\0message/rfc822\0\0"
    mail = written(START, attribute(0x00069005, listed), attribute(0x0006800F, b"Subject: s\r\n"))

    assert [each.content_type for each in mail.attachments] == ["application/octet-stream"]


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text(subject, text):
    """No subject adds a field, and each text is kept."""
    mail = written(message((STRING, 0x0037, subject), (STRING, 0x1000, "." + text + ".")))

    assert {*mail.headers} <= {"Subject", "MIME-Version", "Content-Type"}
    assert mail.text[0] == mail.text[-1] == "."
