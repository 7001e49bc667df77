"""Header protection: the fields of a message, signed and encrypted with its content.

This file must not know any format of signatures.

RFC 9788.
"""

from dataclasses import replace
from typing import Final, Literal, TypeAlias

from netmail import parse
from netmail.crypto.entity import Entity
from netmail.crypto.octets import Field, header_fields

Protection: TypeAlias = Literal["", "clear", "cipher"]
"""How the fields of a message are protected: not at all, signed, or signed and encrypted."""

# RFC 9788 section 3.2: what hides the subject.
OBSCURED: Final = b"Subject: [...]\r\n"
# RFC 9788 section 2.2.1: fields that describe the content are no part of what is copied; the trace
# of the path is added later.
_NOT_COPIED: Final = frozenset({b"mime-version", b"received", b"return-path", b"dkim-signature"})


def with_protection(entity: Entity, kind: Protection) -> Entity:
    """Put the fields of a message into the part too.

    Args:
        entity: The message.
        kind: "clear" where the part is signed only, "cipher" where it will be encrypted.

    RFC 9788 section 4.1.
    """
    return replace(entity, header=protected_header(entity.outer, entity.header, kind))


def protected_header(outer: bytes, header: bytes, kind: str) -> bytes:
    """Write the header of a part that carries the fields of its message.

    Args:
        outer: The message's fields.
        header: The fields that describe the content.
        kind: "clear" where the part is signed only, "cipher" where it will be encrypted.

    RFC 9788 section 2.1.1 (hp), section 2.2 (HP-Outer).
    """
    fields = [field for field in header_fields(outer) if field.name not in _NOT_COPIED]
    copies = b"".join([field.raw for field in fields])
    if kind == "cipher":
        # RFC 9788 section 2.2: a field that is not listed was hidden, or is forged.
        seen = header_fields(obscured(b"".join([field.raw for field in fields])))
        # "HP-Outer" tells a reader which fields everybody could read, and with which value.
        copies += b"".join([b"HP-Outer: " + field.raw for field in seen])
    parameter = f'; hp="{kind}"'.encode("ascii")
    # RFC 9788 section 2.1.1: hp is a parameter of the Content-Type of the protected part.
    content = [_with_parameter(field, parameter) for field in header_fields(header)]
    return copies + b"".join(content)


def obscured(outer: bytes) -> bytes:
    """Hide the subject.

    RFC 9788 section 3.2.1.
    """
    # Only the subject: without From and To no server delivers, and no reader sorts.
    fields = header_fields(outer)
    return b"".join([OBSCURED if field.name == b"subject" else field.raw for field in fields])


def is_protected(entity: Entity) -> bool:
    """Return whether a part, or the signed part in it, carries the fields of its message.

    RFC 9788 section 2.1.1.
    """
    root = parse(entity.as_bytes()).root
    parts = [] if root is None else [root, *root.children[:1]]
    # In a signed message the fields are in its first part, the second one is the signature.
    return any(part.params.get("hp") == "cipher" for part in parts)


def _with_parameter(field: Field, parameter: bytes) -> bytes:
    if field.name != b"content-type":
        return field.raw
    return field.raw.removesuffix(b"\r\n") + b";\r\n\t" + parameter[2:] + b"\r\n"
