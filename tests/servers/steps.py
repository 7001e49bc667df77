"""What a scripted server can do, one class a step.

This file knows no protocol and no socket; `servers.scripted` plays the steps.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Send:
    """Send octets as they are."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Expect:
    """Read a line and match it, without its CRLF, against a regular expression as a whole."""

    pattern: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    r"""Send octets with groups of the last `Expect` in them: `Reply(rb"\1 OK done\r\n")`."""

    template: bytes


@dataclass(frozen=True, slots=True)
class ExpectData:
    """Read exactly these octets, such as a literal or a message with its final dot."""

    data: bytes


@dataclass(frozen=True, slots=True)
class StartTls:
    """Do the TLS handshake; as the first step it makes implicit TLS.

    Attributes:
        pair: Which of `Certificates` to show: server, self_signed, expired, other_host, ending.
        refused: The client is expected to break the handshake off.
        client_certificate: Demand a certificate of the client.
        weak: Accept TLS 1.1 as well.
    """

    pair: str = "server"
    refused: bool = False
    client_certificate: bool = False
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Drip:
    """Send octets one by one, each in a segment of its own, with a pause of seconds between.

    Attributes:
        refused: The client is expected to close before the last.
    """

    data: bytes
    pause: float = 0.0
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Endless:
    """Send octets again and again until the client has had enough."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Silence:
    """Say nothing until the client closes the connection."""


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection in the middle; `reset` by RST, as a crashed machine does."""

    reset: bool = False


Step = Send | Expect | Reply | ExpectData | StartTls | Drip | Endless | Silence | Close
