"""The messages of one session by unique-id: which number is which.

This file must not know commands, nor how the list of unique-ids is read.
"""

from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet

from netmail.errors import Pop3Error, StateError
from netmail.results.pop3 import UniqueId


class Messages:
    """The list of unique-ids, read once a session, and the messages marked as deleted.

    Attributes:
        is_known: Whether the list has been read.
        numbers_lost: Whether message numbers that the caller has may be those of an earlier
            connection, and so of other messages.

    RFC 1939 section 7.
    """

    def __init__(self) -> None:
        self.numbers_lost = False
        self.reset()

    def reset(self) -> None:
        """Forget everything: after RSET, messages that were in no list are there again."""
        self.is_known = False
        self._numbers: dict[str, int] = {}
        self._copies: dict[str, list[int]] = {}
        self._deleted: set[int] = set()

    def learn(self, entries: Iterable[UniqueId]) -> None:
        """Take over the reply to UIDL."""
        self.is_known = True
        self._numbers, self._copies = {}, {}
        # "this specification is intended to permit unique-ids to be calculated as a hash of the
        # message. Clients should be able to handle a situation where two identical copies of a
        # message in a maildrop have the same unique-id."                    RFC 1939 section 7
        for entry in entries:
            if entry["id"] in self._numbers:
                self._copies.setdefault(entry["id"], []).append(entry["uid"])
            else:
                self._numbers[entry["id"]] = entry["uid"]

    def deleted(self, uid: int) -> None:
        """Record that the server has marked a message as deleted."""
        self._deleted.add(uid)

    def kept(self, uid: int) -> None:
        """Record that the server has refused to mark a message as deleted."""
        self._deleted.discard(uid)

    def refuse_lost_numbers(self) -> None:
        """Refuse a message number that may be of an earlier connection.

        Raises:
            StateError: If it may.
        """
        # "After the POP3 server has opened the maildrop, it assigns a message-number to each
        # message", RFC 1939 section 4: each session has its own.
        if self.numbers_lost:
            raise StateError(
                "the connection was made again, and message numbers may be of other messages: call "
                "list(), uid_list() or stat(), or pass unique-ids"
            )

    @property
    def marked(self) -> AbstractSet[int]:
        """The numbers of the messages that the server has marked as deleted."""
        return self._deleted

    def continues(self, before: "Messages") -> bool:
        """Tell whether each message of an earlier list has the same number in this one.

        RFC 1939 section 7: a unique-id "uniquely identifies a message within a maildrop and [...]
        persists across sessions".
        """
        return before.ids().items() <= self.ids().items()

    def ids(self) -> dict[int, str]:
        """Return unique-ids by number."""
        ids = {number: unique_id for unique_id, number in self._numbers.items()}
        for unique_id, numbers in self._copies.items():
            ids.update(dict.fromkeys(numbers, unique_id))
        return ids

    def number_of(self, unique_id: str, besides: Collection[int] = ()) -> int:
        """Return the number of a message; of identical copies, the first that is not deleted.

        Args:
            unique_id: Its unique-id.
            besides: Messages that count as deleted too.

        Raises:
            Pop3Error: If there is no such message.
        """
        if unique_id not in self._numbers:
            raise Pop3Error("UIDL", f"no message has the unique-id {unique_id!r}")
        numbers = [self._numbers[unique_id], *self._copies.get(unique_id, [])]
        # The server itself refuses a message that is marked as deleted.
        gone = self._deleted
        return next((uid for uid in numbers if uid not in gone and uid not in besides), numbers[0])
