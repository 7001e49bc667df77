"""Reports as values: their truth, their text, their JSON."""

import json

import pytest

from netmail.envelope import Envelope
from netmail.errors import ConnectionLost, RecipientsRefused, SenderRefused, SmtpError
from netmail.results.smtp import (
    MessageResult,
    RecipientResult,
    SendReport,
    SendStage,
    SmtpReply,
    refusal,
)

GOOD = RecipientResult("bob@x.test", True, 250, "2.1.5", "Ok")
BAD = RecipientResult("no@x.test", False, 550, "5.1.1", "nobody")
LATER = RecipientResult("full@x.test", False, 452, "4.2.2", "full")
LOST = ConnectionLost("it broke")


def result(*recipients, stage=SendStage.DONE, reply=None, error=None, uncertain=False, of=()):
    """A result for these recipients, and for others without outcome."""
    return MessageResult(
        envelope=Envelope("ann@x.test", tuple(each.address for each in recipients) + tuple(of)),
        message_id="<1@x.test>",
        accepted=tuple(each for each in recipients if each.accepted),
        refused=tuple(each for each in recipients if not each.accepted),
        reply=reply,
        stage=stage,
        error=error,
        uncertain=uncertain,
        size=15,
    )


DONE = result(GOOD, reply=SmtpReply(250, "2.0.0", "Ok: queued as 4F1D2"))
PARTLY = result(GOOD, BAD, reply=SmtpReply(250, "", "Ok"))
REFUSED = result(BAD, stage=SendStage.RCPT, error=refusal("RCPT", BAD, RecipientsRefused))
UNSURE = result(stage=SendStage.REPLY, error=LOST, uncertain=True, of=["bob@x.test"])
WAITING = result(stage=SendStage.NOT_SENT, of=["bob@x.test"])


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


def test_undecided():
    """Recipients without outcome are listed too."""
    assert result(BAD, stage=SendStage.RCPT, of=["cy@x.test"]).undecided == ("cy@x.test",)


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
    assert expected == result(GOOD, reply=SmtpReply(250, "2.0.0", text)).queue_id


def test_no_queue_id_of_a_refusal():
    """What was not accepted has no name."""
    assert (
        result(BAD, stage=SendStage.REPLY, reply=SmtpReply(550, "", "queued as spam")).queue_id
        == ""
    )


def test_json():
    """A report goes to JSON as it is."""
    report = SendReport((DONE, REFUSED, UNSURE), LOST)
    read = json.loads(json.dumps(report.to_dict()))

    assert read["ok"] is False
    assert [message["stage"] for message in read["messages"]] == ["done", "RCPT", "reply"]
    assert read["error"] == {"type": "ConnectionLost", "message": "it broke"}
    assert read["messages"][0]["queue_id"] == "4F1D2"
    assert BAD.to_dict() == read["messages"][1]["refused"][0]
    assert read["messages"][2]["undecided"] == ["bob@x.test"]


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
    refused = RecipientResult("ü@x.test", False, 0, "", "no SMTPUTF8")

    assert str(refused) == "ü@x.test refused: no SMTPUTF8"


@pytest.mark.parametrize(("recipient", "expected"), [(BAD, False), (LATER, True)])
def test_transient(recipient, expected):
    """4yz may pass."""
    assert expected is recipient.transient


def test_refusal():
    """A refusal is an error with the server's text and codes."""
    error = refusal("MAIL", SmtpReply(450, "4.7.1", "greylisted"), SenderRefused)

    assert type(error) is SenderRefused
    assert error.code == 450
    assert error.enhanced == "4.7.1"
    assert error.transient
    assert str(error) == "MAIL: 450 4.7.1 greylisted"
