"""What is of the wrong type is refused before anything is sent, and the session is as it was."""

import re
from datetime import UTC, datetime
from io import StringIO

import pytest

from netmail.errors import UsageError
from support.imap_calls import Kind, of_kind
from support.imap_sessions import run, selected

NO_TEXT = [5, -1, 1.5, True, b"x", [None], ["x"], {1: 2}, {"x"}, object(), Exception]
NO_ITEMS = [None, 0, 5, 1.5, True, b"", b"x", [None], [1], {1: 2}, object(), Exception]
NO_UIDS = [
    *(0, -1, 2**32, True, "0", "1:", "a", "", "1,,2", "5000000000", b"5", 1.5),
    *([0], ["1"], [1.0], [None], object(), Exception),
]
# What is refused as an argument of each kind, and a part of the error.
WRONG = {
    Kind.MAILBOX: (NO_TEXT, "must be a str, not"),
    Kind.PATTERN: (NO_TEXT, "must be a str, not"),
    Kind.PATTERNS: (NO_ITEMS, "are a str or an iterable of str, not"),
    Kind.QUERY: ([5, True, b"ALL", ["ALL"], object()], "must be a str, not"),
    Kind.COMMAND: ([None, 5, True, b"NOOP", ["NOOP"], object()], "must be a str, not"),
    Kind.FLAGS: (NO_ITEMS, "are a str or an iterable of str, not"),
    Kind.STATUS_ITEMS: (NO_ITEMS, "are a str or an iterable of str, not"),
    Kind.FETCH_ITEMS: (NO_ITEMS, "item"),
    Kind.SECTION: ([*NO_TEXT, "x", "0", "1]"], "section"),
    Kind.OFFSET: ([None, -1, 2**32, "0", 1.0, True, object()], "offset"),
    Kind.LOCAL: ([5, 1.5, [1], object()], "a binary file|must be callable"),
    Kind.USE: ([5, True, b"sent", ["sent"], "inbox", object()], "a special use is one of"),
    Kind.MAILBOXES: (NO_ITEMS, "mailbox"),
    Kind.SCOPES: (
        [0, 5, True, b"x", [None], [1], [], {1: 2}, {"x": 5}, object()],
        "mailbox|events",
    ),
    Kind.EVENTS: ([*NO_ITEMS, "Nothing", "MessageNew", ["FlagChange"]], "event"),
    Kind.RESULT: (
        [5, True, b"all", [b"all"], "uid", "min x", "", [], object()],
        "results of a search are",
    ),
    Kind.STORE_ITEM: ([None, 5, "FLAG", b"FLAGS", ["FLAGS"], object()], r"store\(\) takes"),
    Kind.UIDS: (NO_UIDS, "UID"),
    Kind.MESSAGE: ([None, 5, "text", ["x"], object(), StringIO("x")], "is no message"),
    Kind.MESSAGES: ([None, 5, "text", b"text", object()], "messages are an iterable"),
    Kind.DATE: (
        [0, "yesterday", object(), datetime(2024, 1, 1, tzinfo=UTC).replace(tzinfo=None)],
        "must be a datetime",
    ),
    Kind.TEXT: (NO_TEXT, "must be a str, not"),
    Kind.RIGHTS: (NO_TEXT, "must be a str, not"),
    Kind.LIMITS: (
        [None, 5, "x", ["x"], {"X": "1"}, {"X": True}, {5: 1}, {"X": -1}, {"X": 2**63}],
        "limit|resource",
    ),
    Kind.ENTRIES: (NO_ITEMS, "are a str or an iterable of str, not"),
    Kind.ENTRY_VALUES: (
        [None, 5, "/a", ["/a"], {}, {5: "x"}, {"/a": 5}, {"/a": ["x"]}],
        "entry|entries",
    ),
    Kind.ITEMS_BY_UID: (
        [5, "x", ["x"], {"1": "FLAGS"}, {0: "FLAGS"}, {1: 5}, {1: b"FLAGS"}, {1: []}],
        "mapping|UID|item",
    ),
    Kind.FIELDS: ([5, "x", ["x"], {5: "x"}, {"x": 5}, {"x": b"x"}], "ID"),
    Kind.EXTENSIONS: (NO_ITEMS, "are a str or an iterable of str, not"),
    Kind.SORT_KEYS: (NO_ITEMS, "are a str or an iterable of str, not"),
    Kind.ALGORITHM: ([None, *NO_TEXT], "must be a str, not"),
    Kind.LANGUAGES: (NO_ITEMS, "are a str or an iterable of str, not"),
    Kind.DEPTH: ([None, 1, "2", b"1", ["1"]], "the depth is"),
    Kind.SIZE: ([-1, 1.5, "1", True, 2**32], "the largest size"),
}


def refused(argument, value):
    """Call a method that must fail before it sends anything; return the error's text."""
    with pytest.raises(UsageError) as caught:
        run(lambda imap: argument.flow(imap, value), "", lambda: selected("IMAP4rev1 MOVE"))
    return str(caught.value)


def test_every_kind_is_tested():
    """For each kind of argument it is known what is wrong."""
    assert WRONG.keys() == set(Kind)


@pytest.mark.parametrize(
    ("argument", "value", "text"),
    [
        pytest.param(argument, value, WRONG[argument.kind][1], id=f"{argument}-{value!r:.20}")
        for argument in of_kind(*Kind)
        for value in WRONG[argument.kind][0]
    ],
)
def test_wrong_type(argument, value, text):
    """The value is refused, and the error names what the argument must be."""
    assert re.search(text, refused(argument, value))


@pytest.mark.parametrize(
    "argument",
    [each for each in of_kind(Kind.MAILBOX, Kind.UIDS) if not each.takes_none],
    ids=str,
)
def test_none(argument):
    """`None` is refused where it is not the default."""
    assert "not None" in refused(argument, None)


@pytest.mark.parametrize("argument", of_kind(Kind.MAILBOX, Kind.PATTERN), ids=str)
def test_errors_stay_short(argument):
    """An error does not repeat at full length what it refuses."""
    assert len(refused(argument, "x" * 100_000 + "\n")) < 200
