"""What an SMTP server answers, as values.

This file knows what the codes mean, and neither how a reply is read nor what was asked.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of an SMTP server.

    Attributes:
        code: The reply code, such as 250.
        enhanced: The enhanced status code such as "2.1.5", or "" (RFC 3463).
        text: The server's words without the codes; a line break where its reply had one. Octets
            that are no UTF-8 and control characters are written as escapes.

    RFC 5321 section 4.2.
    """

    code: int
    enhanced: str
    text: str

    @property
    def positive(self) -> bool:
        """Whether the server did what was asked (2yz)."""
        return 200 <= self.code < 300

    @property
    def transient(self) -> bool:
        """Whether it refused for now only (4yz)."""
        return 400 <= self.code < 500

    def __str__(self) -> str:
        return " ".join(part for part in (str(self.code), self.enhanced, self.text) if part)


@dataclass(frozen=True, slots=True)
class Verification:
    """What a server says of an address; true unless it says that there is no such address.

    Attributes:
        code: 250 or 251: the address is good; 252: the server does not say, but would take mail
            for it; 550, 551 or 553: it is not good.
        enhanced: The enhanced status code, or "".
        text: The server's words.

    RFC 5321 section 3.5.3.
    """

    code: int
    enhanced: str
    text: str

    @property
    def unknown(self) -> bool:
        """Whether the server would not say (252)."""
        return self.code == 252

    def __bool__(self) -> bool:
        return self.code in {250, 251, 252}

    def __str__(self) -> str:
        word = "unknown" if self.unknown else "good" if self else "not good"
        return f"{word}: {Reply(self.code, self.enhanced, self.text)}"
