"""Threads of messages: THREAD.

This file knows no grammar: `wire` reads them. A thread is a flat list of its messages, since a tree
of as many levels as there are replies could neither be compared nor shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple


class ThreadMember(NamedTuple):
    """One message of a thread.

    Attributes:
        uid: Its UID.
        depth: How many messages are above it; 0 for the first one.
        parent: The UID of the message that it replies to; `None` for the first one, and where that
            message is not in the mailbox.
    """

    uid: int
    depth: int = 0
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class Thread:
    """The messages of one thread, each before the replies to it.

    Attributes:
        members: The messages.

    RFC 5256 section 4.
    """

    members: tuple[ThreadMember, ...]

    @property
    def uids(self) -> tuple[int, ...]:
        """The UIDs of all messages, in the order of the thread."""
        return tuple([member.uid for member in self.members])

    def replies(self, uid: int | None = None) -> list[int]:
        """List the messages that reply to one; those without a parent for `None`."""
        return [member.uid for member in self.members if member.parent == uid]

    def __iter__(self) -> Iterator[ThreadMember]:
        return iter(self.members)

    def __len__(self) -> int:
        return len(self.members)
