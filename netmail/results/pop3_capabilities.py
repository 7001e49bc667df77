"""What a POP3 server offers: the reply to CAPA, and typed views of it.

This file must not know commands, nor how the reply is read.
"""

from typing import NamedTuple


class Expire(NamedTuple):
    """How long the server keeps messages.

    Attributes:
        days: At least so many days; 0 if a message may be gone after its session, `None` for
            ever.
        per_user: Whether another number may hold after the login.

    RFC 2449 section 6.7.
    """

    days: int | None
    per_user: bool


class LoginDelay(NamedTuple):
    """How often a user may log in.

    Attributes:
        seconds: The least time from one login to the next.
        per_user: Whether another number may hold after the login.

    RFC 2449 section 6.5.
    """

    seconds: int
    per_user: bool


class Pop3Capabilities(dict[str, tuple[str, ...]]):
    """The server's capabilities: name in upper case to arguments, with typed views of some.

    RFC 2449 section 6.
    """

    @property
    def expire(self) -> Expire | None:
        """How long messages are kept; `None` if the server does not say (RFC 2449 section 6.7)."""
        # capa-tag = "EXPIRE"; arguments: server-guaranteed minimum retention days, or "NEVER",
        # optionally followed by "USER"
        first, per_user = self._first("EXPIRE")
        if first.upper() == "NEVER":
            return Expire(None, per_user)
        days = _number(first)
        return None if days is None else Expire(days, per_user)

    @property
    def login_delay(self) -> LoginDelay | None:
        """How often to log in; `None` if the server does not say (RFC 2449 section 6.5)."""
        # capa-tag = "LOGIN-DELAY"; arguments: minimum seconds between logins, optionally followed
        # by "USER"
        first, per_user = self._first("LOGIN-DELAY")
        seconds = _number(first)
        return None if seconds is None else LoginDelay(seconds, per_user)

    @property
    def implementation(self) -> str | None:
        """What the server is, as in "Dovecot"; `None` if it does not say (RFC 2449 section 6.9)."""
        return " ".join(self["IMPLEMENTATION"]) if "IMPLEMENTATION" in self else None

    @property
    def sasl(self) -> tuple[str, ...]:
        """The SASL mechanisms for AUTH, in upper case (RFC 2449 section 6.3, RFC 5034)."""
        return tuple(name.upper() for name in self.get("SASL", ()))

    @property
    def pipelining(self) -> bool:
        """Whether several commands may be in flight (RFC 2449 section 6.6)."""
        return "PIPELINING" in self

    @property
    def resp_codes(self) -> bool:
        """Whether text in brackets is a response code (RFC 2449 section 6.4)."""
        return "RESP-CODES" in self

    @property
    def auth_resp_code(self) -> bool:
        """Whether the code AUTH says that credentials are wrong (RFC 3206 section 5)."""
        return "AUTH-RESP-CODE" in self

    @property
    def top(self) -> bool:
        """Whether the server has TOP (RFC 2449 section 6.1)."""
        return "TOP" in self

    @property
    def uidl(self) -> bool:
        """Whether the server has UIDL (RFC 2449 section 6.8)."""
        return "UIDL" in self

    @property
    def utf8(self) -> bool:
        """Whether the server has UTF8, which lets messages have UTF-8 in headers (RFC 6856)."""
        return "UTF8" in self

    @property
    def utf8_user(self) -> bool:
        """Whether names and passwords may be UTF-8 (RFC 6856 section 2.2)."""
        return "USER" in map(str.upper, self.get("UTF8", ()))

    @property
    def lang(self) -> bool:
        """Whether the language of texts can be chosen (RFC 6856 section 3)."""
        return "LANG" in self

    def _first(self, name: str) -> tuple[str, bool]:
        """Return the first argument, and whether USER follows it."""
        first, *rest = self.get(name) or ("",)
        return first, "USER" in map(str.upper, rest)


def _number(text: str) -> int | None:
    """Read a number; `None` if it is none, which costs no other capability."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
