"""The names of tables: those of mailboxes, made safe for Python and each another.

This file knows names, and no server.
"""

import keyword
import re
from collections.abc import Iterable, Mapping
from typing import Final

from netmail import MailboxInfo, UsageError

RESERVED: Final = frozenset(
    {"all", "close", "aclose", "define_tables", "explain", "imap", "mailboxes", "tables"}
)
"""Names that a database has for itself."""

# "Archive/2026", "[Gmail]/All Mail", "2026.Work": levels and spaces separate, other signs fall out.
_SEPARATORS: Final = re.compile(r"[/. -]+")
_SIGNS: Final = re.compile(r"\W+")


class TableNames(tuple[str, ...]):
    """The names of the tables; it can be iterated, and called as in web2py."""

    __slots__ = ()

    def __call__(self) -> list[str]:
        """Return them as a list."""
        return list(self)


def table_names(mailboxes: Iterable[str]) -> dict[str, str]:
    """Return a table's name for each mailbox: an identifier that no other mailbox has.

    "Archive/2026" is `Archive_2026`; a second one of that name is `Archive_2026_2`, and "2026" is
    `mailbox_2026`.
    """
    names: dict[str, str] = {}
    # The number from which each name is free: a server may have thousands that are alike.
    numbers: dict[str, int] = {}
    for mailbox in mailboxes:
        name = _safe(mailbox)
        number = numbers.get(name, 1)
        while _taken(name if number == 1 else f"{name}_{number}", names):
            number += 1
        names[name if number == 1 else f"{name}_{number}"] = mailbox
        numbers[name] = number + 1
    return names


def given_names(names: Mapping[str, str]) -> dict[str, str]:
    """Check names that a caller gives.

    Raises:
        UsageError: If one is no identifier, or is a name of the database's own.
    """
    for name in names:
        if not name.isidentifier() or name.startswith("_") or name in RESERVED:
            raise UsageError(f"{name!r:.60} cannot be the name of a table")
    return dict(names)


def special_uses(found: Iterable[MailboxInfo]) -> dict[str, str]:
    """Return the mailbox of each use that the server names, such as "sent" and "trash"."""
    uses: dict[str, str] = {}
    for info in found:
        for use in info.uses:
            uses.setdefault(str(use), info.name)
    return uses


def _safe(mailbox: str) -> str:
    plain = _SIGNS.sub("", _SEPARATORS.sub("_", mailbox))
    # web2py cuts digits and "_" too; a name that has nothing else gets one of its own.
    name = plain.lstrip("_0123456789")
    if not name.isidentifier():
        name = f"mailbox_{plain}".rstrip("_")
    return f"{name}_" if keyword.iskeyword(name) or name in RESERVED else name


def _taken(name: str, names: Mapping[str, str]) -> bool:
    return name in names
