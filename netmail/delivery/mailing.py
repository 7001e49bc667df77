"""A mailing: many messages through one transport, read as they leave.

This file must not know any transport, nor where the messages come from.
"""

import contextlib
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from netmail import AddressInput, MessageResult, Sendable, UsageError
from netmail.delivery.attempts import DEFAULT_RETRY, HeldTransport
from netmail.delivery.interfaces import TransportFactory


def delivered_each(make: TransportFactory, messages: Iterable[Sendable]) -> Iterator[MessageResult]:
    """Deliver messages while their results are read.

    A transport that has `deliver_each(messages)` gets all of them; others get one after the other,
    with the attempts that the message asks for.

    Args:
        make: Makes the transport, which is shut down in the end.
        messages: The messages; no more of them are read than the transport needs.
    """
    transport = make()
    each = getattr(transport, "deliver_each", None)
    if each is None:
        # Nothing ends a wait early: the caller leaves the loop instead.
        held = HeldTransport(make, DEFAULT_RETRY, threading.Event())
        with contextlib.closing(held):
            for message in messages:
                yield cast("MessageResult", held.deliver(message))
        return
    # The transport reads the messages itself, so that many are on the line at once.
    transport.startup()
    try:
        yield from each(messages)
    finally:
        transport.shutdown()


def rows_with_recipients(
    rows: Iterable[Mapping[str, object]],
) -> Iterator[tuple[AddressInput, Mapping[str, object]]]:
    """Yield the recipients of each row, and the row.

    Raises:
        UsageError: If a row has no recipient.
    """
    for number, row in enumerate(rows, 1):
        to = row.get("to")
        if not to:
            raise UsageError(f"row {number} has no recipient: its key is 'to'")
        yield cast("AddressInput", to), row
