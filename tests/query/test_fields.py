"""Fields, what they compare with, and what they refuse."""

from datetime import UTC, date, datetime

import pytest

from netmail import UsageError
from netmail.query.expressions import Or
from netmail.query.table import TableFields

T = TableFields("INBOX", "INBOX")


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        (lambda: T.seen == False, "~(INBOX.seen == True)"),  # noqa: E712 -- an expression
        (lambda: T.seen != False, "(INBOX.seen == True)"),  # noqa: E712 -- an expression
        (lambda: T.size != 5, "~(INBOX.size == 5)"),
        (lambda: T.size <= 5, "(INBOX.size <= 5)"),
        (lambda: T.uid.belongs([3]), "INBOX.uid.belongs([3])"),
        (lambda: T.uid.belongs(()), "INBOX.uid.belongs([])"),
        (lambda: T.created == date(2026, 1, 2), "(INBOX.created == datetime.date(2026, 1, 2))"),
        (lambda: T.sent == None, "(INBOX.sent == None)"),  # noqa: E711 -- an expression
        (lambda: T.subject.like("a%"), "INBOX.subject.like('a%')"),
        (lambda: T.subject.startswith("a"), "INBOX.subject.startswith('a')"),
        (lambda: T.subject > "a", "(INBOX.subject > 'a')"),
        (lambda: T.keywords.contains("$Junk"), "(INBOX.keywords == '$Junk')"),
        (lambda: T.header("X-Spam").contains("y"), "INBOX.header:x-spam.contains('y')"),
    ],
)
def test_comparisons(expression, shown):
    """Each operator makes a comparison, of a value of its type."""
    assert repr(expression()) == shown


@pytest.mark.parametrize(
    "use",
    [
        lambda: T.seen == 1,
        lambda: T.seen == "yes",
        lambda: T.seen.belongs([1]),
        lambda: T.size == "5",
        lambda: T.size < None,
        lambda: T.size == True,  # noqa: E712 -- an expression
        lambda: T.uid.belongs(5),
        lambda: T.uid.belongs("5"),
        lambda: T.uid.belongs([b"5"]),
        lambda: T.created == "2026-01-02",
        lambda: T.created.belongs([5]),
        lambda: T.subject == b"x",
        lambda: T.subject.contains(None),
        lambda: T.subject.belongs("text"),
        lambda: T.sender.contains(5),
        lambda: T.header("a b)("),
        lambda: T.header("a)\r\nT9 LOGOUT"),
    ],
)
def test_wrong_types(use):
    """What a field cannot be compared with is refused at once."""
    with pytest.raises(UsageError):
        use()


def test_names():
    """A field shows itself as web2py writes it, and can be a key of a dictionary."""
    assert str(T.uid) == "INBOX.uid"
    assert {T.uid: 1}[T.uid] == 1
    assert (~T.size).field is T.size


def test_datetimes():
    """Days and times are both accepted."""
    found = (T.created > datetime(2026, 1, 2, 3, 4, tzinfo=UTC)) | (T.sent <= date(2026, 1, 1))

    assert isinstance(found, Or)


@pytest.mark.parametrize("number", [10**5000, -(10**5000)], ids=["large", "small"])
def test_numbers_beyond_all(number):
    """They compare as any number does that no message has, and can be shown."""
    assert repr(T.size < number) == repr(T.size < (2**64 if number > 0 else -(2**64)))
    for field in (T.subject, T.sent, T.seen):
        with pytest.raises(UsageError, match="a value of int"):
            field == number  # noqa: B015 -- the comparison raises
