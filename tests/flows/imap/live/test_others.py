"""Other mailboxes of a watch: what is reported of them, once, over all connections."""

import pytest

from netmail.errors import CapabilityError
from netmail.flows.imap.live.others import OtherMailboxes
from netmail.results.imap_events import MailboxChanged, MailboxStatus, NotificationsEnded
from netmail.results.imap_mailbox import MailboxInfo
from support.imap_sessions import selected
from support.replay import replay

GROUPS = (
    "(selected (MessageNew MessageExpunge FlagChange)) "
    '(mailboxes ("Work" "INBOX") (MessageNew MessageExpunge MailboxName SubscriptionChange))'
)
FIRST = f"""C: T1 NOTIFY SET STATUS {GROUPS}
S: * STATUS Work (MESSAGES 1 UIDNEXT 2)
S: * STATUS inbox (MESSAGES 7)
S: T1 OK done"""


@pytest.fixture
def session():
    """A session with a server that has NOTIFY."""
    return selected("IMAP4rev1 NOTIFY")


@pytest.fixture
def others(session):
    """Two mailboxes of which the numbers are known."""
    made = OtherMailboxes(session, ["Work", "INBOX"])
    assert not made.is_asked
    assert replay(made.ask(), session.reader, FIRST) == []
    assert made.is_asked
    return made


def test_numbers(others):
    """Numbers are put together, and reported when one is another."""
    assert others.take(MailboxStatus("Work", {"MESSAGES": 1})) == []
    assert others.take(MailboxStatus("Inbox", {"MESSAGES": 7})) == []
    whole = MailboxStatus("Work", {"MESSAGES": 2, "UIDNEXT": 2})
    assert others.take(MailboxStatus("Work", {"MESSAGES": 2})) == [whole]
    assert others.take(MailboxStatus("New", {"MESSAGES": 0})) == [
        MailboxStatus("New", {"MESSAGES": 0})
    ]


def test_next_connection(others, session):
    """What has changed while there was no connection is reported after it, and nothing else."""
    session.forget_account()
    session.capabilities = frozenset({"IMAP4REV1", "NOTIFY"})
    session.state = "authenticated"
    assert not others.is_asked
    transcript = FIRST.replace("T1", "T2").replace("MESSAGES 1", "MESSAGES 4")

    assert replay(others.ask(), session.reader, transcript) == [
        MailboxStatus("Work", {"MESSAGES": 4, "UIDNEXT": 2})
    ]


def test_end(others, session):
    """An end by the server is reported, and the server is to be asked again."""
    session.reader.feed(b"* OK [NOTIFICATIONOVERFLOW] enough\r\n")
    session.process_unsolicited()
    ended = NotificationsEnded("enough")

    assert others.take(ended) == [ended]
    assert others.has_ended
    assert not others.is_asked
    again = FIRST.replace("T1", "T2") + '\nC: T3 SELECT "INBOX"\nS: * 1 EXISTS\nS: T3 OK done'
    replay(others.ask(), session.reader, again)
    assert not others.has_ended


def test_not_wanted(session):
    """A watch of one mailbox reports no other, and asks for nothing."""
    others = OtherMailboxes(session, None)

    assert others.is_asked
    assert others.take(MailboxStatus("Work", {"MESSAGES": 1})) == []
    assert others.take(MailboxChanged(MailboxInfo("Work", "/", ()))) == []


def test_not_offered():
    """Nothing is sent to a server without NOTIFY."""
    with pytest.raises(CapabilityError, match="NOTIFY"):
        next(OtherMailboxes(selected(), "personal").ask())
