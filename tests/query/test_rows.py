"""Rows, their fields by attribute and by name."""

import copy
import pickle

import pytest

import netmail
from netmail import UsageError
from netmail.query.rows import Row, Rows, checked_limit
from netmail.query.table import TableFields
from netmail.query.values import Facts

T = TableFields("INBOX", "INBOX")


def row(*names):
    """A row of one message."""
    facts = Facts(7, "INBOX", {"RFC822.SIZE": 5})
    facts.header = netmail.parse(b"Subject: Hello\r\nX-Spam: yes\r\n\r\n")
    return Row(facts, names, "INBOX")


def test_fields():
    """A field is an attribute, and a name with its table or without."""
    found = row("uid", "size", "subject", "header:x-spam")

    assert (found.uid, found.size, found.subject) == (7, 5, "Hello")
    assert found["subject"] == found["INBOX.subject"] == found[T.subject] == "Hello"
    assert found["X-Spam"] == found[T.header("X-Spam")] == "yes"
    assert dict(found) == {"uid": 7, "size": 5, "subject": "Hello", "x-spam": "yes"}
    assert repr(found) == "<Row 7 of INBOX: uid size subject x-spam>"


def test_missing():
    """What was not selected is not there, and the error says what is."""
    found = row("uid", "size")

    with pytest.raises(AttributeError, match="not selected; there are: uid, size"):
        _ = found.subject
    with pytest.raises(KeyError):
        _ = found["X-Other"]


def test_rows():
    """The first and the last of several rows, or of none."""
    rows = Rows([row("uid"), row("size")])

    assert (len(rows), len(Rows())) == (2, 0)
    assert rows.first() is rows[0]
    assert rows.last() is rows[-1]
    assert Rows().first() is Rows().last() is None
    assert rows[1:].as_list() == [{"size": 5}]


@pytest.mark.parametrize("limit", [(-1, 2), (3, 2)])
def test_wrong_limits(limit):
    """A limit is a pair in its order."""
    with pytest.raises(UsageError):
        checked_limit(limit)


@pytest.mark.parametrize(
    "copied",
    [copy.copy, copy.deepcopy, lambda found: pickle.loads(pickle.dumps(found))],
    ids=["copy", "deepcopy", "pickle"],
)
def test_copies(copied):
    """A row survives a copy, and a queue or another process."""
    found = copied(Rows([row("uid", "subject")]))

    assert [dict(each) for each in found] == [{"uid": 7, "subject": "Hello"}]
    assert dict(copied(found[0])) == dict(found[0])
