"""The rights that can be granted on a mailbox.

This file knows no grammar: `wire` reads the value.
"""

from dataclasses import dataclass
from typing import TypeAlias

Rights: TypeAlias = frozenset[str]
"""Rights as letters, such as "l" to see the mailbox, "r" to read it, "i" to put messages in."""


@dataclass(frozen=True, slots=True)
class GrantableRights:
    """What can be granted to one user.

    Attributes:
        required: The rights that the user always has.
        optional: The others; those of one set can only be granted together.

    RFC 4314 section 3.7.
    """

    required: Rights = frozenset()
    optional: tuple[Rights, ...] = ()
