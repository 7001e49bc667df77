"""What other libraries' users expect of a message, and what lists do."""

from datetime import datetime

import pytest

from netmail.errors import MessageError, UsageError
from netmail.mime.parser import parse
from support.messages import read, simple


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("plain", ("plain", "")),
        ("<html>x</html>", ("", "<html>x</html>")),
        (" <!DOCTYPE html><p>", ("", " <!DOCTYPE html><p>")),
        ("<b>not</b>", ("<b>not</b>", "")),
        ((None, "<p>"), ("", "<p>")),
        (("t", None), ("t", "")),
        (None, ("", "")),
        (b"octets", ("octets", "")),
    ],
)
def test_content(content, found):
    """A text that begins like HTML is HTML."""
    mail = parse(simple().content(content).as_bytes())

    assert (mail.text, mail.html) == found


def test_wrong_content():
    """Content is a text or a pair of texts."""
    with pytest.raises(UsageError):
        simple().content(5)


def test_caller_lists_are_kept():
    """A caller's list is not changed by later calls (as web2py's does)."""
    to = ["a@x"]
    simple().to(to).cc("b@x").to("c@x")

    assert to == ["a@x"]


def test_sender():
    """sender() is the envelope's sender, unless return_path() is set."""
    built = simple().sender("Sec <sec@example.org>")
    first = built.envelope.sender
    built.header("Return-Path: <bounce@example.org>")

    assert (first, built.envelope.sender, read(built)["Sender"], read(built)["Return-Path"]) == (
        "sec@example.org",
        "bounce@example.org",
        "Sec <sec@example.org>",
        None,
    )


def test_naive_date():
    """A date without a zone is local time."""
    seen = read(simple(date=datetime(2026, 1, 2, 3, 4, 5)))  # noqa: DTZ001  # what is tested

    assert seen["Date"].datetime == datetime(2026, 1, 2, 3, 4, 5).astimezone()


def test_wrong_date():
    """A date is a datetime."""
    with pytest.raises(UsageError):
        simple(date="today")


def test_identifier():
    """The identifier is the same before and after writing, and in each message another."""
    one, two = simple(), simple()

    assert one.id.encode() in one.as_bytes()
    assert one.id == one.id
    assert one.id != two.id


@pytest.mark.parametrize("wrong", ["a b@x", "<a@x> <b@x>", "ü@x", ""])
def test_wrong_identifier(wrong):
    """An identifier is one word of printable ASCII."""
    with pytest.raises(MessageError):
        simple().message_id(wrong)


@pytest.mark.parametrize("wrong", [0, 6, "urgent", "x"])
def test_wrong_priority(wrong):
    """A priority is 1 to 5, or its name."""
    with pytest.raises(UsageError):
        simple().priority(wrong)


def test_auto_submitted():
    """A program's message says so, and nothing else is accepted."""
    assert read(simple().auto_submitted())["Auto-Submitted"] == "auto-generated"
    with pytest.raises(UsageError):
        simple().auto_submitted("yes")
