"""STATUS, exactly as it goes over the wire."""

import pytest

from netmail.errors import ProtocolError, UsageError
from netmail.flows.imap.status import status
from support.imap_sessions import run


@pytest.mark.parametrize(
    "line",
    [
        '* STATUS "a b" (MESSAGES 3 UIDNEXT 9)',
        "* STATUS {3}\\r\\na b (messages 3 UIDNEXT 9)",
        '* STATUS "a b" (UIDNEXT 9)\\r\\n* STATUS "a b" (MESSAGES 3)',
        '* STATUS "a b" (MESSAGES 3 UIDNEXT 9)\\r\\n* STATUS other (MESSAGES 4)',
    ],
)
def test_status(line):
    """The numbers of the mailbox that was asked for, its name in any form."""
    transcript = f'C: T1 STATUS "a b" (MESSAGES UIDNEXT)\nS! {line}\\r\\n\nS: T1 OK done'

    counts = run(lambda imap: status(imap, "a b", "messages uidnext"), transcript)
    assert counts == {"MESSAGES": 3, "UIDNEXT": 9}


@pytest.mark.parametrize(
    "lines",
    [
        "",
        "S: * STATUS x\n",
        "S: * STATUS x ()y\n",
        "S: * STATUS x (MESSAGES)\n",
        "S: * STATUS x (MESSAGES a)\n",
        "S: * STATUS x (MESSAGES 1 2 3)\n",
        "S: * STATUS x (MESSAGES 99999999999999999999)\n",
        "S: * STATUS x (MESSAGES ٣)\n",
        "S: * STATUS y (MESSAGES 1)\nS: * STATUS z (MESSAGES 2)\n",
    ],
)
def test_status_unreadable(lines):
    """No number is made up where none could be read."""
    with pytest.raises(ProtocolError):
        run(
            lambda imap: status(imap, "x", ["MESSAGES"]),
            f"C: T1 STATUS x (MESSAGES)\n{lines}S: T1 OK done",
        )


@pytest.mark.parametrize("attrs", ["", [], "MESSAGES)", "A\r\nB", ["UNSEEN SIZE"], [5, "é"]])
def test_status_of_nothing(attrs):
    """At least one item, and atoms only."""
    with pytest.raises(UsageError):
        run(lambda imap: status(imap, "x", attrs), "")
