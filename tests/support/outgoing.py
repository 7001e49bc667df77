"""A message as it is sent, for tests of what is written."""

from netmail.envelope import Envelope
from netmail.mime.outgoing import Sendable, outgoing
from netmail.mime.stored import stored


def sent(message: Sendable, **allowed: bool) -> tuple[Envelope, bytes]:
    """Return a message's envelope and octets; `allowed` is what `as_bytes()` takes."""
    ready = outgoing(message)
    return ready.envelope, ready.as_bytes(**allowed)


def stored_octets(message) -> bytes:
    """What a mailbox keeps of a message, of the size that was announced."""
    content = stored(message).content
    octets = b"".join(content.blocks())

    assert content.size() == len(octets)
    return octets
