"""message/partial: one message that was sent in pieces.

This file knows RFC 2046 section 5.2.2; it must not know where the pieces are stored.
"""

from collections.abc import Iterable

from netmail.errors import MessageError
from netmail.limits import MessageLimits
from netmail.mime.mail import Mail
from netmail.mime.parser import parse
from netmail.mime.parts.part import Part

_INNER = frozenset(["subject", "message-id", "encrypted", "mime-version"])
"""Fields that are taken from the enclosed header, beside all that begin with "content-".

RFC 2046 section 5.2.2.1, rules 1 to 4.
"""


def rejoin(mails: Iterable[Mail], *, limits: MessageLimits | None = None) -> Mail:
    """Join the pieces of a message.

    Args:
        mails: The pieces in any order; other mails are left out.
        limits: Bounds for the whole.

    Returns:
        The whole message.

    Raises:
        MessageError: If there is no piece, one is missing, or they belong to several messages.
        LimitError: If the whole is over a limit.

    RFC 2046 section 5.2.2.1.
    """
    pieces: dict[int, Part] = {}
    ids: set[str] = set()
    total = 0
    for mail in mails:
        root = mail.root
        if root is None or root.content_type != "message/partial":
            continue
        ids.add(root.params.get("id", ""))
        total = max(total, _number(root, "total"))
        pieces.setdefault(_number(root, "number"), root)
    _check(pieces, ids, total)
    header, body = _opened(pieces[1])
    joined = b"".join([header, body, *(pieces[number].raw_body for number in range(2, total + 1))])
    return parse(joined, limits=limits)


def _number(part: Part, name: str) -> int:
    text = part.params.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 6 else 0


def _check(pieces: dict[int, Part], ids: set[str], total: int) -> None:
    if not pieces:
        raise MessageError("no message/partial among the mails")
    if len(ids) > 1:
        raise MessageError(f"pieces of {len(ids)} messages: pass those of one id")
    missing = [str(number) for number in range(1, total + 1) if number not in pieces]
    if not total or missing:
        raise MessageError(
            f"pieces missing: {', '.join(missing[:20]) or 'the last, with the total'}"
        )


def _opened(first: Part) -> tuple[bytes, bytes]:
    """Return the header of the whole, of outer and inner fields, and the first piece's body."""
    inner = parse(first.raw_body)
    inner_root = inner.root
    if inner_root is None:
        return b"", first.raw_body
    outer_fields = [_line(name, value) for name, value in _fields(first) if not _is_inner(name)]
    inner_fields = [_line(name, value) for name, value in _fields(inner_root) if _is_inner(name)]
    header = b"".join([*outer_fields, *inner_fields, b"\r\n"])
    return header, inner_root.raw_body


def _fields(part: Part) -> list[tuple[bytes, bytes]]:
    return [(field.name, field.value) for field in part.node.block.fields()]


def _is_inner(name: bytes) -> bool:
    text = name.decode("ascii", "replace").lower()
    return text.startswith("content-") or text in _INNER


def _line(name: bytes, value: bytes) -> bytes:
    return name + b":" + value + b"\r\n"
