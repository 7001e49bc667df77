"""Headers as callers give them: "Name: value", lists, pairs, dictionaries.

This file must not know how a header is written.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from netmail.errors import MessageError, UsageError
from netmail.mime.writer.header_lines import field_name
from netmail.text import check_text

OneHeader: TypeAlias = str | tuple[str, str]
HeaderInput: TypeAlias = OneHeader | Iterable[OneHeader] | Mapping[str, str | Iterable[str]]

ADDRESSES = frozenset(
    {
        "disposition-notification-to",
        "errors-to",
        "resent-cc",
        "resent-from",
        "resent-reply-to",
        "resent-sender",
        "resent-to",
        "return-receipt-to",
        "x-original-to",
    }
)
"""Headers that consist of addresses, beside those for which a message has setters."""

SINGLE = frozenset(
    {
        "auto-submitted",
        "disposition-notification-to",
        "in-reply-to",
        "importance",
        "list-archive",
        "list-help",
        "list-id",
        "list-owner",
        "list-post",
        "list-subscribe",
        "list-unsubscribe",
        "list-unsubscribe-post",
        "organization",
        "precedence",
        "priority",
        "references",
        "x-mailer",
        "x-priority",
    }
)
"""Headers that may occur once: setting one again replaces it (RFC 5322 section 3.6, RFC 2369)."""

_REFUSED = {
    "content-disposition": "it is written for each attachment",
    "content-id": "pass content_id= to attachment()",
    "content-transfer-encoding": "it is chosen by the content",
    "content-type": "it is chosen by the content; call text(), html() or attachment()",
    "date": "call date()",
    "mime-version": "it is always 1.0",
    "resent-bcc": "it would show the recipients that it hides; call bcc()",
}


def header_items(header: HeaderInput) -> Iterator[tuple[str, str]]:
    """Split headers into names and values, and check the names.

    Args:
        header: "Name: value", a (name, value) pair, an iterable of these, or a mapping from names
            to a value or several.

    Raises:
        MessageError: If a name is not valid, or names a header that the message writes by itself.
        UsageError: If it is of another type, or a str without a colon.
    """
    if isinstance(header, str):
        yield _from_text(header)
    elif isinstance(header, Mapping):
        for name, values in header.items():
            for value in _values(values):
                yield _checked(name, value)
    elif (pair := _pair(header)) and ":" not in pair[0]:
        yield _checked(*pair)
    else:
        for item in _items(header):
            pair = _pair(item)
            yield _checked(*pair) if pair else _from_text(item)


def _values(value: object) -> Iterable[object]:
    several = isinstance(value, Iterable) and not isinstance(value, str)
    return value if several else [value]  # type: ignore[return-value]  # mypy forgets Iterable


def _items(value: object) -> Iterable[object]:
    if isinstance(value, Iterable) and not isinstance(value, bytes | bytearray | memoryview):
        return value
    raise UsageError(f"header: {type(value).__name__}; give 'Name: value', a list or a dict")


def _pair(value: object) -> tuple[str, str] | None:
    if isinstance(value, tuple) and len(value) == 2 and all(isinstance(v, str) for v in value):
        return value
    return None


def _from_text(text: object) -> tuple[str, str]:
    name, colon, value = text.partition(":") if isinstance(text, str) else ("", "", "")
    if not colon:
        raise UsageError(f"header: {text!r:.80} is not of the form 'Name: value'")
    return _checked(name, value)


def _checked(name: str, value: object) -> tuple[str, str]:
    field_name(name)
    reason = _REFUSED.get(name.lower())
    if reason:
        raise MessageError(f"header: {name} cannot be set; {reason}")
    return name, check_text(value, name, MessageError).strip(" \t")
