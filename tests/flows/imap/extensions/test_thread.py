"""UID THREAD: the algorithm, the query, and what comes back."""

import pytest

from netmail import search as S  # noqa: N812
from netmail.errors import CapabilityError, ProtocolError, UsageError
from netmail.flows.imap.extensions.thread import thread
from support.imap_sessions import run, selected


def threading(algorithm="REFERENCES", query=None):
    """Return the conversation."""
    return lambda imap: thread(imap, algorithm, query, None)


def with_threads():
    """Return a session with a server that has the extension."""
    return selected("THREAD=REFERENCES")


@pytest.mark.parametrize(
    ("query", "sent"),
    [(None, "US-ASCII ALL"), ("", "US-ASCII ALL"), (S.unseen(), "US-ASCII UNSEEN")],
)
def test_sent(query, sent):
    """Algorithm, charset and query, in this order."""
    transcript = f"C: T1 UID THREAD REFERENCES {sent}\nS: * THREAD (1 2)(3)\nS: T1 OK done"
    found = run(threading("references", query), transcript, with_threads)

    assert [each.uids for each in found] == [(1, 2), (3,)]


@pytest.mark.parametrize("lines", ["", "S: * THREAD\n"])
def test_nothing(lines):
    """Without a response nothing was found."""
    transcript = f"C: T1 UID THREAD REFERENCES US-ASCII ALL\n{lines}S: T1 OK done"

    assert run(threading(), transcript, with_threads) == []


def test_unreadable():
    """A result that cannot be read is not an empty one."""
    transcript = "C: T1 UID THREAD REFERENCES US-ASCII ALL\nS: * THREAD (1 x)\nS: T1 OK done"

    with pytest.raises(ProtocolError):
        run(threading(), transcript, with_threads)


def test_capabilities():
    """The server must have the algorithm, and what a key needs."""
    with pytest.raises(CapabilityError, match="THREAD=ORDEREDSUBJECT"):
        run(threading("orderedsubject"), "", with_threads)
    with pytest.raises(CapabilityError, match="WITHIN"):
        run(threading(query=S.older(5)), "", with_threads)


@pytest.mark.parametrize("algorithm", ["", "A B", "REFERENCES (", "x\r\n"])
def test_wrong_algorithm(algorithm):
    """An algorithm is one atom."""
    with pytest.raises(UsageError):
        run(threading(algorithm), "", with_threads)
