"""The times in results: from before MAIL to the last reply, whatever is sent meanwhile."""

from dataclasses import replace

import pytest

from netmail.flows.flow import RECEIVE
from support.replay import replay
from support.smtp_batch import OPTIONS, Call, batch_of, envelope

OK = "S: 250 Ok\n"
GO = "S: 354 go\n"
ENVELOPE = "C: MAIL FROM:<ann@x.test>\nC: RCPT TO:<bob@x.test>\n"
CONTENT = "C! A: b\\r\\n\\r\\nhello\\r\\n.\\r\\n\n"
CHUNK = ENVELOPE + "C! BDAT 15 LAST\\r\\nA: b\\r\\n\\r\\nhello\\r\\n\n"
GROUP = ENVELOPE + "C: DATA\n"
SINGLE = ENVELOPE.replace("C: RCPT", OK + "C: RCPT") + OK + "C: DATA\n" + GO + CONTENT + OK
REPLY = 8
"""Octets of each reply."""

WAYS = {
    "one by one": ({}, SINGLE * 3, [4, 4, 4]),
    # The envelope of a message is sent before the final reply to the one before.
    "grouped": (
        {"PIPELINING": ()},
        GROUP + 2 * (OK + OK + GO + CONTENT + GROUP + OK) + OK + OK + GO + CONTENT + OK,
        [4, 5, 5],
    ),
    # All are sent at once; RSET comes before each but the first.
    "chunked": (
        {"PIPELINING": (), "CHUNKING": ()},
        CHUNK + ("C: RSET\n" + CHUNK) * 2 + OK * 3 + OK * 4 + OK * 4,
        [3, 7, 11],
    ),
}


def ticking(session, flow):
    """Let each octet that a flow waits for take a second."""
    seconds = 0.0
    session.clock = lambda: seconds
    for request in flow:
        yield request
        seconds += request is RECEIVE


@pytest.mark.parametrize(("offered", "transcript", "replies"), WAYS.values(), ids=WAYS)
def test_seconds(offered, transcript, replies):
    """Each message has the time of its own transaction."""
    batch = batch_of(*[envelope() for _ in replies], offered=offered)
    batch.session.options = replace(OPTIONS, pipelining="full", chunking=True)
    call = Call(batch)
    replay(ticking(batch.session, call.over()), batch.session.reader, transcript, size=1)
    report = call.report()

    assert report
    assert [each.accepted[0].seconds for each in report] == [REPLY * count for count in replies]


def test_no_transaction():
    """A message that is not sent takes no time."""
    batch = batch_of(envelope(), envelope(content=b"x" * 100 + b"\r\n"))
    batch.session.capabilities = {"SIZE": ("50",)}
    call = Call(batch)
    transcript = SINGLE.replace("ann@x.test>", "ann@x.test> SIZE=15")
    replay(ticking(batch.session, call.over()), batch.session.reader, transcript, size=1)
    _, refused = call.report()

    assert refused.recipients[0].seconds == 0
