"""Reports as values: their truth, their text, their JSON."""

import json
from dataclasses import replace

import pytest

from netmail.envelope import Envelope
from netmail.errors import (
    CapabilityError,
    ConnectionLost,
    RecipientsRefused,
    SenderRefused,
    SmtpError,
)
from netmail.results.smtp import (
    MessageResult,
    RecipientResult,
    SendReport,
    SendStage,
    SendStatus,
    SmtpReply,
    refusal,
)

ACCEPTED, REFUSED_STATUS = SendStatus.ACCEPTED, SendStatus.REFUSED
GOOD = RecipientResult("bob@x.test", ACCEPTED, 250, "2.0.0", "Ok: queued as 4F1D2")
BAD = RecipientResult("no@x.test", REFUSED_STATUS, 550, "5.1.1", "nobody", SendStage.RCPT)
LATER = RecipientResult("full@x.test", REFUSED_STATUS, 452, "4.2.2", "full", SendStage.RCPT)
DOUBT = RecipientResult("bob@x.test", SendStatus.UNCERTAIN, stage=SendStage.REPLY)
NONE = RecipientResult("bob@x.test", SendStatus.NOT_SENT, stage=SendStage.CONNECT)
LOST = ConnectionLost("it broke")


def result(*recipients, stage=SendStage.DONE, reply=None, error=None):
    """A result for these recipients."""
    return MessageResult(
        envelope=Envelope("ann@x.test", tuple(each.address for each in recipients)),
        message_id="<1@x.test>",
        recipients=recipients,
        replies=() if reply is None else (reply,),
        stage=stage,
        error=error,
        size=15,
    )


DONE = result(GOOD, reply=SmtpReply(250, "2.0.0", "Ok: queued as 4F1D2"))
PARTLY = result(GOOD, BAD, reply=SmtpReply(250, "", "Ok"))
REFUSED = result(BAD, stage=SendStage.RCPT, error=refusal("RCPT", BAD, RecipientsRefused))
UNSURE = result(DOUBT, stage=SendStage.REPLY, error=LOST)
WAITING = result(NONE, stage=SendStage.CONNECT)


@pytest.mark.parametrize(
    ("results", "error", "expected"),
    [
        ((), None, True),
        ((DONE, DONE), None, True),
        ((DONE, PARTLY), None, False),
        ((DONE, REFUSED), None, False),
        ((UNSURE,), LOST, False),
        ((DONE, WAITING), LOST, False),
        ((DONE,), LOST, False),
    ],
    ids=["empty", "all", "partly", "one refused", "uncertain", "not sent", "lost after"],
)
def test_truth(results, error, expected):
    """A report is true only if every recipient of every message was accepted."""
    assert expected is bool(SendReport(results, error))


def test_report_is_a_sequence():
    """Results are reached by number, by slice and in a loop."""
    report = SendReport((DONE, PARTLY))

    assert len(report) == 2
    assert report[0] == DONE
    assert report[1:] == (PARTLY,)
    assert list(report) == [DONE, PARTLY]


def test_recipients_over_all_messages():
    """Accepted and refused recipients are gathered over all messages."""
    report = SendReport((DONE, PARTLY, REFUSED, UNSURE))

    assert report.accepted == (GOOD, GOOD)
    assert report.refused == (BAD, BAD)
    assert report.uncertain == (UNSURE,)


@pytest.mark.parametrize(
    ("results", "error", "expected", "text"),
    [
        ((DONE, REFUSED), None, RecipientsRefused, "550 5.1.1 nobody"),
        ((PARTLY,), None, SmtpError, "RCPT: 550 5.1.1 nobody"),
        ((UNSURE,), LOST, ConnectionLost, "it broke"),
        ((DONE, WAITING), LOST, ConnectionLost, "it broke"),
    ],
    ids=["all refused", "one refused", "uncertain", "not sent"],
)
def test_raise_for_refused(results, error, expected, text):
    """The first thing that went wrong is raised."""
    with pytest.raises(expected, match=text):
        SendReport(results, error).raise_for_refused()


def test_raise_for_refused_of_a_good_report():
    """A true report is returned."""
    report = SendReport((DONE,))

    assert report is report.raise_for_refused()


def test_uncertain():
    """A message is uncertain if it is for any recipient."""
    assert result(GOOD, DOUBT).uncertain
    assert not result(GOOD, BAD, NONE).uncertain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ok: queued as 4F1D2", "4F1D2"),
        ("Ok: queued as 4bNvQz0Jk4z-9", "4bNvQz0Jk4z-9"),
        ("OK id=1rXyZa-0001Ab-2C", "1rXyZa-0001Ab-2C"),
        ("3AKC5NX2012345 Message accepted for delivery", "3AKC5NX2012345"),
        ("Ok", ""),
        ("", ""),
    ],
)
def test_queue_id(text, expected):
    """The server's name for a message, as several servers write it."""
    recipient = RecipientResult("bob@x.test", ACCEPTED, 250, "2.0.0", text)

    assert expected == recipient.queue_id
    assert ((expected,) if expected else ()) == result(recipient, recipient).queue_ids


def test_no_queue_id_of_a_refusal():
    """What was not accepted has no name."""
    refused = RecipientResult("no@x.test", REFUSED_STATUS, 550, "", "queued as spam")

    assert refused.queue_id == ""
    assert result(refused).queue_ids == ()


def test_several_queue_ids():
    """Each transaction of a message has a name of its own, in the order of the recipients."""
    other = RecipientResult("cy@x.test", ACCEPTED, 250, "", "Ok: queued as 77")

    assert result(GOOD, other, GOOD, BAD).queue_ids == ("4F1D2", "77")


def test_json():
    """A report goes to JSON as it is."""
    report = SendReport((DONE, REFUSED, UNSURE), LOST)
    read = json.loads(json.dumps(report.to_dict()))

    assert read["ok"] is False
    assert [message["stage"] for message in read["messages"]] == ["done", "RCPT", "reply"]
    assert read["error"] == {"type": "ConnectionLost", "message": "it broke"}
    assert read["messages"][0]["queue_ids"] == ["4F1D2"]
    assert BAD.to_dict() == read["messages"][1]["recipients"][0]
    assert read["messages"][2]["recipients"][0]["status"] == "uncertain"


def test_text():
    """A report prints what went wrong, and for which recipient."""
    text = str(SendReport((DONE, PARTLY, UNSURE), LOST))

    assert text.startswith("1 of 3 messages accepted for every recipient\n")
    assert "the connection ended: it broke" in text
    assert "no@x.test refused: 550 5.1.1 nobody" in text
    assert "<1@x.test>: uncertain, 0 of 1 accepted" in text
    assert "250 2.0.0 Ok: queued as 4F1D2" in text


def test_text_of_a_recipient_that_netmail_refused():
    """A recipient that netmail refused has no code."""
    refused = RecipientResult("ü@x.test", REFUSED_STATUS, text="no SMTPUTF8")

    assert str(refused) == "ü@x.test refused: no SMTPUTF8"


@pytest.mark.parametrize(
    ("recipient", "transient", "permanent"),
    [(BAD, False, True), (LATER, True, False), (GOOD, False, False), (NONE, False, False)],
    ids=["550", "452", "accepted", "not sent"],
)
def test_transient(recipient, transient, permanent):
    """4yz may pass, a later 5yz does not; what was not refused is neither."""
    assert transient is recipient.transient
    assert permanent is recipient.permanent


def merge(first, second):
    """The statuses and queue ids of two transactions of one message."""
    both = first.merged(second)
    return [str(each.status) for each in both.recipients], both.queue_ids


def test_merged():
    """What a later transaction tells replaces the earlier; replies that accepted stay."""
    first = result(GOOD, LATER, reply=SmtpReply(250, "2.0.0", "Ok: queued as 4F1D2"))
    late = RecipientResult("full@x.test", ACCEPTED, 250, "", "Ok: queued as 77")
    second = result(late, reply=SmtpReply(250, "", "Ok: queued as 77"))

    assert merge(first, second) == (["accepted", "accepted"], ("4F1D2", "77"))
    assert len(first.merged(second).replies) == 2
    assert first.merged(second)


def test_merged_after_a_refusal_of_all():
    """A refusal that was tried again leaves no reply."""
    first = result(LATER, stage=SendStage.MAIL, reply=SmtpReply(452, "", "full"))
    late = RecipientResult("full@x.test", ACCEPTED, 250, "", "Ok")

    assert first.merged(result(late, reply=SmtpReply(250, "", "Ok"))).replies == (
        SmtpReply(250, "", "Ok"),
    )


def refused_later(first):
    """The same after another attempt, whose content was refused for now."""
    error = refusal("DATA", SmtpReply(451, "", "later"))
    return first.merged(replace(result(LATER, stage=SendStage.REPLY), error=error))


def test_merged_error_of_an_earlier_attempt():
    """A message that everybody has in the end has no error, whatever came between."""
    first = refused_later(result(GOOD, LATER, reply=SmtpReply(250, "", "Ok")))
    late = RecipientResult("full@x.test", ACCEPTED, 250, "", "Ok")
    both = first.merged(result(late, reply=SmtpReply(250, "", "Ok")))

    # `MessageResult.error`: "Also `None` if the server refused only some recipients".
    assert first.error is None
    assert first.stage is SendStage.DONE
    assert both.error is None
    assert SendReport((both,)).raise_for_refused()


def test_merged_error_of_all():
    """A message that nobody has keeps the error of the last attempt."""
    first = refused_later(result(LATER, stage=SendStage.MAIL, reply=SmtpReply(452, "", "full")))

    assert first.error.code == 451
    assert first.stage is SendStage.REPLY


@pytest.mark.parametrize("later", [BAD, LATER], ids=["for good", "for now"])
def test_merged_uncertain(later):
    """What may be delivered stays so, unless another copy is accepted."""
    doubt = RecipientResult(later.address, SendStatus.UNCERTAIN, stage=SendStage.REPLY)
    late = RecipientResult(later.address, ACCEPTED, 250, "", "Ok")

    assert result(doubt).merged(result(later)).recipients == (doubt,)
    assert result(doubt).merged(result(late)).recipients == (late,)


def test_merged_lost_connection():
    """A connection that was lost is no refusal: some recipients are still to be decided."""
    second = replace(result(LATER, stage=SendStage.CONNECT), error=LOST)

    assert result(GOOD, LATER).merged(second).error is LOST


@pytest.mark.parametrize("others", [(), (GOOD,)], ids=["refused", "accepted and refused"])
def test_merged_error_of_a_check(others):
    """The error of a recipient that netmail refused stays: it tells what the server lacks."""
    error = CapabilityError("no SMTPUTF8", "SMTPUTF8")
    own = RecipientResult("ü@x.test", REFUSED_STATUS, text="no SMTPUTF8", stage=SendStage.CHECK)
    first = replace(result(own, LATER, *others), error=error)
    late = RecipientResult("full@x.test", ACCEPTED, 250, "", "Ok")

    assert first.merged(result(late, reply=SmtpReply(250, "", "Ok"))).error is error


def test_refusal():
    """A refusal is an error with the server's text and codes."""
    error = refusal("MAIL", SmtpReply(450, "4.7.1", "greylisted"), SenderRefused)

    assert type(error) is SenderRefused
    assert error.code == 450
    assert error.enhanced == "4.7.1"
    assert error.transient
    assert str(error) == "MAIL: 450 4.7.1 greylisted"
