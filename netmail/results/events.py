"""What happens on a connection: the values that `on_event` gets, for measuring and tracing.

This file must not know what reports an event, nor what receives it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from netmail.errors import NetmailError


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; its class says what. `str()` of it is a line for a log.

    No event holds a secret.

    Attributes:
        server: The server as a URL without credentials, such as "imaps://mail.example.org:993".
    """

    server: str


@dataclass(frozen=True, slots=True)
class ConnectionOpened(Event):
    """A connection was made, through proxy and TLS; a login may still follow.

    Attributes:
        host: The server's name or address as it was given.
        port: Its port.
        encrypted: Whether TLS is on.
        seconds: How long it took.
    """

    host: str
    port: int
    encrypted: bool
    seconds: float

    def __str__(self) -> str:
        how = "with TLS" if self.encrypted else "without TLS"
        return f"{self.server}: connected {how} in {self.seconds:.3f} s"


@dataclass(frozen=True, slots=True)
class ConnectionFailed(Event):
    """A connection could not be made; the caller gets the error.

    Attributes:
        error: Why not.
        seconds: After what time that was certain.
    """

    error: NetmailError
    seconds: float

    def __str__(self) -> str:
        return f"{self.server}: not connected after {self.seconds:.3f} s: {self.error}"


@dataclass(frozen=True, slots=True)
class LoggedIn(Event):
    """The server accepted the credentials.

    Attributes:
        mechanism: The SASL mechanism; "LOGIN" also for IMAP's command, "USER" and "APOP" for POP3's
            commands.
    """

    mechanism: str

    def __str__(self) -> str:
        return f"{self.server}: logged in with {self.mechanism}"


@dataclass(frozen=True, slots=True)
class CallFinished(Event):
    """A conversation with the server ended: one method of a client, as a rule.

    Attributes:
        name: The conversation, such as "search" or "send".
        seconds: How long it took, without the time for connecting.
        sent: Octets that netmail sent, before TLS.
        received: Octets that it received, after TLS.
        error: What it raised; `None` if it returned.
    """

    name: str
    seconds: float
    sent: int
    received: int
    error: BaseException | None

    def __str__(self) -> str:
        outcome = f": {type(self.error).__name__}" if self.error else ""
        octets = f"{self.sent} octets sent, {self.received} received"
        return f"{self.server}: {self.name} took {self.seconds:.3f} s, {octets}{outcome}"


@dataclass(frozen=True, slots=True)
class ServerAlert(Event):
    """The server sent a text that the user must see: IMAP's ALERT, RFC 9051 section 7.1.

    Attributes:
        text: The text.
    """

    text: str

    def __str__(self) -> str:
        return f"{self.server}: alert: {self.text}"


@dataclass(frozen=True, slots=True)
class CommandProgress(Event):
    """The server is at work on a command that takes long: IMAP's INPROGRESS, RFC 9585 section 4.

    Attributes:
        done: How much is done; `None` if the server does not know.
        goal: How much there is; `None` if the server does not know.
    """

    done: int | None
    goal: int | None

    def __str__(self) -> str:
        done = "at work" if self.done is None else f"{self.done} done"
        return f"{self.server}: {done}" + (f" of {self.goal}" if self.goal is not None else "")


@dataclass(frozen=True, slots=True)
class ConnectionClosed(Event):
    """An open connection was closed, or lost.

    Attributes:
        reason: What it was lost by; `None` if `quit()`, `abort()` or the end of a `with` block
            closed it.
    """

    reason: NetmailError | None

    def __str__(self) -> str:
        return f"{self.server}: " + (f"lost: {self.reason}" if self.reason else "closed")


@dataclass(frozen=True, slots=True)
class Reconnecting(Event):
    """A connection that has ended is about to be made again.

    Attributes:
        reason: What ended it.
    """

    reason: NetmailError

    def __str__(self) -> str:
        return f"{self.server}: reconnecting"


OnEvent: TypeAlias = Callable[[Event], object]
"""A function that gets each event of a connection as it happens, in the thread or task of the call.

What it returns does not matter. What it raises passes to the caller, and ends the connection.
"""
