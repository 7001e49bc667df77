"""The messages of a stream as they are read from the caller's iterable: a few ahead, never all.

This file must not know commands and replies, nor a clock.
"""

from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from typing import TYPE_CHECKING, cast

from netmail.errors import UsageError
from netmail.flows.smtp.queue import MailObject, mail_object

if TYPE_CHECKING:
    from netmail.mime.outgoing import Sendable


class MessageIntake:
    """What is read from an iterable, and how far.

    Args:
        messages: The iterable.
        ahead: How many messages at most are read and have no result yet.
        binary: Whether each `Message` gets a second form, for servers that offer BINARYMIME.

    Attributes:
        items: Where the messages come from.
        ready: Those that are read, and not begun.
        error: What the iterable raised, or what is wrong with a message of it; `None` for nothing.
        has_ended: Whether no more come.

    Raises:
        UsageError: If it is no iterable.
    """

    def __init__(
        self,
        messages: "Iterable[Sendable] | AsyncIterable[Sendable]",
        ahead: int,
        *,
        binary: bool = False,
    ) -> None:
        # Not read here: nothing is asked of the caller before a connection is there.
        self.items = _iterator(messages)
        self.ready: deque[MailObject] = deque()
        self.error: Exception | None = None
        self.has_ended = False
        self._ahead = ahead
        self._binary = binary
        self._open = 0
        self._is_late = False

    @property
    def wants(self) -> bool:
        """Whether there is room for another message."""
        if self.has_ended or self._open >= self._ahead:
            return False
        # A caller that takes long is asked again when all it gave has a result.
        return not (self._is_late and self._open)

    @property
    def to_come(self) -> int:
        """How many messages may be read before the next result; how many there are is not known."""
        return 0 if self.has_ended else self._ahead - self._open

    def add(self, item: object) -> None:
        """Check a message and keep it; one that cannot be sent ends the stream."""
        # The error comes in the place of the message: what came before it is sent, and has results.
        try:
            self.ready.append(mail_object(cast("Sendable", item), binary=self._binary))
        except Exception as error:  # noqa: BLE001 -- a caller's object may raise anything
            self.end(error)
        else:
            self._open += 1

    def end(self, error: Exception | None = None) -> None:
        """Note that no more come, and the caller's error that is the reason."""
        self.has_ended, self.error = True, error

    def note_late(self, late: bool) -> bool:
        """Note whether the caller takes long, and return it."""
        self._is_late = late
        return late

    def note_result(self) -> None:
        """Note that a message has its result, and that the caller has got it."""
        self._open -= 1


def _iterator(
    messages: "Iterable[Sendable] | AsyncIterable[Sendable]",
) -> "Iterator[Sendable] | AsyncIterator[Sendable]":
    # Whether the client can wait for it is the driver's to say.
    if isinstance(messages, AsyncIterable):
        return aiter(messages)
    if isinstance(messages, Iterable):
        return iter(messages)
    raise UsageError(f"messages are an iterable, not {type(messages).__name__}")
