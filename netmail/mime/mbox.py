"""Mailboxes on disk: one message after the other.

This file knows how mbox files and maildirs separate messages; reading one is `parse()`'s.
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

_FROM = re.compile(rb"(?:\A|\n)(?=From )")
_ENVELOPE = re.compile(
    rb"From [^\n]{0,400}?(?:\d{1,2}:\d\d(?::\d\d)?[^\n]{0,40}\d{4}|\d{4}[^\n]{0,40}\d{1,2}:\d\d)"
    rb"[^\n]{0,80}\n"
)
_FIELD = re.compile(rb"(?:>?From [^\n]*\n|[\r\n])?[!-9;-~]+[ \t]*:")
_LENGTH = re.compile(rb"^Content-Length:[ \t]*(\d{1,15})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_BLANK = re.compile(rb"\n\r?\n")
_LINE_ENDS = re.compile(rb"[\r\n]{0,8}")


def parse_mbox(
    path: str | os.PathLike[str], *, limits: MessageLimits | None = None
) -> Iterator[Mail]:
    """Read the messages of an mbox file, one at a time.

    mboxo, mboxrd and mboxcl2 are told apart by what stands there: a Content-Length that leads
    exactly to the next "From " line or the end is believed, any other is ignored; ">From " is
    unquoted in messages without one. Text that looks like a "From " line only divides where a
    date is in it and a header field follows, so a damaged message costs itself only.

    Args:
        path: The file. It is mapped, not loaded, and must not change meanwhile.
        limits: Bounds for each message; one beyond them is given as far as it was read.

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
        path: The maildir. Messages that another program takes away meanwhile are left out.
        limits: Bounds for each message; one beyond them is given as far as it was read.

    Yields:
        The messages, in each folder by name, which is by time of arrival.

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
    """Find where each message begins and ends, and whether Content-Length says so.

    A "From " line belongs to the message after it. What stands before the first is a message
    too, of which the line is damaged: nothing is lost.
    """
    start = _next(data, 0)
    before = start if start >= 0 else len(data)
    if before and data[:before].strip():
        yield 0, before, False
    while start >= 0:
        following = _next(data, start + 5)
        end = _by_length(data, start, following if following >= 0 else len(data))
        if end >= 0:
            following = _next(data, end)
        yield start, (following if following >= 0 else len(data)), end >= 0
        start = following


def _next(data: mmap.mmap, position: int) -> int:
    """Find the next line that begins a message; -1 if there is none."""
    for match in _FROM.finditer(data, max(position - 1, 0)):
        if match.end() >= position and _begins(data, match.end()):
            return match.end()
    return -1


def _begins(data: mmap.mmap, position: int) -> bool:
    envelope = _ENVELOPE.match(data, position)
    return envelope is not None and _FIELD.match(data, envelope.end()) is not None


def _by_length(data: mmap.mmap, start: int, following: int) -> int:
    """The end of a message whose Content-Length is right; -1 if it has none.

    Its header ends before the next "From " line: looking further would cost a scan of the rest
    of the file for each message.
    """
    blank = _BLANK.search(data, start, following)
    if blank is None:
        return -1
    match = _LENGTH.search(data[start : blank.start() + 1])
    if match is None:
        return -1
    end = blank.end() + int(match[1])
    ends = _LINE_ENDS.match(data, end) if end <= len(data) else None
    if ends is None:
        return -1
    return ends.end() if ends.end() == len(data) or _begins(data, ends.end()) else -1


def _body(content: bytes, *, unquote: bool) -> bytes:
    """The message without its "From " line and the quoting that mbox added."""
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
