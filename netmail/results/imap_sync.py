"""What `sync()` keeps of a mailbox, and what it returns.

This file knows no grammar and no conversation: `flows` makes these values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self, TypeAlias

from netmail.errors import UsageError

Picture: TypeAlias = dict[int, tuple[str, ...]]
"""UIDs and their flags."""


@dataclass(frozen=True, slots=True)
class SyncState:
    r"""A mailbox as `sync()` found it: what the next call is given.

    Attributes:
        uid_validity: The number that says whether UIDs still name the same messages; 0 where the
            server does not send it.
        highest_modseq: How far changes are known (CONDSTORE); 0 where the server does not count.
        flags: Each message's flags by UID, sorted, without \Recent.

    RFC 7162 section 5; RFC 4549.
    """

    uid_validity: int = 0
    highest_modseq: int = 0
    flags: Picture = field(default_factory=dict)

    def to_dict(self) -> dict[str, object]:
        """Return it as a dictionary that `json.dumps()` can write."""
        messages = {str(uid): list(flags) for uid, flags in self.flags.items()}
        return {
            "uid_validity": self.uid_validity,
            "highest_modseq": self.highest_modseq,
            "flags": messages,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> Self:
        """Read what `to_dict()` returned, also after JSON has carried it.

        Raises:
            UsageError: If it is something else.
        """
        validity, modseq = values.get("uid_validity"), values.get("highest_modseq")
        flags = values.get("flags")
        if not isinstance(validity, int) or not isinstance(modseq, int):
            raise UsageError("a state has uid_validity and highest_modseq, two ints")
        if not isinstance(flags, Mapping):
            raise UsageError("a state has flags, a dictionary from UID to flags")
        try:
            found = {int(uid): tuple(map(str, each)) for uid, each in flags.items()}
        except (TypeError, ValueError):
            raise UsageError("a state has flags, a dictionary from UID to flags") from None
        return cls(validity, modseq, found)


@dataclass(frozen=True, slots=True)
class Changes:
    r"""What is different in a mailbox since a state.

    Attributes:
        state: The state now; keep it for the next call.
        new: Messages that were not there, and their flags.
        changed: Messages that have other flags, and those.
        vanished: UIDs of messages that are gone.
        is_reset: Whether there was no state, or UIDVALIDITY is another: then what was known is
            void, its UIDs name nothing any more, and `new` holds all messages.
        means: How it was found: "QRESYNC", "CONDSTORE" or "FLAGS", the last of which asks for all.
    """

    state: SyncState
    new: Picture
    changed: Picture
    vanished: tuple[int, ...]
    is_reset: bool
    means: str

    def apply(self, picture: Mapping[int, tuple[str, ...]]) -> Picture:
        """Return the new picture of the mailbox, from the old one."""
        gone = {*self.vanished}
        kept = {} if self.is_reset else {uid: picture[uid] for uid in picture if uid not in gone}
        return {**kept, **self.changed, **self.new}
