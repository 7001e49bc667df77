"""Options of messages and recipients: what is sent, what is refused before anything is sent."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from netmail.delivery_options import DeliveryOptions, RecipientOptions
from netmail.envelope import Envelope
from netmail.errors import CapabilityError, ConnectError, UsageError
from netmail.flows.smtp.parameters import within_limits
from netmail.flows.smtp.queue import Recipient
from netmail.results.smtp import SendStage, SendStatus
from support.replay import replay
from support.smtp_batch import (
    ACCEPTED,
    DATA_SENT,
    PIPELINING,
    RESET,
    Call,
    batch_of,
    envelope,
    sent,
)

CONTENT = b"A: b\r\n\r\nhello\r\n"
LATER = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture(params=[None, 1], ids=["whole", "octets"])
def size(request):
    """How many octets of the server's arrive at a time; None for whole turns."""
    return request.param


def asking(*recipients, **options):
    """A message with options, for bob unless others are named."""
    to = recipients or ("bob@x.test",)
    return Envelope("ann@x.test", to, CONTENT, DeliveryOptions(**options))


MISSING = {
    "DSN": [{"ret": "FULL"}, {"envid": "x"}],
    "DELIVERBY": [{"by_time": 60}, {"by_time": 60, "by_mode": "N"}],
    "FUTURERELEASE": [{"hold_for": 60}, {"hold_until": LATER}],
    "REQUIRETLS": [{"requiretls": True}],
}
ROWS = [(name, options) for name, group in MISSING.items() for options in group]


@pytest.mark.parametrize(("capability", "options"), ROWS)
def test_missing_extension_stops_the_message(capability, options):
    """Nothing is sent where the server would not do what is asked; the error names it."""
    batch = batch_of(asking(**options))
    (result,) = sent(batch, "", None)

    assert result.stage is SendStage.CHECK
    assert type(result.error) is CapabilityError
    assert result.error.capability == capability
    assert batch.pending == []


FOR_RECIPIENT = {
    "DSN": [{"notify": ["NEVER"]}, {"orcpt": "bob@y.test"}],
    "RRVS": [{"rrvs": LATER}],
}
RECIPIENT_ROWS = [(name, options) for name, group in FOR_RECIPIENT.items() for options in group]


@pytest.mark.parametrize(("capability", "options"), RECIPIENT_ROWS)
def test_missing_extension_refuses_the_recipient(capability, options, size):
    """The other recipients get the message."""
    asked = {"cy@x.test": RecipientOptions(**options)}
    batch = batch_of(asking("cy@x.test", "bob@x.test", recipients=asked))
    (result,) = sent(batch, ACCEPTED, size)

    assert [(each.address, each.code) for each in result.refused] == [("cy@x.test", 0)]
    assert [each.address for each in result.accepted] == ["bob@x.test"]
    assert result.error.capability == capability


def test_for_every_recipient():
    """What is asked of every recipient stops the message, if the server cannot do it."""
    batch = batch_of(asking(each_recipient=RecipientOptions(notify=["NEVER"])))
    (result,) = sent(batch, "", None)

    assert result.stage is SendStage.CHECK
    assert result.error.capability == "DSN"


def test_requests_that_are_left_out(size):
    """MT-PRIORITY and AUTH are left out where the server offers neither."""
    batch = batch_of(asking(mt_priority=9, auth="ann@x.test"))

    assert sent(batch, ACCEPTED, size)


def test_requiretls_needs_a_verified_session():
    """REQUIRETLS that is offered in clear proves nothing: RFC 8689 section 4.2.1."""
    batch = batch_of(asking(requiretls=True), offered={**PIPELINING, "REQUIRETLS": ()})
    (result,) = sent(batch, "", None)

    assert result.stage is SendStage.CHECK
    assert "verified" in str(result.error)


def test_each_recipient_and_single_ones(size):
    """A recipient that is named has its own options, the others those of all."""
    usual = RecipientOptions(notify=["DELAY"])
    own = {"cy@X.test": RecipientOptions(notify=["NEVER"])}
    message = asking("bob@x.test", "cy@X.test", each_recipient=usual, recipients=own)
    batch = batch_of(message, offered={**PIPELINING, "DSN": ()})
    transcript = DATA_SENT.replace(
        "C: RCPT TO:<bob@x.test>",
        "C: RCPT TO:<bob@x.test> NOTIFY=DELAY\nC: RCPT TO:<cy@X.test> NOTIFY=NEVER",
    ).replace("S: 250 Ok\nS: 250 Ok\n", "S: 250 Ok\nS: 250 Ok\nS: 450 later\n")
    result = sent(batch, transcript + "S: 550 no\n" + RESET, size)[0]

    # What is left keeps its options, and only its own: it can be added again as it is.
    assert result.retryable.recipients == ("cy@X.test",)
    assert result.retryable.options.recipients == own
    batch_of(result.retryable)


def test_options_for_nobody():
    """Options for an address that the message does not go to are refused: it is misspelled."""
    with pytest.raises(UsageError, match="no recipient"):
        batch_of(asking(recipients={"bbo@x.test": RecipientOptions(notify=["NEVER"])}))


def test_options_of_another_type():
    """What is no DeliveryOptions is refused."""
    with pytest.raises(UsageError, match="DeliveryOptions"):
        batch_of(Envelope("ann@x.test", ("bob@x.test",), CONTENT, {"ret": "FULL"}))


# -- LIMITS ------------------------------------------------------------------------------------

MANY = tuple(
    Recipient(address, f"<{address}>".encode())
    for address in ("a@x.test", "b@y.test", "c@X.test", "d@z.test", "e@x.test")
)
WITHIN = {
    "no limits": ((), "abcde"),
    "recipients": (("RCPTMAX=2",), "ab"),
    "domains": (("RCPTDOMAINMAX=1",), "ace"),
    "both": (("RCPTMAX=2", "RCPTDOMAINMAX=2"), "ab"),
    "more domains than there are": (("RCPTDOMAINMAX=3",), "abcde"),
    "nonsense": (("RCPTMAX=many", "RCPTDOMAINMAX"), "abcde"),
}


@pytest.mark.parametrize("name", WITHIN)
def test_within_limits(name):
    """RFC 9422 section 4: so many recipients, and domains, fit into one transaction."""
    named, expected = WITHIN[name]
    fitting = within_limits(MANY, {"LIMITS": named})

    assert "".join(each.address[0] for each in fitting) == expected


def test_lost_between_transactions(size):
    """If the connection ends after the first transaction, the others are left in the queue."""
    message = Envelope("ann@x.test", ("bob@x.test", "cy@x.test"), CONTENT)
    batch = batch_of(message, offered={**PIPELINING, "LIMITS": ("RCPTMAX=1",)})
    transcript = ACCEPTED + "C: MAIL FROM:<ann@x.test> SIZE=15\nC: RCPT TO:<cy@x.test>\nEOF"
    report = sent_until_lost(batch, transcript, size)

    assert not report
    assert not report[0]
    assert report[0].recipients[1].status is SendStatus.NOT_SENT
    assert batch.pending == [("cy@x.test",)]


CHECKED = {
    "message": (envelope("bob@x.test", "cy@x.test", content=b"\r\n\xff\r\n"), "refused", []),
    "recipient": (envelope("ü@x.test", "cy@x.test"), "not sent", [("cy@x.test",)]),
}


@pytest.mark.parametrize(("message", "other", "left"), CHECKED.values(), ids=CHECKED)
def test_refused_by_a_check_while_another_message_is_sent(message, other, left):
    """A check of the message is for all its recipients; one of a recipient for this one alone."""
    offered = {"PIPELINING": (), "SIZE": (), "LIMITS": ("RCPTMAX=1",)}
    batch = batch_of(envelope(), message, offered=offered)
    batch.session.options = replace(batch.session.options, pipelining="full", chunking=False)
    sending = ACCEPTED.replace(
        "S: 250 2.1.0 Ok\n    S: 250 2.1.5 Ok\n    C: DATA\n",
        "C: DATA\n    S: 250 Ok\n    S: 250 Ok\n",
    )
    call = Call(batch)
    if replay(call.over(), batch.session.reader, sending.rpartition("S:")[0] + "EOF"):
        replay(call.over(failure=ConnectError("no connection")), batch.session.reader, "")
    _, checked = call.report()

    assert [str(each.status) for each in checked.recipients] == ["refused", other]
    assert batch.pending == left
    assert checked.retryable == (batch.queue.pending or (None,))[0]


@pytest.mark.parametrize("then", ["250 Ok", "554 no"])
def test_final_reply_is_about_its_own_transaction(then, size):
    """Whatever a later transaction ends with, a recipient of a lost one stays uncertain."""
    message = Envelope("ann@x.test", ("bob@x.test", "cy@x.test"), CONTENT)
    batch = batch_of(envelope(), message, offered={**PIPELINING, "LIMITS": ("RCPTMAX=1",)})
    call = Call(batch)
    lost = ACCEPTED + ACCEPTED.rpartition("S:")[0] + "EOF"
    assert replay(call.over(), batch.session.reader, lost, size=size)
    batch.session.reader.reset()
    rest = ACCEPTED.replace("bob@", "cy@").replace("250 2.0.0 Ok: queued as 4F1D2", then)
    assert not replay(call.over(), batch.session.reader, rest, size=size)
    bob, cy = call.report()[1].recipients

    assert bob.status is SendStatus.UNCERTAIN
    assert cy.code == int(then[:3])
    assert batch.uncertain == [("bob@x.test",)]
    assert batch.pending == []


def test_refused_for_the_first_recipients_only(size):
    """A transaction that is refused does not stop those of the other recipients."""
    message = Envelope("ann@x.test", ("no@x.test", "bob@x.test"), CONTENT)
    batch = batch_of(message, offered={**PIPELINING, "LIMITS": ("RCPTMAX=1",)})
    refused = "C: MAIL FROM:<ann@x.test> SIZE=15\nC: RCPT TO:<no@x.test>\n"
    refused += "S: 250 Ok\nS: 550 5.1.1 no\n"
    (result,) = sent(batch, refused + RESET + ACCEPTED, size)

    assert [each.address for each in result.refused] == ["no@x.test"]
    assert [each.address for each in result.accepted] == ["bob@x.test"]
    assert result.stage is SendStage.DONE
    assert batch.pending == []


def sent_until_lost(batch, transcript, size):
    """Send the queue over a connection that ends, and over none afterwards."""
    task = Call(batch)

    def sending():
        assert (yield from task.over())
        assert not (yield from task.over(failure=ConnectError("no connection")))
        return task.report()

    return replay(sending(), batch.session.reader, transcript, size=size)
