"""What is sent and read where messages have no numbers but their UIDs."""

import pytest

from netmail.flows.imap.live.uid_only import highest, numbered
from netmail.results.imap_events import FlagsChanged
from support.imap_sessions import selected


@pytest.mark.parametrize(("enabled", "end"), [((), "*"), (("UIDONLY",), "4294967295")])
def test_highest(enabled, end):
    """The marker "*" is one of sequence numbers, and not sent under UIDONLY."""
    session = selected()
    session.enabled = frozenset(enabled)

    assert highest(session) == end


@pytest.mark.parametrize(("enabled", "sequence"), [((), 7), (("UIDONLY",), None)])
def test_numbered(enabled, sequence):
    """What comes before UIDFETCH is a UID, and no sequence number."""
    session = selected()
    session.enabled = frozenset(enabled)

    assert numbered(session, FlagsChanged(7, (), 7)).sequence == sequence
