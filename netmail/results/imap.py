"""What the IMAP clients return: states, mailboxes, copies, and responses that were not understood.

This file knows no grammar and no conversation: `wire` and `flows` make these values.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypedDict

from netmail.results.imap_events import FlagsChanged
from netmail.results.vanished import Vanished


class ImapState(StrEnum):
    """The state of an IMAP session.

    RFC 9051 section 3.
    """

    NOT_AUTHENTICATED = "not authenticated"
    AUTHENTICATED = "authenticated"
    SELECTED = "selected"
    LOGOUT = "logout"


class Flag(StrEnum):
    r"""A flag that clients know, usable wherever a flag is taken: it is a str, r"\Seen".

    The names with a dollar sign are keywords: a mailbox may refuse them.

    RFC 9051 section 2.3.2.
    """

    SEEN = r"\Seen"
    ANSWERED = r"\Answered"
    FLAGGED = r"\Flagged"
    DELETED = r"\Deleted"
    DRAFT = r"\Draft"
    FORWARDED = "$Forwarded"
    MDN_SENT = "$MDNSent"
    JUNK = "$Junk"
    NOT_JUNK = "$NotJunk"
    PHISHING = "$Phishing"


class MailboxState(TypedDict):
    r"""A mailbox as the server describes it when it is selected.

    `exists` and `recent` count messages; `unseen` is the sequence number of the first unread one;
    `uidvalidity` changes when UIDs no longer name the same messages; `permanent_flags` holds "\*"
    where new keywords may be made; `mailboxid` stays the same when the mailbox is renamed. What the
    server does not send is `None`.

    RFC 9051 section 6.3.2; RFC 8474 section 4.2 (MAILBOXID).
    """

    name: str
    exists: int
    recent: int
    flags: list[str]
    permanent_flags: list[str]
    uidvalidity: int | None
    uidnext: int | None
    unseen: int | None
    highestmodseq: int | None
    mailboxid: str | None
    read_only: bool


class ResyncedMailbox(MailboxState):
    """A mailbox that was selected with what the client knew of it.

    `vanished` has the UIDs of messages that are gone since, of which the client need not know all;
    `changed` has the flags of messages that have others, and, unless the client named the UIDs that
    it knew, of new ones. Both are empty if `uidvalidity` is another than the client's.

    RFC 7162 section 3.2.5.
    """

    vanished: Vanished
    changed: list[FlagsChanged]


class ListEntry(TypedDict):
    r"""One mailbox of LIST or LSUB.

    `name` is decoded; `delimiter` separates the levels of its name, `None` for a flat one;
    `attributes` are such as "\HasNoChildren" and "\Sent".

    RFC 9051 section 7.3.1; RFC 3348 and RFC 6154 for attributes.
    """

    name: str
    delimiter: str | None
    attributes: list[str]


@dataclass(frozen=True, slots=True)
class CopyResult:
    """Where copied or moved messages are; always true, for a refusal raises.

    Attributes:
        uidvalidity: The destination's UIDVALIDITY; 0 if the server does not send it (no UIDPLUS).
        source: The messages' UIDs before, in the server's order.
        destination: Their UIDs in the destination, in the same order.

    RFC 4315 section 3: COPYUID.
    """

    uidvalidity: int = 0
    source: tuple[int, ...] = ()
    destination: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class AppendResult:
    """Where an appended message is; always true, for a refusal raises.

    Attributes:
        uidvalidity: The mailbox's UIDVALIDITY; 0 if the server does not send it (no UIDPLUS).
        uid: The message's UID; 0 if the server does not send it.

    RFC 4315 section 3: APPENDUID.
    """

    uidvalidity: int = 0
    uid: int = 0

    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class RawResponse:
    """A response that was not understood; the connection is in step all the same.

    Attributes:
        data: Its octets, at most 64 KiB, literals without their lengths.
        reason: What was expected.
    """

    data: bytes
    reason: str
