"""A message as it is sent, for tests of what is written."""

from netmail.envelope import Envelope
from netmail.mime.outgoing import Sendable, outgoing


def sent(message: Sendable, **allowed: bool) -> tuple[Envelope, bytes]:
    """Return a message's envelope and octets; `allowed` is what `as_bytes()` takes."""
    ready = outgoing(message)
    return ready.envelope, ready.as_bytes(**allowed)
