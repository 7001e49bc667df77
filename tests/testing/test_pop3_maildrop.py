"""A maildrop without a socket: numbers, marks, TOP and the dots."""

import pytest

from netmail.testing.pop3_maildrop import Maildrop, NoSuchMessage
from netmail.testing.store import StoredMessage

THREE = [StoredMessage(uid, b"A: b\r\n\r\n" + b"x\r\n" * uid) for uid in (1, 2, 3)]


@pytest.fixture
def maildrop():
    return Maildrop("ann", 99, THREE)


def test_deleted_messages_are_not_counted(maildrop):
    """STAT, LIST and UIDL pass over what is marked; the other numbers stay."""
    maildrop.delete("2")

    assert list(maildrop.numbers()) == [1, 3]
    assert maildrop.stat() == (2, 28)
    assert maildrop.deleted_uids() == [2]


def test_marks_can_be_removed(maildrop):
    """RSET brings every message back."""
    maildrop.delete("2")
    maildrop.unmark()

    assert list(maildrop.numbers()) == [1, 2, 3]


@pytest.mark.parametrize("argument", ["", "0", "4", "-1", "1 ", "x", "²", "1" * 5000])
def test_other_numbers_are_refused(maildrop, argument):
    """Only the number of a message is one."""
    with pytest.raises(NoSuchMessage):
        maildrop.number(argument)


def test_a_deleted_message_is_gone(maildrop):
    """A message marked deleted cannot be named again."""
    maildrop.delete("1")
    with pytest.raises(NoSuchMessage):
        maildrop.content("1")


@pytest.mark.parametrize(
    ("content", "count", "top"),
    [
        (b"A: b\r\n\r\n1\r\n2\r\n3\r\n", 0, b"A: b\r\n\r\n"),
        (b"A: b\r\n\r\n1\r\n2\r\n3\r\n", 2, b"A: b\r\n\r\n1\r\n2\r\n"),
        (b"A: b\r\n\r\n1\r\n2\r\n3\r\n", 9, b"A: b\r\n\r\n1\r\n2\r\n3\r\n"),
        (b"A: b\r\n\r\n1\r\n2", 2, b"A: b\r\n\r\n1\r\n2"),
        (b"A: b\r\n\r\n", 3, b"A: b\r\n\r\n"),
        (b"A: b\r\n", 3, b"A: b\r\n"),
    ],
    ids=["header", "two", "all", "no last CRLF", "no body", "no empty line"],
)
def test_top(content, count, top):
    """TOP sends the header, the empty line and so many lines."""
    assert Maildrop("ann", 1, [StoredMessage(1, content)]).top("1", count) == top
