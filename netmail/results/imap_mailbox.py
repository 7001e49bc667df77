"""Mailboxes as values: one that `list_mailboxes()` returns, and the one that is selected.

This file knows no grammar and no conversation: `wire` and `flows` make these values.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from netmail.results.access_rights import Rights


class SpecialUse(StrEnum):
    r"""What a mailbox is for.

    RFC 6154 section 2; RFC 8457 section 3 (IMPORTANT).
    """

    ALL = "all"
    """All messages of the account."""
    ARCHIVE = "archive"
    """Messages that are kept."""
    DRAFTS = "drafts"
    """Messages that are not yet sent."""
    FLAGGED = "flagged"
    r"""All messages that are flagged \Flagged."""
    IMPORTANT = "important"
    """All messages that matter to the user, as the server sees it."""
    JUNK = "junk"
    """Spam."""
    SENT = "sent"
    """Copies of messages that were sent."""
    TRASH = "trash"
    """Messages that are deleted, or are to be."""


@dataclass(frozen=True, slots=True)
class MailboxInfo:
    r"""One mailbox of `list_mailboxes()`.

    Attributes:
        name: Its name, decoded.
        delimiter: What separates the levels of its name; `None` for a flat one.
        attributes: Such as "\HasNoChildren" and "\Sent", as the server writes them.
        uses: What it is for; empty for an ordinary mailbox.
        status: The numbers that were asked for, as from `status()`; empty where the mailbox cannot
            be selected, or the server refuses.
        old_name: Its name before it was renamed, where the server sends it.
        rights: The user's rights in it; `None` where they are not sent.
        child_info: Why it is listed for mailboxes below it, such as "SUBSCRIBED".
        metadata: The annotations that were asked for, `None` for one that is not set; empty where
            the mailbox cannot be selected, or the server refuses.

    RFC 9051 section 7.3.1; RFC 5258, RFC 5819, RFC 6154, RFC 8440 and RFC 9590.
    """

    name: str
    delimiter: str | None
    attributes: tuple[str, ...]
    uses: tuple[SpecialUse, ...] = ()
    status: dict[str, int | str | None] = field(default_factory=dict)
    old_name: str | None = None
    rights: Rights | None = None
    child_info: tuple[str, ...] = ()
    metadata: dict[str, bytes | None] = field(default_factory=dict)

    def has(self, attribute: str) -> bool:
        r"""Tell whether it has an attribute, such as "\Marked", in any case."""
        return attribute.upper() in {each.upper() for each in self.attributes}

    @property
    def is_selectable(self) -> bool:
        """Whether it can be selected."""
        # "\NonExistent [...] implies \NoSelect", RFC 9051 section 7.3.1.
        return not (self.has(r"\Noselect") or self.has(r"\NonExistent"))

    @property
    def is_subscribed(self) -> bool:
        """Whether the user subscribes to it; false if the server was not asked."""
        return self.has(r"\Subscribed")

    @property
    def has_children(self) -> bool | None:
        """Whether there are mailboxes below it; `None` if the server does not send that."""
        if self.has(r"\HasChildren"):
            return True
        # "\NoInferiors [...] implies \HasNoChildren", RFC 9051 section 7.3.1.
        return False if self.has(r"\HasNoChildren") or self.has(r"\NoInferiors") else None


@dataclass(frozen=True, slots=True)
class SelectedMailbox:
    r"""The selected mailbox, as far as the server's responses up to now tell.

    Attributes:
        name: Its name.
        exists: How many messages it holds.
        recent: How many of them are new to this session; 0 on servers of IMAP4rev2.
        uid_next: The next UID, as the server sent it last; `None` where it did not.
        uid_validity: The number that changes when UIDs no longer name the same messages; `None`
            where the server did not send it.
        highest_modseq: The highest modification sequence, as the server sent it last; `None` where
            it did not (CONDSTORE).
        flags: The flags that messages in it can have.
        permanent_flags: Those that can be changed for good; r"\*" where new keywords may be made.
        read_only: Whether nothing in it can be changed.

    RFC 9051 sections 2.3 and 7.1.
    """

    name: str
    exists: int
    recent: int
    uid_next: int | None
    uid_validity: int | None
    highest_modseq: int | None
    flags: tuple[str, ...]
    permanent_flags: tuple[str, ...]
    read_only: bool
