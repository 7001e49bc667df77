"""RETR, TOP and DELE of many messages: which are meant, and what is refused before anything."""

import pytest

from netmail.errors import CapabilityError, DeletionsRefused, Pop3Error, UsageError
from netmail.flows.pop3 import commands, many
from netmail.results.pop3_message import Pop3Message
from support.pop3_steps import session
from support.replay import collected, replay, replay_both

LIST = "C: UIDL\nS: +OK\nS: 1 aa\nS: 3 bb\nS: 4 aa\nS: .\n"
CALLS = {
    "retr_many": many.retr_many,
    "top_many": lambda current, uids: many.top_many(current, uids, 0),
    "delete_many": many.delete_many,
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(
    "uids",
    ["12", b"12", 5, None, [0], [1, "a b"], [True], [1.0], [None], [2**32], ["1\r\nDELE 2"]],
    ids=repr,
)
def test_wrong_messages(call, uids):
    """What names no message is refused before anything is sent."""
    with pytest.raises(UsageError):
        call(session(), uids)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_no_messages(call):
    """Of none there is nothing to send."""
    flow = call(session(), [])

    assert replay(flow if call is many.delete_many else collected(flow), session().reader, "") in (
        [],
        None,
    )


@pytest.mark.parametrize("count", [-1, True, "1", 1.0])
def test_wrong_count(count):
    """A count of lines is a non-negative int."""
    with pytest.raises(UsageError, match="count of lines"):
        many.top_many(session(), [1], count)


def test_without_top():
    """A server without TOP is not asked."""
    with pytest.raises(CapabilityError):
        replay_both(
            lambda: session(("UIDL", "PIPELINING")),
            lambda current: collected(many.top_many(current, [1], 0)),
            "C: CAPA\nS: +OK\nS: UIDL\nS: .",
        )


def test_messages_of_a_generator():
    """Any iterable will do, and is read once."""
    flow = collected(many.retr_many(current := session(), (uid for uid in (1, 2))))
    lines = "C: RETR 1\nC: RETR 2\nS: +OK\nS: a\nS: .\nS: -ERR no"
    first, second = replay(flow, current.reader, lines)

    assert (first.content, first.error) == (b"a\r\n", None)
    with pytest.raises(Pop3Error, match="no"):
        second.content  # noqa: B018 -- it raises


def test_copies_are_deleted_once_each():
    """Two identical copies with one unique-id are two messages."""
    lines = f"{LIST}C: DELE 1\nC: DELE 4\nS: +OK\nS: +OK"

    assert replay_both(session, lambda p: many.delete_many(p, ["aa", "aa"]), lines) is None


def test_deleted_ones_are_known():
    """What was marked is not meant by a unique-id any more; what was refused is."""
    current = session()
    with pytest.raises(DeletionsRefused) as caught:
        replay(
            many.delete_many(current, [1, 3]),
            current.reader,
            "C: DELE 1\nC: DELE 3\nS: +OK\nS: -ERR [SYS/PERM] no",
        )
    lines = f"{LIST}C: RETR 4\nS: +OK\nS: ."

    assert list(caught.value.refused) == [3]
    assert caught.value.code == "SYS/PERM"
    assert str(caught.value) == "DELE: [SYS/PERM] no"
    assert replay(commands.retr(current, "aa"), current.reader, lines) == b""


def test_shown():
    """A message shows what it is, and not its octets."""
    refused = Pop3Message("a", 0, error=Pop3Error("RETR", "no"))

    assert repr(Pop3Message(1, 1, b"abc")) == "<Pop3Message 1: 3 octets>"
    assert repr(refused) == "<Pop3Message 'a': refused: RETR: no>"
