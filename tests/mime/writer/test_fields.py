"""The header of a message: its fields, its date."""

from datetime import datetime, timedelta, timezone

import pytest

from netmail.errors import MessageError
from netmail.mime.writer.fields import date_time
from netmail.mime.writer.message import Message
from support.messages import greeting, read, simple


def test_added_headers():
    """Date, Message-ID and MIME-Version are added."""
    seen = read(greeting())

    assert seen["Date"].datetime.tzinfo is not None
    assert seen["Message-ID"].endswith("@example.org>")
    assert seen["MIME-Version"] == "1.0"


def test_naive_moment():
    """A moment without time zone is none that a header could tell."""
    with pytest.raises(MessageError):
        date_time(datetime(2026, 11, 20))  # noqa: DTZ001  # what is tested


def test_several_authors():
    """Of several authors the first is Sender, and the envelope's sender."""
    built = Message(["a@x", "b@x"], "c@x")

    assert (read(built)["Sender"], built.envelope.sender) == ("a@x", "a@x")


def test_undisclosed():
    """A message with hidden recipients only says so."""
    built = Message("a@x").bcc("b@x")

    assert b"To: undisclosed-recipients:;\r\n" in built.as_bytes()


def test_date_zone():
    """The date keeps its time zone."""
    zone = timezone(-timedelta(hours=3, minutes=30))
    built = simple(date=datetime(2026, 1, 2, 3, 4, 5, tzinfo=zone))

    assert b"\r\nDate: Fri, 02 Jan 2026 03:04:05 -0330\r\n" in built.as_bytes()
