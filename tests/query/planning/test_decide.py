"""Whether a message is what an expression says, with all of it or a part of it known."""

from datetime import UTC, date, datetime

import pytest

import netmail
from netmail.query.planning.decide import decide, missing
from netmail.query.table import TableFields
from netmail.query.values import Facts

T = TableFields("INBOX", "INBOX")
MESSAGE = (
    b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= from  here\r\n"
    b'From: "Ann Lee" <ann@example.org>, Bob <bob@example.org>\r\n'
    b"To: friends: eve@example.org, mallory@example.org;\r\n"
    b"Date: Fri, 02 Jan 2026 23:30:00 -0800\r\n"
    b"Message-ID: <1@example.org>\r\n"
    b"References: <a@x> <b@x>\r\n"
    b"X-Empty:\r\n"
    b"Content-Type: text/plain; charset=UTF-8\r\n"
    b"\r\n"
    b"The text\r\nof it.\r\n"
)


def facts():
    """A message that is known whole."""
    made = Facts(7, "INBOX")
    made.items = {
        "FLAGS": ("\\Seen", "$Junk"),
        "RFC822.SIZE": len(MESSAGE),
        "INTERNALDATE": datetime(2026, 1, 3, 8, tzinfo=UTC),
        "MODSEQ": 5,
    }
    made.whole = made.header = netmail.parse(MESSAGE)
    return made


HOLD = [
    T.seen == True,  # noqa: E712 -- an expression
    T.flagged == False,  # noqa: E712 -- an expression
    T.seen.belongs([True]),
    T.uid == 7,
    T.id.belongs(range(5, 9)),
    T.size < 1_000,
    T.modseq >= 5,
    T.created == date(2026, 1, 3),
    T.created > datetime(2026, 1, 3, 7, 59),  # noqa: DTZ001 -- in the zone of the test
    T.created.belongs([date(2026, 1, 1), date(2026, 1, 3)]),
    T.sent == date(2026, 1, 3),
    T.sent == datetime(2026, 1, 3, 7, 30, tzinfo=UTC),
    T.sent != None,  # noqa: E711 -- an expression
    T.subject.contains("GRÜSSE") | T.subject.contains("GRÜßE"),
    T.subject.contains("from  here"),
    T.subject.startswith("grü"),
    T.subject == "grüße FROM  here",
    T.subject.like("gr%here"),
    T.subject > "a",
    T.sender.contains("ann lee <ann@"),
    T.sender == "ANN@example.org",
    T.sender == "Bob <bob@example.org>",
    T.sender.startswith("bob"),
    T.to == "mallory@example.org",
    T.cc == None,  # noqa: E711 -- an expression
    T.cc != "x",
    T.references.contains("<b@x>"),
    T.references == "<a@x>",
    T.message_id == "<1@example.org>",
    T.keywords.contains("$junk"),
    T.keywords.like("$j%"),
    T.header("X-Empty") == "",
    T.header("X-Missing") == None,  # noqa: E711 -- an expression
    ~T.header("X-Missing").contains(""),
    ~T.header("X-Missing").belongs(["a"]),
    T.mime.contains("text/plain"),
    T.content.contains("text\nof"),
    T.email.contains("x-empty:\r\n"),
    T.encoding == "utf-8",
    T.attachments == None,  # noqa: E711 -- an expression
]
FAIL = [
    T.sender.contains(">, bob"),
    T.sender.contains("example.org, bob"),
    T.to == None,  # noqa: E711 -- an expression
    T.header("X-Missing") == "",
    T.header("X-Missing") < "z",
    T.header("X-Empty") == None,  # noqa: E711 -- an expression
    T.header("X-Missing").contains(""),
    T.keywords.contains("junk"),
    T.subject.contains("strasse"),
    T.created < date(2026, 1, 3),
    T.sent == date(2026, 1, 2),
]


@pytest.mark.parametrize("expression", HOLD, ids=repr)
def test_holds(expression):
    """The expression is true of the message, and its opposite is not."""
    assert decide(expression, facts(), UTC) is True
    assert decide(~expression, facts(), UTC) is False


@pytest.mark.parametrize("expression", FAIL, ids=repr)
def test_fails(expression):
    """The expression is not true of the message, and its opposite is."""
    assert decide(expression, facts(), UTC) is False
    assert decide(~expression, facts(), UTC) is True


def test_unknown():
    """What is decided by a part needs no more; what is not says what it needs."""
    little = Facts(7, "INBOX", {"RFC822.SIZE": 5})
    small, text, flag = T.size < 9, T.content.contains("x"), T.seen == True  # noqa: E712 -- as above

    assert decide(small | text, little) is True
    assert decide(~small & text, little) is False
    assert decide(small & text & flag, little) is None
    assert missing(small & text & flag, little) == {"content", "seen"}
    assert missing(small | text, little) == set()
    assert missing(text & ~small, little) == set()


def test_missing_date():
    """A missing date is in no order, and equals none."""
    nothing = facts()
    nothing.header = netmail.parse(b"Date: whenever\r\n\r\n")

    for expression in (T.sent < date(2030, 1, 1), T.sent >= date(1980, 1, 1)):
        assert decide(expression, nothing) is False
        assert decide(~expression, nothing) is True
    assert decide(T.sent == None, nothing) is True  # noqa: E711 -- an expression
