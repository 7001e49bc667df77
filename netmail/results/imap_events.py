"""What happens in a mailbox while it is watched.

This file knows no grammar and no conversation: `wire` and `flows` make these values.
"""

from dataclasses import dataclass
from typing import TypeAlias

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


IdleEvent: TypeAlias = Exists | Expunged | FlagsChanged | Vanished | Bye
"""What `idle()` yields."""
WatchEvent: TypeAlias = Arrived | Expunged | FlagsChanged | Vanished | Bye
"""What `watch()` yields."""
