"""Mailboxes opened with CONDSTORE and QRESYNC: what the server lacks, and sets that are long."""

import pytest

from netmail.errors import CapabilityError
from netmail.flows.imap.extensions.resync import select
from support.imap_sessions import logged_in, run

OFFERED = "IMAP4rev1 ENABLE QRESYNC"
OPENED = "S: * 0 EXISTS\nS: {tag} OK done"


def opened(**parameters):
    """Return the conversation that opens a mailbox."""
    return lambda session: select(session, "x", **parameters)


@pytest.mark.parametrize(
    ("capabilities", "parameters", "named"),
    [
        ("IMAP4rev1", {"condstore": True}, "CONDSTORE"),
        ("IMAP4rev1 ENABLE CONDSTORE", {"known": (1, 1)}, "QRESYNC"),
        ("IMAP4rev1 QRESYNC", {"known": (1, 1)}, "ENABLE"),
    ],
)
def test_missing(capabilities, parameters, named):
    """Nothing is sent to a server that lacks an extension, and the error names it."""
    with pytest.raises(CapabilityError) as caught:
        run(opened(**parameters), "", logged_in, capabilities=capabilities)

    assert caught.value.capability == named


def test_contained():
    """QRESYNC contains CONDSTORE."""
    lines = 'C: T1 SELECT "x" (CONDSTORE)\n' + OPENED.format(tag="T1")

    assert run(opened(condstore=True), lines, logged_in, capabilities=OFFERED)["exists"] == 0


def test_not_enabled():
    """A server that enables nothing is not asked by QRESYNC."""
    lines = "C: T1 ENABLE QRESYNC\nS: T1 OK nothing"
    with pytest.raises(CapabilityError, match="does not enable"):
        run(opened(known=(1, 1)), lines, logged_in, capabilities=OFFERED)


def test_long_set():
    """Known UIDs that do not fit into one command are sent as one range."""
    known = (7, 9, range(3, 20_000, 2))
    lines = "C: T1 ENABLE QRESYNC\nS: * ENABLED QRESYNC\nS: T1 OK done\n"
    lines += 'C: T2 SELECT "x" (QRESYNC (7 9 3:19999))\n' + OPENED.format(tag="T2")
    state = run(opened(known=known), lines, logged_in, capabilities=OFFERED)

    assert state["changed"] == []
