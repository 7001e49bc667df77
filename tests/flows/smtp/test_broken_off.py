"""Batches that end too early: what is queued, what is uncertain, what is never sent twice."""

import pytest

from netmail.errors import (
    ConnectionLost,
    MailTimeout,
    ProtocolError,
    RecipientsRefused,
    SmtpError,
)
from netmail.flows.smtp import commands
from netmail.flows.smtp.batch import send
from netmail.flows.smtp.transaction import JOINED
from netmail.results.smtp import SendReport, SendStage
from support.replay import replay
from support.smtp_batch import (
    GONE,
    INTRODUCED,
    ONE,
    WELCOME,
    envelope,
    flows,
    queued,
    sent,
    unsure,
)

SIZES = pytest.mark.parametrize("size", [None, 1], ids=["whole", "octets"])

pytestmark = SIZES


# -- the connection ends -----------------------------------------------------------------------

ENDS = {
    "before anything": ("EOF", SendStage.NOT_SENT, ConnectionLost, False),
    "goodbye before anything": (
        "S: 421 4.4.2 idle\nEOF",
        SendStage.NOT_SENT,
        ConnectionLost,
        False,
    ),
    "unasked words": ("S: 250 Ok", SendStage.NOT_SENT, ProtocolError, False),
    "at MAIL": (INTRODUCED + "EOF", SendStage.MAIL, ConnectionLost, False),
    "broken at MAIL": (INTRODUCED + "LOST", SendStage.MAIL, ConnectionLost, False),
    "timeout at RCPT": (INTRODUCED + "S: 250 Ok\nTIMEOUT", SendStage.RCPT, MailTimeout, False),
    "nonsense at RCPT": (INTRODUCED + "S: 250 Ok\nS: what", SendStage.RCPT, ProtocolError, False),
    "354 at MAIL": (INTRODUCED + "S: 354 go", SendStage.MAIL, ProtocolError, False),
    "goodbye at DATA": (WELCOME + "S: 421 4.3.2 down", SendStage.DATA, SmtpError, False),
    "250 at DATA": (WELCOME + "S: 250 Ok", SendStage.DATA, ProtocolError, False),
    "334 at DATA": (WELCOME + "S: 334 Ok", SendStage.DATA, ProtocolError, False),
    "while the dot leaves": (WELCOME + "S: 354 go\nLOST", SendStage.REPLY, ConnectionLost, True),
    "after the dot": (GONE + "EOF", SendStage.REPLY, ConnectionLost, True),
    "reply cut": (GONE + "S! 250 O\nEOF", SendStage.REPLY, ConnectionLost, True),
    "no reply in time": (GONE + "TIMEOUT", SendStage.REPLY, MailTimeout, True),
    "nonsense after the dot": (GONE + "S: fine", SendStage.REPLY, ProtocolError, True),
    "354 after the dot": (GONE + "S: 354 go", SendStage.REPLY, ProtocolError, True),
    "goodbye after the dot": (GONE + "S: 421 4.3.2 down", SendStage.REPLY, SmtpError, False),
}


@pytest.mark.parametrize(("transcript", "stage", "error", "uncertain"), ENDS.values(), ids=ENDS)
def test_connection_ends(transcript, stage, error, uncertain, size):
    """Where the connection ends, the message is queued or uncertain, and the rest is queued."""
    session = flows(envelope(), envelope("cy@x.test"))
    report = sent(session, transcript, size)
    first, second = report

    assert (stage, error, uncertain) == (first.stage, type(first.error), first.uncertain)
    assert (second.stage, second.error, second.undecided) == (
        SendStage.NOT_SENT,
        None,
        ("cy@x.test",),
    )
    assert not report
    assert report.error is not None
    kept, lost = [("bob@x.test",)], []
    expected = (lost, kept) if uncertain else (kept, lost)
    assert expected == (queued(session)[:-1], unsure(session))
    assert queued(session)[-1:] == [("cy@x.test",)]


def test_uncertain_is_not_sent_again(size):
    """A lost final reply: the next send() leaves the message alone."""
    session = flows(envelope())
    sent(session, GONE + "EOF", size)
    session.reader.reset()

    assert sent(session, "", size) == SendReport(())
    assert unsure(session) == [("bob@x.test",)]


def test_goodbye_between_recipients(size):
    """421 to a recipient ends the batch; what was said before stands."""
    session = flows(envelope("no@x.test", "bob@x.test", "cy@x.test"))
    transcript = """
        C: MAIL FROM:<ann@x.test> SIZE=15
        C: RCPT TO:<no@x.test>
        C: RCPT TO:<bob@x.test>
        C: RCPT TO:<cy@x.test>
        S: 250 Ok
        S: 550 5.1.1 nobody
        S: 421 4.3.2 down
    """
    report = sent(session, transcript, size)

    assert [who.code for who in report.refused] == [550, 421]
    assert report[0].undecided == ("cy@x.test",)
    assert "4.3.2 down" in str(report.error)
    assert queued(session) == [("no@x.test", "bob@x.test", "cy@x.test")]


def test_refusal_read_from_a_closed_connection(size):
    """A server that refuses while we send and closes has refused; nothing is uncertain."""
    session = flows(envelope(content=b"x" * 70 + b"\r\n" + b"y\r\n" * JOINED))
    flow = send(session, session.queue)
    session.capabilities["SIZE"] = ()
    next(flow)
    next(flow)
    next(flow)
    session.reader.feed(b"250 Ok\r\n250 Ok\r\n")
    next(flow)
    next(flow)
    session.reader.feed(b"354 go\r\n")
    next(flow)
    session.reader.feed(b"552 5.3.4 too big\r\n")
    flow.throw(ConnectionLost("it broke"))
    with pytest.raises(StopIteration) as end:
        next(flow)
    result = end.value.value[0]

    assert (result.stage, result.reply.code, result.uncertain) == (SendStage.CONTENT, 552, False)
    assert (queued(session), unsure(session)) == ([("bob@x.test",)], [])


LARGE = b"\r\n" + b"y\r\n" * JOINED


@pytest.mark.parametrize(
    ("end", "stage"),
    [("S: 250 Ok", SendStage.DONE), ("EOF", SendStage.REPLY)],
    ids=["taken", "lost"],
)
def test_large_content_as_a_whole(end, stage, size):
    """A large message is accepted like another, and uncertain like another."""
    session = flows(envelope(content=LARGE), offers={})
    transcript = """
        C: MAIL FROM:<ann@x.test>
        S: 250 Ok
        C: RCPT TO:<bob@x.test>
        S: 250 Ok
        C: DATA
        S: 354 go
    """
    content = (LARGE + b".\r\n").decode().replace("\r\n", "\\r\\n")
    result = sent(session, f"{transcript}\nC! {content}\n{end}", size)[0]

    assert (stage, stage is SendStage.REPLY) == (result.stage, result.uncertain)
    assert queued(session) == []


def test_large_content_is_certain_until_its_dot(size):
    """A large message whose content did not leave as a whole was not delivered."""
    session = flows(envelope(content=LARGE), offers={})
    transcript = """
        C: MAIL FROM:<ann@x.test>
        S: 250 Ok
        C: RCPT TO:<bob@x.test>
        S: 250 Ok
        C: DATA
        S: 354 go
        LOST
    """
    result = sent(session, transcript, size)[0]

    assert (result.stage, result.uncertain) == (SendStage.CONTENT, False)
    assert (queued(session), unsure(session)) == ([("bob@x.test",)], [])


def test_rset_refused_ends_the_session(size):
    """A server that does not even reset cannot be talked to."""
    session = flows(envelope(), envelope("cy@x.test"))
    report = sent(session, INTRODUCED + "S: 250 Ok\nS: 550 no\nC: RSET\nS: 500 what", size)

    assert (RecipientsRefused, ProtocolError) == (type(report[0].error), type(report.error))
    assert queued(session) == [("bob@x.test",), ("cy@x.test",)]


def test_transaction_of_exec_is_dropped_first(size):
    """What exec() began does not get into the next message."""
    session = flows(envelope())
    begin = "C: MAIL FROM:<eve@x.test>\nS: 250 Ok"
    replay(commands.exec(session, "MAIL FROM:<eve@x.test>"), session.reader, begin, size=size)

    assert sent(session, "C: RSET\nS: 250 Ok\n" + ONE, size)


# -- cancelled ---------------------------------------------------------------------------------

CANCELLED = {
    "while introducing": (INTRODUCED + "CANCEL", [("bob@x.test",)], []),
    "before the content": (WELCOME + "CANCEL", [("bob@x.test",)], []),
    "as the content leaves": (WELCOME + "S: 354 go\nCANCEL", [], [("bob@x.test",)]),
    "before the final reply": (GONE + "CANCEL", [], [("bob@x.test",)]),
}


@pytest.mark.parametrize(("transcript", "queue", "uncertain"), CANCELLED.values(), ids=CANCELLED)
def test_cancelled(transcript, queue, uncertain, size):
    """A send() that is broken off leaves the truth in the queue."""
    session = flows(envelope())
    sent(session, transcript, size)

    assert (queue, uncertain) == (queued(session), unsure(session))


def test_cancelled_after_the_first_message(size):
    """What was accepted before the cancellation stays accepted."""
    session = flows(envelope(), envelope("cy@x.test"))
    sent(session, ONE + INTRODUCED.replace("bob@", "cy@") + "CANCEL", size)

    assert (queued(session), unsure(session)) == ([("cy@x.test",)], [])
