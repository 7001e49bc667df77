"""Many messages on the line: what each reply, and each end of a connection, leaves."""

from dataclasses import replace

import pytest

from netmail.errors import (
    ConnectionLost,
    MailTimeout,
    ProtocolError,
    RecipientsRefused,
    SenderRefused,
    SmtpError,
)
from netmail.flows.flow import RECEIVE, Close, Send
from netmail.flows.smtp import commands
from netmail.flows.smtp.chunked import OCTETS, WRITE
from netmail.results.smtp import SendStage
from support.replay import replay
from support.smtp_batch import OPTIONS, PIPELINING, Call, batch_of, envelope, sending, sent

MESSAGE = """
    C: MAIL FROM:<ann@x.test> SIZE=15
    C: RCPT TO:<bob@x.test>
    C! BDAT 15 LAST\\r\\nA: b\\r\\n\\r\\nhello\\r\\n
"""
RSET = "C: RSET\n"
CY = RSET + MESSAGE.replace("bob@", "cy@")
DEE = RSET + MESSAGE.replace("bob@", "dee@")
THREE = MESSAGE + CY + DEE
OK = "S: 250 Ok\n"
TAKEN = OK + OK + "S: 250 2.0.0 Ok: queued as 4F1D2\n"
NEXT = OK + TAKEN
DONE, MAIL, RCPT = SendStage.DONE, SendStage.MAIL, SendStage.RCPT
REPLY, CONNECT = SendStage.REPLY, SendStage.CONNECT


@pytest.fixture(params=[None, 1], ids=["whole", "octets"])
def size(request):
    """How many octets of the server's arrive at a time; None for whole turns."""
    return request.param


def chunked(*messages, **options):
    """A session that sends by BDAT, with messages to send."""
    batch = batch_of(*messages, offered={**PIPELINING, "CHUNKING": ()})
    usual = {"pipelining": "full", "chunking": True}
    batch.session.options = replace(OPTIONS, **{**usual, **options})
    return batch


def three(**options):
    """The same with messages to bob, cy and dee."""
    return chunked(envelope(), envelope("cy@x.test"), envelope("dee@x.test"), **options)


def names(recipients):
    """The local parts of recipients, a tuple a message."""
    return " ".join(each.partition("@")[0] for some in recipients for each in some)


def test_all_at_once(size):
    """All messages are sent before the first reply; each reply finds its message."""
    batch = three()
    report = sent(batch, THREE + TAKEN + NEXT + NEXT.replace("4F1D2", "77"), size)

    assert report
    assert [result.queue_ids for result in report] == [("4F1D2",), ("4F1D2",), ("77",)]
    assert batch.pending == batch.uncertain == []


def test_small_messages_are_one_write():
    """Small messages share a write."""
    batch = three()
    flow = sending(batch)
    next(flow)
    request = next(flow)

    assert isinstance(request, Send)
    assert request.data.count(b"BDAT") == 3
    assert b"hello" not in (request.shown or b"hello")


def test_dots_and_empty_content(size):
    """The content is counted and not searched for an end, so dots stay as they are."""
    batch = chunked(envelope(content=b".\r\n..\r\n"), envelope(content=b""))
    transcript = """
        C: MAIL FROM:<ann@x.test> SIZE=7
        C: RCPT TO:<bob@x.test>
        C! BDAT 7 LAST\\r\\n.\\r\\n..\\r\\n
        C: RSET
        C: MAIL FROM:<ann@x.test> SIZE=0
        C: RCPT TO:<bob@x.test>
        C: BDAT 0 LAST
    """

    assert sent(batch, transcript + TAKEN + NEXT, size)


@pytest.mark.parametrize("window", [1, 2])
def test_window(window, size):
    """No more messages than the window are without a final reply."""
    batch = three(window=window)
    one, two = TAKEN, NEXT
    transcript = {
        1: MESSAGE + one + CY + two + DEE + two,
        2: MESSAGE + CY + one + DEE + two + two,
    }[window]

    assert sent(batch, transcript, size)


def test_window_in_octets(size):
    """A large message is followed by another one only when its reply has come."""
    content = b"y\r\n" * (OCTETS // 3 + 1)
    assert len(content) > WRITE
    batch = chunked(envelope(content=content), envelope("cy@x.test"))
    batch.session.capabilities["SIZE"] = ("9999999",)
    shown = content.decode().replace("\r\n", "\\r\\n")
    large = MESSAGE.replace("15", str(len(content))).replace("A: b\\r\\n\\r\\nhello\\r\\n", shown)

    assert sent(batch, large + TAKEN + CY + NEXT, None if size is None else 7)


def test_transaction_of_exec_is_dropped_first(size):
    """A transaction that exec() began does not get into the first message."""
    batch = chunked(envelope())
    flow = commands.exec(batch.session, "MAIL FROM:<eve@x.test>")
    replay(flow, batch.session.reader, "C: MAIL FROM:<eve@x.test>\nS: 250 Ok", size=size)

    assert sent(batch, RSET + MESSAGE + OK + TAKEN, size)


REFUSED = {
    "sender": (
        "S: 250 Ok\nS: 550 5.7.1 no\nS: 503 MAIL first\nS: 503 no\n",
        MAIL,
        SenderRefused,
        550,
    ),
    "recipient": ("S: 250 Ok\nS: 250 Ok\nS: 450 later\nS: 554 no\n", RCPT, RecipientsRefused, 450),
    "recipient, and 250 for nobody": (
        "S: 250 Ok\nS: 250 Ok\nS: 550 no\nS: 250 Ok\n",
        RCPT,
        RecipientsRefused,
        550,
    ),
    "content": ("S: 250 Ok\nS: 250 Ok\nS: 250 Ok\nS: 452 4.3.1 full\n", REPLY, SmtpError, 452),
}


@pytest.mark.parametrize(("replies", "stage", "error", "code"), REFUSED.values(), ids=REFUSED)
def test_refused_in_the_middle(replies, stage, error, code, size):
    """A refused message stops none of those around it, which are on the line already."""
    batch = three()
    first, second, third = sent(batch, THREE + TAKEN + replies + NEXT, size)

    assert first
    assert third
    assert stage is second.stage
    assert error is type(second.error)
    assert not second.uncertain
    assert [each.code for each in second.refused] == [code]
    assert second.accepted == ()
    assert names(batch.pending) == ("" if code >= 500 else "cy")
    assert batch.uncertain == []


def test_some_recipients_refused(size):
    """The others get the message; what was refused for now stays in the queue."""
    batch = chunked(envelope("bob@x.test", "no@x.test", "later@x.test"))
    transcript = MESSAGE.replace(
        "C! BDAT", "C: RCPT TO:<no@x.test>\nC: RCPT TO:<later@x.test>\nC! BDAT"
    )
    replies = OK + OK + "S: 550 nobody\nS: 450 busy\nS: 250 Ok\n"
    (result,) = sent(batch, transcript + replies, size)

    assert result.stage is DONE
    assert [each.address for each in result.accepted] == ["bob@x.test"]
    assert [each.code for each in result.refused] == [550, 450]
    assert names(batch.pending) == "later"
    assert batch.uncertain == []


def test_recipients_over_the_limit_get_another_transaction(size):
    """The rest of a message follows what is on the line, and its result comes whole."""
    batch = chunked(envelope("bob@x.test", "eve@x.test"), envelope("cy@x.test"))
    both = MESSAGE.replace("C! BDAT", "C: RCPT TO:<eve@x.test>\nC! BDAT")
    replies = OK + OK + "S: 452 4.5.3 enough\nS: 250 Ok\n"
    rest = RSET + MESSAGE.replace("bob@", "eve@")
    report = sent(batch, both + CY + replies + rest + NEXT + NEXT, size)

    assert report
    assert [each.address for each in report[0].accepted] == ["bob@x.test", "eve@x.test"]
    assert batch.pending == batch.uncertain == []


def test_limits(size):
    """A message for more recipients than LIMITS allow is sent in several transactions."""
    batch = chunked(envelope("bob@x.test", "cy@x.test"), envelope("dee@x.test"))
    batch.session.capabilities["LIMITS"] = ("RCPTMAX=1",)
    # The next message is on the line already when the first transaction is decided.
    replies = NEXT.replace("4F1D2", "77") + NEXT.replace("4F1D2", "78")
    first, second = sent(batch, MESSAGE + DEE + TAKEN + CY + replies, size)

    assert first
    assert second
    assert first.queue_ids == ("4F1D2", "78")
    assert batch.pending == batch.uncertain == []


# -- the connection ends -----------------------------------------------------------------------

# What has come of bob, cy and dee; then those in the queue, and those in doubt.
ENDS = {
    "without a reply": (THREE + "TIMEOUT", (REPLY, REPLY, REPLY), "", "bob cy dee"),
    "after the first": (THREE + TAKEN + "TIMEOUT", (DONE, REPLY, REPLY), "", "cy dee"),
    "in a reply": (THREE + TAKEN + OK + "S! 250 O\nTIMEOUT", (DONE, REPLY, REPLY), "", "cy dee"),
    "before the final reply": (
        THREE + TAKEN + OK + OK + OK + "TIMEOUT",
        (DONE, REPLY, REPLY),
        "",
        "cy dee",
    ),
    "after a refused sender": (
        THREE + TAKEN + OK + "S: 451 no\nTIMEOUT",
        (DONE, MAIL, REPLY),
        "cy",
        "dee",
    ),
    "after a refused recipient": (
        THREE + TAKEN + OK + OK + "S: 450 no\nTIMEOUT",
        (DONE, RCPT, REPLY),
        "cy",
        "dee",
    ),
    "nonsense": (THREE + TAKEN + "S: what", (DONE, REPLY, REPLY), "", "cy dee"),
    "RSET refused": (THREE + TAKEN + "S: 500 what", (DONE, REPLY, REPLY), "", "cy dee"),
    "354 for a final reply": (
        THREE + TAKEN + OK + OK + OK + "S: 354 go",
        (DONE, REPLY, REPLY),
        "",
        "cy dee",
    ),
    "accepted after a refused sender": (
        THREE + TAKEN + OK + "S: 550 no\nS: 250 Ok\nS: 250 Ok",
        (DONE, REPLY, REPLY),
        "",
        "cy dee",
    ),
}


@pytest.mark.parametrize(("transcript", "stages", "pending", "uncertain"), ENDS.values(), ids=ENDS)
def test_connection_ends(transcript, stages, pending, uncertain, size):
    """What was sent as a whole and not decided is uncertain; nothing else is."""
    batch = three()
    report = sent(batch, transcript, size)

    assert isinstance(report.error, ConnectionLost | MailTimeout | ProtocolError)
    assert stages == tuple(result.stage for result in report)
    assert names(batch.pending) == pending
    assert names(batch.uncertain) == uncertain
    doubtful = [result.envelope.recipients for result in report.uncertain]
    assert names(doubtful) == uncertain
    assert report.retryable() == batch.queue.pending


def broken(flow, request):
    """Serve the requests of a flow whose connection is gone; return what it returns."""
    try:
        while True:
            lost = ConnectionLost("it is closed")
            request = flow.throw(lost) if request is RECEIVE else next(flow)
    except StopIteration as end:
        return end.value


def test_write_that_fails():
    """The last message of a write that fails is not whole; those before it are in doubt."""
    batch = three()
    task = Call(batch)
    flow = task.over()
    next(flow)
    next(flow)
    request = flow.throw(own := ConnectionLost("it broke"))

    assert not broken(flow, request)
    assert names(batch.uncertain) == "bob cy"
    assert names(batch.pending) == "dee"
    assert [result.error for result in task.report()] == [own] * 3


def test_replies_that_came_before_a_write_failed():
    """Replies that are here already decide their messages, although the connection is gone."""
    batch = three(window=2)
    task = Call(batch)
    flow = task.over()
    next(flow)
    next(flow)
    assert next(flow) is RECEIVE
    batch.session.reader.feed(b"250 Ok\r\n250 Ok\r\n250 Ok\r\n")
    assert next(flow).data.count(b"dee@") == 1
    batch.session.reader.feed(b"250 Ok\r\n" * 4)
    assert isinstance(flow.throw(ConnectionLost("it broke")), Close)
    with pytest.raises(StopIteration, match="True"):
        next(flow)
    assert batch.uncertain == []
    assert names(batch.pending) == "dee"


CLOSING = {
    "RSET": (TAKEN + "S: 421 down", "cy dee"),
    "MAIL": (TAKEN + OK + "S: 421 down", "cy dee"),
    "RCPT": (TAKEN + OK + OK + "S: 421 down", "cy dee"),
    "content": (TAKEN + OK + OK + OK + "S: 421 down", "cy dee"),
    "the first MAIL of many": ("S: 421 down", "bob cy dee"),
}


@pytest.mark.parametrize(("replies", "left"), CLOSING.values(), ids=CLOSING)
def test_421_on_the_line(replies, left, size):
    """After 421 the server executes nothing: what follows goes over another connection."""
    batch = three()
    task = Call(batch)
    more = replay(task.over(), batch.session.reader, THREE + replies, size=size)

    assert more is (left != "bob cy dee")
    assert names(batch.pending) == left
    assert batch.uncertain == []
    batch.session.reader.reset()
    if more:
        again = MESSAGE.replace("bob@", "cy@") + DEE + TAKEN + NEXT
        assert not replay(task.over(), batch.session.reader, again, size=size)
        assert task.report()


def test_uncertain_messages_are_not_sent_over_the_next_connection(size):
    """Only what certainly was not sent is sent again."""
    batch = three(window=2)
    task = Call(batch)
    lost = MESSAGE + CY + TAKEN + DEE + "EOF"

    assert not replay(task.over(), batch.session.reader, lost, size=size)
    assert names(batch.uncertain) == "cy dee"
    assert batch.pending == []


def test_session_is_full(size):
    """OpenSMTPD refuses MAIL after some messages: the rest goes over another connection."""
    batch = three()
    task = Call(batch)
    full = "S: 250 Ok\nS: 452 4.5.3 Too many messages sent\nS: 503 no\nS: 503 no\n"
    first = THREE + TAKEN + full + full + "C: QUIT\nS: 221 bye\n"

    assert replay(task.over(), batch.session.reader, first, size=size)
    assert names(batch.pending) == "cy dee"
    batch.session.messages_sent = 0
    again = MESSAGE.replace("bob@", "cy@") + DEE + TAKEN + NEXT
    assert not replay(task.over(), batch.session.reader, again, size=size)
    assert task.report()


def test_cancelled(size):
    """A send() that is cancelled leaves what was sent in doubt, and the rest in the queue."""
    batch = three(window=2)
    sent(batch, MESSAGE + CY + OK + "CANCEL", size)

    assert names(batch.uncertain) == "bob cy"
    assert names(batch.pending) == "dee"


# -- where it is used --------------------------------------------------------------------------

USES = {
    "asked for": ({"chunking": True}, {}, 1, True),
    "not asked for": ({"chunking": False}, {}, 9, False),
    "not offered": ({"chunking": True}, {"CHUNKING": None}, 9, False),
    "no PIPELINING": ({"chunking": True}, {"PIPELINING": None}, 9, False),
    "envelope alone": ({"chunking": True, "pipelining": "envelope"}, {}, 9, False),
    "far away": ({"chunking": "auto"}, {"round_trip": 0.05}, 9, True),
    "near": ({"chunking": "auto"}, {"round_trip": 0.0001}, 9, False),
    "one message": ({"chunking": "auto"}, {"round_trip": 0.05}, 1, False),
    "Exchange": ({"chunking": "auto"}, {"round_trip": 0.05, "is_exchange": True}, 9, False),
}


@pytest.mark.parametrize(("options", "state", "messages", "expected"), USES.values(), ids=USES)
def test_where_it_is_used(options, state, messages, expected):
    """The value "auto" is for batches over a long line."""
    session = chunked(**options).session
    for name, value in state.items():
        if value is None:
            del session.capabilities[name]
        else:
            setattr(session, name, value)

    assert session.uses_chunking(messages, binary=False) is expected
