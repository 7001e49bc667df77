"""Mailboxes on disk: one message after the other.

This file knows how mbox files and maildirs separate messages; it knows no header but
Content-Length.
"""

import mmap
import os
import re
from collections.abc import Iterator
from pathlib import Path

from netmail.errors import LimitError
from netmail.limits import MessageLimits
from netmail.mime.mail import Mail
from netmail.mime.parser import parse

# RFC 4155 appendix A: each message has a separator line, "From ", before it, and an empty line
# after it. Any line that may be a separator; the next two patterns decide.
_FROM = re.compile(rb"(?:\A|\n)(?=From )")
# "From " addr-spec SP timestamp: asctime() in UTC, "Fri Nov 20 16:00:00 2026" (RFC 4155).
# Others add a zone, write the year first, or leave the address out; prose has no clock and year.
_ENVELOPE = re.compile(
    rb"From [^\n]{0,400}?(?:\d{1,2}:\d\d(?::\d\d)?[^\n]{0,40}\d{4}|\d{4}[^\n]{0,40}\d{1,2}:\d\d)"
    rb"[^\n]{0,80}\n"
)
# Thunderbird writes "From - " and nothing else, others "From " alone or an address without a date:
# enough after an empty line, and before a header.
_NO_DATE = re.compile(rb"From (?:-|[^\s@]*@[^\s@]*)?[ \t]*\r?\n")
# "From MAILER-DAEMON", "From jwz": also how a paragraph may begin, so the field after it has to be
# one with which messages begin.
_ONE_WORD = re.compile(
    rb"From [^\s@]+[ \t]*\r?\n(?=(?i:Return-Path|Received|Date|From|To|Subject|Message-ID"
    rb"|Delivered-To|MIME-Version|Content-Type|X-[!-9;-~]+)[ \t]*:)"
)
# An empty line, or the beginning of the file.
_AFTER_EMPTY = re.compile(rb"(?:\A|(?:\A|\n)\r?\n)\Z")
# The header of a message: a field, also after a quoted From_ line, or an empty line first.
_FIELD = re.compile(rb"(?:>?From [^\n]*\n|[\r\n])?[!-9;-~]+[ \t]*:")
# "Content-Length: 1234" of mboxcl and mboxcl2, which System V Unix began: octets of the body.
_LENGTH = re.compile(rb"^Content-Length:[ \t]*(\d{1,15})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
# ">From " of mboxo; ">>From " too of mboxrd, which is the only one that can be undone for certain.
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)

# The empty line that ends a header.
_EMPTY_LINE = re.compile(rb"\n\r?\n")
# Between the end of a body of known length and the next From_ line.
_LINE_ENDS = re.compile(rb"[\r\n]{0,8}")


def parse_mbox(
    path: str | os.PathLike[str], *, limits: MessageLimits | None = None
) -> Iterator[Mail]:
    """Read the messages of an mbox file, one at a time.

    The file may be mboxo, mboxrd or mboxcl2: a Content-Length that leads exactly to the next
    "From " line or the end is used, any other is ignored; ">From " is unquoted in messages
    without one.

    A line that begins with "From " divides messages only if a header field follows it, and if
    it contains a date. Without a date it divides where a Content-Length leads exactly to it, and
    after an empty line (or as the first line) if it has nothing more, "-" as Thunderbird writes
    it, an address, or one word before a field with which messages begin, such as Received. Any
    other such line is text, so a defective message harms no other.

    Args:
        path: The file. It is mapped, not loaded, and must not change meanwhile.
        limits: Bounds for each message; one beyond them is yielded as far as it was read.

    Yields:
        The messages in their order.

    Raises:
        OSError: If the file cannot be read.

    RFC 4155.
    """
    with Path(path).open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            for start, end, measured in _messages(data):
                yield _parse(_body(data[start:end], unquote=not measured), limits)


def parse_maildir(
    path: str | os.PathLike[str], *, limits: MessageLimits | None = None
) -> Iterator[Mail]:
    """Read the messages of a maildir, one at a time: those in "cur", then those in "new".

    Args:
        path: The maildir. Messages that another program removes meanwhile are left out.
        limits: Bounds for each message; one beyond them is yielded as far as it was read.

    Yields:
        The messages, in each folder by name, which begins with the time of delivery.

    Raises:
        OSError: If the folder or a message in it cannot be read.
    """
    for folder in (Path(path) / "cur", Path(path) / "new"):
        names = sorted(folder.iterdir()) if folder.is_dir() else []
        for name in names:
            if name.name.startswith("."):
                continue
            try:
                content = name.read_bytes()
            except FileNotFoundError:
                continue
            yield _parse(content, limits)


def _parse(content: bytes, limits: MessageLimits | None) -> Mail:
    try:
        return parse(content, limits=limits)
    except LimitError as error:
        if isinstance(error.mail, Mail):
            return error.mail
        raise


def _messages(data: mmap.mmap) -> Iterator[tuple[int, int, bool]]:
    """Yield the start and the end of each message, and whether Content-Length gave the end.

    A "From " line belongs to the message after it. Anything before the first is a message
    too, of which the line is defective: nothing is lost.
    """
    start = _next(data, 0)
    before = start if start >= 0 else len(data)
    if before and data[:before].strip():
        yield 0, before, False
    while start >= 0:
        following = _next(data, start + 5)
        end = _by_length(data, start, following if following >= 0 else len(data))
        if end >= 0:
            following = end if end < len(data) else -1
        yield start, (following if following >= 0 else len(data)), end >= 0
        start = following


def _next(data: mmap.mmap, position: int) -> int:
    """Find the next line that begins a message; -1 if there is none."""
    for match in _FROM.finditer(data, max(position - 1, 0)):
        begin = match.end()
        if begin >= position and _begins(data, begin, after_empty=_is_after_empty(data, begin)):
            return begin
    return -1


def _is_after_empty(data: mmap.mmap, position: int) -> bool:
    return _AFTER_EMPTY.search(data[max(position - 3, 0) : position]) is not None


def _begins(data: mmap.mmap, position: int, *, after_empty: bool) -> bool:
    """Whether a "From " line begins a message; one without a date needs an end before it."""
    envelope = _ENVELOPE.match(data, position)
    if envelope is None and after_empty:
        envelope = _NO_DATE.match(data, position) or _ONE_WORD.match(data, position)
    return envelope is not None and _FIELD.match(data, envelope.end()) is not None


def _by_length(data: mmap.mmap, start: int, following: int) -> int:
    """Return the end of a message whose Content-Length is right; -1 if it has none.

    Its header ends before the next "From " line: searching further would scan the rest of the
    file for each message.
    """
    empty = _EMPTY_LINE.search(data, start, following)
    if empty is None:
        return -1
    match = _LENGTH.search(data[start : empty.start() + 1])
    if match is None:
        return -1
    end = empty.end() + int(match[1])
    ends = _LINE_ENDS.match(data, end) if end <= len(data) else None
    if ends is None:
        return -1
    # A length that leads exactly to a "From " line is as good as an empty line before it.
    if ends.end() == len(data) or _begins(data, ends.end(), after_empty=True):
        return ends.end()
    return -1


def _body(content: bytes, *, unquote: bool) -> bytes:
    """Return the message without its "From " line and the quoting that mbox added."""
    if content.startswith(b"From "):
        content = content[content.find(b"\n") + 1 :]
    # The line end before the next "From " belongs to the file, not to the message.
    for ending in (b"\r\n\r\n", b"\n\n"):
        if content.endswith(ending):
            content = content[: -(len(ending) // 2)]
            break
    if unquote and b"\n>" in content:
        content = _QUOTED.sub(rb"\1", content)
    return content
