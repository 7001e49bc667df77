"""What happens in a mailbox while it is watched.

This file knows no grammar and no conversation: `wire` and `flows` make these values.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

from netmail.results.imap_mailbox import MailboxInfo
from netmail.results.search_result import SearchChange
from netmail.results.vanished import Vanished


@dataclass(frozen=True, slots=True)
class Exists:
    """The number of messages is another, or was sent again.

    Attributes:
        count: How many there are now.

    RFC 9051 section 7.4.1.
    """

    count: int


@dataclass(frozen=True, slots=True)
class Arrived:
    """Messages are new in the mailbox.

    Attributes:
        uids: Their UIDs, in ascending order; each message is reported once.

    RFC 9051 section 2.3.1.1.
    """

    uids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Expunged:
    """A message was deleted for good; those after it have one sequence number less from now on.

    Attributes:
        uid: Its UID; `None` where it is not known.
        sequence: Its sequence number up to now.

    RFC 9051 section 7.5.1.
    """

    uid: int | None
    sequence: int


@dataclass(frozen=True, slots=True)
class FlagsChanged:
    """A message has other flags, or the server sent them again.

    Attributes:
        uid: Its UID; `None` where it is not known.
        flags: Its flags now.
        sequence: Its sequence number; `None` where the server numbers by UID alone.
        modseq: Its modification sequence, where the server sends it (CONDSTORE).

    RFC 9051 section 7.5.2.
    """

    uid: int | None
    flags: tuple[str, ...]
    sequence: int | None = None
    modseq: int | None = None


@dataclass(frozen=True, slots=True)
class Bye:
    """The server closes the connection; it is the last event on this one.

    Attributes:
        text: The server's reason.

    RFC 9051 section 7.1.5.
    """

    text: str


@dataclass(frozen=True, slots=True)
class MailboxStatus:
    """Another mailbox than the selected one has other numbers, or they were sent again.

    Attributes:
        name: The mailbox.
        status: Its numbers, as from `status()`: from `idle()` those that the server sent, from
            `watch()` all that are known.

    RFC 5465 sections 5.1 to 5.3.
    """

    name: str
    status: dict[str, int | str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MailboxChanged:
    r"""A mailbox was created, deleted, renamed, subscribed to, or is no longer.

    Attributes:
        mailbox: The mailbox now: `old_name` is its name before, `is_subscribed` whether the user
            subscribes to it.

    RFC 5465 sections 5.4, 5.5 and 5.9.
    """

    mailbox: MailboxInfo

    @property
    def is_deleted(self) -> bool:
        """Whether it is gone, or the user may no longer see it."""
        # "If, after the event, the mailbox name does not refer to a mailbox accessible to the
        # client, the \\Nonexistent flag MUST be included", RFC 5465 section 5.4.
        return self.mailbox.has(r"\NonExistent") or self.mailbox.has(r"\NoAccess")


@dataclass(frozen=True, slots=True)
class MetadataChanged:
    """Annotations of a mailbox have other values; `get_metadata()` returns them.

    Attributes:
        name: The mailbox; "" for the server.
        entries: The names of the annotations.

    RFC 5465 sections 5.6 and 5.7.
    """

    name: str
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotificationsEnded:
    """The server reports nothing any more, of no mailbox: it was asked for too much.

    `notify()` asks again; `watch()` does by itself.

    Attributes:
        text: The server's reason.

    RFC 5465 section 5.8.
    """

    text: str


@dataclass(frozen=True, slots=True)
class SearchUpdated:
    """A search that asked for updates finds other messages now.

    Attributes:
        tag: Which search: the `tag` of its `SearchResult`.
        changes: What has changed; `SearchResult.apply()` takes them.
        is_over: Whether the server reports no more of that search; `changes` is empty then.

    RFC 5267 section 4.3.
    """

    tag: str
    changes: tuple[SearchChange, ...] = ()
    is_over: bool = False


NotifyEvent: TypeAlias = MailboxStatus | MailboxChanged | MetadataChanged | NotificationsEnded
"""What is reported of other mailboxes after `notify()`, or by `watch(also=...)`."""
IdleEvent: TypeAlias = (
    Exists | Expunged | FlagsChanged | Vanished | Bye | SearchUpdated | NotifyEvent
)
"""What `idle()` yields."""
WatchEvent: TypeAlias = (
    Arrived | Expunged | FlagsChanged | Vanished | Bye | SearchUpdated | NotifyEvent
)
"""What `watch()` yields."""
