"""A message as an argument of APPEND and REPLACE: which literal carries it.

This file knows what a literal can carry, and not how a message is written.

RFC 9051 section 4.3; RFC 3516 section 4.4 (literal8); RFC 6855 section 4 (UTF8).
"""

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from netmail.errors import CapabilityError, UsageError
from netmail.flows.imap.session import ImapSession
from netmail.flows.measured import Measure, MeasuredPieces, measure
from netmail.results.callbacks import call
from netmail.wire import dot
from netmail.wire.imap import encode
from netmail.wire.imap.encode import Argument, Literal
from netmail.wire.imap.responses import number64

if TYPE_CHECKING:
    from netmail.flows.file_target import OnProgress
    from netmail.mime.stored import Storable, Stored

# encoding = "Content-Transfer-Encoding" ":" mechanism, mechanism = "7bit" / "8bit" / "binary" /
# ... (RFC 2045 section 6.1): "binary" of the whole message, which a multipart with a binary part
# has too (section 6.4).
_BINARY: Final = re.compile(
    rb"^content-transfer-encoding:[ \t]*(?:\r\n[ \t]+)?binary[ \t]*\r?$",
    re.IGNORECASE | re.MULTILINE,
)


class Sending(NamedTuple):
    """How a message's literal is sent.

    Attributes:
        synchronizing: Whether it waits for the server in any case.
        at_once: How large it may be to go without waiting, with LITERAL+.
        progress: Called with how many octets are sent, and how many there are; `None` for no call.
    """

    synchronizing: bool = True
    at_once: int = encode.MAX_NON_SYNC
    progress: "OnProgress | None" = None


class MessageLiteral(NamedTuple):
    """A message as an argument.

    Attributes:
        literal: Its literal.
        is_utf8: Whether it is written as the UTF8 data extension.
    """

    literal: Literal
    is_utf8: bool

    @property
    def argument(self) -> Argument:
        """The argument as it is written."""
        # append-data =/ utf8-literal, utf8-literal = "UTF8" SP "(" literal8 ")", RFC 6855 section 4
        return (b"UTF8 (", self.literal, b")") if self.is_utf8 else self.literal

    def report(self, progress: "OnProgress | None") -> None:
        """Report that all of it is sent, unless its pieces were reported."""
        if progress is not None and isinstance(self.literal.data, bytes):
            call(progress, self.literal.size, self.literal.size)


def message_literal(session: ImapSession, message: "Storable", sending: Sending) -> MessageLiteral:
    """Measure a message, and make the literal that carries it.

    Raises:
        UsageError: If it is no message, is empty, or larger than the server takes.
        CapabilityError: If it needs BINARY, which the server lacks.
        MessageError: If it cannot be written, or there is no such file.

    RFC 9051 section 4.3; RFC 3516 section 4.4.
    """
    # Its import costs as much as that of the whole client, and many programs append nothing.
    from netmail.mime.stored import stored  # noqa: PLC0415

    found = stored(message)
    measured = _measured(found)
    # "A zero-length message literal argument is an error, and MUST return a NO", RFC 3502 section
    # 6.3.11.
    if not measured.size:
        raise UsageError("append() got an empty message, which a server would not keep")
    is_binary = _is_binary(session, measured)
    # "A client that sends a message with UTF-8 headers to the server MUST send them using the
    # "UTF8" data extension", RFC 6855 section 4.
    is_utf8 = "UTF8=ACCEPT" in session.enabled and not measured.header.isascii()
    size = measured.raw_size if is_binary else measured.size
    _require_size(session, size)
    literal = Literal(
        # Of the same size, it has CRLF line ends already: a second look at each would be in vain.
        _data(found, size, is_raw=size == measured.raw_size, progress=sending.progress),
        # A literal8 waits too: RFC 7888 allows "~{n+}" only in its own grammar, not in RFC 3516's.
        synchronizing=sending.synchronizing or is_binary or is_utf8,
        binary=is_binary or is_utf8,
        at_once=sending.at_once,
    )
    return MessageLiteral(literal, is_utf8)


def text_literal(message: "Storable") -> Literal:
    """Make the literal of a part of a message that is put together on the server.

    Raises:
        UsageError: If it is no message, is empty, or holds NUL.
        MessageError: If it cannot be written, or there is no such file.

    RFC 4469 section 5.
    """
    from netmail.mime.stored import stored  # noqa: PLC0415 -- as above

    found = stored(message)
    measured = _measured(found)
    # text-literal = "TEXT" SP literal: no literal8, and so no NUL.
    if not measured.size or measured.has_nul:
        raise UsageError("a part of a message must not be empty, nor hold NUL")
    is_raw = measured.size == measured.raw_size
    data = _data(found, measured.size, is_raw=is_raw, progress=None)
    return Literal(data, synchronizing=True)


def _measured(found: "Stored") -> Measure:
    if not found.is_canonical:
        return measure(found.content.blocks())
    # netmail has written it: its size is known without reading the attached files.
    size = found.content.size()
    header = next(found.content.blocks(), b"").partition(b"\r\n\r\n")[0]
    return Measure(size, size, has_nul=False, header=header)


def _is_binary(session: ImapSession, measured: Measure) -> bool:
    """Tell whether a message goes as a literal8, octet by octet as it is.

    Raises:
        CapabilityError: If it has to, and the server lacks BINARY.

    RFC 3516 section 4.4.
    """
    message = ""
    # literal = "{" number64 ["+"] "}" CRLF *CHAR8, CHAR8 = %x01-ff
    if measured.has_nul:
        message = "the message holds NUL, which APPEND cannot carry without BINARY"
    # A line end in binary content is not one: as CRLF it would be other content.
    elif measured.size != measured.raw_size and _BINARY.search(measured.header):
        message = "the message is binary and holds bare CR or LF, which needs BINARY"
    # All else is kept as it is in a plain literal; Cyrus writes a literal8 in base64.
    if message and "BINARY" not in session.capabilities:
        raise CapabilityError(f"{message}, which the server lacks", "BINARY")
    return bool(message)


def _data(
    found: "Stored", size: int, *, is_raw: bool, progress: "OnProgress | None"
) -> bytes | MeasuredPieces:
    # A small one is sent together with its command.
    if size <= encode.MAX_COPIED:
        return b"".join(MeasuredPieces(found.content, size, is_raw=is_raw).pieces())
    # What is in memory already is sent from there, without a copy where its lines end with CRLF.
    # RFC 5322 section 2.3: CR and LF "MUST NOT appear independently in the body"; a server that
    # takes one for a line end would store another message.
    octets: bytes | None = getattr(found.content, "data", None)
    if octets is None or progress is not None:
        return MeasuredPieces(found.content, size, is_raw=is_raw, progress=progress)
    return octets if is_raw else dot.crlf(octets)


def _require_size(session: ImapSession, size: int) -> None:
    """Refuse a message that is larger than the server takes.

    RFC 7889 section 3.1.
    """
    # "APPENDLIMIT=<number>": the same upper limit for all mailboxes. Without a number it is STATUS
    # that tells, a mailbox at a time.
    limits = (each[12:] for each in session.capabilities if each.startswith("APPENDLIMIT="))
    limit = number64(next(limits, None))
    if limit is not None and size > limit:
        message = f"the message has {size} octets, and the server takes {limit}"
        raise UsageError(f"{message} (APPENDLIMIT)")
