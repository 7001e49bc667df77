"""One command of a pipeline, from its call to its tagged response.

This file knows what a queue of commands must offer a session, and not how one is run.
"""

from dataclasses import dataclass, field
from typing import Final, Protocol

from netmail.flows.flow import Flow
from netmail.flows.imap.responses import Responses
from netmail.wire.imap.encode import Literal

OWN_COST: Final = 100
"""Octets that a command counts beside its own, for what the server sends in response."""


@dataclass(slots=True, eq=False)
class Command:
    """One command.

    Attributes:
        name: The command, such as "UID SEARCH".
        parts: Its arguments, as `encode.parts_of()` returns them.
        collected: Where its responses go.
        about: The mailbox that its responses name; `None` where they name none.
        tag: Its tag, once it was sent.
        is_done: Whether its tagged response has come.
        owner: Whose it is; the queue's own affair.
    """

    name: str
    parts: list[bytes | Literal]
    collected: Responses
    about: str | None = None
    tag: bytes = b""
    is_done: bool = False
    owner: object = field(default=None, repr=False)

    @property
    def octets(self) -> int:
        """How many octets it has, about."""
        sizes = (len(part) if isinstance(part, bytes) else part.size for part in self.parts)
        return OWN_COST + len(self.name) + sum(sizes)


class CommandQueue(Protocol):
    """What runs the conversations of several calls over one connection."""

    def exchange(self, command: Command) -> Flow[bool]:
        """Send a command, others may be in flight with it, and wait for its tagged response.

        Returns:
            False if it must be alone; nothing was sent then, and nothing else is in flight.
        """

    def alone(self) -> Flow[None]:
        """Wait until nothing else is in flight; the conversation has the connection to its end."""
