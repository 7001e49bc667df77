"""The fields that were signed or encrypted with the content of a message, read.

This file must not know any format of signatures.

RFC 9788 section 4.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from netmail import Headers, Mail, Part, parse
from netmail.crypto.octets import Field, canonical, header_fields, header_of

# RFC 9787 section 1.1.2: what a reader is shown, and where a reply goes.
_SHOWN: Final = frozenset(
    {
        *(b"from", b"to", b"cc", b"subject", b"date", b"reply-to", b"sender"),
        *(b"message-id", b"in-reply-to", b"references"),
    }
)


@dataclass(frozen=True, slots=True)
class ProtectedHeaders:
    """The fields of a message that its author has protected together with the content.

    Show these, and reply to these: what is outside may be anybody's.

    Attributes:
        kind: "clear" where they are signed, "cipher" where they are encrypted.
        headers: The fields.
        hidden: The names, in lower case, of those that only the readers can know: outside they
            have another value, or none.
        changed: The names, in lower case, of the fields outside that are not as the author wrote
            them: somebody has changed or added them on the path.
        is_old: Whether they were written before RFC 9788 (`protected-headers="v1"`): then the
            message does not say what was outside, and `hidden` is a guess.

    RFC 9788 section 4.2.
    """

    kind: Literal["clear", "cipher"]
    headers: Headers
    hidden: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    is_old: bool = False


def protected_headers(
    content: bytes, outer: Mail, *, encrypted: bool = False
) -> ProtectedHeaders | None:
    """Read the protected fields; `None` if there are none.

    Args:
        content: What was signed or encrypted.
        outer: The message with the fields that everybody could read.
        encrypted: Whether the content was encrypted, for old programs, which do not say it.

    RFC 9788 sections 4.1, 4.2.1.
    """
    payload = payload_of(content)
    if payload is None:
        return None
    kind, is_old = _kind(payload, encrypted=encrypted)
    if not kind:
        return None
    fields = header_fields(canonical(payload.raw_headers).removesuffix(b"\r\n"))
    copies = [each for each in fields if not _is_structural(each)]
    given = _values(copies)
    found = _values(header_fields(canonical(outer.raw_headers).removesuffix(b"\r\n")))
    # What the author says was outside; RFC 9788 section 2.2: of a signed message nothing is hidden.
    expected = given if kind == "clear" else _values(_outer_fields(fields))
    if is_old:
        expected = given if kind == "clear" else found
    hidden = [name for name in given if expected.get(name) != given[name]]
    changed = [] if is_old and kind == "cipher" else _changed(expected, found)
    return ProtectedHeaders(
        kind,
        parse(b"".join([each.raw for each in copies]) + b"\r\n").headers,
        tuple(_texts(hidden)),
        tuple(_texts(changed)),
        is_old,
    )


def payload_of(content: bytes) -> Part | None:
    """Return the part that all signatures are about: within each multipart/signed the first one.

    Its content is not there unless it was signed: of what is large only the header is read.

    Args:
        content: A part with its header, with CRLF line ends.

    RFC 9787 section 4.3.
    """
    root = parse(header_of(content)).root
    if root is not None and root.parsed_content_type.value == "multipart/signed":
        root = parse(content).root
    while root is not None and root.content_type == "multipart/signed" and root.children:
        root = root.children[0]
    return root


def _kind(payload: Part, *, encrypted: bool) -> tuple[Literal["", "clear", "cipher"], bool]:
    """Return how the fields are protected, and whether an old program did it.

    RFC 9788 section 4.1.
    """
    stated = payload.params.get("hp", "").lower()
    if stated == "cipher":
        return "cipher", False
    if stated == "clear":
        return "clear", False
    if payload.params.get("protected-headers", "").lower() == "v1":
        return "cipher" if encrypted else "clear", True
    return "", False


def _is_structural(field: Field) -> bool:
    """Return whether a field describes the part, or says what is outside.

    RFC 9787 section 1.1.1.
    """
    return field.name in {b"mime-version", b"hp-outer"} or field.name.startswith(b"content-")


def _outer_fields(fields: Iterable[Field]) -> list[Field]:
    """Return the fields that HP-Outer lists.

    RFC 9788 section 2.2.
    """
    return [
        each
        for field in fields
        if field.name == b"hp-outer"
        for each in header_fields(field.value.strip() + b"\r\n")
    ]


def _values(fields: Iterable[Field]) -> dict[bytes, list[bytes]]:
    """Return the values of each field; how they are folded makes no difference."""
    values: dict[bytes, list[bytes]] = {}
    for field in fields:
        values.setdefault(field.name, []).append(b" ".join(field.value.split()))
    return values


def _changed(expected: dict[bytes, list[bytes]], found: dict[bytes, list[bytes]]) -> list[bytes]:
    """Return the fields that are not as expected; servers may add what no reader is shown."""
    differ = [name for name in expected if found.get(name) != expected[name]]
    return differ + [name for name in found if name in _SHOWN and name not in expected]


def _texts(names: Iterable[bytes]) -> list[str]:
    return [name.decode("ascii", "replace") for name in names]
