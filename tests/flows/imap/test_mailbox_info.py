"""Mailboxes with their uses: what is asked of servers with less than LIST-EXTENDED."""

import pytest

from netmail.errors import CapabilityError, UsageError
from netmail.flows.imap.mailbox_info import list_mailboxes, special
from support.imap_sessions import logged_in, run

NAMES = r"""
    C: T1 LIST "" "*"
    S: * LIST () "." INBOX
    S: * LIST (\Noselect) "." INBOX.Trash
    S: * LIST () "." INBOX.Papierkorb
    S: * LIST () "." INBOX.Gel&APY-scht
    S: * LIST () "." INBOX.Work.Trash
    S: * LIST (\Sent) "." Papierkorb
    S: T1 OK done
"""


def finding(use):
    """Find the mailbox of a use."""
    return lambda imap: special(imap, use)


@pytest.mark.parametrize("use", ["trash", "TRASH"])
def test_by_name(use):
    """A name in another language is known, at the top or one level below, if nothing else fits."""
    assert run(finding(use), NAMES) == "INBOX.Gelöscht"


def test_strict_takes_no_guess():
    """Strict, only what the server says counts."""
    assert run(finding("trash"), NAMES, strict=True) is None


def test_attributes_come_first():
    """A mailbox that the server marks is taken whatever its name."""
    transcript = r"""
        C: T1 LIST "" "*"
        S: * LIST () "/" Sent
        S: * LIST (\SENT) "/" Copies
        S: T1 OK done
    """

    assert run(finding("sent"), transcript, capabilities="SPECIAL-USE XLIST") == "Copies"


@pytest.mark.parametrize("use", ["inbox", "", "\\Sent", None, 5, b"sent"])
def test_no_use(use):
    """What is no use is refused."""
    with pytest.raises(UsageError, match="a special use is one of all, archive"):
        run(finding(use), "")


def test_subscribed_by_lsub():
    """Without LIST-EXTENDED, LSUB lists what the user subscribes to."""
    transcript = """
        C: T1 LSUB "" "*"
        S: * LSUB () "/" Work
        S: T1 OK done
    """
    (work,) = run(lambda imap: list_mailboxes(imap, subscribed=True), transcript)

    assert work.name == "Work"
    assert work.is_subscribed


def test_numbers_one_by_one():
    """Without LIST-STATUS each mailbox is counted; one that cannot be is listed all the same."""
    transcript = r"""
        C: T1 LIST "" "*"
        S: * LIST () "/" A
        S: * LIST (\NoSelect) "/" B
        S: * LIST () "/" R&D
        S: T1 OK done
        C: T2 STATUS "A" (MESSAGES)
        S: * STATUS A (MESSAGES 3)
        S: T2 OK done
        C: T3 STATUS "R&D" (MESSAGES)
        S: T3 NO cannot
    """
    found = run(lambda imap: list_mailboxes(imap, status="messages"), transcript)

    assert [each.status for each in found] == [{"MESSAGES": 3}, {}, {}]


def test_rights_need_an_extension():
    """Rights are not asked for where the server would not send them."""
    with pytest.raises(CapabilityError) as caught:
        run(lambda imap: list_mailboxes(imap, rights=True), "")
    assert caught.value.capability == "LIST-MYRIGHTS"


def test_unreadable_is_kept():
    """A response that cannot be read costs no other."""
    transcript = """
        C: T1 LIST "" "*"
        S: * LIST x
        S: * LIST () "/" A
        S: * MYRIGHTS A
        S: T1 OK done
    """

    assert [each.name for each in run(list_mailboxes, transcript, logged_in)] == ["A"]


def test_several_patterns():
    """A server without LIST-EXTENDED is asked for each pattern."""
    transcript = """
        C: T1 LIST "" "INBOX"
        S: * LIST () "/" INBOX
        S: T1 OK done
        C: T2 LIST "" "Work/%"
        S: * LIST () "/" Work/a
        S: T2 OK done
    """
    found = run(lambda imap: list_mailboxes(imap, "", ["INBOX", "Work/%"]), transcript)

    assert [each.name for each in found] == ["INBOX", "Work/a"]


@pytest.mark.parametrize("options", [{"remote": True}, {"parents": True, "subscribed": True}])
def test_options_of_list_extended(options):
    """What only LIST-EXTENDED can do is not asked of other servers."""
    with pytest.raises(CapabilityError, match="LIST-EXTENDED"):
        run(lambda imap: list_mailboxes(imap, **options), "")


def test_metadata_one_by_one():
    """Without LIST-METADATA each mailbox is asked for; one that refuses has none."""
    transcript = r"""
        C: T1 LIST "" "*"
        S: * LIST () "/" INBOX
        S: * LIST (\Noselect) "/" Work
        S: * LIST () "/" Work/a
        S: T1 OK done
        C: T2 GETMETADATA "INBOX" ("/shared/a")
        S: * METADATA INBOX (/shared/a "1")
        S: T2 OK done
        C: T3 GETMETADATA "Work/a" ("/shared/a")
        S: T3 NO denied
    """
    found = run(
        lambda imap: list_mailboxes(imap, metadata="/shared/a"),
        transcript,
        lambda: logged_in("IMAP4rev1 METADATA"),
    )

    assert [each.metadata for each in found] == [{"/shared/a": b"1"}, {}, {}]


def test_metadata_not_offered():
    """Without METADATA nothing is sent."""
    with pytest.raises(CapabilityError, match="METADATA"):
        run(lambda imap: list_mailboxes(imap, metadata="/shared/a"), "")
