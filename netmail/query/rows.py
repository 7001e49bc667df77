"""Messages as rows: the values of the fields that were selected.

This file knows nothing of how they were found.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, overload

from netmail import Attachment, UsageError
from netmail.query.fields import Field
from netmail.query.values import HEADER, Addresses, Facts, value_of


class Row(Mapping[str, Any]):
    """One message: its fields as attributes, `row.subject`, or by name, `row["subject"]`.

    A header that has no name of its own is `row["X-Spam-Flag"]`. Values are decoded when they are
    first used.

    Attributes:
        mailbox: The mailbox that the message is in.
        table: The name of its table; "" for a mailbox without one.
    """

    uid: int
    id: int
    answered: bool
    deleted: bool
    draft: bool
    flagged: bool
    recent: bool
    seen: bool
    keywords: tuple[str, ...]
    size: int
    created: datetime
    modseq: int
    sent: datetime | None
    sender: Addresses
    to: Addresses
    cc: Addresses
    bcc: Addresses
    subject: str | None
    mime: str | None
    list_id: str | None
    message_id: str | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    content: list[str]
    filenames: list[str]
    email: bytes
    attachments: list[Attachment]
    encoding: str | None

    def __init__(self, facts: Facts, names: Sequence[str], table: str = "") -> None:
        self._facts = facts
        self._names = tuple(names)
        self._values: dict[str, Any] = {}
        self.mailbox = facts.mailbox
        self.table = table

    def __getattr__(self, name: str) -> Any:
        # `copy` and `pickle` ask for names of their own before there is any other.
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._names:
            raise AttributeError(f"{name} was not selected; there are: {', '.join(self._names)}")
        if name not in self._values:
            self._values[name] = value_of(name, self._facts)
        return self._values[name]

    def __getitem__(self, name: str | Field) -> Any:
        wanted = name.name if isinstance(name, Field) else name.rpartition(".")[2]
        # "X-Spam-Flag" is no field's name, but that of a header.
        if wanted not in self._names:
            wanted = HEADER + wanted.lower()
        if wanted not in self._names:
            raise KeyError(name)
        return getattr(self, wanted)

    def __iter__(self) -> Iterator[str]:
        return (name.removeprefix(HEADER) for name in self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return f"<Row {self._facts.uid} of {self.mailbox}: {' '.join(self)}>"


class Rows(Sequence[Row]):
    """The rows of a `select()`, in their order."""

    def __init__(self, rows: Sequence[Row] = ()) -> None:
        self._rows = tuple(rows)

    def first(self) -> Row | None:
        """Return the first row; `None` if there is none."""
        return self._rows[0] if self._rows else None

    def last(self) -> Row | None:
        """Return the last row; `None` if there is none."""
        return self._rows[-1] if self._rows else None

    def as_list(self) -> list[dict[str, Any]]:
        """Return each row as a dictionary."""
        return [dict(row) for row in self._rows]

    @overload
    def __getitem__(self, place: int) -> Row: ...

    @overload
    def __getitem__(self, place: slice) -> "Rows": ...

    def __getitem__(self, place: int | slice) -> "Row | Rows":
        return Rows(self._rows[place]) if isinstance(place, slice) else self._rows[place]

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        return f"<Rows: {len(self)}>"


def checked_limit(limit: tuple[int, int] | None) -> tuple[int, int | None]:
    """Return where the rows begin and end.

    Raises:
        UsageError: If it is no pair of numbers in their order.
    """
    if limit is None:
        return 0, None
    first, last = limit
    if not 0 <= first <= last:
        raise UsageError(f"limitby is (first, last), from 0, and not {limit!r:.60}")
    return first, last
