"""Plans: what is sent, what is fetched, and how that is shown."""

from datetime import UTC, date, datetime

import pytest

from netmail.query.planning.bounds import Situation
from netmail.query.planning.keys import EVERY, NONE
from netmail.query.planning.knowledge import Knowledge
from netmail.query.planning.plan import plan
from netmail.query.table import TableFields

T = TableFields("INBOX", "INBOX")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KNOWN = Knowledge(frozenset({"WITHIN"}), "dovecot", finds_substrings=True)
TODAY = (
    (T.seen == False)  # noqa: E712 -- an expression
    & (T.created == date(2026, 11, 22))
    & (T.size < 6000)
)


def shown(expression, knowledge=KNOWN):
    """Show the plan of an expression."""
    return str(plan(expression, Situation(knowledge, NOW, UTC)))


def test_exact():
    """One search is all."""
    assert shown(T.size < 6000) == "search: SMALLER 6000\nround trips to count: 1"


def test_nothing():
    """What cannot be is not searched."""
    assert shown((T.size < 5) & (T.size > 5)) == "nothing is sent: no message can be meant"


def test_today():
    """What is surely of today is counted, and what is near midnight or now is looked at."""
    assert shown(TODAY).splitlines() == [
        "search: SMALLER 6000 UNSEEN YOUNGER 42600 OLDER 1",
        "search: BEFORE 24-Nov-2026 SMALLER 6000 UNSEEN YOUNGER 43800 OR OLDER 42540 YOUNGER 61",
        "decide here: (INBOX.created == datetime.date(2026, 11, 22))",
        "fetch for that: INTERNALDATE",
        "round trips to count: 2 at most",
    ]


def test_stages():
    """The cheapest fields are fetched first."""
    text = T.content.contains("x") | T.subject.contains("é") | T.keywords.like("a%")
    stages = plan(text, Situation(KNOWN, NOW, UTC)).stages()

    assert [each.fetch() for each in stages] == [
        ["FLAGS"],
        ["BODY.PEEK[HEADER.FIELDS (CONTENT-TYPE SUBJECT)]"],
        ["BODYSTRUCTURE", "RFC822.SIZE", "BODY.PEEK[]<0.8192>"],
    ]


def test_too_long():
    """What is more than a server takes is decided here, by the part that can be sent."""
    texts = [f"{number:040}" for number in range(1_000)]
    many = T.subject.belongs(texts)
    made = plan(many & (T.size < 9), Situation(KNOWN, NOW, UTC))

    assert shown(many & (T.size < 9)).splitlines()[0] == "search: SMALLER 9"
    assert made.left is not None
    assert plan(many, Situation(KNOWN, NOW, UTC)).doubtful == EVERY
    assert plan(~many, Situation(KNOWN, NOW, UTC)).sure == NONE


@pytest.mark.parametrize("knowledge", [KNOWN, Knowledge()], ids=["known", "unknown"])
def test_sure_is_not_looked_at(knowledge):
    """No message is both counted and looked at."""
    made = plan(T.created >= date(2026, 11, 1), Situation(knowledge, NOW, UTC))

    assert "NOT ALL" not in str(made)
    assert len(made.searches) == 2
