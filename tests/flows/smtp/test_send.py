"""Sending as transcripts: who is accepted, what stays, what is never sent twice."""

import pytest

from netmail.errors import (
    CapabilityError,
    LimitError,
    RecipientsRefused,
    SenderRefused,
    SmtpError,
)
from netmail.results.smtp import SendReport, SendStage
from support.replay import saved
from support.smtp_batch import (
    ONE,
    PIPELINING,
    envelope,
    flows,
    queued,
    sent,
    unsure,
)

SIZES = pytest.mark.parametrize("size", [None, 1], ids=["whole", "octets"])

pytestmark = SIZES


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
    ) == (SendStage.DONE, "4F1D2", 15, None)
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
    assert SendStage.DONE is result.stage
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
        SendStage.MAIL,
        SenderRefused,
        [(550, "5.7.1")],
    ),
    "sender refused, recipient taken": (
        "C: RCPT TO:<bob@x.test>\nS: 450 later\nS: 250 Ok" + RSET,
        SendStage.MAIL,
        SenderRefused,
        [(450, "")],
    ),
    "recipient refused": (
        "C: RCPT TO:<bob@x.test>\nS: 250 Ok\nS: 550 5.1.1 nobody" + RSET,
        SendStage.RCPT,
        RecipientsRefused,
        [(550, "5.1.1")],
    ),
    "DATA refused": (
        "C: RCPT TO:<bob@x.test>\nS: 250 Ok\nS: 250 Ok\nC: DATA\nS: 451 4.3.0 later" + RSET,
        SendStage.DATA,
        SmtpError,
        [(451, "4.3.0")],
    ),
    "content refused": (
        TAKEN + "S: 554 5.7.1 spam\n",
        SendStage.REPLY,
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


def test_smtputf8_for_every_recipient(size):
    """Where nobody can be reached, nothing is said."""
    session = flows(envelope("ünï@x.test"), offers={})
    result = sent(session, "", size)[0]

    assert (result.stage, type(result.error)) == (SendStage.CHECK, CapabilityError)
    assert [who.code for who in result.refused] == [0]


@pytest.mark.parametrize(("values", "offers", "error", "words"), CHECKED.values(), ids=CHECKED)
def test_checked_before_sending(values, offers, error, words, size):
    """What the server cannot take is not offered to it, and the next message goes its way."""
    session = flows(envelope(**values), envelope(), offers={"PIPELINING": ()} | offers)
    announced = " SIZE=15" if "SIZE" in offers else ""
    report = sent(session, ONE.replace(" SIZE=15", announced), size)
    first, second = report

    assert (SendStage.CHECK, error, True) == (first.stage, type(first.error), bool(second))
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

    assert SendStage.MAIL is sent(session, transcript, size)[0].stage


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
