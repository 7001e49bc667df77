"""A command whose FETCH responses are handed over: batches, refusals, and what is left."""

import pytest

from netmail.errors import ConnectionLost, ImapError, MailTimeout
from netmail.flows.imap.fetching import streaming
from netmail.flows.imap.fetching.streaming import stream
from netmail.flows.streaming import Streaming
from netmail.limits import ServerLimits
from support.imap_sessions import run, selected
from support.replay import collected, replay

LINES = """
C: T1 X
S: * 1 FETCH (UID 5)
S: * 3 EXISTS
S: * 2 FETCH (UID {3}
S! a\\r\\n
S: )
"""
FETCHED = [[b"* 1 FETCH (UID 5)"], [b"* 2 FETCH (UID ", b"a\r\n", b")"]]
FETCHED_1 = [[b"* 1 FETCH ()"]]


def all_of(session):
    """Return what one command hands over, in one list."""
    return collected(stream(session, "X", read=list))


def left(session):
    """Take the first batch, and leave."""
    steps = Streaming(stream(session, "X", read=list))
    yield from steps.next()
    yield from steps.leave()
    return steps.has_ended


def test_order():
    """FETCH responses come in their order; the others update the session alone."""
    assert run(all_of, f"{LINES}S: T1 OK done", selected) == FETCHED


def test_batches():
    """What has arrived is handed over before more is waited for."""
    session = selected()
    steps = Streaming(stream(session, "X", read=list))

    assert replay(steps.next(), session.reader, "C: T1 X\nS: * 1 FETCH ()") == FETCHED_1
    assert replay(steps.next(), session.reader, "S: * 1 FETCH ()\nS: * 1 FETCH ()") == 2 * FETCHED_1
    assert replay(steps.next(), session.reader, "S: T1 OK done") == []


def test_refused():
    """What comes before NO is handed over, then the refusal is raised."""
    session = selected()
    steps = Streaming(stream(session, "X", read=list))
    transcript = "C: T1 X\nS: * 1 FETCH ()\nS: T1 NO some are gone"

    assert replay(steps.next(), session.reader, transcript) == [[b"* 1 FETCH ()"]]
    with pytest.raises(ImapError, match="some are gone"):
        replay(steps.next(), session.reader, "")


@pytest.mark.parametrize("end", ["OK done", "NO some are gone"])
def test_left(end):
    """The rest is read up to the tagged response, and the session knows what was in it."""
    session = selected()

    assert replay(left(session), session.reader, f"{LINES}S: * 4 EXISTS\nS: T1 {end}", size=1)
    assert session.mailbox.exists == 4


def test_left_with_too_much(monkeypatch):
    """Beyond the bound the connection is closed, and nothing is waited for."""
    monkeypatch.setattr(streaming, "MAX_LEFT", 100)
    session = selected()

    assert replay(left(session), session.reader, f"{LINES}S: {'x' * 200}\nS: * 5 EXISTS", size=7)


@pytest.mark.parametrize(("event", "error"), [("EOF", ConnectionLost), ("TIMEOUT", MailTimeout)])
def test_lost(event, error):
    """What came before the end of the connection is handed over."""
    session = selected()
    steps = Streaming(stream(session, "X", read=list))

    assert replay(steps.next(), session.reader, LINES) == FETCHED
    with pytest.raises(error):
        replay(steps.next(), session.reader, event)


def test_no_limit_for_the_whole():
    """Responses that are handed over are in memory one by one: no limit adds them up."""
    limits = ServerLimits(fetch=100, command=100)
    lines = "C: T1 X\n" + "S: * 1 FETCH (UID 5)\n" * 100 + "S: T1 OK done"

    assert len(run(all_of, lines, selected, limits=limits)) == 100
