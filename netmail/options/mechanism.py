"""SASL mechanisms that a caller supplies, as values of the option `auth`.

This file must not know a mechanism, nor how a protocol carries it.
"""

from typing import ClassVar, Protocol, cast

from netmail.errors import UsageError
from netmail.secret import Secret


class SaslMechanism(Protocol):
    """What a class needs that is passed in `auth`: a mechanism that netmail lacks.

    Each login makes an object of its own. What its methods raise passes to the caller unchanged,
    and ends the connection.

    Attributes:
        name: The mechanism's name, as servers list it.

    RFC 4422 section 5.
    """

    name: ClassVar[str]

    def __init__(self, username: str, secret: Secret | None) -> None:
        """Begin a login.

        Args:
            username: The option `username`; "" if there is none.
            secret: The password, or else the OAuth 2.0 token; `None` if there is neither.
        """

    def step(self, challenge: bytes | None) -> bytes | None:
        """Return the response to a challenge, neither of them in base64.

        Args:
            challenge: The server's challenge; `None` in the first call, before any.

        Returns:
            The response; from the first call the initial response, or `None` if the server begins.
        """


class Supplied(str):  # noqa: SLOT000 -- a str subclass cannot have slots with values
    """The name of a mechanism that a caller supplies.

    Attributes:
        make: The caller's class.
    """

    make: type[SaslMechanism]

    @classmethod
    def of(cls, make: object) -> "Supplied":
        """Return the name of a class, which keeps the class.

        Raises:
            UsageError: If it is no class of a mechanism.
        """
        name = getattr(make, "name", None)
        if not isinstance(name, str) or not callable(getattr(make, "step", None)):
            raise UsageError("auth: a mechanism of your own is a class with name and step()")
        made = cls(name.upper())
        made.make = cast("type[SaslMechanism]", make)
        return made
