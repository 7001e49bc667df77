"""Header protection: the fields of a message, signed and encrypted with its content.

This file must not know any format of signatures.

RFC 9788.
"""

from dataclasses import replace
from typing import Final, Literal, TypeAlias

from netmail import UsageError, parse
from netmail.crypto.entity import Entity, content_type
from netmail.crypto.legacy_display import with_display
from netmail.crypto.octets import Field, header_fields
from netmail.crypto.protected import payload_of

Protection: TypeAlias = Literal["", "clear", "cipher"]
"""How the fields of a message are protected: not at all, signed, or signed and encrypted."""

# RFC 9788 section 3.2.1, the baseline policy: what hides the subject, and what is left out.
OBSCURED: Final = b"Subject: [...]\r\n"
_LEFT_OUT: Final = frozenset({b"comments", b"keywords"})
# RFC 9788 section 2.2.1: fields that describe the content are no part of what is copied; the trace
# of the path is added later.
_NOT_COPIED: Final = frozenset(
    {b"mime-version", b"hp-outer", b"received", b"return-path", b"dkim-signature"}
)
_SIGNED: Final = frozenset(
    {"multipart/signed", "application/pkcs7-mime", "application/x-pkcs7-mime"}
)


def with_protection(entity: Entity, kind: Protection, *, legacy_display: bool = False) -> Entity:
    """Put the fields of a message into the part too.

    Args:
        entity: The message.
        kind: "clear" where the part is signed only, "cipher" where it will be encrypted.
        legacy_display: Whether to write the hidden subject above the text as well.

    Raises:
        UsageError: If nothing is hidden that could be written above the text.

    RFC 9788 section 5.2.1.
    """
    if legacy_display:
        if kind != "cipher":
            raise UsageError('legacy_display: only protect_headers="cipher" hides the subject')
        subject = parse(entity.outer + b"\r\n").subject
        # RFC 9788 section 5.2.2: those fields only that are hidden and that a reader is shown.
        entity = with_display(entity, f"Subject: {subject}") if subject else entity
    return replace(entity, header=protected_header(entity.outer, entity.header, kind))


def hidden(
    entity: Entity, hide_subject: bool, *, legacy_display: bool = False
) -> tuple[Entity, bytes]:
    """Put the fields of a message into the part that will be encrypted, and hide the subject.

    Args:
        entity: The message.
        hide_subject: Whether to do so.
        legacy_display: Whether to write the subject above the text as well.

    Returns:
        The message with that part, and the fields that everybody may read.

    Raises:
        UsageError: If the message is signed, and its fields are not within the signature; or if
            nothing is hidden that could be written above the text.

    RFC 9788 section 5.2.
    """
    if not hide_subject:
        if legacy_display:
            raise UsageError("legacy_display: only hide_subject=True hides the subject")
        return entity, entity.outer
    head = parse(entity.header + b"\r\n").root
    kind = "" if head is None else head.parsed_content_type.value
    if legacy_display and kind in _SIGNED:
        raise UsageError("legacy_display: the message is signed already; give it to sign()")
    if kind != "multipart/signed":
        entity = with_protection(entity, "cipher", legacy_display=legacy_display)
    # Beside the signature, where no reader looks for them, the fields would be lost.
    elif not _is_protected(entity):
        raise UsageError('hide_subject: give protect_headers="cipher" to sign(), too')
    return entity, obscured(entity.outer)


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
    # RFC 9788 section 2.1.1: hp is a parameter of the Content-Type of the protected part.
    content = [_with_parameter(field, kind) for field in header_fields(header)]
    return copies + b"".join(content)


def obscured(outer: bytes) -> bytes:
    """Hide the subject, and leave out what else describes the content.

    RFC 9788 section 3.2.1.
    """
    # No more: without From and To no server delivers, and without Date no reader sorts.
    fields = [field for field in header_fields(outer) if field.name not in _LEFT_OUT]
    return b"".join([OBSCURED if field.name == b"subject" else field.raw for field in fields])


def _is_protected(entity: Entity) -> bool:
    """Return whether what was signed carries the fields of its message.

    RFC 9788 section 2.1.1.
    """
    payload = payload_of(entity.as_bytes())
    return payload is not None and payload.params.get("hp") == "cipher"


def _with_parameter(field: Field, kind: str) -> bytes:
    if field.name != b"content-type":
        return field.raw
    root = parse(field.raw + b"\r\n").root
    if root is None or "hp" not in root.params:
        return field.raw.removesuffix(b"\r\n") + f';\r\n\thp="{kind}"\r\n'.encode("ascii")
    # A message that was protected before is protected again, with the fields of this one.
    return content_type(root.parsed_content_type.value, {**root.params, "hp": kind})
