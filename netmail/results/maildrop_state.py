"""What a program keeps of a maildrop between two downloads of new mail.

This file knows no command and no file: it checks what it is loaded from.
"""

from collections.abc import Iterable, Mapping
from typing import Self

from netmail.errors import UsageError

_LONGEST = 512
"""Characters of a unique-id; RFC 1939 section 7 allows 70, and some servers send longer ones."""


class MaildropState:
    """The unique-ids of the messages that a program has; `POP3.mails()` keeps it up to date.

    Args:
        seen: Messages that the program has.
        deleting: Those of them that were to be deleted.

    Attributes:
        seen: Messages that were handed over, as long as the maildrop has them.
        deleting: Those of them that were marked as deleted, as long as the maildrop has them: the
            connection was lost before QUIT, and they are marked again.

    Raises:
        UsageError: If one is no unique-id.

    RFC 1939 section 7.
    """

    __slots__ = ("deleting", "seen")

    def __init__(self, seen: Iterable[str] = (), deleting: Iterable[str] = ()) -> None:
        self.seen = _ids(seen, "seen")
        self.deleting = _ids(deleting, "deleting")

    def to_dict(self) -> dict[str, list[str]]:
        """Return it as a dictionary that `json.dumps()` can write."""
        return {"seen": sorted(self.seen), "deleting": sorted(self.deleting)}

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> Self:
        """Read what `to_dict()` returned, also after JSON has carried it.

        Raises:
            UsageError: If it is something else.
        """
        given: object = values
        if not isinstance(given, Mapping) or set(given) != {"seen", "deleting"}:
            raise UsageError("a state is a dictionary with seen and deleting, two lists")
        seen, deleting = given["seen"], given["deleting"]
        if not isinstance(seen, list) or not isinstance(deleting, list):
            raise UsageError("a state has seen and deleting, two lists of unique-ids")
        return cls(seen, deleting)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MaildropState):
            return NotImplemented
        return (self.seen, self.deleting) == (other.seen, other.deleting)

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"<MaildropState seen={len(self.seen)} deleting={len(self.deleting)}>"


def _ids(given: object, name: str) -> set[str]:
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise UsageError(f"{name} is an iterable of unique-ids, not {type(given).__name__}")
    found = set[str]()
    for each in given:
        # RFC 1939 section 7: "characters in the range 0x21 to 0x7E".
        if not isinstance(each, str) or not 0 < len(each) <= _LONGEST:
            raise UsageError(f"{name} has something else than unique-ids")
        if not each.isascii() or not each.isprintable() or " " in each:
            raise UsageError(f"{name} has a text that no server can list as a unique-id")
        found.add(each)
    return found
