"""Invitations: iCalendar objects (RFC 5545, RFC 6047)."""

import pytest

from netmail.errors import MessageError
from support.messages import read, simple

ICS = "BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:request\nSUMMARY:Grüße\nEND:VCALENDAR\n"


def test_calendar():
    """An invitation is shown beside the text, and attached; the methods agree."""
    seen = read(simple(text="Come").calendar(ICS))
    shown = seen.get_payload()[0].get_payload()[1]
    attached = seen.get_payload()[1]

    assert (
        shown.get_content_type(),
        shown.get_param("method"),
        shown.get_content_charset(),
        shown["Content-Disposition"],
        attached.get_filename(),
        attached.get_payload(decode=True),
    ) == (
        "text/calendar",
        "REQUEST",
        "utf-8",
        None,
        "invite.ics",
        ICS.replace("\n", "\r\n").encode(),
    )


def test_calendar_without_method():
    """A method that the object lacks is written into it."""
    seen = read(simple().calendar(ICS.replace("METHOD:request\n", "").encode(), "cancel"))

    assert b"VCALENDAR\r\nMETHOD:CANCEL\r\n" in seen.get_payload()[1].get_payload(decode=True)


@pytest.mark.parametrize(
    ("ics", "method"),
    [
        (ICS, "CANCEL"),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR\n", None),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR\n", "X Y"),
        ("hello", "REQUEST"),
        (b"BEGIN:VCALENDAR\nX:\xff\n", "REQUEST"),
    ],
)
def test_wrong_calendar(ics, method):
    """What is no calendar object, or has another method, is refused."""
    with pytest.raises(MessageError):
        simple().calendar(ics, method)
