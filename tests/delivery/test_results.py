"""Results of transports that speak no SMTP."""

from netmail import (
    Envelope,
    LargeContent,
    Message,
    NetmailError,
    RecipientResult,
    SendStage,
    SendStatus,
    envelope_of,
)
from netmail.delivery.results import (
    accepted_result,
    joined_result,
    made_result,
    message_id_of,
    refused_result,
    uncertain_result,
    unsent_result,
)

ENVELOPE = Envelope("a@x.test", ("b@x.test", "c@x.test"), b"Message-ID: <1@x>\r\n\r\nt\r\n")


def test_accepted():
    """Every recipient has it."""
    result = accepted_result(ENVELOPE, "in the file")

    assert result
    assert result.stage is SendStage.DONE
    assert result.message_id == "<1@x>"
    assert result.size == len(ENVELOPE.content)
    assert result.retryable is None
    assert {each.text for each in result.recipients} == {"in the file"}


def test_refused():
    """Nobody has it, and it is not tried again."""
    result = refused_result(ENVELOPE, "no")

    assert not result
    assert len(result.refused) == 2
    assert result.retryable is None


def test_uncertain():
    """It may be delivered: it is not tried again."""
    result = uncertain_result(ENVELOPE, "no reply")

    assert result.uncertain
    assert result.retryable is None


def test_what_may_be_tried_again():
    """The recipients that it was not sent to, or that were refused for now."""
    recipients = (
        RecipientResult("b@x.test", SendStatus.NOT_SENT, stage=SendStage.CONNECT),
        RecipientResult("c@x.test", SendStatus.REFUSED, 451),
        RecipientResult("d@x.test", SendStatus.REFUSED, 550),
    )
    result = made_result(ENVELOPE, recipients)

    assert result.retryable == Envelope("a@x.test", ("b@x.test", "c@x.test"), ENVELOPE.content)
    assert result.envelope.content is None


def test_message_id(tmp_path):
    """It is read from the header; the content of a large message is not written for it."""
    file = tmp_path / "large"
    file.write_bytes(bytes(2 * 1024 * 1024))
    large = envelope_of(Message("a@x.test", "b@x.test", message_id="<2@x>").attach(str(file)))

    assert isinstance(large.content, LargeContent)
    assert message_id_of(large) == "<2@x>"
    assert message_id_of(Envelope("", ("b@x.test",), b"\r\n")) == ""


def test_joined():
    """Several forms of one message have one result: all recipients, the worst error."""
    other = Envelope("a@x.test", ("d@x.test",), b"other")
    result = joined_result(
        [accepted_result(ENVELOPE), unsent_result(other, NetmailError("no server"))]
    )

    assert result.envelope.recipients == ("b@x.test", "c@x.test", "d@x.test")
    assert [each.address for each in result.accepted] == ["b@x.test", "c@x.test"]
    assert not result
    assert result.stage is SendStage.DONE
    assert str(result.error) == "no server"
    assert result.retryable == other
    lost = unsent_result(ENVELOPE, NetmailError("no server"))
    assert joined_result([lost, unsent_result(other, NetmailError("x"))]).retryable is None
    assert joined_result([lost]) is lost
