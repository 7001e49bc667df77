"""What other libraries' users expect of a message, and what lists do."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from netmail.errors import MessageError, UsageError
from netmail.mime.parser import parse
from netmail.mime.writer.message import Message
from support.messages import read, simple

MARROW = {
    "From",
    "Reply-To",
    "Organization",
    "X-Priority",
    "Importance",
    "Disposition-Notification-To",
    "X-A",
    "Date",
}


def test_marrow():
    """Marrow Mailer's constructor works, names and all."""
    built = Message(
        author="Ann <ann@example.org>",
        to=["bob@example.org"],
        subject="Testing",
        plain="plain",
        rich="<p>rich",
        cc="cy@example.org",
        reply="rep@example.org",
        organization="Org",
        priority=1,
        notify="ann@example.org",
        headers={"X-A": "1"},
        embedded=[("a.png", b"x")],
        retries=5,
        date=datetime(2026, 11, 20, tzinfo=UTC),
    )
    built.attach("b.bin", b"y", "application", "x-thing")
    seen = read(built)

    assert {
        **{name: value for name, value in seen.items() if name in MARROW},
        "types": [p.get_content_type() for p in seen.walk() if not p.is_multipart()],
        "retries": built.retries,
    } == {
        "From": "Ann <ann@example.org>",
        "Reply-To": "rep@example.org",
        "Organization": "Org",
        "X-Priority": "1",
        "Importance": "high",
        "Disposition-Notification-To": "ann@example.org",
        "X-A": "1",
        "Date": "Fri, 20 Nov 2026 00:00:00 +0000",
        "types": ["text/plain", "text/html", "image/png", "application/x-thing"],
        "retries": 5,
    }


def test_web2py():
    """web2py's `message`, `attachments` and `headers` work."""
    built = simple(message=("text", "<html>"), attachments=[(b"x", "x.bin"), (b"y", "y.bin")])
    built.header({"subject": "replaced", "X-A": "1"}, replace=True).header("X-A: 2", replace=True)
    mail = parse(built.as_bytes())

    assert (
        mail.text,
        mail.html,
        [one.filename for one in mail.attachments],
        mail.subject,
        mail.headers.get_all("X-A"),
    ) == ("text", "<html>", ["x.bin", "y.bin"], "replaced", ["2"])


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
    """A caller's list is not changed by later calls (a defect of web2py)."""
    to = ["a@x"]
    simple().to(to).cc("b@x").to("c@x")

    assert to == ["a@x"]


def test_replace_recipients():
    """header(..., replace=True) replaces recipients too."""
    built = simple().header("To: new@example.org", replace=True)

    assert built.recipients == ("new@example.org",)


def test_single_headers():
    """A header that may occur once is replaced when set again."""
    built = simple().header("References: <1@x>").header("References: <2@x>")

    assert read(built).get_all("References") == ["<2@x>"]


def test_several_authors():
    """Of several authors the first is Sender, and the envelope's sender."""
    built = Message(["a@x", "b@x"], "c@x")

    assert (read(built)["Sender"], built.envelope.sender) == ("a@x", "a@x")


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


def test_undisclosed():
    """A message with hidden recipients only says so."""
    built = Message("a@x").bcc("b@x")

    assert b"To: undisclosed-recipients:;\r\n" in built.as_bytes()


def test_header_of_addresses():
    """A header of addresses is checked and encoded as one."""
    built = simple().header("Errors-To: Ünï <u@x>")

    assert b"Errors-To: =?utf-8?b?w5xuw68=?= <u@x>\r\n" in built.as_bytes()
    with pytest.raises(MessageError):
        simple().header("Errors-To: nobody")


def test_envelope_without_author():
    """Without an author there is no envelope."""
    with pytest.raises(MessageError, match="author"):
        _ = Message(to="b@x").envelope


def test_date_zone():
    """The date keeps its time zone."""
    zone = timezone(-timedelta(hours=3, minutes=30))
    built = simple(date=datetime(2026, 1, 2, 3, 4, 5, tzinfo=zone))

    assert b"\r\nDate: Fri, 02 Jan 2026 03:04:05 -0330\r\n" in built.as_bytes()


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


def test_needs_smtputf8():
    """Only a local part outside ASCII needs SMTPUTF8; a name or a domain does not."""
    assert [
        simple().needs_smtputf8,
        simple().cc("Ünï <u@bücher.example>").needs_smtputf8,
        simple().bcc("ü@x").needs_smtputf8,
        simple().reply_to("ü@x").needs_smtputf8,
        simple().notify("ü@x").needs_smtputf8,
        simple().return_path("ü@x").needs_smtputf8,
    ] == [False, False, True, True, True, True]


def test_str_and_repr():
    """A message prints as itself, and shows itself in short."""
    built = simple(text="é").to("ü@x")

    assert "ü@x" in str(built)
    assert repr(built) == "<Message from 'ann@example.org' to 2 subject 'Hi'>"
