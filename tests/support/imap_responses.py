"""IMAP responses made of fragments, for tests of the grammar."""

from netmail.wire.imap import responses
from netmail.wire.imap.responses import DataResponse


def data(*fragments: bytes) -> DataResponse:
    """Return an untagged response of these fragments."""
    found = responses.data(list(fragments))
    assert found is not None
    return found
