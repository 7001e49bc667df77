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
            f'C: T1 STATUS "x" (MESSAGES)\n{lines}S: T1 OK done',
        )


@pytest.mark.parametrize("attrs", ["", [], "MESSAGES)", "A\r\nB", ["UNSEEN SIZE"], [5, "é"]])
def test_status_of_nothing(attrs):
    """At least one item, and atoms only."""
    with pytest.raises(UsageError):
        run(lambda imap: status(imap, "x", attrs), "")


@pytest.mark.parametrize(
    ("pairs", "values"),
    [
        ("MESSAGES 3 APPENDLIMIT NIL", {"MESSAGES": 3, "APPENDLIMIT": None}),
        ("APPENDLIMIT 257890", {"APPENDLIMIT": 257890}),
        ("MESSAGES 3 MAILBOXID (F2212ea87)", {"MESSAGES": 3, "MAILBOXID": "F2212ea87"}),
        ("MAILBOXID (F1) MESSAGES 3", {"MESSAGES": 3, "MAILBOXID": "F1"}),
        ("UIDNEXT 9.3736e+06", {"UIDNEXT": 9373600}),
        ("UIDNEXT 1e99 MESSAGES 3", {"MESSAGES": 3}),
        ("MESSAGES NIL UNSEEN 3", {"UNSEEN": 3}),
        ("MAILBOXID (F1 F2) UNSEEN 3", {"UNSEEN": 3}),
        ('MESSAGES 3 X-NAME "a b" UNSEEN 4', {"MESSAGES": 3, "UNSEEN": 4}),
        ("MESSAGES 3 X-GUID 0aff UNSEEN 4", {"MESSAGES": 3, "UNSEEN": 4}),
        ("HIGHESTMODSEQ -1", {}),
    ],
)
def test_values(pairs, values):
    """Each item has a value of its own; one that cannot be read costs no other."""
    transcript = f'C: T1 STATUS "x" (MESSAGES)\nS: * STATUS x ({pairs})\nS: T1 OK done'

    assert run(lambda imap: status(imap, "x", "MESSAGES"), transcript) == values
