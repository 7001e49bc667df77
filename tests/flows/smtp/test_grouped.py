"""Groups: each content with the next envelope, and what each end of a connection leaves."""

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
from netmail.flows.smtp import commands
from netmail.flows.smtp.transaction import JOINED
from netmail.results.smtp import SendStage
from support.replay import replay
from support.smtp_batch import OPTIONS, RESET, Call, batch_of, envelope, sending, sent

GROUP = """
    C: MAIL FROM:<ann@x.test> SIZE=15
    C: RCPT TO:<bob@x.test>
    C: DATA
"""
TO_CY = GROUP.replace("bob@", "cy@")
CONTENT = "C! A: b\\r\\n\\r\\nhello\\r\\n.\\r\\n\n"
GO = "S: 250 Ok\nS: 250 Ok\nS: 354 go\n"
TAKEN = "S: 250 2.0.0 Ok: queued as 4F1D2\n"


@pytest.fixture(params=[None, 1], ids=["whole", "octets"])
def size(request):
    """How many octets of the server's arrive at a time; None for whole turns."""
    return request.param


def grouped(*messages, **options):
    """A session that pipelines as far as RFC 2920 allows, with messages to send."""
    batch = batch_of(*messages)
    batch.session.options = replace(OPTIONS, pipelining="full", **options)
    return batch


def two():
    """The same with a message to bob and one to cy."""
    return grouped(envelope(), envelope("cy@x.test"))


def stages(report):
    """The stage of each message."""
    return [result.stage for result in report]


def test_content_with_the_next_envelope(size):
    """The content of a message and the commands of the next are one group."""
    batch = two()
    report = sent(batch, GROUP + GO + CONTENT + TO_CY + TAKEN + GO + CONTENT + TAKEN, size)

    assert report
    assert [result.queue_ids for result in report] == [("4F1D2",), ("4F1D2",)]
    assert batch.pending == batch.uncertain == []


def test_group_is_one_write():
    """What may travel together is one request to send; the content waits for 354."""
    batch = two()
    flow = sending(batch)
    reader, writes = batch.session.reader, []
    for received in (None, b"", b"250 a\r\n250 b\r\n354 go\r\n", b"250 taken\r\n"):
        request = flow.send(None) if received is None else next(flow)
        if received:
            reader.feed(received)
            request = next(flow)
        writes += [request.data] if hasattr(request, "data") else []

    assert writes == [
        b"MAIL FROM:<ann@x.test> SIZE=15\r\nRCPT TO:<bob@x.test>\r\nDATA\r\n",
        (
            b"A: b\r\n\r\nhello\r\n.\r\n"
            b"MAIL FROM:<ann@x.test> SIZE=15\r\nRCPT TO:<cy@x.test>\r\nDATA\r\n"
        ),
    ]


@pytest.mark.parametrize("reply", ["250 2.0.0 queued as 7", "554 5.5.1 nobody"])
def test_354_although_every_recipient_was_refused(reply, size):
    """The content that the server waits for is ended empty; the message counts as refused."""
    batch = two()
    transcript = (
        f"{GROUP}S: 250 Ok\nS: 550 5.1.1 nobody\nS: 354 go\nC: .\nC: RSET\n{TO_CY}"
        f"S: {reply}\nS: 250 Ok\n{GO}{CONTENT}{TAKEN}"
    )
    report = sent(batch, transcript, size)
    first, second = report

    assert first.stage is SendStage.RCPT
    assert type(first.error) is RecipientsRefused
    assert [each.code for each in first.refused] == [550]
    assert first.queue_ids == ()
    assert first.accepted == ()
    assert second
    assert batch.pending == batch.uncertain == []


REFUSED = {
    "sender": (
        "S: 550 5.7.1 no\nS: 503 MAIL first\nS: 503 RCPT first\n",
        SendStage.MAIL,
        SenderRefused,
        550,
    ),
    "recipient": (
        "S: 250 Ok\nS: 450 4.1.1 later\nS: 554 no recipients\n",
        SendStage.RCPT,
        RecipientsRefused,
        450,
    ),
    "DATA": ("S: 250 Ok\nS: 250 Ok\nS: 451 4.3.0 later\n", SendStage.DATA, SmtpError, 451),
}


@pytest.mark.parametrize(("replies", "stage", "error", "code"), REFUSED.values(), ids=REFUSED)
def test_refused_before_the_content(replies, stage, error, code, size):
    """RSET begins the next group, and the next message is sent."""
    batch = two()
    transcript = f"{GROUP}{replies}C: RSET\n{TO_CY}S: 250 Ok\n{GO}{CONTENT}S: 554 5.7.1 spam\n"
    first, second = sent(batch, transcript, size)

    assert stage is first.stage
    assert error is type(first.error)
    assert [each.code for each in first.refused] == [code]
    assert [each.code for each in second.refused] == [554]
    assert second.stage is SendStage.REPLY
    assert batch.pending == ([] if code >= 500 else [("bob@x.test",)])


@pytest.mark.parametrize(("replies", "stage", "error", "code"), REFUSED.values(), ids=REFUSED)
def test_last_message_refused(replies, stage, error, code, size):
    """After the last message the transaction is dropped too."""
    batch = grouped(envelope())
    (result,) = sent(batch, GROUP + replies + RESET, size)

    assert stage is result.stage
    assert error is type(result.error)
    assert [each.code for each in result.refused] == [code]


def test_354_after_a_refused_sender(size):
    """With an accepted recipient an empty content would be delivered: the connection ends."""
    batch = two()
    report = sent(batch, GROUP + "S: 550 no\nS: 250 Ok\nS: 354 go", size)

    assert isinstance(report.error, ProtocolError)
    assert stages(report) == [SendStage.MAIL, SendStage.CONNECT]
    assert [each.code for each in report.refused] == [550]
    assert batch.pending == [("cy@x.test",)]


def test_recipients_over_the_limit_get_a_transaction_before_the_next_message(size):
    """The rest of a message comes before the next message, whose envelope waits for it."""
    batch = grouped(envelope("bob@x.test", "dee@x.test"), envelope("cy@x.test"))
    both = GROUP.replace("C: DATA", "C: RCPT TO:<dee@x.test>\nC: DATA")
    first = both + "S: 250 Ok\nS: 250 Ok\nS: 452 4.5.3 enough\nS: 354 go\n" + CONTENT + TAKEN
    rest = GROUP.replace("bob@", "dee@") + GO + CONTENT + TO_CY + TAKEN
    report = sent(batch, first + rest + GO + CONTENT + TAKEN, size)

    assert report
    assert [each.address for each in report[0].accepted] == ["bob@x.test", "dee@x.test"]


def test_rest_of_a_message_comes_before_one_that_is_prepared(size):
    """The third message is written ahead, and waits for what is left of the second."""
    dee = envelope("cy@x.test", "dee@x.test")
    batch = grouped(envelope(), dee, envelope("eve@x.test"))
    both = TO_CY.replace("C: DATA", "C: RCPT TO:<dee@x.test>\nC: DATA")
    some = "S: 250 Ok\nS: 250 Ok\nS: 452 4.5.3 enough\nS: 354 go\n"
    first = GROUP + GO + CONTENT + both + TAKEN + some + CONTENT + TAKEN
    rest = GROUP.replace("bob@", "dee@") + GO + CONTENT + GROUP.replace("bob@", "eve@")
    report = sent(batch, first + rest + TAKEN + GO + CONTENT + TAKEN, size)

    assert report
    accepted = [tuple(each.address for each in result.accepted) for result in report]
    assert accepted == [("bob@x.test",), ("cy@x.test", "dee@x.test"), ("eve@x.test",)]


def test_refused_message_between_accepted_ones(size):
    """The result of the message before it is made later, and is in its place."""
    batch = grouped(envelope(), envelope("cy@x.test"), envelope())
    refused = "S: 250 Ok\nS: 550 no\nS: 503 no\n"
    first = GROUP + GO + CONTENT + TO_CY + TAKEN + refused
    report = sent(batch, first + "C: RSET\n" + GROUP + "S: 250 Ok\n" + GO + CONTENT + TAKEN, size)

    assert stages(report) == [SendStage.DONE, SendStage.RCPT, SendStage.DONE]
    assert batch.pending == batch.uncertain == []


@pytest.mark.parametrize("end", ["LOST", "TIMEOUT"])
def test_accepted_message_before_a_lost_one(end, size):
    """It has no error, whenever its result is made."""
    batch = two()
    report = sent(batch, SECOND + TAKEN + GO + CONTENT + end, size)

    assert report[0]
    assert report[0].error is None
    assert not report[1]


def test_accepted_message_before_an_interruption(size):
    """A call that is broken off at the next content leaves that one in doubt alone."""
    batch = two()
    sent(batch, SECOND + TAKEN + GO + "CANCEL", size)

    assert batch.uncertain == [CY]
    assert batch.pending == []


def test_checked_messages_between_others(size):
    """A message that netmail refuses itself is passed over, and has its place in the report."""
    huge = envelope("no@x.test", content=b"x" * 20 + b"\r\n")
    batch = grouped(huge, envelope(), huge, huge, envelope("cy@x.test"), huge)
    batch.session.capabilities["SIZE"] = ("21",)
    report = sent(batch, GROUP + GO + CONTENT + TO_CY + TAKEN + GO + CONTENT + TAKEN, size)
    check, done = SendStage.CHECK, SendStage.DONE

    assert stages(report) == [check, done, check, check, done, check]
    assert batch.pending == []


def test_transaction_of_exec_is_dropped_first(size):
    """A transaction that exec() began does not get into the first group."""
    batch = grouped(envelope())
    begin = "C: MAIL FROM:<eve@x.test>\nS: 250 Ok"
    flow = commands.exec(batch.session, "MAIL FROM:<eve@x.test>")
    replay(flow, batch.session.reader, begin, size=size)

    assert sent(batch, RESET + GROUP + GO + CONTENT + TAKEN, size)


# -- the connection ends -----------------------------------------------------------------------

SECOND = GROUP + GO + CONTENT + TO_CY
DONE, MAIL, REPLY = SendStage.DONE, SendStage.MAIL, SendStage.REPLY
BOB, CY = ("bob@x.test",), ("cy@x.test",)
ENDS = {
    "421 in the first group": (GROUP + "S: 250 Ok\nS: 421 down", (SendStage.RCPT, "n"), [BOB, CY]),
    "timeout in the first group": (GROUP + "S: 250 Ok\nTIMEOUT", (SendStage.RCPT, "n"), [BOB, CY]),
    "nonsense in the first group": (GROUP + "S: what", (MAIL, "n"), [BOB, CY]),
    "content lost": (GROUP + GO + "LOST", (REPLY, "m"), [CY]),
    "no final reply": (SECOND + "TIMEOUT", (REPLY, "m"), [CY]),
    "final reply cut": (SECOND + "S! 250 O\nTIMEOUT", (REPLY, "m"), [CY]),
    "354 for a final reply": (SECOND + "S: 354 go", (REPLY, "m"), [CY]),
    "421 for a final reply": (SECOND + "S: 421 down", (REPLY, "m"), [BOB, CY]),
    "accepted, and the group lost": (SECOND + TAKEN + "TIMEOUT", (DONE, "m"), [CY]),
    "accepted, and a reply cut": (SECOND + TAKEN + "S! 25\nTIMEOUT", (DONE, "m"), [CY]),
    "refused, and the group lost": (SECOND + "S: 451 no\nTIMEOUT", (REPLY, "m"), [BOB, CY]),
    "RSET refused": (
        f"{GROUP}S: 250 Ok\nS: 550 no\nS: 503 no\nC: RSET\n{TO_CY}S: 500 what",
        (SendStage.RCPT, "m"),
        [CY],
    ),
}


@pytest.mark.parametrize(("transcript", "state", "pending"), ENDS.values(), ids=ENDS)
def test_connection_ends(transcript, state, pending, size):
    """If the connection ends, each message is accepted, refused, pending or uncertain."""
    batch = two()
    report = sent(batch, transcript, size)
    first, second = report
    uncertain = state == (REPLY, "m") and BOB not in pending

    assert report.error is not None
    assert state == (first.stage, "m" if second.stage is MAIL else "n")
    assert uncertain is first.uncertain
    assert not second.uncertain
    assert pending == batch.pending
    assert batch.uncertain == ([BOB] if uncertain else [])
    assert report.retryable() == batch.queue.pending


def test_cancelled_between_content_and_reply(size):
    """A send() that is cancelled leaves one message uncertain, and the next one pending."""
    batch = two()
    sent(batch, SECOND + "CANCEL", size)

    assert batch.uncertain == [BOB]
    assert batch.pending == [CY]


def test_large_content_is_certain_until_its_dot(size):
    """A large message whose content was not sent as a whole is not delivered."""
    large = b"\r\n" + b"y\r\n" * JOINED
    batch = grouped(envelope(content=large))
    batch.session.capabilities = {"PIPELINING": ()}
    result = sent(batch, GROUP.replace(" SIZE=15", "") + GO + "LOST", size)[0]

    assert result.stage is SendStage.CONTENT
    assert not result.uncertain
    assert batch.pending == [BOB]


# -- a server that breaks at a group -----------------------------------------------------------


def over(batch, task, transcript, *, new=True):
    """Send over one connection; return whether another one is asked for."""
    batch.session.reader.reset()
    return replay(task.over(new=new), batch.session.reader, transcript)


@pytest.mark.parametrize(
    "end", ["EOF", "S: 250 Ok\nEOF", "S: 250 Ok\nS! 25\nLOST", "LOST"], ids=range(4)
)
def test_lost_in_the_first_group(end):
    """The messages are tried once more without pipelining, and that is remembered."""
    batch = two()
    task = Call(batch)
    single = """
        C: MAIL FROM:<ann@x.test> SIZE=15
        S: 250 Ok
        C: RCPT TO:<bob@x.test>
        S: 250 Ok
        C: DATA
        S: 354 go
    """
    one_by_one = single + CONTENT + TAKEN

    assert over(batch, task, GROUP + end)
    assert not over(batch, task, one_by_one + one_by_one.replace("bob@", "cy@"))
    assert task.report()
    assert batch.session.pipelining == "off"
    batch.queue.add(envelope())
    assert not over(batch, Call(batch), one_by_one)


def test_lost_without_pipelining_too():
    """A server that is down is not remembered as one that breaks at groups."""
    batch = two()
    task = Call(batch)

    assert over(batch, task, GROUP + "EOF")
    assert not over(batch, task, "C: MAIL FROM:<ann@x.test> SIZE=15\nEOF")
    assert isinstance(task.report().error, ConnectionLost)
    assert batch.session.pipelining == "full"
    assert batch.pending == [BOB, CY]


def test_421_in_the_first_group_is_no_breakage():
    """A server that tells that it closes has read the group."""
    batch = two()
    task = Call(batch)

    assert not over(batch, task, GROUP + "S: 421 4.3.2 down")
    assert batch.session.pipelining == "full"


def test_timeout_is_no_breakage():
    """A timeout ends the batch: another connection could take as long."""
    batch = two()
    task = Call(batch)

    assert not over(batch, task, GROUP + "TIMEOUT")
    assert isinstance(task.report().error, MailTimeout)


def test_group_lost_after_an_accepted_message():
    """Only the message that was not decided is sent over the next connection."""
    batch = two()
    task = Call(batch)

    assert over(batch, task, SECOND + TAKEN + "EOF")
    assert not over(batch, task, TO_CY + GO + CONTENT + TAKEN)
    assert task.report()
    assert batch.session.pipelining == "full"


def test_max_messages_counts_the_message_in_flight():
    """The envelope of a message above the option's limit does not travel with the last content."""
    batch = grouped(envelope(), envelope("cy@x.test"), max_messages=1)
    task = Call(batch)

    assert over(batch, task, GROUP + GO + CONTENT + TAKEN + "C: QUIT\nS: 221 bye\n")
    batch.session.messages_sent = 0
    assert not over(batch, task, TO_CY + GO + CONTENT + TAKEN)
    assert task.report()


def test_limits_keep_the_next_message_waiting(size):
    """A message of several transactions (RFC 9422) is finished before the next one begins."""
    batch = grouped(envelope("bob@x.test", "cy@x.test"), envelope())
    batch.session.capabilities["LIMITS"] = ("RCPTMAX=1",)
    first = GROUP + GO + CONTENT + TAKEN
    rest = TO_CY + GO + CONTENT + GROUP + TAKEN + GO + CONTENT + TAKEN
    report = sent(batch, first + rest, size)

    assert report
    assert [len(each.accepted) for each in report] == [2, 1]
