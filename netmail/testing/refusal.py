"""A refusal that a test has asked for, and how each protocol writes it.

This file must not know which command is refused, nor when.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from netmail.errors import UsageError

REPLIES: Mapping[str, tuple[int, str, str]] = MappingProxyType(
    {
        "connect": (421, "3.2", "Service not available"),
        "login": (535, "7.8", "Authentication credentials invalid"),
        "mail": (451, "3.0", "Local error in processing"),
        "rcpt": (450, "2.0", "Mailbox unavailable"),
        "data": (451, "3.0", "Local error in processing"),
        "content": (451, "3.0", "Local error in processing"),
        "full": (452, "2.2", "Mailbox full"),
        "greylist": (450, "2.0", "Greylisted, try again later"),
        "command": (451, "3.0", "Local error in processing"),
    }
)
"""For each point: the code, the subject and detail of RFC 3463 that follow its class, the text."""

IMAP_CODES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"login": ("UNAVAILABLE", "AUTHENTICATIONFAILED"), "full": ("OVERQUOTA", "OVERQUOTA")}
)
"""RFC 5530's response code for a temporary and for a permanent refusal."""

POP3_CODES: Mapping[str, tuple[str, str]] = MappingProxyType({"login": ("SYS/TEMP", "AUTH")})
"""The same for POP3: RFC 3206."""

LONGEST_TEXT = 400
"""Characters; a reply line has 512 octets (RFC 5321 section 4.5.3.1.5)."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a server does in place of executing a command.

    Attributes:
        point: Where.
        code: SMTP's reply code; 0 for no reply.
        text: What follows the code, without an enhanced status code.
        drop: Whether the connection is closed then.
        executed: Whether the command takes effect all the same, so that only its reply is lost.
    """

    point: str
    code: int
    text: str
    drop: bool
    executed: bool = False

    @property
    def smtp(self) -> str:
        """The reply line for SMTP and LMTP, with an enhanced status code (RFC 2034 section 4)."""
        return f"{self.code} {self.code // 100}.{REPLIES[self.point][1]} {self.text}"

    @property
    def imap(self) -> tuple[bytes, bytes]:
        """The response code and the text for IMAP's NO or BYE."""
        temporary, permanent = IMAP_CODES.get(self.point, ("UNAVAILABLE", "CANNOT"))
        code = temporary if self.code < 500 else permanent
        return code.encode(), self.text.encode()

    @property
    def pop3(self) -> str:
        """What follows -ERR."""
        temporary, permanent = POP3_CODES.get(self.point, ("SYS/TEMP", "SYS/PERM"))
        return f"[{temporary if self.code < 500 else permanent}] {self.text}"


def refusal(
    point: str,
    code: int | None,
    text: str | None,
    drop: bool | Literal["after"],
    *,
    wanted: bool,
) -> Refusal | None:
    """Make a refusal of what a caller gave.

    Args:
        point: A key of `REPLIES`.
        code: From 400 to 599; `None` for the point's own, or for none where the line is dropped.
        text: The reply's text; `None` for the point's own.
        drop: Whether to close the connection, and when.
        wanted: Whether there is a refusal where neither code nor drop are given.

    Raises:
        UsageError: If one of them is wrong.
    """
    if code is not None and (type(code) is not int or not 400 <= code <= 599):
        raise UsageError(f"code is an SMTP reply code from 400 to 599, not {code!r}")
    if drop not in (False, True, "after"):
        raise UsageError(f'drop is False, True or "after", not {drop!r}')
    if drop == "after" and point != "content":
        raise UsageError('drop="after" is for content: it loses the reply to an accepted message')
    if drop == "after" and (code or text):
        raise UsageError('with drop="after" there is no reply: leave code and text out')
    if code is None and text is None and (drop or not wanted):
        return Refusal(point, 0, "", drop=True, executed=drop == "after") if drop else None
    default, _, words = REPLIES[point]
    code = default if code is None else code
    # RFC 5321 section 3.8: with 421 the server closes the transmission channel.
    closes = bool(drop) or code == 421
    return Refusal(point, code, _text(words if text is None else text), drop=closes)


def _text(text: str) -> str:
    if not text.isascii() or not text.isprintable():
        raise UsageError(f"text is one line of printable ASCII, not {text!r}")
    if len(text) > LONGEST_TEXT:
        raise UsageError(f"text has at most {LONGEST_TEXT} characters, not {len(text)}")
    return text
