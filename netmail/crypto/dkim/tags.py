"""Tag lists: `a=rsa-sha256; d=example.org`, as signatures and key records are written.

This file must not know what the tags mean.
"""

import re
from typing import Final

# tag-name = ALPHA *ALNUMPUNC; ALNUMPUNC = ALPHA / DIGIT / "_"       RFC 6376 section 3.2
_NAME: Final = re.compile(rb"[A-Za-z][A-Za-z0-9_]*")
# FWS = [*WSP CRLF] 1*WSP, which base64 values may have anywhere     RFC 6376 section 2.8
_FWS: Final = re.compile(rb"[ \t\r\n]+")
# domain-name = sub-domain 1*("." sub-domain), and the same for selectors; "_" is in real names
# sub-domain = Let-dig [Ldh-str]                RFC 5321 section 4.1.2, RFC 6376 sections 3.1, 3.5
_DOMAIN: Final = re.compile(r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*")
_LONGEST_NAME = 253
# What is folded into one line of a header                           RFC 5322 section 2.1.1
_COLUMNS = 72


class TagError(ValueError):
    """The text is no tag list."""


def parsed_tags(text: bytes) -> dict[str, bytes]:
    """Read a tag list; the white space around names and values is dropped.

    Raises:
        TagError: If it is none, or has a tag twice.

    RFC 6376 section 3.2.
    """
    tags: dict[str, bytes] = {}
    for spec in text.split(b";"):
        # RFC 6376 section 3.2: tag-list = tag-spec *( ";" tag-spec ) [ ";" ]: one may end the list.
        if not spec.strip():
            continue
        name, equals, value = spec.partition(b"=")
        if not equals or not _NAME.fullmatch(name.strip()):
            raise TagError("it is no list of tags")
        key = name.strip().decode("ascii")
        # "Tags with duplicate names MUST NOT occur within a single tag-list".
        if key in tags:
            raise TagError(f"the tag {key}= is there twice")
        tags[key] = value.strip()
    return tags


def is_name(text: str) -> bool:
    """Return whether a text can be looked up in the DNS as it is.

    RFC 1035 section 2.3.4: labels have 63 octets or less, names 255 with the length of each.
    """
    return len(text) <= _LONGEST_NAME and _DOMAIN.fullmatch(text) is not None


def without_white_space(value: bytes) -> bytes:
    """Return a value without the white space that folding has put into it."""
    return _FWS.sub(b"", value)


def without_signature(value: bytes) -> bytes:
    """Return a field's value with the value of its tag `b=` taken out, all else as it is.

    RFC 6376 section 3.5: the signature is computed with the empty value.
    """
    specs = value.split(b";")
    for number, spec in enumerate(specs):
        name, equals, _ = spec.partition(b"=")
        # The tag bh= has another name, and b= of the value of another tag is none.
        if equals and name.strip() == b"b":
            specs[number] = name + equals
    return b";".join(specs)


def folded_tags(name: str, tags: list[tuple[str, str]]) -> bytes:
    """Write a field whose last tag is an empty `b=`, without the CRLF at its end.

    Args:
        name: The field's name.
        tags: The tags before `b=`.

    RFC 6376 section 3.5.
    """
    lines, line = [], f"{name}:"
    for tag, value in tags:
        # A list of names is folded at its colons, which white space may follow.
        pieces = value.split(":") if tag == "h" else [value]
        for number, piece in enumerate(pieces):
            text = piece if number else f"{tag}={piece}"
            text += ";" if number == len(pieces) - 1 else ":"
            space = "" if number else " "
            if len(line) + len(space) + len(text) > _COLUMNS:
                lines.append(line)
                line = f"\t{text}"
            else:
                line += space + text
    lines += [line, "\tb="]
    return "\r\n".join(lines).encode("ascii")


def folded_value(value: str) -> bytes:
    """Write base64 so that it can follow `b=`, in lines of a header."""
    # "b=" and the tab before it are on the first line.
    first = _COLUMNS - 3
    pieces = [value[:first]]
    pieces += [value[at : at + _COLUMNS] for at in range(first, len(value), _COLUMNS)]
    return "\r\n\t".join(pieces).encode("ascii")
