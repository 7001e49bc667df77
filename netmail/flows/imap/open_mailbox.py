"""The selected mailbox, as what the server sends of it leaves it.

This file knows numbers and flags of one mailbox, and neither a command nor the session.

RFC 9051 section 3.3.
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from netmail.results.imap_mailbox import SelectedMailbox
from netmail.results.vanished import Vanished
from netmail.wire.imap import responses
from netmail.wire.imap.responses import ResponseCode

_NUMBERS: Final = frozenset({"UIDVALIDITY", "UIDNEXT", "UNSEEN", "HIGHESTMODSEQ"})


class LostMailbox(NamedTuple):
    """The mailbox that was selected when the connection was lost.

    Attributes:
        name: Its name.
        examined: Whether EXAMINE had opened it.
    """

    name: str
    examined: bool


@dataclass(slots=True)
class OpenMailbox:
    """The selected mailbox, kept up to date by the server's untagged responses.

    Attributes:
        name: Its name.
        examined: Whether EXAMINE opened it, so that nothing in it may be changed.
        exists: How many messages it holds; `None` until the server has sent EXISTS.
        recent: How many of them are new to this session.
        flags: The flags that messages in it can have.
        permanent_flags: Those that can be changed for good.
        read_only: Whether the server lets nothing be changed.
        numbers: UIDVALIDITY, UIDNEXT, UNSEEN and HIGHESTMODSEQ, as the server sent them last.

    RFC 9051 section 3.3.
    """

    name: str
    examined: bool = False
    exists: int | None = None
    recent: int = 0
    flags: list[str] = field(default_factory=list)
    permanent_flags: list[str] = field(default_factory=list)
    read_only: bool = False
    numbers: dict[str, int] = field(default_factory=dict)

    def snapshot(self) -> SelectedMailbox:
        """Return what is known of it now."""
        return SelectedMailbox(
            name=self.name,
            exists=self.exists or 0,
            recent=self.recent,
            uid_next=self.numbers.get("UIDNEXT"),
            uid_validity=self.numbers.get("UIDVALIDITY"),
            highest_modseq=self.numbers.get("HIGHESTMODSEQ"),
            flags=tuple(self.flags),
            permanent_flags=tuple(self.permanent_flags),
            read_only=self.examined or self.read_only,
        )

    def on_code(self, code: ResponseCode) -> None:
        """Keep what a response code says of it, RFC 9051 section 7.1."""
        # * OK [UIDNEXT 4392] Predicted next UID
        # T1 OK [READ-WRITE] SELECT completed
        if code.name in _NUMBERS:
            if (number := responses.number64(code.data)) is not None:
                self.numbers[code.name] = number
        elif code.name == "PERMANENTFLAGS":
            self.permanent_flags = responses.flag_list(code.data)
        elif code.name in {"READ-ONLY", "READ-WRITE"}:
            self.read_only = code.name == "READ-ONLY"
        elif code.name == "CLOSED":
            # "It allows the client to determine the boundary": what came before it is of the
            # mailbox that was selected before, RFC 7162 section 3.2.11.
            self.exists, self.recent, self.flags = None, 0, []
            self.permanent_flags, self.numbers = [], {}

    def on_exists(self, number: int) -> None:
        """Set the number of messages, RFC 9051 section 7.4.1."""
        self.exists = number

    def on_recent(self, number: int) -> None:
        """Set the number of recent messages, RFC 3501 section 7.3.2."""
        self.recent = number

    def on_expunge(self, _number: int) -> None:
        """Count one message less, RFC 9051 section 7.5.1."""
        # EXPUNGE "also decrements by 1 the number of messages in the mailbox": no EXISTS follows.
        if self.exists:
            self.exists -= 1

    def on_vanished(self, vanished: Vanished) -> None:
        """Count those messages less, RFC 7162 section 3.2.10."""
        # "A VANISHED response without the EARLIER tag [...] MUST decrement the number of messages
        # in the mailbox"; one with it is about messages that were not counted.
        if self.exists and not vanished.earlier:
            gone = sum(high - low + 1 for low, high in vanished.ranges)
            self.exists = max(0, self.exists - gone)
