"""NOTIFY: what is refused before anything is sent, and what stays as it was after a refusal."""

import pytest

from netmail.errors import CapabilityError, ImapError, UsageError
from netmail.flows.imap.live.idle import RENEW
from netmail.flows.imap.live.notify import notify, reports_selected
from netmail.flows.imap.live.watch import POLL, Watch
from support.imap_sessions import run, selected
from support.replay import replay

SELECTED = "(selected (MessageNew MessageExpunge FlagChange))"


def with_notify():
    """Return a session with a server that has the extension."""
    return selected("IMAP4rev1 NOTIFY")


def notifying(*arguments, **options):
    """Return the conversation."""
    return lambda session: notify(session, *arguments, **options)


def test_not_offered():
    """Nothing is sent to a server without the extension."""
    with pytest.raises(CapabilityError, match="NOTIFY"):
        run(notifying("personal"), "", selected)


@pytest.mark.parametrize(
    ("events", "text"),
    [
        ("MessageNew", "MessageExpunge and MessageNew"),
        ("MessageExpunge MailboxName", "MessageExpunge and MessageNew"),
        ("FlagChange", "MessageExpunge and MessageNew"),
        ("MessageNew MessageExpunge Nothing", "'Nothing' is no event"),
    ],
)
def test_incomplete_events(events, text):
    """Events that the server would refuse are refused here, with the names of those missing."""
    with pytest.raises(UsageError, match=text):
        run(notifying("personal", events), "", with_notify)


@pytest.mark.parametrize("selected", ["MailboxName", "MessageNew MessageExpunge MailboxName"])
def test_events_of_selected(selected):
    """The selected mailbox has events of messages alone."""
    with pytest.raises(UsageError, match="no event of the selected mailbox"):
        run(notifying(None, selected=selected), "", with_notify)


def test_no_events():
    """No event at all is written as NONE."""
    transcript = "C: T1 NOTIFY SET (selected NONE) (personal NONE)\nS: T1 OK done"

    assert run(notifying("personal", "", selected=()), transcript, with_notify) == []


@pytest.mark.parametrize("name", ["", "a\r\nb", "a\0b", 5])
def test_no_mailbox(name):
    """A name that is none is refused."""
    with pytest.raises(UsageError):
        run(notifying([name]), "", with_notify)


@pytest.mark.parametrize("also", [5, True, [], [""], {"x": 5}, {"personal": "Nothing"}])
def test_watched_mailboxes(also):
    """So is one that `watch()` is to report on, before the watch begins."""
    with pytest.raises(UsageError):
        Watch(with_notify(), None, renew=RENEW, poll=POLL, also=also)


def test_overflow():
    """After an overflow nothing is reported, until NOTIFY and SELECT are sent again."""
    session = with_notify()
    ask = f"NOTIFY SET {SELECTED}"
    replay(notifying(None)(session), session.reader, f"C: T1 {ask}\nS: T1 OK done")
    session.reader.feed(b"* OK [NOTIFICATIONOVERFLOW] enough\r\n")
    session.process_unsolicited()
    assert not reports_selected(session)
    transcript = f"""C: T2 {ask}
S: T2 OK done
C: T3 SELECT "INBOX"
S: * 12 EXISTS
S: T3 OK done"""
    replay(notifying(None)(session), session.reader, transcript)

    assert reports_selected(session)
    assert session.mailbox.exists == 12


def test_refused():
    """A NOTIFY that is refused leaves the one before, also where it was too much."""
    session = with_notify()
    replay(notifying(None)(session), session.reader, f"C: T1 NOTIFY SET {SELECTED}\nS: T1 OK done")
    before = session.notified
    transcript = "C: T2 NOTIFY NONE\nS: T2 NO [NOTIFICATIONOVERFLOW] too much"
    with pytest.raises(ImapError) as caught:
        replay(notifying(None, selected=None)(session), session.reader, transcript)

    assert caught.value.code == "NOTIFICATIONOVERFLOW"
    assert session.notified == before


def test_forgotten():
    """What was asked for ends with the login."""
    session = with_notify()
    replay(
        notifying(None, selected=None)(session),
        session.reader,
        "C: T1 NOTIFY NONE\nS: T1 OK done",
    )
    assert not reports_selected(session)
    session.forget_account()

    assert reports_selected(session)
