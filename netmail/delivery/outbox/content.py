"""The content of a message in the tables: octets, sender and options, under a format number.

This file must not know states. It stores no Python objects: what this version has written, another
one can read.
"""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from netmail import DeliveryOptions, Envelope, LargeContent, MessageError, RecipientOptions
from netmail.delivery.outbox.database import Fetch

FORMAT: Final = 1
"""Octets of RFC 5322, or the header and parts; options as JSON."""

PART: Final = 1 << 18
"""Octets of a part of a large message."""


def store(connection: sqlite3.Connection, number: int, envelope: Envelope) -> None:
    """Write the content of a message; attached files of a large one are read now.

    Raises:
        MessageError: If an attached file cannot be read, or has changed.
    """
    content = envelope.content or b""
    # An attached file may be gone when the message is sent: what it holds is taken in now.
    octets = content.header if isinstance(content, LargeContent) else content
    connection.execute(
        "INSERT INTO outbox_content VALUES (?, ?, ?, ?, ?, ?)",
        (number, FORMAT, envelope.sender, _written(envelope.options), len(content), octets),
    )
    if isinstance(content, LargeContent):
        insert = "INSERT INTO outbox_part VALUES (?, ?, ?)"
        for count, part in enumerate(_parts(content.chunks())):
            connection.execute(insert, (number, count, part))


def load(fetch: Fetch, number: int, recipients: tuple[str, ...]) -> Envelope:
    """Read the content of a message, with the recipients that it is for now.

    Raises:
        MessageError: If another version of netmail has written it, in a format that is unknown, or
            another program has changed it.
    """
    query = "SELECT format, sender, options, size, octets FROM outbox_content WHERE message = ?"
    ((form, sender, options, size, octets),) = fetch(query, number)
    # To guess at it would send what its author has not written.
    if form != FORMAT:
        raise MessageError(f"message {number} has format {form}, which this netmail does not know")
    try:
        asked = _read(options, recipients)
    # To leave them out would ask the servers for less than its author has.
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise MessageError(f"message {number} has options that netmail has not written") from error
    if size < 0:
        raise MessageError(f"message {number} has a size that netmail has not written")
    content: bytes | LargeContent = octets
    # Of a large message only the header is in this row; the parts are read while they are sent.
    if len(octets) != size:
        content = LargeContent(octets, size, lambda: _read_parts(fetch, number))
    return Envelope(sender, recipients, content, asked)


def _parts(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Join small pieces, and cut long ones."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) >= PART:
            yield bytes(held[:PART])
            del held[:PART]
    if held:
        yield bytes(held)


def _read_parts(fetch: Fetch, number: int) -> Iterator[bytes]:
    query = "SELECT octets FROM outbox_part WHERE message = ? AND number = ?"
    count = 0
    # No cursor stays open between two pieces: results are committed meanwhile.
    while rows := fetch(query, number, count):
        yield rows[0][0]
        count += 1


def _written(options: DeliveryOptions | None) -> str | None:
    if options is None:
        return None
    return json.dumps(asdict(options), default=datetime.isoformat, ensure_ascii=False)


def _read(text: str | None, recipients: tuple[str, ...]) -> DeliveryOptions | None:
    if text is None:
        return None
    values = json.loads(text)
    if values["hold_until"] is not None:
        values["hold_until"] = datetime.fromisoformat(values["hold_until"])
    values["each_recipient"] = _recipient_options(values["each_recipient"])
    # Those of a recipient that is decided would be refused as those of a stranger.
    named = values["recipients"].items()
    values["recipients"] = {
        address: _recipient_options(each) for address, each in named if address in recipients
    }
    return DeliveryOptions(**values)


def _recipient_options(values: dict[str, Any]) -> RecipientOptions:
    if values["rrvs"] is not None:
        values["rrvs"] = datetime.fromisoformat(values["rrvs"])
    return RecipientOptions(**values)
