"""IDLE, line by line: what begins it, what ends it, and what is refused before anything is sent."""

from datetime import timedelta

import pytest

from netmail.errors import CapabilityError, ConnectionLost, ImapError, ProtocolError, UsageError
from netmail.flows.imap.live.idle import RENEW, idle
from netmail.flows.streaming import Streaming
from netmail.results.imap_events import Bye, Exists
from support.imap_sessions import run, selected
from support.replay import collected, replay

BEGIN = "C: T1 IDLE\nS: + idling\n"


def idling(session):
    """Return the first event, and leave."""
    steps = Streaming(idle(session, None, None, RENEW))
    found = yield from steps.next()
    yield from steps.leave()
    return found


def waiting(timeout=None, renew=RENEW):
    """Return the whole conversation."""
    return lambda session: collected(idle(session, None, timeout, renew))


def with_idle():
    """Return a session with a server that has the extension."""
    return selected("IMAP4rev1 IDLE")


@pytest.mark.parametrize("end", ["OK done", "OK", "NO what", "BAD what"])
def test_left(end):
    """DONE is sent when the caller leaves; whatever the server makes of it ends the command."""
    transcript = f"{BEGIN}S: * 11 EXISTS\nC: DONE\nS: * 12 EXISTS\nS: T1 {end}"

    session = with_idle()
    try:
        found = replay(idling(session), session.reader, transcript)
    except ImapError:
        found = [Exists(11)]
    assert found == [Exists(11)]
    assert session.mailbox.exists == 12
    assert session.listener is None


def test_timeout():
    """What comes after DONE is handed over too."""
    transcript = f"{BEGIN}S: * 11 EXISTS\nALARM\nC: DONE\nS: * 12 EXISTS\nS: T1 OK done"

    assert run(waiting(10), transcript, with_idle) == [Exists(11), Exists(12)]


def test_bye():
    """BYE is handed over before the connection is reported as lost."""
    session = with_idle()
    steps = Streaming(idle(session, None, None, RENEW))

    assert replay(steps.next(), session.reader, f"{BEGIN}S: * BYE bored") == [Bye("bored")]
    with pytest.raises(ConnectionLost, match="bored"):
        replay(steps.next(), session.reader, "")


def test_end_of_stream():
    """A connection that ends is lost."""
    with pytest.raises(ConnectionLost):
        run(waiting(), f"{BEGIN}EOF", with_idle)


@pytest.mark.parametrize(("response", "error"), [("NO no", ImapError), ("OK ok", ProtocolError)])
def test_no_idling(response, error):
    """A tagged response in place of "+" is a refusal, or nonsense."""
    with pytest.raises(error):
        run(waiting(), f"C: T1 IDLE\nS: T1 {response}", with_idle)


def test_not_offered():
    """Nothing is sent to a server without the extension."""
    with pytest.raises(CapabilityError):
        run(waiting(), "", selected)


def test_in_rev2():
    """IMAP4rev2 includes it: RFC 9051 appendix E."""
    transcript = f"{BEGIN}ALARM\nC: DONE\nS: T1 OK done"

    assert run(waiting(10), transcript, lambda: selected("IMAP4rev2")) == []


@pytest.mark.parametrize("duration", [0, -1, "x", None, timedelta(0), 29 * 60 + 1])
def test_wrong_renewal(duration):
    """What is no duration, or longer than servers wait, is refused at once."""
    with pytest.raises(UsageError):
        idle(selected(), None, None, duration)


@pytest.mark.parametrize("duration", [0, -1, "x", timedelta(0)])
def test_wrong_timeout(duration):
    """So is a timeout that is none."""
    with pytest.raises(UsageError):
        idle(selected(), None, duration, RENEW)
