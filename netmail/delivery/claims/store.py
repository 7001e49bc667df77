"""What a store of claims does, whatever keeps it.

This file must not know any engine, nor what is claimed.
"""

from typing import Any, Protocol, TypeAlias

Json: TypeAlias = dict[str, Any]


class ClaimStore(Protocol):
    """Keeps claims, outcomes, and messages for which nothing is certain; each call is committed.

    A claim is the pair of a message's key and the number of an attempt.
    """

    def check(self) -> None:
        """Prepare the store.

        Raises:
            UsageError: If a setting of it loses what is committed; the sentence names it.
        """

    def claim(self, key: str, attempt: int) -> bool:
        """Claim an attempt; false if it was claimed before."""

    def outcome(self, key: str, attempt: int) -> Json | None:
        """Return what `finish()` or `park()` has stored for an attempt."""

    def finish(self, key: str, attempt: int, outcome: Json, parked: Json | None) -> None:
        """Store the outcome of an attempt, and what is parked for a user to decide, or nothing."""

    def park(self, key: str, attempt: int, outcome: Json, parked: Json) -> None:
        """Do as `finish()`, unless the attempt has an outcome already."""

    def final(self, key: str) -> Json | None:
        """Return the last outcome with a true value of "final"."""

    def parked(self) -> dict[str, Json]:
        """Return what is parked, by key."""

    def take(self, key: str) -> Json | None:
        """Remove what is parked under a key, and return it."""

    def close(self) -> None:
        """Close the connection; the next call opens another."""
