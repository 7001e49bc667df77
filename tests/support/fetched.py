"""FETCH responses as a test writes them."""

from netmail.flows.imap.header_decoding import HEADER_DECODING
from netmail.wire.imap.fetch_data import fetched_messages
from netmail.wire.imap.fetched_message import Reading


def reading(*, strict=False):
    """Return how responses are read."""
    return Reading(HEADER_DECODING, strict=strict)


def fragments_of(text, *literals):
    """Return a response; its literals are where "%" is."""
    texts = text.split("%")
    fragments = [texts[0].encode()]
    for literal, rest in zip(literals, texts[1:], strict=True):
        fragments += [literal, rest.encode()]
    return fragments


def message_of(text, *literals, only_flags=False, strict=False):
    """Read one response, of which the literals are where "%" is; `None` if it is no message."""
    return one(fragments_of(text, *literals), only_flags=only_flags, strict=strict)


def one(fragments, *, only_flags=False, strict=False):
    """Read one response; `None` if it is no message."""
    messages, _ = fetched_messages([fragments], reading(strict=strict), only_flags=only_flags)
    return messages[0] if messages else None
