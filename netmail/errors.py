"""The errors of netmail, and what each means for the connection.

This file must not know any protocol, nor libcurl: a class says which side caused the error.

    NetmailError
      UsageError(ValueError)          called wrongly; nothing was sent; connection fine
        StateError                    e.g. FETCH before SELECT
        CapabilityError               the server lacks the extension (.capability)
        BusyError                     another thread or task is using this connection
      ReplyError                      the server refused; the connection is fine
        SmtpError(.code .enhanced)
          SenderRefused  RecipientsRefused
        Pop3Error(.code)
          DeletionsRefused(.refused)
        ImapError(.status .code .value)
        AuthenticationError
      TransportError                  from libcurl; the connection is gone
        ConnectError(ConnectionError)  TlsError  ProxyError  MailTimeout(TimeoutError)
        ConnectionLost(ConnectionError)
          DeletionsNotCommitted(.messages .uncertain)
      ProtocolError                   the server broke the grammar; the connection is closed
      MessageError                    a message cannot be built
        LimitError                    a message is larger than a limit allows
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from netmail.printable import printable

if TYPE_CHECKING:
    from netmail.results.response_code import CodeValue

DATA_SHOWN = 200
"""Octets of a broken reply that an error carries: enough to recognise it, no flood in a log."""


# T1 BAD Request is throttled. Suggested Backoff Time: 92415 milliseconds
# Nine digits are eleven days: a longer one would be no advice.
_BACKOFF: Final = re.compile(r"Suggested Backoff Time: ([0-9]{1,9}) milliseconds", re.IGNORECASE)


class Phase(StrEnum):
    """The step in which a connection failed, in the order of the steps."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    PROXY = "proxy"
    TLS = "TLS"
    GREETING = "greeting"
    LOGIN = "login"
    SESSION = "session"


class NetmailError(Exception):
    """Every error that netmail raises by itself.

    Its message can be printed: what a server wrote cannot move the cursor of a terminal.
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(printable(message, lines=True))

    @property
    def retry_after(self) -> float | None:
        """Seconds after which the server wants the next try; `None` where it does not say.

        Exchange and Office 365 give it in the text of a refusal.
        """
        found = _BACKOFF.search(str(self))
        return int(found[1]) / 1000 if found else None


class UsageError(NetmailError, ValueError):
    """netmail was called wrongly; nothing was sent and the connection stays usable."""


class StateError(UsageError):
    """The call does not fit the state of the connection, such as FETCH before SELECT."""


class CapabilityError(UsageError):
    """The server does not offer what the call needs.

    Attributes:
        capability: The missing capability, as the server would announce it.
    """

    def __init__(self, message: str, capability: str = "") -> None:
        super().__init__(message)
        self.capability = capability


class BusyError(UsageError):
    """Another thread or task is using this connection."""


class ReplyError(NetmailError):
    """The server refused; the connection stays usable.

    Attributes:
        command: The command that was refused, without its arguments.
        text: The text of the server's reply.
        transient: Whether the reply means that a later try may succeed.
    """

    def __init__(self, command: str, text: str, *, transient: bool = False) -> None:
        super().__init__(f"{command}: {text}" if command else text)
        self.command = command
        self.text = printable(text, lines=True)
        self.transient = transient or self.retry_after is not None


class SmtpError(ReplyError):
    """An SMTP server replied 4yz or 5yz.

    Attributes:
        code: The reply code, RFC 5321 section 4.2.
        enhanced: The enhanced status code such as "5.1.1", or "" (RFC 3463).
    """

    def __init__(self, command: str, text: str, code: int, enhanced: str = "") -> None:
        super().__init__(
            command,
            f"{code} {enhanced} {text}" if enhanced else f"{code} {text}",
            transient=400 <= code < 500,  # "Transient Negative Completion": RFC 5321 section 4.2.1
        )
        self.code = code
        self.enhanced = enhanced


class SenderRefused(SmtpError):
    """The server refused the reverse-path (MAIL FROM)."""


class RecipientsRefused(SmtpError):
    """The server refused every recipient of a message."""


class Pop3Error(ReplyError):
    """A POP3 server replied -ERR.

    Attributes:
        code: The response code such as "IN-USE", or "" (RFC 2449 section 8, RFC 3206).
    """

    def __init__(self, command: str, text: str, code: str = "") -> None:
        # Another session has the maildrop, or the last login was too recent: RFC 2449 section 8.1.
        # A system failure that is probably temporary: RFC 3206 section 4.
        # resp-code = "[" resp-level *("/" resp-level) "]": a code may say more than a known one.
        known = ("IN-USE", "LOGIN-DELAY", "SYS/TEMP")
        super().__init__(
            command, text, transient=any(f"{code}/".startswith(f"{each}/") for each in known)
        )
        self.code = code


class DeletionsRefused(Pop3Error):
    """The server refused to mark some messages as deleted; the others are marked.

    Attributes:
        refused: Each of them as the caller named it, with the refusal; the error's own text and
            code are those of the first.
    """

    def __init__(self, refused: Mapping[int | str, Pop3Error]) -> None:
        first = next(iter(refused.values()))
        count = len(refused)
        text = f"{count} messages are not marked as deleted; the first: {first.text}"
        super().__init__(first.command, text if count > 1 else first.text, first.code)
        self.refused = dict(refused)


class ImapError(ReplyError):
    """An IMAP server responded NO or BAD.

    Attributes:
        status: "NO" or "BAD".
        code: The response code such as "TRYCREATE", or "" (RFC 9051 section 7.1, RFC 5530).
        value: The data of the response code, such as the charsets of "BADCHARSET"; `None` if it has
            none.
    """

    def __init__(
        self,
        command: str,
        text: str,
        status: str,
        code: str = "",
        value: "CodeValue" = None,
    ) -> None:
        # The conditions that may pass without the client's help, of those in RFC 5530 section 3;
        # Gmail has THROTTLED for them.
        transient = code in {"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "THROTTLED"}
        super().__init__(command, f"{status} {text}", transient=transient)
        self.status = status
        self.code = code
        self.value = value


class AuthenticationError(ReplyError):
    """The server refused the credentials, or offers no usable login mechanism.

    Attributes:
        phase: Always `Phase.LOGIN`.
        tried: The mechanisms that were tried, each with the server's text, in their order. IMAP's
            LOGIN command and POP3's USER and PASS are "+LOGIN" here, APOP is "+APOP".
        not_tried: The other mechanisms that were named or offered, each with the reason.
    """

    phase = Phase.LOGIN

    def __init__(
        self,
        command: str,
        text: str,
        *,
        transient: bool = False,
        tried: Mapping[str, str] | None = None,
        not_tried: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(command, text, transient=transient)
        self.tried = dict(tried or {})
        self.not_tried = dict(not_tried or {})


class TransportError(NetmailError):
    """The connection could not be made, or is gone.

    Attributes:
        curl_code: libcurl's error number, or 0 where libcurl did not report it.
        phase: The step in which it failed.
    """

    def __init__(self, message: str, *, curl_code: int = 0, phase: Phase = Phase.SESSION) -> None:
        super().__init__(message)
        self.curl_code = curl_code
        self.phase = phase


class ConnectError(TransportError, ConnectionError):
    """The host was not found, or did not accept the connection."""


class TlsError(TransportError):
    """TLS could not be established, or the peer could not be verified."""


class ProxyError(TransportError):
    """The proxy was not found, refused, or requires other credentials."""


class MailTimeout(TransportError, TimeoutError):
    """A deadline passed.

    Attributes:
        limit: The option that says how long: "timeout" for one wait, "connect_timeout" for
            connecting, "deadline" for a whole call, or the calls of a block.
    """

    def __init__(
        self,
        message: str,
        *,
        curl_code: int = 0,
        phase: Phase = Phase.SESSION,
        limit: str = "timeout",
    ) -> None:
        super().__init__(message, curl_code=curl_code, phase=phase)
        self.limit = limit


class ConnectionLost(TransportError, ConnectionError):
    """The connection ended, or an earlier failure made it unusable."""


class DeletionsNotCommitted(ConnectionLost):
    """A POP3 connection ended before QUIT was done: what was marked as deleted stays.

    Attributes:
        messages: The numbers of the messages that were marked as deleted, in order.
        uncertain: Whether QUIT was sent, and its reply was lost: the server may have deleted them.
    """

    def __init__(
        self, error: ConnectionLost, messages: tuple[int, ...], *, uncertain: bool = False
    ) -> None:
        count = f"{len(messages)} messages were" if len(messages) > 1 else "1 message was"
        what = "may not be committed" if uncertain else "are not committed"
        super().__init__(
            f"deletions {what}, {count} marked as deleted: {error}",
            curl_code=error.curl_code,
            phase=error.phase,
        )
        self.messages = messages
        self.uncertain = uncertain


class ProtocolError(NetmailError):
    """The server broke the grammar; the connection is closed.

    Attributes:
        data: What it sent, at most 200 octets.
        expected: What the grammar requires.
    """

    def __init__(self, message: str, data: bytes = b"", expected: str = "") -> None:
        shown = bytes(data[:DATA_SHOWN])
        parts = [
            message,
            f"got {shown!r}" if data else "",
            f"expected {expected}" if expected else "",
        ]
        super().__init__("; ".join(part for part in parts if part))
        self.data = shown
        self.expected = expected


class MessageError(NetmailError):
    """A message cannot be built, or (strict reading) is defective."""


class LimitError(MessageError):
    """A message is larger, deeper or longer than a limit allows; the error names the limit.

    Attributes:
        mail: The `Mail` with what was read so far, where it was read from octets.
    """

    def __init__(self, message: str, mail: object = None) -> None:
        super().__init__(message)
        self.mail = mail
