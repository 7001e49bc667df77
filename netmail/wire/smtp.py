"""SMTP's grammar: replies to values, commands to octets, RFC 5321.

This file must not know the order of commands; `smtp_path` writes addresses as paths.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from netmail.errors import ProtocolError
from netmail.printable import printable
from netmail.results.smtp import SmtpReply
from netmail.wire.reader import Reader
from netmail.wire.server_text import decode

KNOWN: Final = 50
"""Replies that are kept: a server sends the same few replies to every message."""

LONGEST_KNOWN: Final = 200
"""Octets of a reply that is kept."""

# status-code = class "." subject "." detail                              RFC 2034 section 4
# class = "2" / "4" / "5"; subject = 1*3digit; detail = 1*3digit
_ENHANCED: Final = re.compile(r"(?P<code>[245]\.[0-9]{1,3}\.[0-9]{1,3})(?: +|$)")
# Reply-line = Reply-code SP textstring CRLF                              RFC 5321 section 4.2
# with a status-code at the beginning of the text: "250 2.0.0 Ok: queued as 4F1D2". It is the reply
# to a content, which names the queue entry, so no parser has read it before.
_USUAL_REPLY: Final = re.compile(
    rb"(?P<code>2[0-9]{2}) (?P<enhanced>2\.[0-9]{1,3}\.[0-9]{1,3}) (?P<text>[!-~][ -~]*+)"
)
# ehlo-ok-rsp = ( "250" SP Domain [ SP ehlo-greet ] CRLF )
#             / ( "250-" Domain [ SP ehlo-greet ] CRLF
#                 *( "250-" ehlo-line CRLF ) "250" SP ehlo-line CRLF )
# ehlo-line = ehlo-keyword *( SP ehlo-param )                             RFC 5321 section 4.1.1.1
# ehlo-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
# Old servers write "AUTH=LOGIN" beside or instead of "AUTH LOGIN".
_EHLO_LINE: Final = re.compile(
    r"(?P<keyword>[A-Za-z0-9][A-Za-z0-9-]*)(?:[ \t=]+(?P<parameters>.*))?"
)


class ReplyParser:
    """Take whole replies from a reader.

    A reply may have `limits.lines` lines and `limits.line` octets in all: many long lines are no
    better than one endless line.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._lines: list[bytes] = []
        self._octets = 0
        self._known: dict[bytes, SmtpReply] = {}

    def take(self) -> SmtpReply | None:
        """Take one reply; `None` if it is not whole yet.

        Raises:
            ProtocolError: If it is no reply, its lines have different codes, or it is too long.

        RFC 5321 section 4.2.1.
        """
        while (line := self._reader.line()) is not None:
            # Most replies are one line that was read before: RFC 5321 section 4.2 lets a server
            # choose the text, and it chooses the same text each time.
            lines = self._lines
            if not lines and (known := self._known.get(line)) is not None:
                return known
            separator = _separator(line)
            if separator != b"-" and not lines:
                return self._remember(line)
            self._append(line)
            if separator != b"-":
                self._lines, self._octets = [], 0
                return reply(lines)
        return None

    def take_run(self, positive: int, last: int | None = None) -> list[SmtpReply] | None:
        """Take so many positive replies, and one more, if they are whole and were read before.

        The same as `take()` for each. The replies to a group of commands arrive together, and are
        the same for every message.

        Args:
            positive: How many positive replies.
            last: The code of one more reply after them; `None` for no other.

        Returns:
            The positive replies; `None`, and nothing is taken, for anything else.

        RFC 5321 section 4.2.1.
        """
        count = positive if last is None else positive + 1
        octets = self._reader.peek(count * LONGEST_KNOWN)
        lines = octets.split(b"\r\n", count)
        if len(lines) <= count or self._lines:
            return None
        rest = lines.pop()
        # A line that holds a bare LF is two for `take()`, and no such line is known.
        replies = list(map(self._known.get, lines))
        end = None if last is None else replies.pop()
        good = [each for each in replies if each is not None and each.positive]
        if len(good) != positive or (end.code if end else None) != last:
            return None
        self._reader.skip(len(octets) - len(rest))
        return good

    def _remember(self, line: bytes) -> SmtpReply:
        made = usual_reply(line) or reply((line,))
        if len(self._known) < KNOWN and len(line) < LONGEST_KNOWN:
            self._known[line] = made
        return made

    def _append(self, line: bytes) -> None:
        # RFC 5321 section 4.2.1: "the reply code on each of the lines MUST be the same".
        if self._lines and self._lines[0][:3] != line[:3]:
            code = self._lines[0][:3].decode()
            raise ProtocolError("the code changes within a reply", line, code)
        self._lines.append(line)
        self._octets += len(line)
        limits = self._reader.limits
        if len(self._lines) > limits.lines:
            message = f"a reply of more than {limits.lines} lines; raise limits.lines if meant"
            raise ProtocolError(message, line)
        if self._octets > limits.line:
            message = f"a reply of more than {limits.line} octets; raise limits.line if meant"
            raise ProtocolError(message, line)


def _separator(line: bytes) -> bytes:
    """Return what follows the code: "-" if more lines follow, else space or nothing."""
    # Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF
    # Reply-code = %x32-35 %x30-35 %x30-39                                  RFC 5321 section 4.2
    # Servers also use a middle digit above 5, such as 571.
    if line[:3].isdigit() and b"2" <= line[:1] <= b"5":
        separator = line[3:4]
        if separator in {b" ", b"-", b""} and len(line) >= 3:
            return separator
    raise ProtocolError("this is no reply", line, "a code from 200 to 599 and space or hyphen")


def usual_reply(line: bytes) -> SmtpReply | None:
    """Read a positive reply of one line, in ASCII and with an enhanced status code.

    Returns:
        What `reply()` returns; `None` for another form.
    """
    if (found := _USUAL_REPLY.fullmatch(line)) is None:
        return None
    code, enhanced, text = found.groups()
    return SmtpReply(int(code), enhanced.decode("ascii"), text.decode("ascii").rstrip())


def reply(lines: Sequence[bytes]) -> SmtpReply:
    """Read the lines of one reply; their codes are the same.

    RFC 5321 section 4.2, RFC 2034 section 4.
    """
    texts = [text(line[4:]) for line in lines]
    enhanced = ""
    # RFC 2034 section 4: the class agrees with the code; anything else is text ("250 2.x server").
    if texts[0][1:2] == "." and ord(texts[0][0]) == lines[0][0]:
        found = _ENHANCED.match(texts[0])
        if found is not None:
            enhanced = found["code"]
            texts = [each.removeprefix(enhanced).lstrip() for each in texts]
    return SmtpReply(int(lines[0][:3]), enhanced, texts[0] if len(texts) == 1 else "\n".join(texts))


def text(data: bytes) -> str:
    """Decode text for display; octets that are not UTF-8 and control characters are escaped."""
    # Error messages and logs show it: an escape sequence would move a terminal's cursor, and a
    # line break would fake a line of the log.
    return printable(decode(data).strip())


def too_many_recipients(reply: SmtpReply) -> bool:
    """Whether a refusal of RCPT is about the number of recipients.

    RFC 5321 section 4.5.3.1.10.
    """
    # The code is 452, and "Clients SHOULD treat a 552 code in this case as a temporary, rather than
    # permanent, failure". RFC 3463 section 3.6 has X.5.3 for it. Exim writes no enhanced status
    # code; with another one, 452 is a full mailbox or a full disk.
    if reply.enhanced:
        return reply.code in {452, 552} and reply.enhanced.endswith(".5.3")
    return reply.code == 452


def too_many_messages(reply: SmtpReply) -> bool:
    """Whether a refusal of MAIL is about the number of messages in the session."""
    # OpenSMTPD after 100 messages: "452 4.5.3 Too many messages sent". It keeps the line open.
    if reply.code != 452:
        return False
    return reply.enhanced == "4.5.3" or "too many messages" in reply.text.lower()


def handshake_extensions(lines: Sequence[bytes]) -> dict[str, tuple[str, ...]]:
    """Read the reply to EHLO as it is in a handshake; empty if the server refused EHLO."""
    # A server without EHLO refuses it, and libcurl sends HELO: RFC 5321 section 3.2.
    if not lines or any(line[:3] != b"250" for line in lines):
        return {}
    return extensions(text(line[4:]) for line in lines)


def extensions(lines: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Read the lines of a reply to EHLO: keyword in upper case to parameters.

    The first line is the server's name. A line without keyword is skipped.

    RFC 5321 section 4.1.1.1.
    """
    # A keyword may occur twice: "AUTH PLAIN" and "AUTH=LOGIN". The keys of a dictionary keep the
    # order, and find what is known already in no time: a server may send a million of them.
    offered: dict[str, dict[str, None]] = {}
    for line in list(lines)[1:]:
        found = _EHLO_LINE.fullmatch(line)
        # Servers with a banner or a broken line here work in all other respects.
        if found is not None:
            known = offered.setdefault(found["keyword"].upper(), {})
            known.update(dict.fromkeys((found["parameters"] or "").split()))
    return {keyword: tuple(parameters) for keyword, parameters in offered.items()}


def size_limit(offered: Mapping[str, tuple[str, ...]]) -> int | None:
    """Return how many octets a message may have; `None` if the server names no limit.

    RFC 1870 section 4.
    """
    # size-value = 1*20DIGIT; without it, or with 0, there is no fixed maximum.
    parameters = offered.get("SIZE", ())
    if not parameters:
        return None
    size = parameters[0]
    if not (size.isascii() and size.isdigit() and len(size) <= 20):
        return None
    return int(size) or None


def mail(path: bytes, parameters: bytes = b"") -> bytes:
    """Write MAIL.

    Args:
        path: The reverse-path with its angle brackets, as `smtp_path` writes it.
        parameters: As `mail_parameters()` writes them.

    RFC 5321 section 4.1.1.2.
    """
    # mail = "MAIL FROM:" Reverse-path [SP Mail-parameters] CRLF; no space after the colon
    return b"MAIL FROM:%s%s\r\n" % (path, parameters)


def mail_parameters(
    *, size: int | None, eight_bit: bool, utf8: bool, binary: bool = False
) -> bytes:
    """Write MAIL's parameters: SIZE (RFC 1870), BODY (RFC 6152, RFC 3030), SMTPUTF8 (RFC 6531)."""
    # Mail-parameters = esmtp-param *(SP esmtp-param)                   RFC 5321 section 4.1.2
    # esmtp-param = esmtp-keyword ["=" esmtp-value]
    # size-value = 1*20DIGIT                                            RFC 1870 section 3
    # body-value = "7BIT" / "8BITMIME"; without it the body is 7BIT     RFC 6152 section 2
    announced = b"" if size is None else b" SIZE=%d" % size
    # body-value =/ "BINARYMIME"                                        RFC 3030 section 3
    body = b" BODY=BINARYMIME" if binary else b" BODY=8BITMIME" if eight_bit else b""
    return announced + body + (b" SMTPUTF8" if utf8 else b"")


def rcpt(path: bytes, parameters: bytes = b"") -> bytes:
    """Write RCPT.

    Args:
        path: The forward-path with its angle brackets, as `smtp_path` writes it.
        parameters: Each with a space before it.

    RFC 5321 section 4.1.1.3.
    """
    # rcpt = "RCPT TO:" ( "<Postmaster@" Domain ">" / "<Postmaster>" / Forward-path )
    #        [SP Rcpt-parameters] CRLF
    return b"RCPT TO:%s%s\r\n" % (path, parameters)
