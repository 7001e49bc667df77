"""What the conversations that send messages need of the batch that has them.

This file must not know how messages are sent, nor where they come from.
"""

from collections.abc import Generator
from typing import Protocol, TypeAlias, TypeVar

from netmail.flows.flow import Errand, Request, Values
from netmail.flows.smtp.transaction import Transaction
from netmail.results.smtp import MessageResult

R = TypeVar("R")
T = TypeVar("T", bound=Transaction)
Conversation: TypeAlias = Generator[Request | Values[MessageResult] | Errand, None, R]


class Messages(Protocol):
    """What is to be sent, one message after another."""

    def take(self, kind: type[T]) -> T | None:
        """Begin the next message; `None` if there is none."""

    def settle(self) -> bool:
        """Record the first one that is not recorded; return whether the session takes no more."""

    def defer(self) -> bool:
        """Leave an accepted message to `work_ahead()` or `settle()`; return whether that is done.

        Only where another message is on the line, whose reply is waited for next.
        """

    def work_ahead(self, kind: type[Transaction]) -> None:
        """Do what needs no reply, while the server works on a content."""

    def hand_over(self) -> Conversation[None]:
        """Hand the results that are final to the caller, and read on."""

    def note_first_group(self) -> None:
        """Note that the replies to the connection's first group are read."""
