"""Sending as transcripts: who is accepted, what stays, what is never sent twice."""

import pytest

from netmail.errors import (
    CapabilityError,
    ConnectionLost,
    LimitError,
    MailTimeout,
    ProtocolError,
    RecipientsRefused,
    SenderRefused,
    SmtpError,
)
from netmail.flows.smtp.delivery import JOINED
from netmail.flows.smtp.flows import SmtpFlows
from netmail.options import Protocol, parse_options
from netmail.report import SendReport, Stage
from netmail.types import Envelope
from replay import replay, saved

OPTIONS = parse_options(Protocol.SMTP, host="localhost")
PIPELINING = {"PIPELINING": (), "SIZE": ("1000000",), "8BITMIME": (), "SMTPUTF8": ()}
SIZES = pytest.mark.parametrize("size", [None, 1], ids=["whole", "octets"])

pytestmark = SIZES


def envelope(*recipients, sender="ann@x.test", content=b"A: b\r\n\r\nhello\r\n"):
    """A message of 15 octets."""
    return Envelope(sender, recipients or ("bob@x.test",), content)


def flows(*messages, offers=PIPELINING):
    """A session with messages to send."""
    session = SmtpFlows(OPTIONS)
    session.capabilities = dict(offers)
    for message in messages:
        session.outbox.add(message)
    return session


def sent(session, transcript, size):
    """Send what waits against a transcript."""
    return replay(session.send(), session.reader, transcript, size=size)


def queued(session):
    """To whom something is still to be sent."""
    return [item.recipients for item in session.outbox.queue]


def unsure(session):
    """To whom something may have been sent."""
    return [item.recipients for item in session.outbox.uncertain]


ONE = """
    C: MAIL FROM:<ann@x.test> SIZE=15
    C: RCPT TO:<bob@x.test>
    S: 250 2.1.0 Ok
    S: 250 2.1.5 Ok
    C: DATA
    S: 354 go
    C: A: b
    C: 
    C: hello
    C: .
    S: 250 2.0.0 Ok: queued as 4F1D2
"""  # noqa: W291 -- the blank line of a message is a blank line of the transcript


def test_one_message(size):
    """MAIL and RCPT travel together, DATA alone; the message leaves the queue."""
    session = flows(envelope())
    report = sent(session, ONE, size)
    result = report[0]

    assert report
    assert (
        result.stage,
        result.queue_id,
        result.size,
        result.error,
    ) == (Stage.DONE, "4F1D2", 15, None)
    assert [
        (who.address, who.accepted, who.code, who.enhanced, who.text) for who in result.accepted
    ] == [("bob@x.test", True, 250, "2.1.5", "Ok")]
    assert (queued(session), unsure(session)) == ([], [])


def test_empty_queue(size):
    """Nothing to send is nothing refused, and nothing said."""
    assert sent(flows(), "", size) == SendReport(())


def test_without_pipelining_one_by_one(size):
    """Each command waits for its reply where PIPELINING is not offered."""
    session = flows(envelope("bob@x.test", "cy@x.test"), offers={})
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

    assert sent(session, transcript, size)


def test_blade_second_send_sends_nothing_again(size):
    """What was accepted is never sent by a second send()."""
    session = flows(envelope())
    sent(session, ONE, size)

    assert sent(session, "", size) == SendReport(())


def test_refused_recipient_stops_nobody(size):
    """One refused recipient: the others get the message, and only the refused one stays."""
    session = flows(envelope("bob@x.test", "no@x.test", "cy@x.test"))
    report = sent(session, saved("smtp", "postfix", "one_recipient_refused"), size)
    result = report[0]

    assert not report
    assert Stage.DONE is result.stage
    assert [who.address for who in result.accepted] == ["bob@x.test", "cy@x.test"]
    assert [(who.address, who.code, who.enhanced) for who in result.refused] == [
        ("no@x.test", 550, "5.1.1")
    ]
    assert queued(session) == [("no@x.test",)]


def test_second_send_asks_only_the_refused(size):
    """A second send() goes to the refused recipients alone."""
    session = flows(envelope("bob@x.test", "no@x.test", "cy@x.test"))
    sent(session, saved("smtp", "postfix", "one_recipient_refused"), size)
    report = sent(session, ONE.replace("bob@", "no@"), size)

    assert report
    assert report[0].envelope.recipients == ("no@x.test",)
    assert queued(session) == []


RSET = "\nC: RSET\nS: 250 Ok\n"

TAKEN = (
    "C: RCPT TO:<bob@x.test>\nS: 250 Ok\nS: 250 Ok\nC: DATA\nS: 354 go\n"
    "C! A: b\\r\\n\\r\\nhello\\r\\n.\\r\\n\n"
)

STOPPED = {
    "sender refused": (
        "C: RCPT TO:<bob@x.test>\nS: 550 5.7.1 go away\nS: 503 5.5.1 MAIL first" + RSET,
        Stage.MAIL,
        SenderRefused,
        [(550, "5.7.1")],
    ),
    "sender refused, recipient taken": (
        "C: RCPT TO:<bob@x.test>\nS: 450 later\nS: 250 Ok" + RSET,
        Stage.MAIL,
        SenderRefused,
        [(450, "")],
    ),
    "recipient refused": (
        "C: RCPT TO:<bob@x.test>\nS: 250 Ok\nS: 550 5.1.1 nobody" + RSET,
        Stage.RCPT,
        RecipientsRefused,
        [(550, "5.1.1")],
    ),
    "DATA refused": (
        "C: RCPT TO:<bob@x.test>\nS: 250 Ok\nS: 250 Ok\nC: DATA\nS: 451 4.3.0 later" + RSET,
        Stage.DATA,
        SmtpError,
        [(451, "4.3.0")],
    ),
    "content refused": (
        TAKEN + "S: 554 5.7.1 spam\n",
        Stage.REPLY,
        SmtpError,
        [(554, "5.7.1")],
    ),
}


@pytest.mark.parametrize(("transcript", "stage", "error", "refused"), STOPPED.values(), ids=STOPPED)
def test_refused_message_stops_no_other(transcript, stage, error, refused, size):
    """A refused message stays, says where it stopped, and the next one goes its way."""
    session = flows(envelope(), envelope("cy@x.test"))
    begin = "C: MAIL FROM:<ann@x.test> SIZE=15\n"
    report = sent(session, begin + transcript + ONE.replace("bob@", "cy@"), size)
    first, second = report

    assert (bool(first), bool(second), report.error) == (False, True, None)
    assert (stage, error, False) == (first.stage, type(first.error), first.uncertain)
    assert refused == [(who.code, who.enhanced) for who in first.refused]
    assert first.accepted == ()
    assert (queued(session), unsure(session)) == ([("bob@x.test",)], [])


def test_refused_content_stays_for_all(size):
    """Content that is refused stays for those who were welcome, in their order."""
    session = flows(envelope("bob@x.test", "no@x.test", "cy@x.test"))
    transcript = saved("smtp", "postfix", "one_recipient_refused").replace(
        "S: 250 2.0.0 Ok: queued as 1D21F6", "S: 554 spam"
    )
    report = sent(session, transcript, size)

    assert sorted(who.code for who in report.refused) == [550, 554, 554]
    assert {("bob@x.test", "no@x.test", "cy@x.test")} == {
        item.envelope.recipients for item in report
    }
    assert [{"bob@x.test", "no@x.test", "cy@x.test"}] == [set(item) for item in queued(session)]


def test_smtputf8_only_for_one_recipient(size):
    """Without SMTPUTF8 only the recipient that needs it is refused, by netmail."""
    session = flows(envelope("ünï@x.test", "bob@x.test"), offers=PIPELINING)
    del session.capabilities["SMTPUTF8"]
    report = sent(session, ONE, size)
    result = report[0]

    assert not report
    assert [(who.address, who.code) for who in result.refused] == [("ünï@x.test", 0)]
    assert [who.address for who in result.accepted] == ["bob@x.test"]
    assert CapabilityError is type(result.error)
    assert queued(session) == [("ünï@x.test",)]


# -- what is checked before anything is said ---------------------------------------------------

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


@pytest.mark.parametrize(("values", "offers", "error", "words"), CHECKED.values(), ids=CHECKED)
def test_checked_before_sending(values, offers, error, words, size):
    """What the server cannot take is not offered to it, and the next message goes its way."""
    session = flows(envelope(**values), envelope(), offers={"PIPELINING": ()} | offers)
    announced = " SIZE=15" if "SIZE" in offers else ""
    report = sent(session, ONE.replace(" SIZE=15", announced), size)
    first, second = report

    assert (Stage.CHECK, error, True) == (first.stage, type(first.error), bool(second))
    assert (first.accepted, first.refused) == ((), ())
    assert queued(session) == [("bob@x.test",)]
    with pytest.raises(error, match=words):
        report.raise_for_refused()


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


@pytest.mark.parametrize(("values", "said"), NEEDS.values(), ids=NEEDS)
def test_only_what_is_needed(values, said, size):
    """BODY and SMTPUTF8 are said only where the message needs them."""
    session = flows(envelope(**values))
    transcript = f"C: MAIL FROM:{said}\nC: RCPT TO:<bob@x.test>\nS: 550 no\nS: 503 no{RSET}"

    assert Stage.MAIL is sent(session, transcript, size)[0].stage


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
    """Line ends are CRLF and dots are doubled, so that nobody sees another end than ours."""
    session = flows(envelope(content=content), offers={})
    shown = (wire + b".\r\n").decode().replace("\r", "\\r").replace("\n", "\\n")
    transcript = f"""
        C: MAIL FROM:<ann@x.test>
        S: 250 Ok
        C: RCPT TO:<bob@x.test>
        S: 250 Ok
        C: DATA
        S: 354 go
        C! {shown}
        S: 250 Ok
    """

    assert sent(session, transcript, size)


# -- the connection ends -----------------------------------------------------------------------

INTRODUCED = """
    C: MAIL FROM:<ann@x.test> SIZE=15
    C: RCPT TO:<bob@x.test>
"""
WELCOME = INTRODUCED + "S: 250 Ok\nS: 250 Ok\nC: DATA\n"
GONE = WELCOME + "S: 354 go\nC! A: b\\r\\n\\r\\nhello\\r\\n.\\r\\n\n"

ENDS = {
    "before anything": ("EOF", Stage.NOT_SENT, ConnectionLost, False),
    "goodbye before anything": ("S: 421 4.4.2 idle\nEOF", Stage.NOT_SENT, ConnectionLost, False),
    "unasked words": ("S: 250 Ok", Stage.NOT_SENT, ProtocolError, False),
    "at MAIL": (INTRODUCED + "EOF", Stage.MAIL, ConnectionLost, False),
    "broken at MAIL": (INTRODUCED + "LOST", Stage.MAIL, ConnectionLost, False),
    "timeout at RCPT": (INTRODUCED + "S: 250 Ok\nTIMEOUT", Stage.RCPT, MailTimeout, False),
    "nonsense at RCPT": (INTRODUCED + "S: 250 Ok\nS: what", Stage.RCPT, ProtocolError, False),
    "354 at MAIL": (INTRODUCED + "S: 354 go", Stage.MAIL, ProtocolError, False),
    "goodbye at DATA": (WELCOME + "S: 421 4.3.2 down", Stage.DATA, SmtpError, False),
    "250 at DATA": (WELCOME + "S: 250 Ok", Stage.DATA, ProtocolError, False),
    "334 at DATA": (WELCOME + "S: 334 Ok", Stage.DATA, ProtocolError, False),
    "while the dot leaves": (WELCOME + "S: 354 go\nLOST", Stage.REPLY, ConnectionLost, True),
    "after the dot": (GONE + "EOF", Stage.REPLY, ConnectionLost, True),
    "reply cut": (GONE + "S! 250 O\nEOF", Stage.REPLY, ConnectionLost, True),
    "no reply in time": (GONE + "TIMEOUT", Stage.REPLY, MailTimeout, True),
    "nonsense after the dot": (GONE + "S: fine", Stage.REPLY, ProtocolError, True),
    "354 after the dot": (GONE + "S: 354 go", Stage.REPLY, ProtocolError, True),
    "goodbye after the dot": (GONE + "S: 421 4.3.2 down", Stage.REPLY, SmtpError, False),
}


@pytest.mark.parametrize(("transcript", "stage", "error", "uncertain"), ENDS.values(), ids=ENDS)
def test_connection_ends(transcript, stage, error, uncertain, size):
    """Where the connection ends, the message is queued or uncertain, and the rest is queued."""
    session = flows(envelope(), envelope("cy@x.test"))
    report = sent(session, transcript, size)
    first, second = report

    assert (stage, error, uncertain) == (first.stage, type(first.error), first.uncertain)
    assert (second.stage, second.error, second.unanswered) == (Stage.NOT_SENT, None, ("cy@x.test",))
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
    assert report[0].unanswered == ("cy@x.test",)
    assert "4.3.2 down" in str(report.error)
    assert queued(session) == [("no@x.test", "bob@x.test", "cy@x.test")]


def test_refusal_read_from_a_closed_connection(size):
    """A server that refuses while we send and closes has refused; nothing is uncertain."""
    session = flows(envelope(content=b"x" * 70 + b"\r\n" + b"y\r\n" * JOINED))
    flow = session.send()
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

    assert (result.stage, result.reply.code, result.uncertain) == (Stage.CONTENT, 552, False)
    assert (queued(session), unsure(session)) == ([("bob@x.test",)], [])


def test_large_content_is_certain_until_its_dot(size):
    """A large message whose content did not leave as a whole was not delivered."""
    lines = JOINED // 4
    session = flows(envelope(content=b"\r\n" + b"y\r\n" * 2 * lines), offers={})
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

    assert (result.stage, result.uncertain) == (Stage.CONTENT, False)
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
    replay(session.exec("MAIL FROM:<eve@x.test>"), session.reader, begin, size=size)

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
