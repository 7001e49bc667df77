"""SMTP's grammar: replies to values, commands to octets, RFC 5321.

This file knows no order of commands; how an address becomes a path stands in `smtp_path`.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from netmail.errors import ProtocolError
from netmail.results.smtp import SmtpReply
from netmail.wire.reader import Reader

KNOWN: Final = 50
"""Replies that are remembered: a server says the same few words to every message."""

LONGEST_KNOWN: Final = 200
"""Octets of a reply that is remembered."""

# enhanced = class "." subject "." detail           RFC 2034 section 4, RFC 3463 section 2
_ENHANCED: Final = re.compile(r"(?P<code>[245]\.[0-9]{1,3}\.[0-9]{1,3})(?: +|$)")
# ehlo-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
# Old servers write "AUTH=LOGIN" beside or instead of "AUTH LOGIN".
_KEYWORD: Final = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9-]*)(?:[ \t=]+(?P<rest>.*))?")


class ReplyParser:
    """Take whole replies out of a reader.

    One whole reply may have `limits.lines` lines and `limits.line` octets in all: many long lines
    are no better than one endless line.
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
            lines = self._lines
            if not lines and line in self._known:
                return self._known[line]
            mark = _mark(line)
            if mark != b"-" and not lines:
                return self._remember(line)
            self._keep(line)
            if mark != b"-":
                self._lines, self._octets = [], 0
                return reply(lines)
        return None

    def _remember(self, line: bytes) -> SmtpReply:
        made = reply((line,))
        if len(self._known) < KNOWN and len(line) < LONGEST_KNOWN:
            self._known[line] = made
        return made

    def _keep(self, line: bytes) -> None:
        if self._lines and self._lines[0][:3] != line[:3]:
            raise ProtocolError(
                "the code changes within a reply", line, self._lines[0][:3].decode()
            )
        self._lines.append(line)
        self._octets += len(line)
        limits = self._reader.limits
        if len(self._lines) > limits.lines:
            message = f"a reply of more than {limits.lines} lines; raise limits.lines if meant"
            raise ProtocolError(message, line)
        if self._octets > limits.line:
            message = f"a reply of more than {limits.line} octets; raise limits.line if meant"
            raise ProtocolError(message, line)


def _mark(line: bytes) -> bytes:
    """Return what stands behind the code: "-" where more lines follow, a blank or nothing."""
    # Reply-code = %x32-35 %x30-35 %x30-39; the middle digit is seen above 5 ("571").
    if line[:3].isdigit() and b"2" <= line[:1] <= b"5":
        mark = line[3:4]
        if mark in {b" ", b"-", b""} and len(line) >= 3:
            return mark
    raise ProtocolError("this is no reply", line, "a code from 200 to 599 and a blank or hyphen")


def reply(lines: Sequence[bytes]) -> SmtpReply:
    """Read the lines of one reply, whose codes are the same."""
    texts = [text(line[4:]) for line in lines]
    enhanced = ""
    # Only a class that agrees with the code is a status; anything else is text ("250 2.x server").
    if texts[0][1:2] == "." and ord(texts[0][0]) == lines[0][0]:
        found = _ENHANCED.match(texts[0])
        if found is not None:
            enhanced = found["code"]
            texts = [each.removeprefix(enhanced).lstrip() for each in texts]
    return SmtpReply(int(lines[0][:3]), enhanced, texts[0] if len(texts) == 1 else "\n".join(texts))


def text(data: bytes) -> str:
    """Decode what is for people; what cannot be shown is written as an escape."""
    words = data.decode("utf-8", "backslashreplace").strip()
    if words.isprintable():
        return words
    return "".join(c if c.isprintable() or c == "\t" else _escape(c) for c in words)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def handshake_extensions(lines: Sequence[bytes]) -> dict[str, tuple[str, ...]]:
    """Read the answer to EHLO as it was heard while dialling; empty if it was refused."""
    if not lines or any(line[:3] != b"250" for line in lines):
        return {}
    return extensions(text(line[4:]) for line in lines)


def extensions(lines: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Read the texts of an answer to EHLO: keyword in upper case to parameters.

    The first line is the server's name. A line that is no keyword is passed over.

    RFC 5321 section 4.1.1.1.
    """
    offered: dict[str, tuple[str, ...]] = {}
    for line in list(lines)[1:]:
        found = _KEYWORD.fullmatch(line)
        if found is None:
            continue
        name, words = found["name"].upper(), tuple((found["rest"] or "").split())
        known = offered.get(name, ())
        offered[name] = known + tuple(word for word in words if word not in known)
    return offered


def size_limit(offered: dict[str, tuple[str, ...]]) -> int | None:
    """Return how many octets a message may have; `None` where no limit is named.

    RFC 1870 section 4: no number, or 0, is no fixed limit.
    """
    words = offered.get("SIZE", ())
    if not words or not (words[0].isascii() and words[0].isdigit() and len(words[0]) <= 20):
        return None
    return int(words[0]) or None


def mail(path: bytes, parameters: bytes = b"") -> bytes:
    """Write MAIL.

    Args:
        path: The reverse-path with its angle brackets, as `smtp_path` writes it.
        parameters: As `mail_parameters()` writes them.

    RFC 5321 section 4.1.1.2.
    """
    return b"MAIL FROM:%s%s\r\n" % (path, parameters)


def mail_parameters(*, size: int | None, eight_bit: bool, utf8: bool) -> bytes:
    """Write MAIL's parameters: SIZE (RFC 1870), BODY (RFC 6152), SMTPUTF8 (RFC 6531)."""
    announced = b"" if size is None else b" SIZE=%d" % size
    body = b" BODY=8BITMIME" if eight_bit else b""
    return announced + body + (b" SMTPUTF8" if utf8 else b"")


def rcpt(path: bytes) -> bytes:
    """Write RCPT.

    RFC 5321 section 4.1.1.3.
    """
    return b"RCPT TO:%s\r\n" % path
