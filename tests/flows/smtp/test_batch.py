"""Batches: what one message's failure does to the others, and to the next batch."""

from dataclasses import replace

import pytest

from netmail.errors import ConnectionLost, MailTimeout, ProtocolError, SenderRefused, SmtpError
from netmail.results.smtp import SendReport, SendStage, SendStatus
from support.replay import replay, saved
from support.smtp_batch import (
    ACCEPTED,
    CONTENT_SENT,
    DATA_SENT,
    ENVELOPE_SENT,
    ONE_BY_ONE,
    OPTIONS,
    RESET,
    Call,
    batch_of,
    envelope,
    sent,
)


@pytest.fixture(params=[None, 1], ids=["whole", "octets"])
def size(request):
    """How many octets of the server's arrive at a time; None for whole turns."""
    return request.param


TO_CY = ACCEPTED.replace("bob@", "cy@")


def test_empty_queue(size):
    """For an empty queue nothing is sent, and the report is true."""
    report = sent(batch_of(), "", size)

    assert report
    assert report == SendReport(())


def test_blade_second_send_sends_nothing_again(size):
    """A second send() sends no message that was accepted."""
    batch = batch_of(envelope())
    sent(batch, ACCEPTED, size)

    assert sent(batch, "", size) == SendReport(())


def test_second_send_is_for_the_recipients_refused_for_now(size):
    """A second send() is for the temporarily refused recipients alone."""
    batch = batch_of(envelope("bob@x.test", "no@x.test", "cy@x.test"))
    transcript = saved("smtp", "postfix", "one_recipient_refused")
    sent(batch, transcript.replace("S: 550 5.1.1", "S: 450 4.2.1"), size)
    report = sent(batch, ACCEPTED.replace("bob@", "no@"), size)

    assert report
    assert report[0].envelope.recipients == ("no@x.test",)
    assert batch.pending == []


REFUSED = {
    "sender": ENVELOPE_SENT + "S: 550 5.7.1 go away\nS: 503 5.5.1 MAIL first\n" + RESET,
    "recipient": ENVELOPE_SENT + "S: 250 Ok\nS: 550 5.1.1 nobody\n" + RESET,
    "DATA": DATA_SENT + "S: 451 4.3.0 later\n" + RESET,
    "content": CONTENT_SENT + "S: 554 5.7.1 spam\n",
}


@pytest.mark.parametrize("transcript", REFUSED.values(), ids=REFUSED)
def test_refused_message_does_not_stop_the_next(transcript, size):
    """After a refused message the next one is sent over the same connection."""
    batch = batch_of(envelope(), envelope("cy@x.test"))
    report = sent(batch, transcript + TO_CY, size)
    first, second = report

    assert not first
    assert second
    assert report.error is None
    assert batch.pending == ([("bob@x.test",)] if report.refused[0].transient else [])
    assert report.retryable() == batch.queue.pending


def test_checked_message_does_not_stop_the_next(size):
    """After a message that netmail refused the next one is sent."""
    batch = batch_of(envelope(content=b"x" * 20 + b"\r\n"), envelope("cy@x.test"))
    batch.session.capabilities["SIZE"] = ("21",)
    report = sent(batch, TO_CY, size)
    first, second = report

    assert first.stage is SendStage.CHECK
    assert second
    assert report.error is None
    assert batch.pending == []


# -- the connection ends -----------------------------------------------------------------------

ENDS = {
    "before anything": ("EOF", SendStage.CONNECT, ConnectionLost, False),
    "421 before anything": (
        "S: 421 4.4.2 idle\nEOF",
        SendStage.CONNECT,
        ConnectionLost,
        False,
    ),
    "unsolicited reply": ("S: 250 Ok", SendStage.CONNECT, ProtocolError, False),
    "at MAIL": (ENVELOPE_SENT + "EOF", SendStage.MAIL, ConnectionLost, False),
    "broken at MAIL": (ENVELOPE_SENT + "LOST", SendStage.MAIL, ConnectionLost, False),
    "timeout at RCPT": (
        ENVELOPE_SENT + "S: 250 Ok\nTIMEOUT",
        SendStage.RCPT,
        MailTimeout,
        False,
    ),
    "nonsense at RCPT": (
        ENVELOPE_SENT + "S: 250 Ok\nS: what",
        SendStage.RCPT,
        ProtocolError,
        False,
    ),
    "354 at MAIL": (ENVELOPE_SENT + "S: 354 go", SendStage.MAIL, ProtocolError, False),
    "354 at RCPT": (ENVELOPE_SENT + "S: 250 Ok\nS: 354 go", SendStage.RCPT, ProtocolError, False),
    "421 at MAIL": (ENVELOPE_SENT + "S: 421 down", SendStage.MAIL, SenderRefused, False),
    "421 at DATA": (DATA_SENT + "S: 421 4.3.2 down", SendStage.DATA, SmtpError, False),
    "250 at DATA": (DATA_SENT + "S: 250 Ok", SendStage.DATA, ProtocolError, False),
    "334 at DATA": (DATA_SENT + "S: 334 Ok", SendStage.DATA, ProtocolError, False),
    "while the dot is sent": (
        DATA_SENT + "S: 354 go\nLOST",
        SendStage.REPLY,
        ConnectionLost,
        True,
    ),
    "after the dot": (CONTENT_SENT + "EOF", SendStage.REPLY, ConnectionLost, True),
    "reply cut": (CONTENT_SENT + "S! 250 O\nEOF", SendStage.REPLY, ConnectionLost, True),
    "no reply in time": (CONTENT_SENT + "TIMEOUT", SendStage.REPLY, MailTimeout, True),
    "nonsense after the dot": (CONTENT_SENT + "S: fine", SendStage.REPLY, ProtocolError, True),
    "354 after the dot": (CONTENT_SENT + "S: 354 go", SendStage.REPLY, ProtocolError, True),
    "421 after the dot": (CONTENT_SENT + "S: 421 4.3.2 down", SendStage.REPLY, SmtpError, False),
}


@pytest.mark.parametrize(("transcript", "stage", "error", "uncertain"), ENDS.values(), ids=ENDS)
def test_connection_ends(transcript, stage, error, uncertain, size):
    """If the connection ends, the message is pending or uncertain, and the rest is pending."""
    batch = batch_of(envelope(), envelope("cy@x.test"))
    report = sent(batch, transcript, size)
    first, second = report

    assert not report
    assert report.error is not None
    assert stage is first.stage
    assert error is type(first.error)
    assert uncertain is first.uncertain
    assert batch.uncertain == ([("bob@x.test",)] if uncertain else [])
    assert second.stage is SendStage.CONNECT
    assert second.error is None
    assert [each.status for each in second.recipients] == [SendStatus.NOT_SENT]
    assert batch.pending == ([] if uncertain else [("bob@x.test",)]) + [("cy@x.test",)]
    assert report.retryable() == batch.queue.pending


def test_uncertain_is_not_sent_again(size):
    """After a lost final reply the next send() does not send the message."""
    batch = batch_of(envelope())
    sent(batch, CONTENT_SENT + "EOF", size)
    batch.session.reader.reset()

    assert sent(batch, "", size) == SendReport(())
    assert batch.uncertain == [("bob@x.test",)]


def test_421_between_recipients(size):
    """421 to a recipient ends the batch; the replies before it hold."""
    batch = batch_of(envelope("no@x.test", "bob@x.test", "cy@x.test"))
    transcript = """
        C: MAIL FROM:<ann@x.test> SIZE=15
        C: RCPT TO:<no@x.test>
        C: RCPT TO:<bob@x.test>
        C: RCPT TO:<cy@x.test>
        S: 250 Ok
        S: 550 5.1.1 nobody
        S: 421 4.3.2 down
    """
    report = sent(batch, transcript, size)

    assert [refused.code for refused in report.refused] == [550, 421]
    assert report[0].recipients[2].status is SendStatus.NOT_SENT
    assert "4.3.2 down" in str(report.error)
    assert batch.pending == [("bob@x.test", "cy@x.test")]
    assert report.retryable() == batch.queue.pending


# -- cancelled ---------------------------------------------------------------------------------

CANCELLED = {
    "at the envelope": (ENVELOPE_SENT + "CANCEL", [("bob@x.test",)], []),
    "before the content": (DATA_SENT + "CANCEL", [("bob@x.test",)], []),
    "as the content is sent": (DATA_SENT + "S: 354 go\nCANCEL", [], [("bob@x.test",)]),
    "before the final reply": (CONTENT_SENT + "CANCEL", [], [("bob@x.test",)]),
}


@pytest.mark.parametrize(("transcript", "pending", "uncertain"), CANCELLED.values(), ids=CANCELLED)
def test_cancelled(transcript, pending, uncertain, size):
    """A send() that is cancelled leaves a correct queue."""
    batch = batch_of(envelope())
    sent(batch, transcript, size)

    assert pending == batch.pending
    assert uncertain == batch.uncertain


def test_cancelled_after_the_first_message(size):
    """A message that was accepted before the cancellation is not sent again."""
    batch = batch_of(envelope(), envelope("cy@x.test"))
    sent(batch, ACCEPTED + ENVELOPE_SENT.replace("bob@", "cy@") + "CANCEL", size)

    assert batch.pending == [("cy@x.test",)]
    assert batch.uncertain == []


def test_limits_are_those_of_the_next_connection():
    """RFC 9422: a message that was prepared for one connection obeys the next one's limits."""
    batch = batch_of(envelope(), envelope("bob@x.test", "cy@x.test"))
    batch.session.options = replace(OPTIONS, pipelining="full", chunking=False, max_messages=1)
    call = Call(batch)
    group = ENVELOPE_SENT + "C: DATA\nS: 250 Ok\nS: 250 Ok\nS: 354 go\n"
    content = "C! A: b\\r\\n\\r\\nhello\\r\\n.\\r\\n\nS: 250 Ok\n"

    first = group + content + "C: QUIT\nS: 221 bye\n"
    assert replay(call.over(), batch.session.reader, first)
    batch.session.capabilities = {"LIMITS": ("RCPTMAX=1",), "SIZE": ()}
    batch.session.messages_sent = 0
    batch.session.options = replace(batch.session.options, max_messages=None)
    one = ONE_BY_ONE.replace("x.test>\n", "x.test> SIZE=15\n", 1) + content
    assert not replay(call.over(), batch.session.reader, one + one.replace("bob@", "cy@"))
    assert call.report()
