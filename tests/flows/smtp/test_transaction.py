"""One mail transaction: which recipients are accepted, where a message stops, what stays queued."""

import pytest

from netmail.errors import (
    CapabilityError,
    ConnectionLost,
    LimitError,
    ProtocolError,
    RecipientsRefused,
    SenderRefused,
    SmtpError,
)
from netmail.flows.smtp import commands
from netmail.flows.smtp.transaction import JOINED, Transaction
from netmail.results.smtp import RecipientResult, SendStage, SendStatus
from support.replay import replay, saved
from support.smtp_batch import (
    ACCEPTED,
    CONTENT_SENT,
    DATA_SENT,
    ENVELOPE_SENT,
    ONE_BY_ONE,
    RESET,
    batch_of,
    envelope,
    sent,
)


@pytest.fixture(params=[None, 1], ids=["whole", "octets"])
def size(request):
    """How many octets of the server's arrive at a time; None for whole turns."""
    return request.param


def test_one_message(size):
    """MAIL and RCPT are sent together, DATA alone; the message leaves the queue."""
    batch = batch_of(envelope())
    report = sent(batch, ACCEPTED, size)
    result = report[0]

    assert report
    assert result.stage is SendStage.DONE
    assert result.queue_ids == ("4F1D2",)
    assert result.size == 15
    assert result.error is None
    assert result.accepted == (
        RecipientResult("bob@x.test", SendStatus.ACCEPTED, 250, "2.0.0", "Ok: queued as 4F1D2"),
    )
    assert batch.pending == []
    assert batch.uncertain == []


def test_without_pipelining_one_by_one(size):
    """Without PIPELINING each command waits for the reply to the one before."""
    batch = batch_of(envelope("bob@x.test", "cy@x.test"), offered={})
    transcript = """
        C: MAIL FROM:<ann@x.test>
        S: 250 Ok
        C: RCPT TO:<bob@x.test>
        S: 250 Ok
        C: RCPT TO:<cy@x.test>
        S: 250 Ok
        C: DATA
        S: 354 go
        C! A: b\\r\\n\\r\\nhello\\r\\n.\\r\\n
        S: 250 Ok
    """

    assert sent(batch, transcript, size)


def test_without_pipelining_no_recipient_follows_a_refused_sender(size):
    """Without PIPELINING a refused MAIL is followed by RSET at once."""
    batch = batch_of(envelope("bob@x.test", "cy@x.test"), offered={})
    transcript = "C: MAIL FROM:<ann@x.test>\nS: 550 5.7.1 no\n" + RESET
    result = sent(batch, transcript, size)[0]

    assert type(result.error) is SenderRefused
    assert [refused.code for refused in result.refused] == [550, 550]


def test_transaction_of_exec_is_dropped_first(size):
    """A transaction that exec() began does not get into the next message."""
    batch = batch_of(envelope())
    begin = "C: MAIL FROM:<eve@x.test>\nS: 250 Ok"
    flow = commands.exec(batch.session, "MAIL FROM:<eve@x.test>")
    replay(flow, batch.session.reader, begin, size=size)

    assert sent(batch, RESET + ACCEPTED, size)
    assert not batch.session.transaction_open


# -- refused recipients ------------------------------------------------------------------------


def test_refused_recipient_does_not_stop_the_others(size):
    """One recipient is refused: the others get the message, and nothing stays in the queue."""
    batch = batch_of(envelope("bob@x.test", "no@x.test", "cy@x.test"))
    report = sent(batch, saved("smtp", "postfix", "one_recipient_refused"), size)
    result = report[0]

    assert not report
    assert result.stage is SendStage.DONE
    assert result.error is None
    assert [each.address for each in result.accepted] == ["bob@x.test", "cy@x.test"]
    assert [(each.address, each.code, each.enhanced) for each in result.refused] == [
        ("no@x.test", 550, "5.1.1")
    ]
    assert batch.pending == []
    assert report.retryable() == ()


def test_refused_content_is_refused_for_all(size):
    """Content that is refused is refused for every recipient, and none has been accepted."""
    batch = batch_of(envelope("bob@x.test", "no@x.test", "cy@x.test"))
    transcript = saved("smtp", "postfix", "one_recipient_refused").replace(
        "S: 250 2.0.0 Ok: queued as 1D21F6", "S: 554 spam"
    )
    (result,) = sent(batch, transcript, size)

    assert {each.address: each.code for each in result.refused} == {
        "bob@x.test": 554,
        "no@x.test": 550,
        "cy@x.test": 554,
    }
    assert result.accepted == ()
    assert result.envelope.recipients == ("bob@x.test", "no@x.test", "cy@x.test")
    assert batch.pending == []


def test_smtputf8_only_for_one_recipient(size):
    """Without SMTPUTF8 netmail refuses only the recipient that needs it."""
    batch = batch_of(envelope("ünï@x.test", "bob@x.test"))
    del batch.session.capabilities["SMTPUTF8"]
    report = sent(batch, ACCEPTED, size)
    result = report[0]

    assert not report
    assert [(each.address, each.code) for each in result.refused] == [("ünï@x.test", 0)]
    assert [each.address for each in result.accepted] == ["bob@x.test"]
    assert type(result.error) is CapabilityError
    assert batch.pending == []


def test_smtputf8_for_every_recipient(size):
    """If every recipient needs SMTPUTF8, nothing is sent without it."""
    batch = batch_of(envelope("ünï@x.test"), offered={})
    result = sent(batch, "", size)[0]

    assert result.stage is SendStage.CHECK
    assert type(result.error) is CapabilityError
    assert [each.code for each in result.refused] == [0]


def test_smtputf8_recipient_beside_a_refused_one(size):
    """If the server refuses all others, the error is that of the recipient that netmail refused."""
    batch = batch_of(envelope("ünï@x.test", "bob@x.test"), offered={"PIPELINING": ()})
    transcript = ENVELOPE_SENT.replace(" SIZE=15", "") + "S: 250 Ok\nS: 550 5.1.1 no\n" + RESET
    result = sent(batch, transcript, size)[0]

    assert result.stage is SendStage.RCPT
    assert type(result.error) is CapabilityError
    assert [each.code for each in result.refused] == [0, 550]


# -- refused messages --------------------------------------------------------------------------

STOPPED = {
    "sender": (
        ENVELOPE_SENT + "S: 550 5.7.1 go away\nS: 503 5.5.1 MAIL first\n" + RESET,
        SendStage.MAIL,
        SenderRefused,
        (550, "5.7.1"),
    ),
    "sender, and the recipient accepted": (
        ENVELOPE_SENT + "S: 450 later\nS: 250 Ok\n" + RESET,
        SendStage.MAIL,
        SenderRefused,
        (450, ""),
    ),
    "recipient": (
        ENVELOPE_SENT + "S: 250 Ok\nS: 550 5.1.1 nobody\n" + RESET,
        SendStage.RCPT,
        RecipientsRefused,
        (550, "5.1.1"),
    ),
    "DATA": (DATA_SENT + "S: 451 4.3.0 later\n" + RESET, SendStage.DATA, SmtpError, (451, "4.3.0")),
    "content": (CONTENT_SENT + "S: 554 5.7.1 spam\n", SendStage.REPLY, SmtpError, (554, "5.7.1")),
}


@pytest.mark.parametrize(("transcript", "stage", "error", "codes"), STOPPED.values(), ids=STOPPED)
def test_refused_message(transcript, stage, error, codes, size):
    """Only a message refused for now stays in the queue; the result tells where it stopped."""
    batch = batch_of(envelope())
    result = sent(batch, transcript, size)[0]

    assert not result
    assert stage is result.stage
    assert error is type(result.error)
    assert [codes] == [(each.code, each.enhanced) for each in result.refused]
    assert result.accepted == ()
    assert not result.uncertain
    assert batch.pending == ([("bob@x.test",)] if codes[0] < 500 else [])
    assert batch.uncertain == []


def test_rset_refused_ends_the_session(size):
    """A server that refuses RSET could mix two messages: the session ends."""
    batch = batch_of(envelope(), envelope("cy@x.test"))
    report = sent(batch, ENVELOPE_SENT + "S: 250 Ok\nS: 550 no\nC: RSET\nS: 500 what", size)

    assert type(report[0].error) is RecipientsRefused
    assert type(report.error) is ProtocolError
    assert batch.pending == [("cy@x.test",)]


# -- what is checked before anything is sent ---------------------------------------------------

CHECKED = {
    "too large": ({"content": b"x" * 20 + b"\r\n"}, {"SIZE": ("21",)}, LimitError, "22.*21"),
    "eight bits": ({"content": b"\r\n\xc3\xbc\r\n"}, {}, CapabilityError, "8BITMIME"),
    "header": (
        {"content": b"A: \xc3\xbc\r\n\r\n"},
        {"8BITMIME": ()},
        CapabilityError,
        "SMTPUTF8",
    ),
    "sender": ({"sender": "ünï@x.test"}, {}, CapabilityError, "SMTPUTF8"),
}


@pytest.mark.parametrize(("values", "offered", "error", "text"), CHECKED.values(), ids=CHECKED)
def test_checked_before_sending(values, offered, error, text, size):
    """A message that the server cannot accept is not sent; the error names the reason."""
    batch = batch_of(envelope(**values), offered={"PIPELINING": ()} | offered)
    result = sent(batch, "", size)[0]

    assert result.stage is SendStage.CHECK
    assert error is type(result.error)
    assert result.accepted == ()
    assert [(each.code, each.stage) for each in result.refused] == [(0, SendStage.CHECK)]
    assert batch.pending == []
    with pytest.raises(error, match=text):
        raise result.error


NEEDS = {
    "nothing": ({}, "<ann@x.test> SIZE=15"),
    "eight bits": ({"content": b"\r\n\xc3\xbc\r\n"}, "<ann@x.test> SIZE=6 BODY=8BITMIME"),
    "header": (
        {"content": b"A: \xc3\xbc\r\n\r\n"},
        "<ann@x.test> SIZE=9 BODY=8BITMIME SMTPUTF8",
    ),
    "sender": ({"sender": "ünï@x.test"}, "<ünï@x.test> SIZE=15 SMTPUTF8"),
    "domain": ({"sender": "a@bü.test"}, "<a@xn--b-eha.test> SIZE=15"),
    "null sender": ({"sender": ""}, "<> SIZE=15"),
}


@pytest.mark.parametrize(("values", "argument"), NEEDS.values(), ids=NEEDS)
def test_only_the_parameters_that_are_needed(values, argument, size):
    """MAIL has BODY and SMTPUTF8 only if the message needs them."""
    batch = batch_of(envelope(**values))
    transcript = f"C: MAIL FROM:{argument}\nC: RCPT TO:<bob@x.test>\nS: 550 no\nS: 503 no\n{RESET}"

    assert sent(batch, transcript, size)[0].stage is SendStage.MAIL


def test_smtputf8_for_a_recipient(size):
    """MAIL has SMTPUTF8 if a recipient alone needs it."""
    batch = batch_of(envelope("ünï@x.test"), offered={"SMTPUTF8": ()})
    transcript = "C: MAIL FROM:<ann@x.test> SMTPUTF8\nS: 550 no\n" + RESET

    assert sent(batch, transcript, size)[0].stage is SendStage.MAIL


# -- the content -------------------------------------------------------------------------------

CONTENTS = {
    "bare line feeds": (b"A: b\n\nhi\n", b"A: b\r\n\r\nhi\r\n"),
    "bare carriage returns": (b"A: b\r\rhi\r", b"A: b\r\n\r\nhi\r\n"),
    "smuggled end": (b"\r\nhi\n.\r\nQUIT\r\n", b"\r\nhi\r\n..\r\nQUIT\r\n"),
    "smuggled end with carriage return": (b"\r\nhi\r.\r\nMAIL\r\n", b"\r\nhi\r\n..\r\nMAIL\r\n"),
    "dots": (b"\r\n.\r\n..\r\n.a\r\n", b"\r\n..\r\n...\r\n..a\r\n"),
    "dot first": (b".a\r\n", b"..a\r\n"),
    "no line end": (b"\r\nhi", b"\r\nhi\r\n"),
    "empty": (b"", b""),
}


@pytest.mark.parametrize(("content", "wire"), CONTENTS.values(), ids=CONTENTS)
def test_content_on_the_wire(content, wire, size):
    """Line ends are CRLF and dots are doubled, so that every server sees the same end."""
    batch = batch_of(envelope(content=content), offered={})
    shown = (wire + b".\r\n").decode().replace("\r", "\\r").replace("\n", "\\n")

    assert sent(batch, f"{ONE_BY_ONE}\nC! {shown}\nS: 250 Ok", size)


LARGE = b"\r\n" + b"y\r\n" * JOINED


@pytest.mark.parametrize(
    ("end", "stage", "uncertain"),
    [("S: 250 Ok", SendStage.DONE, False), ("EOF", SendStage.REPLY, True)],
    ids=["accepted", "lost"],
)
def test_large_content_as_a_whole(end, stage, uncertain, size):
    """A large message that was sent as a whole is accepted or uncertain, as a small one is."""
    batch = batch_of(envelope(content=LARGE), offered={})
    content = (LARGE + b".\r\n").decode().replace("\r\n", "\\r\\n")
    result = sent(batch, f"{ONE_BY_ONE}\nC! {content}\n{end}", size)[0]

    assert stage is result.stage
    assert uncertain is result.uncertain
    assert batch.pending == []


def test_large_content_is_certain_until_its_dot(size):
    """A large message whose content was not sent as a whole is not delivered."""
    batch = batch_of(envelope(content=LARGE), offered={})
    result = sent(batch, ONE_BY_ONE + "LOST", size)[0]

    assert result.stage is SendStage.CONTENT
    assert not result.uncertain
    assert batch.pending == [("bob@x.test",)]
    assert batch.uncertain == []


@pytest.mark.parametrize(
    ("reply", "code"),
    [(b"552 5.3.4 too big\r\n", 552), (b"250 Ok\r\n", None), (b"", None)],
    ids=["refusal", "positive", "none"],
)
def test_reply_before_the_end_of_the_content(reply, code):
    """A server that refuses meanwhile and closes has refused; any other reply says nothing."""
    batch = batch_of(envelope(content=LARGE), offered={})
    ((_, mail),) = batch.queue.begin()
    transaction = Transaction(batch.session, mail, mail.pending)
    flow = transaction.deliver()
    reader = batch.session.reader
    for received in (b"", b"", b"250 Ok\r\n", b"", b"250 Ok\r\n", b"", b"354 go\r\n"):
        reader.feed(received)
        next(flow)
    reader.feed(reply)
    with pytest.raises(ConnectionLost):
        flow.throw(ConnectionLost("it broke"))
    result = transaction.result(transaction.recipients, None)

    assert result.stage is SendStage.CONTENT
    assert not result.uncertain
    assert code == (result.replies[0].code if result.replies else None)
    assert batch.pending == [("bob@x.test",)]
    assert batch.uncertain == []


# -- data that replies to nothing --------------------------------------------------------------

EARLY = {
    "after RCPT": (ENVELOPE_SENT + "S: 250 Ok\nS: 250 Ok\nS: 250 more", SendStage.DATA),
    "after 354": (DATA_SENT + "S: 354 go\nS: 250 2.0.0 Ok", SendStage.DATA),
}


@pytest.mark.parametrize(("transcript", "stage"), EARLY.values(), ids=EARLY)
def test_reply_too_many(transcript, stage):
    """A reply that arrives before its command ends the session; nothing more is sent."""
    batch = batch_of(envelope())
    # The replies arrive together: octet by octet the second is not received when it is looked for.
    result = sent(batch, transcript, None)[0]

    assert stage is result.stage
    assert type(result.error) is ProtocolError
    assert not result.uncertain
    assert batch.pending == [("bob@x.test",)]
