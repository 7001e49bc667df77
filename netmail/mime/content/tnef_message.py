"""An embedded message of a winmail.dat, written as a message of the internet.

This file knows how a message is written; what is in it comes from `tnef.py`.
"""

import binascii
from collections.abc import Iterator

from netmail.limits import MessageLimits
from netmail.mime.content.packed_file import disposition
from netmail.mime.content.tnef import TnefMessage, read_tnef


def message_octets(stream: bytes, limits: MessageLimits, depth: int) -> bytes:
    """Write an embedded message as octets that `parse()` reads.

    Args:
        stream: The TNEF of the message.
        limits: Bounds for what is unpacked.
        depth: Messages within it that are unpacked too.

    RFC 5322, RFC 2046 section 5.1, RFC 6532 section 3.
    """
    return b"".join(_message(read_tnef(stream, limits), limits, depth))


def _message(message: TnefMessage, limits: MessageLimits, depth: int) -> Iterator[bytes]:
    for name, value in message.fields():
        yield f"{name}: {value}\r\n".encode("utf-8", "replace")
    # No line of base64 or of a header begins with two hyphens, and each level has its own
    # boundary: none occurs in the content.
    boundary = f"=_tnef_{depth}".encode()
    yield b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; "
    yield b'boundary="' + boundary + b'"\r\n'
    for part in _parts(message, limits, depth):
        yield b"\r\n--" + boundary + b"\r\n" + part
    yield b"\r\n--" + boundary + b"--\r\n"


def _parts(outer: TnefMessage, limits: MessageLimits, depth: int) -> Iterator[bytes]:
    texts = outer.texts()
    if len(texts) == 2:
        yield _alternative(texts, depth)
    else:
        yield from (_text(kind, text) for kind, text in texts.items())
    for file in outer.files:
        field = disposition(file.name).encode("utf-8", "replace")
        head = b"Content-Disposition: " + field + b"\r\n"
        if file.embedded and depth > 0:
            inner = _message(read_tnef(file.content, limits), limits, depth - 1)
            yield head + b"Content-Type: message/rfc822\r\n\r\n" + b"".join(inner)
        else:
            # Messages are never in base64: RFC 2046 section 5.2.1.
            composite = file.content_type.startswith(("message/", "multipart/"))
            kind = "application/octet-stream" if composite else file.content_type
            yield head + _encoded(kind, file.content)


def _alternative(texts: dict[str, str], depth: int) -> bytes:
    boundary = f"=_text_{depth}".encode()
    pieces = [b'Content-Type: multipart/alternative; boundary="' + boundary + b'"\r\n']
    pieces += [b"\r\n--" + boundary + b"\r\n" + _text(*pair) for pair in texts.items()]
    return b"".join([*pieces, b"\r\n--" + boundary + b"--\r\n"])


def _text(kind: str, text: str) -> bytes:
    return _encoded(f"{kind}; charset=utf-8", text.encode("utf-8", "replace"))


def _encoded(kind: str, content: bytes) -> bytes:
    size = 57 * 1024  # whole lines of 76 characters
    head = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode()
    pieces = [_lines(content[start : start + size]) for start in range(0, len(content), size)]
    return b"".join([head, *pieces])


def _lines(content: bytes) -> bytes:
    lines = (content[start : start + 57] for start in range(0, len(content), 57))
    return b"".join([binascii.b2a_base64(line, newline=False) + b"\r\n" for line in lines])
