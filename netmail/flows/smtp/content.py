"""What no content may have, although a caller wrote it: Bcc, long lines, an end that is hidden.

This file must not know envelopes, nor what else SMTP demands of a message.
"""

import re
from typing import Final

from netmail.errors import MessageError

# eod = CRLF "." CRLF, and what is the same without NUL: "\r\n\0.\r\n"   RFC 5321 section 4.1.1.4
_HIDDEN_END: Final = re.compile(rb"(?:^|\n)\0+\.")


LINE_LIMIT: Final = 998
"""Octets of a line without CRLF, RFC 5321 section 4.5.3.1.6; servers break longer ones."""


def without_bcc(header: bytes) -> bytes:
    """Remove Bcc and Resent-Bcc from a header that the caller wrote.

    RFC 5322 section 3.6.3: other recipients may not see these addresses.
    """
    # The octets of all other fields stay as they are: they may be signed.
    kept: list[bytes] = []
    is_bcc = False
    for line in header.splitlines(keepends=True):
        # RFC 5322 section 2.2.3: a line that begins with white space continues the field.
        if line[:1] not in {b" ", b"\t"}:
            is_bcc = line.partition(b":")[0].strip().lower() in {b"bcc", b"resent-bcc"}
        if not is_bcc:
            kept.append(line)
    return b"".join(kept)


def refuse_hidden_end(content: bytes) -> None:
    """Refuse a line of NULs and a dot, which servers that drop NULs take for the end of the data.

    RFC 5321 section 4.1.1.4.
    """
    # What follows would be commands for them (SMTP smuggling). A dot more, as before other dots,
    # would be one too many for the servers that keep NULs.
    if _HIDDEN_END.search(content):
        raise MessageError("a line begins with NUL and a dot, which some servers take for the end")


def long_line(content: bytes) -> str | None:
    """Say which line has more than `LINE_LIMIT` octets; one search covers many short lines."""
    # The last line end within the limit is looked for from the right, so one search skips all the
    # short lines before it: a megabyte takes a thousand searches.
    start = 0
    while len(content) - start > LINE_LIMIT + 2:
        stop = content.rfind(b"\n", start, start + LINE_LIMIT + 2)
        if stop < 0:
            number, length = content.count(b"\n", 0, start) + 1, content.find(b"\r", start) - start
            return (
                f"line {number} has {length} octets, and {LINE_LIMIT} are allowed: servers would "
                "break it; encode that part as base64, or pass allow_long_lines=True"
            )
        start = stop + 1
    return None
