"""LIST responses that are large, or made to be slow."""

import pytest

from netmail.errors import ProtocolError
from netmail.wire.imap.mailbox_list import mailbox_list
from support.imap_responses import data


@pytest.mark.usefixtures("in_time")
@pytest.mark.parametrize(
    "line",
    [
        b'* LIST () "/" ' + b"a " * 500_000,
        b"* LIST (" + b"\\X " * 300_000 + b') "/" x',
        b"* LIST " + b"(" * 1_000_000,
        b'* LIST () "/" "' + b"\\" * 1_000_001,
        b'* LIST () "/" ' + b'"' * 1_000_001,
        b"* LIST (" + b"x" * 1_000_000,
        b'* LIST () "/" ' + b"&" * 500_000,
        b'* LIST () "/" ' + b"&A-" * 300_000,
        b'* LIST () "/" x (' + b"(" * 500_000,
    ],
    ids=range(9),
)
def test_hostile(line):
    """A LIST of a million octets is read or refused in linear time."""
    try:
        entry, written = mailbox_list(data(line))
    except ProtocolError:
        return
    assert entry["name"].encode("utf-8", "surrogateescape") or written


def test_strict_about_a_trailing_space():
    """A space at the end is refused where strict, and accepted where not."""
    response = data(b'* LIST () "/" "x" ')

    assert mailbox_list(response)
    with pytest.raises(ProtocolError, match="a space at the end"):
        mailbox_list(response, strict=True)
