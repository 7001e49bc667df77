"""Bodies that end in a line with a single dot: POP3's replies, SMTP's DATA.

This file knows line ends and dots, and neither protocol.
"""

import re

END = b".\r\n"

_BARE = re.compile(rb"\r\n|\r|\n")


def crlf(body: bytes) -> bytes:
    r"""Write every line end as CRLF.

    Bare LF and bare CR become CRLF: a server that takes either for a line end would else see other
    lines, and another end of the message, than we do (SMTP smuggling).

    RFC 5321 section 2.3.8.
    """
    pairs = body.count(b"\r\n")
    if body.count(b"\n") != pairs or body.count(b"\r") != pairs:
        return _BARE.sub(b"\r\n", body)
    return body


def canonical(body: bytes) -> bytes:
    """Write every line end as CRLF, and end the last line.

    RFC 5321 section 2.3.8.
    """
    body = crlf(body)
    return body if not body or body.endswith(b"\r\n") else body + b"\r\n"


def stuff(body: bytes) -> bytes:
    """Double the dot at the beginning of lines; `body` has canonical line ends.

    RFC 5321 section 4.5.2.
    """
    stuffed = body.replace(b"\r\n.", b"\r\n..") if b"\r\n." in body else body
    return b"." + stuffed if stuffed.startswith(b".") else stuffed


def unstuff(body: bytes) -> bytes:
    """Take the first dot from lines that begin with one.

    RFC 1939 section 3.
    """
    plain = body.replace(b"\r\n.", b"\r\n") if b"\r\n." in body else body
    return plain[1:] if plain.startswith(b".") else plain
