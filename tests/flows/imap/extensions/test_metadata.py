"""Annotations: which capability each needs, and what is refused before anything is sent."""

import pytest

from netmail.errors import CapabilityError, StateError, UsageError
from netmail.flows.imap.extensions.metadata import get_metadata, set_metadata
from support.imap_sessions import fresh, logged_in, run


def reading(name, entries="/a", depth="0", max_size=None):
    """Return the conversation."""
    return lambda imap: get_metadata(imap, name, entries, depth, max_size)


def with_metadata(capability="METADATA"):
    """Return a session with a server that has the extension."""
    return logged_in(capability)


def test_capabilities():
    """METADATA-SERVER is for annotations of the server only."""
    with pytest.raises(CapabilityError, match="METADATA-SERVER"):
        run(reading(""), "")
    with pytest.raises(CapabilityError, match="METADATA,"):
        run(reading("x"), "", lambda: with_metadata("METADATA-SERVER"))
    with pytest.raises(CapabilityError):
        run(lambda imap: set_metadata(imap, "x", {"/a": "b"}), "")
    with pytest.raises(StateError):
        run(reading("x"), "", fresh)

    transcript = 'C: T1 GETMETADATA "" ("/a")\nS: * METADATA "" (/a x)\nS: T1 OK done'
    assert run(reading(""), transcript, lambda: with_metadata("METADATA-SERVER")) == {"/a": b"x"}


def test_several_responses():
    """Values of one mailbox may come in several responses, and unsolicited ones between them."""
    lines = 'S: * METADATA "x" (/a 1)\nS: * METADATA "y" (/a 2)\nS: * METADATA "x" (/a/b NIL)\n'
    transcript = f'C: T1 GETMETADATA (DEPTH infinity) "x" ("/a")\n{lines}S: T1 OK done'

    found = run(reading("x", depth="infinity"), transcript, with_metadata)
    assert found == {"/a": b"1", "/a/b": None}


def test_no_value():
    """RFC 5464 section 4.2: an entry that does not exist need not be named."""
    transcript = 'C: T1 GETMETADATA (MAXSIZE 0) "x" ("/a")\nS: T1 OK done'

    assert run(reading("x", max_size=0), transcript, with_metadata) == {}


@pytest.mark.parametrize(
    "call",
    [
        reading("x", []),
        reading("x", "a"),
        reading("x", ["/a", 5]),
        reading("x", "/a", "2"),
        reading("x", "/a", None),
        reading("x", "/a", "0", -1),
        reading("x\r\n"),
        lambda imap: set_metadata(imap, "x", {}),
        lambda imap: set_metadata(imap, "x", "/a"),
        lambda imap: set_metadata(imap, "x", {"/a": 5}),
    ],
)
def test_wrong_arguments(call):
    """What is no entry, depth, size or value is refused before anything is sent."""
    with pytest.raises(UsageError):
        run(call, "", with_metadata)
