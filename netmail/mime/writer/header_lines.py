"""Header lines: names and values checked, values encoded and folded.

This file must not know which headers a message has, nor what its body is.
"""

import re
from collections.abc import Iterable, Sequence

from netmail.address import Address, Group
from netmail.errors import MessageError
from netmail.mime.writer.encoded_words import encoded_words
from netmail.text import check_text

FieldValue = str | Sequence[Address | Group]

LINE = 78
"""Columns of a header line, RFC 5322 section 2.1.1 (SHOULD)."""

LINE_LIMIT = 998
"""Octets of any line without its CRLF, RFC 5322 section 2.1.1 (MUST)."""

NAME_LIMIT = 76
"""Octets of a field name: with its colon it must leave the first line at most 77 long."""

# field-name = 1*ftext ; ftext = %d33-57 / %d59-126          RFC 5322 section 3.6.8
_NAME = re.compile(rf"[!-9;-~]{{1,{NAME_LIMIT}}}")

_SIMPLE = re.compile(r"[!-~]+(?: [!-~]+)*")
_WORD = re.compile(r"[ \t]*[^ \t]+")
_VISIBLE = re.compile(r"[ \t]*[!-~]+")

# phrase = 1*word, of atoms only                             RFC 5322 section 3.2.5
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_PRINTABLE = re.compile(r"[ -~]+")
_QUOTED_NAME_LIMIT = 60

# A whole field as it may be written: every line after the first begins with white space and is
# not empty, so that no value can begin a field of its own or end the header.
_FIELD = re.compile(
    rb"[!-9;-~]+:[^\r\n\0]*+(?:\r\n[ \t]++[^ \t\r\n\0][^\r\n\0]*+)*+\r\n",
)


def field_name(name: str) -> str:
    """Check a header's name.

    Raises:
        MessageError: If it has a space, a colon, a control or non-ASCII character, or is too long.

    RFC 5322 section 3.6.8.
    """
    if not _NAME.fullmatch(check_text(name, "header name", MessageError)):
        raise MessageError(f"header name: {name[:80]!r} is not a name such as X-Mailer")
    return name


def unstructured_field(name: str, value: str, *, ascii_only: bool = False) -> bytes:
    """Write a header of free text.

    Args:
        name: The header's name, checked.
        value: Its text; encoded as RFC 2047 words as far as it is not plain ASCII.
        ascii_only: Refuse instead of encoding, for values that are no text (identifiers, URLs).

    Raises:
        MessageError: If the name or value cannot stand in a header.

    RFC 5322 section 2.2.1, RFC 2047 section 5 (1).
    """
    check_text(value, name, MessageError)
    if _SIMPLE.fullmatch(value) and "=?" not in value:
        if len(name) + 2 + len(value) <= LINE:
            return written_field(name, f"{name}: {value}\r\n".encode("ascii"))
        words = [f" {word}" for word in value.split(" ")]
    else:
        words = _encoded_runs(name, value, ascii_only)
    if not ascii_only and any(len(word) > LINE_LIMIT - NAME_LIMIT for word in words):
        words = [f" {word}" for word in encoded_words(value, LINE - len(name) - 2)]
    return written_field(name, fold(name, words).encode("ascii"))


def address_field(name: str, addresses: Iterable[Address | Group], *, utf8: bool = False) -> bytes:
    """Write a header of addresses: names encoded, addresses never.

    Args:
        name: The header's name.
        addresses: Checked addresses and groups.
        utf8: Write local parts outside ASCII as UTF-8, for SMTPUTF8.

    Raises:
        MessageError: If a local part is not ASCII and `utf8` is false.

    RFC 5322 section 3.4, RFC 2047 section 5 (3), RFC 6532 section 3.2.
    """
    tokens: list[str] = []
    for item in addresses:
        if isinstance(item, Group):
            tokens += _phrase(item.name)
            # An encoded word is set apart from what follows      RFC 2047 section 5 (3)
            if tokens[-1].endswith("?="):
                tokens.append(":")
            else:
                tokens[-1] += ":"
            for member in item.mailboxes:
                tokens += _mailbox(member)
            if item.mailboxes:
                tokens[-1] = tokens[-1][:-1]
            tokens[-1] += ";,"
        else:
            tokens += _mailbox(item)
    tokens[-1] = tokens[-1][:-1]
    text = fold(name, [f" {token}" for token in tokens])
    if not utf8 and not text.isascii():
        raise MessageError(f"{name}: a local part outside ASCII needs SMTPUTF8 (utf8=True)")
    return written_field(name, text.encode())


def fold(name: str, words: Iterable[str]) -> str:
    """Lay words on lines of at most 78 columns; never break one.

    Args:
        name: The header's name.
        words: The words, each with the white space before it.

    RFC 5322 section 2.2.3.
    """
    lines: list[str] = []
    line = f"{name}:"
    for word in words:
        # A word too long for any line stays beside the name: some readers lose a value that
        # begins on the second line.
        fits = len(line) + len(word) <= LINE or (not lines and line[-1] == ":" and len(word) > LINE)
        if fits:
            line += word
        else:
            lines.append(line)
            line = word
    lines.append(line)
    return "\r\n".join(lines) + "\r\n"


def written_field(name: str, field: bytes) -> bytes:
    """Check a field once more, as it is about to be written.

    Whatever the way by which a value came here, it is one field with lawful lines.

    Raises:
        MessageError: If it holds a stray CR, LF or NUL, an empty line, or too long a line.

    RFC 5322 section 2.1.1, section 2.2.
    """
    if not _FIELD.fullmatch(field) or not field.startswith(name.encode("ascii", "replace") + b":"):
        raise MessageError(f"{name}: the value would break out of its header")
    if len(field) > LINE_LIMIT and any(len(line) > LINE_LIMIT for line in field.split(b"\r\n")):
        raise MessageError(f"{name}: a line would be longer than {LINE_LIMIT} octets")
    return field


def _encoded_runs(name: str, value: str, ascii_only: bool) -> list[str]:
    """Encode from the first to the last word that needs it, and leave the words around."""
    words = _WORD.findall(value)
    marked = [i for i, word in enumerate(words) if not _VISIBLE.fullmatch(word) or "=?" in word]
    trimmed = value == value.strip(" \t")
    if marked and ascii_only:
        raise MessageError(f"{name}: only printable ASCII may stand in this header")
    if not marked and (trimmed or ascii_only):
        return [f" {words[0].lstrip()}", *words[1:]] if words else [" "]
    first, last = 0, len(words)
    # Readers drop the white space between an encoded word and the next, except one space
    # between it and plain text: only there may the run begin or end.
    if marked and trimmed and all(map(_one_space, words[1:])):
        first, last = marked[0], marked[-1] + 1
    run = value if last - first == len(words) else "".join(words[first:last]).removeprefix(" ")
    before = [f" {word.lstrip()}" for word in words[:first]]
    room = LINE - len(name) - 2 - sum(map(len, before))
    return before + [f" {word}" for word in encoded_words(run, room)] + words[last:]


def _one_space(word: str) -> bool:
    return word[0] == " " and word[1:2] not in {" ", "\t"}


def _mailbox(address: Address) -> list[str]:
    if not address.name:
        return [f"{address.address},"]
    return [*_phrase(address.name), f"<{address.address}>,"]


def _phrase(name: str) -> list[str]:
    check_text(name, "display name", MessageError)
    if "=?" not in name:
        if _ATOMS.fullmatch(name):
            return name.split(" ")
        if len(name) <= _QUOTED_NAME_LIMIT and _PRINTABLE.fullmatch(name):
            escaped = name.replace("\\", "\\\\").replace('"', '\\"')
            return [f'"{escaped}"']
    return encoded_words(name) if name else ['""']
