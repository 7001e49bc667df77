"""A string that is used and never shown, and the mark that is shown for it.

This file must not know any option or protocol.
"""

from typing import Final, NoReturn

from netmail.errors import UsageError

REDACTED: Final = "***"
"""The one mark that replaces a secret: in a repr, log, trace or error. It does not show how long
the secret is."""

REDACTED_OCTETS: Final = REDACTED.encode("ascii")
"""The same mark in a line as it is logged."""


class Secret:
    """A password, passphrase or token.

    `repr()`, `str()`, `format()` and `%s` print `***`; `copy` and `dataclasses.asdict` keep the
    wrapping; pickling is refused. Only `reveal()` returns the value, so that a search for that name
    finds every place where a secret leaves.

    Args:
        value: The secret itself.
    """

    __slots__ = ("_value",)
    _value: str

    def __init__(self, value: str) -> None:
        object.__setattr__(self, "_value", value)

    def reveal(self) -> str:
        """Return the secret itself."""
        return self._value

    def __repr__(self) -> str:
        return REDACTED

    def __format__(self, spec: str) -> str:
        return REDACTED

    def __eq__(self, other: object) -> bool:
        return self._value == other._value if isinstance(other, Secret) else NotImplemented

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a Secret does not change: {name} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a Secret does not change: {name} cannot be deleted")

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: object) -> "Secret":
        return self

    # A pickle goes to a file or a pipe: the value would be there in clear.
    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise UsageError("a Secret is not pickled: pass reveal() where it must be stored")

    def __getstate__(self) -> NoReturn:
        raise UsageError("a Secret has no state to copy: call reveal()")
