"""A POP3 maildrop: the messages as they were at login, numbered, with marks of deletion.

This file must not know any socket, nor the store.
"""

from collections.abc import Iterator, Sequence

from netmail.testing.store import StoredMessage


class NoSuchMessage(Exception):
    """The client gave no number, or one of a deleted message or of none."""


class Maildrop:
    """The messages of one session; what is delivered later is not in it (RFC 1939 section 3).

    Args:
        user: Whose it is.
        validity: The generation of its UIDs.
        messages: In the order in which they are numbered, from 1.
    """

    def __init__(self, user: str, validity: int, messages: Sequence[StoredMessage]) -> None:
        self.user = user
        self._validity = validity
        self._messages = messages
        self._deleted: set[int] = set()

    def numbers(self) -> Iterator[int]:
        """Iterate over the numbers of the messages that are not marked deleted."""
        every = range(1, len(self._messages) + 1)
        return (number for number in every if number not in self._deleted)

    def stat(self) -> tuple[int, int]:
        """Count the messages that are not marked deleted, and their octets."""
        sizes = [len(self._messages[number - 1].content) for number in self.numbers()]
        return len(sizes), sum(sizes)

    def number(self, argument: str) -> int:
        """Read a message number.

        Raises:
            NoSuchMessage: If it is none, or its message is not there or marked deleted.
        """
        known = argument.isascii() and argument.isdigit() and len(argument) < 10
        number = int(argument) if known else 0
        if not 1 <= number <= len(self._messages) or number in self._deleted:
            raise NoSuchMessage("no such message")
        return number

    def size(self, number: int) -> bytes:
        """Return the size of a message, as LIST writes it."""
        return b"%d" % len(self._messages[number - 1].content)

    def unique_id(self, number: int) -> bytes:
        """Return a message's unique-id, the same in each session (RFC 1939 section 7, UIDL)."""
        return b"%d.%d" % (self._validity, self._messages[number - 1].uid)

    def content(self, argument: str) -> bytes:
        """Read a whole message."""
        return self._messages[self.number(argument) - 1].content

    def top(self, argument: str, count: int) -> bytes:
        """Read a message's header, the empty line, and so many lines of its body."""
        header, empty, body = self.content(argument).partition(b"\r\n\r\n")
        parts = body.split(b"\r\n", count)
        if len(parts) > count:  # the last part is the rest
            body = b"".join(line + b"\r\n" for line in parts[:count])
        return header + empty + body

    def delete(self, argument: str) -> None:
        """Mark a message deleted."""
        self._deleted.add(self.number(argument))

    def unmark(self) -> None:
        """Remove all marks."""
        self._deleted.clear()

    def deleted_uids(self) -> list[int]:
        """List the UIDs of the messages that are marked deleted."""
        return [self._messages[number - 1].uid for number in sorted(self._deleted)]
