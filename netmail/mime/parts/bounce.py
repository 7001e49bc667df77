"""Returned messages of servers that write a text instead of a delivery status.

This file knows how such a text is read: recipients, diagnostic texts, the returned message. It
knows no server; those are in `bounce_texts.py`.
"""

import re
from typing import NamedTuple

from netmail.mime.parts.bounce_texts import BOUNCE_TEXTS, BounceText
from netmail.mime.parts.part import Part

# "#5.1.1", "550 5.1.1 unknown"; no part of an address "192.5.1.1"   RFC 3463 section 2
_STATUS = r"(?<![0-9.])([245]\.[0-9]{1,3}\.[0-9]{1,3})(?!\.?[0-9])"

# "550 unknown", "host: 450-later"                             RFC 5321 section 4.2
_REPLY = r"(?<![0-9.])([45])[0-9]{2}[ -]"

# "(generated from all@c.example)": the address as the sender gave it, in Exim's texts.
_GENERATED = r"\(generated from ([^\n()]+)\)"

_LONGEST = 1 << 16
"""Octets in which the recipients are listed; the returned message may be longer."""

_LINE = 998
"""Longest line with an address: RFC 5322 section 2.1.1."""


class Bounced(NamedTuple):
    """A recipient that a message was returned for.

    Attributes:
        recipient: The address.
        original: The address as the sender gave it; "" if it is not given.
        action: "failed" or "delayed".
        status: The status code; "5.0.0" or "4.0.0" if only the class is known.
        diagnostic: The text of the server, on one line.
        remote: The server that refused it; "" if it is not given.
    """

    recipient: str
    original: str
    action: str
    status: str
    diagnostic: str
    remote: str


class Bounce(NamedTuple):
    """A text that returns a message.

    Attributes:
        name: The program that wrote it.
        text: The text, without the returned message.
        reporter: The server that wrote it; "" if it is not given.
        recipients: The recipients in their order.
        returned: The octets of the message after the text; b"" if there are none.
    """

    name: str
    text: str
    reporter: str
    recipients: tuple[Bounced, ...]
    returned: bytes


def read_bounce(root: Part) -> Bounce | None:
    """Read the text of a returned message.

    Args:
        root: The root part of a message.

    Returns:
        What it reports; `None` if its first part is no such text, or names no recipient.
    """
    leaf = next((part for part in root.walk() if not part.children), None)
    if leaf is None or leaf.content_type != "text/plain":
        return None
    content = leaf.content
    beginning = leaf.decode_text(content[:_LONGEST]).lstrip("\n")
    for known in BOUNCE_TEXTS:
        if beginning.startswith(known.begins):
            head, returned = _divided(content, known)
            text = leaf.decode_text(head).lstrip("\n")
            recipients = _recipients(text, known, root.limits.addresses)
            if recipients:
                reporter = _first(known.reporter, text.partition("\n")[0])
                return Bounce(known.name, text, reporter, recipients, returned)
    return None


def _divided(content: bytes, known: BounceText) -> tuple[bytes, bytes]:
    """Divide a body into the text and the returned message."""
    mark = b"\n" + known.copy.encode()
    start = content.find(mark, 0, _LONGEST) + 1 if known.copy else 0
    if not start:
        return content[:_LONGEST], b""
    position = start
    # "------ The body of the message is 99999 characters long; only the first": lines of the same
    # kind may follow.
    while content.startswith((mark[1:], b"\n", b"\r\n"), position):
        position = content.find(b"\n", position) + 1 or len(content)
    return content[:start], content[position:]


def _recipients(text: str, known: BounceText, most: int) -> tuple[Bounced, ...]:
    """Read the recipients, and the lines after each."""
    action, lines = _listed(text, known)
    pattern = re.compile(known.recipient)
    found: list[tuple[str, list[str]]] = []
    for line in lines:
        match = pattern.match(line.rstrip()) if len(line) <= _LINE else None
        if match:
            if len(found) >= most:
                break
            found.append((match[1], []))
        elif found and line.strip():
            found[-1][1].append(line.strip())
    return tuple(_bounced(address, lines, action, known) for address, lines in found)


def _listed(text: str, known: BounceText) -> tuple[str, list[str]]:
    """Return what became of the recipients, and the lines that list them."""
    for sentence, action in known.announces:
        spaced = r"\s+".join(map(re.escape, sentence.split()))
        match = re.search(spaced, text)
        if match:
            return action, text[match.end() :].split("\n")
    return "", []


def _bounced(address: str, lines: list[str], action: str, known: BounceText) -> Bounced:
    diagnostic = "\n".join(lines)
    number = "4" if action == "delayed" else _first(_REPLY, diagnostic) or "5"
    return Bounced(
        address,
        _first(_GENERATED, diagnostic),
        action,
        _first(_STATUS, diagnostic) or f"{number}.0.0",
        " ".join(lines),
        _first(known.remote, diagnostic),
    )


def _first(pattern: str, text: str) -> str:
    match = re.search(pattern, text) if pattern else None
    return match[1] if match else ""
