"""How embedded servers run, and the URLs that follow from it.

This file must not import the extra: it starts nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from urllib.parse import quote

from netmail.errors import UsageError


class Tls(Enum):
    """How the servers offer TLS."""

    NONE = "none"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"

    @classmethod
    def of(cls, value: "bool | str | Tls") -> "Tls":
        """Read what a caller gave; `True` is implicit TLS, which no client can skip by mistake.

        Raises:
            UsageError: If it is none of False, True, "none", "starttls" and "implicit".
        """
        if isinstance(value, bool):
            return cls.IMPLICIT if value else cls.NONE
        try:
            return cls(value)
        except ValueError:
            raise UsageError(
                f'tls is False, True, "starttls" or "implicit", not {value!r}'
            ) from None


SCHEMES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "smtp": ("smtp", "smtps"),
        "lmtp": ("lmtp", "lmtps"),
        "imap": ("imap", "imaps"),
        "pop3": ("pop3", "pop3s"),
    }
)
"""Each protocol's URL scheme, and its scheme for implicit TLS."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the servers run.

    Attributes:
        users: Names and passwords, at least one.
        tls: How TLS is offered.
        host: The address to listen on.
        require_auth: Whether SMTP refuses mail before AUTH.
        accept_any: Whether SMTP and LMTP accept recipients that are no users.
        tokens: Each user's bearer token.
    """

    users: Mapping[str, str]
    tls: Tls
    host: str
    require_auth: bool
    accept_any: bool
    tokens: Mapping[str, str]

    def url(self, protocol: str, port: int, user: str) -> str:
        """Write the URL with which a user reaches a server, credentials included.

        Raises:
            UsageError: If there is no such protocol or user.

        RFC 3986 section 3.2.1.
        """
        try:
            scheme = SCHEMES[protocol][self.tls is Tls.IMPLICIT]
        except KeyError:
            raise UsageError(f"protocol is one of {', '.join(SCHEMES)}, not {protocol!r}") from None
        if user not in self.users:
            raise UsageError(f"no user {user!r}; there are: {', '.join(self.users)}")
        credentials = f"{quote(user, safe='')}:{quote(self.users[user], safe='')}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{credentials}@{host}:{port}"
