"""The users of the embedded servers, and the addresses that are theirs.

This file must not know any protocol, nor the store.
"""

import hmac
import secrets
from collections.abc import Iterable, Mapping

from netmail.errors import UsageError
from netmail.text import strings

DEFAULT_USER = "user@example.test"
"""The user of a server to which no user is given; RFC 6761 reserves the domain."""

PASSWORD_BYTES = 12
"""Random octets in a generated password."""

Users = Mapping[str, str] | Iterable[str] | None
"""User names with their passwords, or names alone, whose passwords are then generated."""


def named(users: Users) -> dict[str, str]:
    """Read what a caller gave as names and passwords, in the same order.

    Raises:
        UsageError: If there is none, or a name or password is no str, is empty, or has a control
            character.
    """
    if users is None:
        users = (DEFAULT_USER,)
    if not isinstance(users, Mapping):
        names = strings(users, "users")
        users = {name: secrets.token_urlsafe(PASSWORD_BYTES) for name in names}
    if not users:
        raise UsageError("a mail server needs at least one user")
    strings([*users, *users.values()], "names and passwords")
    for name, password in users.items():
        if not (name and password and name.isprintable() and password.isprintable()):
            raise UsageError(f"user {name!r}: name and password must be printable and not empty")
    return dict(users)


def generated_tokens(users: Iterable[str]) -> dict[str, str]:
    """Make a bearer token for each user."""
    return {name: secrets.token_urlsafe(PASSWORD_BYTES) for name in users}


def owner(users: Iterable[str], address: str) -> str | None:
    """Find the user of an address.

    The whole address may be a user's name, or its local part may be; an address without a domain
    is also taken for a user's local part, as VRFY allows. Case does not matter.

    Returns:
        The user's name, or `None` if there is none.

    RFC 5321 section 2.3.11 (the local part is the final server's to interpret).
    """
    wanted = address.strip("<>").casefold()
    names = {name.casefold(): name for name in users}
    local, at, _ = wanted.rpartition("@")
    if wanted in names:
        return names[wanted]
    if at:
        return names.get(local)
    local_parts = {name.rpartition("@")[0]: full for name, full in names.items() if "@" in name}
    return local_parts.get(wanted)


def allowed(users: Mapping[str, str], name: str, password: str) -> bool:
    """Whether the password is the user's; takes as long for a near miss as for any other."""
    expected = users.get(name)
    if expected is None:
        return False
    return hmac.compare_digest(expected.encode(), password.encode("utf-8", "surrogateescape"))
