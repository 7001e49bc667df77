"""Addresses and groups as values.

This file knows neither how they are read from a header nor how they are written into one.
"""

from dataclasses import dataclass
from typing import NamedTuple


class Address(NamedTuple):
    """One mailbox: a display name and an addr-spec.

    Attributes:
        name: The display name, decoded; "" where there is none.
        address: The addr-spec, such as "user@example.org", as written; "" for an empty one.

    RFC 5322 section 3.4.
    """

    name: str
    address: str

    @property
    def local(self) -> str:
        """The part before the last "@", quotes kept."""
        return self.address.rpartition("@")[0] if "@" in self.address else self.address

    @property
    def domain(self) -> str:
        """The part after the last "@"; "" where there is none."""
        return self.address.rpartition("@")[2] if "@" in self.address else ""

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


@dataclass(frozen=True, slots=True)
class Group:
    """A named list of mailboxes.

    Attributes:
        name: The group's display name, decoded.
        mailboxes: Its members; often none, as in "undisclosed-recipients:;".

    RFC 5322 section 3.4.
    """

    name: str
    mailboxes: tuple[Address, ...] = ()
