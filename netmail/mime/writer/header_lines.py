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

# unstructured = (*([FWS] VCHAR) *WSP)                        RFC 5322 section 3.2.5
# With single spaces only between visible characters: what folding and unfolding cannot change.
_SIMPLE = re.compile(r"[!-~]+(?: [!-~]+)*")
# [FWS] 1*VCHAR of unstructured: with the white space, which belongs to the value
#                                                             RFC 5322 section 3.2.5
_WORD = re.compile(r"[ \t]*[^ \t]+")
# The same without control and 8-bit characters, which must be encoded    RFC 5322 section 3.2.5
_VISIBLE = re.compile(r"[ \t]*[!-~]+")

# phrase = 1*word, of atoms only                              RFC 5322 section 3.2.5
# atext  = ALPHA / DIGIT / "!" / "#" / ... / "~"              RFC 5322 section 3.2.3
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
# quoted-string of printable ASCII and spaces                 RFC 5322 section 3.2.4
_PRINTABLE = re.compile(r"[ -~]+")
_QUOTED_NAME_LIMIT = 60

# field = field-name ":" unstructured CRLF, with FWS          RFC 5322 sections 2.2 and 3.6.8
# Every line after the first begins with white space and has something else, so that no value
# can begin a field of its own or end the header.
_FIELD = re.compile(
    rb"[!-9;-~]+:[^\r\n\0]*+(?:\r\n[ \t]++[^ \t\r\n\0][^\r\n\0]*+)*+\r\n",
)


def field_name(name: str) -> str:
    """Check a header's name.

    Raises:
        MessageError: If it has a space, colon, control or non-ASCII character, or is too long.

    RFC 5322 section 3.6.8.
    """
    if not _NAME.fullmatch(check_text(name, "header name", MessageError)):
        raise MessageError(f"header name: {name[:80]!r} is not a name such as X-Mailer")
    return name


def unstructured_field(name: str, value: str, *, ascii_only: bool = False) -> bytes:
    """Write a header of free text.

    Args:
        name: The header's name, checked.
        value: Its text; what is not plain ASCII is written as encoded words.
        ascii_only: Refuse instead of encoding, for values that are no text (identifiers, URLs).

    Raises:
        MessageError: If the name or value is not allowed in a header.

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
            # RFC 2047 section 5 (3): an encoded word "MUST be separated from any adjacent
            # 'word', 'text' or 'special' by 'linear-white-space'".
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


def fold(name: str, tokens: Iterable[str]) -> str:
    """Distribute tokens over lines of at most 78 columns; never break one.

    Args:
        name: The header's name.
        tokens: The tokens, each with the white space before it.

    RFC 5322 section 2.2.3.
    """
    lines: list[str] = []
    line = f"{name}:"
    for token in tokens:
        # A token too long for any line stays on the line of the name: some readers lose a value
        # that begins on the second line.
        too_long = len(token) > LINE
        if len(line) + len(token) <= LINE or (not lines and line[-1] == ":" and too_long):
            line += token
        else:
            lines.append(line)
            line = token
    lines.append(line)
    return "\r\n".join(lines) + "\r\n"


def written_field(name: str, field: bytes) -> bytes:
    """Check a field once more, immediately before it is written.

    However the value was made, the result is one field with valid lines.

    Raises:
        MessageError: If it contains a stray CR, LF or NUL, an empty line, or too long a line.

    RFC 5322 section 2.1.1, section 2.2.
    """
    if not _FIELD.fullmatch(field) or not field.startswith(name.encode("ascii", "replace") + b":"):
        raise MessageError(f"{name}: the value would break out of its header")
    if len(field) > LINE_LIMIT and any(len(line) > LINE_LIMIT for line in field.split(b"\r\n")):
        raise MessageError(f"{name}: a line would be longer than {LINE_LIMIT} octets")
    return field


def _encoded_runs(name: str, value: str, ascii_only: bool) -> list[str]:
    """Encode from the first to the last token that needs it; those around stay as they are."""
    words = _WORD.findall(value)
    marked = [i for i, word in enumerate(words) if not _VISIBLE.fullmatch(word) or "=?" in word]
    trimmed = value == value.strip(" \t")
    if marked and ascii_only:
        raise MessageError(f"{name}: only printable ASCII is allowed in this header")
    if not marked and (trimmed or ascii_only):
        return [f" {words[0].lstrip()}", *words[1:]] if words else [" "]
    first, last = 0, len(words)
    # RFC 2047 section 6.2: readers drop the white space between two encoded words, and keep one
    # space beside plain text. The run can begin and end only there.
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
