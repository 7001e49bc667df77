"""What is known of a server: what it offers, which it is, and which keys it gets wrong.

This file knows no field and no expression; `learn` asks the server.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_EVERYWHERE: Final = frozenset({"UID", "FLAG", "SIZE", "DAY", "BODY", "TEXT", "PARTS"})
"""Kinds of keys that every server is taken to understand, until it shows that it does not; and that
it fetches parts of a message."""

_KNOWN: Final = {
    # An unreadable Date is the first of January 1970 there; Cyrus takes INTERNALDATE in its place,
    # and others find such a message by no key.
    "SENT": frozenset({"dovecot"}),
    # Elsewhere a keyword may compare with case.
    "KEYWORD": frozenset({"dovecot", "cyrus imapd", "cyrus"}),
}
"""Kinds of keys that are used where the server is one of these, by its ID (RFC 2971)."""

SAMPLED: Final = frozenset({"SIZE", "DAY", "FLAG", "WITHIN"})
"""Kinds of keys of which an unknown server is asked a sample."""

_TRUSTED: Final = frozenset({"dovecot", "cyrus imapd", "cyrus"})
"""Servers whose searches are compared with a plain filter by netmail's tests."""

DECOMPOSING: Final = frozenset({"dovecot", "cyrus imapd", "cyrus"})
"""Servers that find the Kelvin sign by "k", and a capital I with a dot by "i"."""


@dataclass(slots=True)
class Knowledge:
    """What is known of a server in this session.

    Attributes:
        capabilities: What it offers, in upper case.
        server: Its name by ID, in small letters; "" if it has none, `None` if it was not asked.
        finds_substrings: Whether it finds any part of a header; `None` if that was not tried.
        checked: Kinds of keys of which it got a sample right, or else they are left out.
        left_out: Kinds of keys that it refused, or got wrong; "PARTS" if it fetches whole messages.
    """

    capabilities: frozenset[str] = frozenset()
    server: str | None = None
    finds_substrings: bool | None = None
    checked: set[str] = field(default_factory=set)
    left_out: set[str] = field(default_factory=set)

    def identify(self, fields: Mapping[str, str | None]) -> None:
        """Note what a server says that it is: RFC 2971 section 3.3."""
        self.server = (fields.get("name") or "").lower()

    def uses(self, kind: str) -> bool:
        """Tell whether keys of a kind are sent to this server."""
        if kind in self.left_out:
            return False
        if kind == "WITHIN":
            return "WITHIN" in self.capabilities
        if kind == "SORT":
            return "SORT" in self.capabilities and self.server in _TRUSTED
        if kind == "MODSEQ":
            return bool({"CONDSTORE", "QRESYNC"} & self.capabilities)
        if kind == "HEADER":
            return bool(self.finds_substrings)
        if kind in _KNOWN:
            return self.server in _KNOWN[kind]
        return kind in _EVERYWHERE

    def lacks(self, kind: str) -> bool:
        """Tell whether a kind of key depends on what the server was not yet asked."""
        if kind == "HEADER":
            return self.server is None or self.finds_substrings is None
        if kind in SAMPLED:
            is_used = self.uses(kind) and kind not in self.checked
            return is_used and self.server not in _TRUSTED
        return kind in _KNOWN and self.server is None

    @property
    def decomposes(self) -> bool:
        """Whether it compares texts by their decomposed letters."""
        return self.server in DECOMPOSING
