"""A message put in the place of another, exactly as it goes over the wire."""

import pytest

from netmail.errors import CapabilityError, ImapError, StateError, UsageError
from netmail.flows.imap.uploads.replace import replace
from netmail.results.imap import AppendResult
from support.imap_sessions import logged_in, run, selected

REPLACE = "IMAP4rev1 UIDPLUS REPLACE"
UIDPLUS = "IMAP4rev1 UIDPLUS"


def put(
    transcript, capabilities, *, uid=7, message=b"new", destination=None, make=selected, **rest
):
    """Put a message in the place of another."""
    return run(
        lambda imap: replace(imap, uid, message, destination, r"\Draft", **rest),
        transcript,
        make,
        capabilities=capabilities,
    )


def test_replace():
    """One command, with the new UID in an untagged OK."""
    transcript = r"""
        C: T1 UID REPLACE 7 "INBOX" (\Draft) {3}
        S: + go
        C: new
        S: * OK [APPENDUID 1 2001] ready
        S: * 11 EXISTS
        S: * 7 EXPUNGE
        S: T1 OK done
    """

    assert put(transcript, REPLACE) == AppendResult(1, 2001)


def test_into_another_mailbox():
    """The mailbox of the old message is selected; the new one may go elsewhere."""
    transcript = r"""
        C: T1 SELECT "Drafts"
        S: * 1 EXISTS
        S: T1 OK [READ-WRITE] done
        C: T2 UID REPLACE 7 "Sent" (\Draft) {3}
        S: + go
        C: new
        S: T2 OK [APPENDUID 1 2001] done
    """

    assert put(
        transcript, REPLACE, make=logged_in, destination="Sent", mailbox="Drafts"
    ) == AppendResult(1, 2001)


FALLBACK = r"""
    C: T1 UID SEARCH UID 7
    S: * SEARCH 7
    S: T1 OK done
    C: T2 APPEND "INBOX" (\Draft) {3}
    S: + go
    C: new
    S: T2 OK [APPENDUID 1 8] done
"""


def test_without_replace():
    """The new message is there before the old one is deleted, by its UID."""
    transcript = (
        FALLBACK
        + r"""
    C: T3 UID STORE 7 +FLAGS.SILENT (\Deleted)
    S: T3 OK done
    C: T4 UID EXPUNGE 7
    S: * 7 EXPUNGE
    S: T4 OK done
"""
    )

    assert put(transcript, UIDPLUS) == AppendResult(1, 8)


def test_refused_without_replace():
    """A new message that is refused costs nothing: the old one is not touched."""
    transcript = r"""
        C: T1 UID SEARCH UID 7
        S: * SEARCH 7
        S: T1 OK done
        C: T2 APPEND "INBOX" (\Draft) {3}
        S: T2 NO [OVERQUOTA] full
    """
    with pytest.raises(ImapError) as caught:
        put(transcript, UIDPLUS)

    assert caught.value.code == "OVERQUOTA"


def test_old_message_that_cannot_be_flagged():
    """A refused STORE leaves both messages, and expunges none."""
    transcript = (
        FALLBACK
        + r"""
    C: T3 UID STORE 7 +FLAGS.SILENT (\Deleted)
    S: T3 NO [NOPERM] no right
"""
    )
    with pytest.raises(ImapError) as caught:
        put(transcript, UIDPLUS)

    assert caught.value.code == "NOPERM"


def test_old_message_that_is_gone():
    """What another client has deleted does not come back as a new message."""
    transcript = """
        C: T1 UID SEARCH UID 7
        S: * SEARCH
        S: T1 OK done
    """
    with pytest.raises(StateError, match="no message 7"):
        put(transcript, UIDPLUS)


def test_neither():
    """Without UID EXPUNGE, others' messages would be deleted too: nothing is sent."""
    with pytest.raises(CapabilityError, match="REPLACE") as caught:
        put("", "IMAP4rev1")

    assert caught.value.capability == "REPLACE"


def test_read_only():
    """In a mailbox that was opened for reading nothing is replaced."""

    def examined(**options):
        made = selected(**options)
        made.mailbox.examined = made.mailbox.read_only = True
        return made

    with pytest.raises((StateError, ImapError)):
        put("", REPLACE, make=examined)


@pytest.mark.parametrize("uid", [0, -1, "7", [7], "1:*", None, True, 1 << 32], ids=repr)
def test_no_uid(uid):
    """One message is replaced, named by its UID."""
    with pytest.raises(UsageError, match="one message"):
        put("", REPLACE, uid=uid)


def test_no_message():
    """A message that is none is refused before the mailbox is selected."""
    with pytest.raises(UsageError, match="empty"):
        put("", REPLACE, make=logged_in, message=b"", mailbox="Drafts")
