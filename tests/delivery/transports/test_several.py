"""The transports over several others: which one takes a message, and when another one may."""

import pytest

from delivery.scripted import ScriptedTransport
from netmail import Envelope, Message, RecipientResult, SendStage, SendStatus, UsageError
from netmail.delivery import (
    Mailer,
    MessageFailed,
    TransportExhausted,
    TransportFailed,
)
from netmail.delivery.results import made_result, refused_result, uncertain_result
from netmail.delivery.transports import several
from netmail.delivery.transports.several import FailoverTransport, RoundRobinTransport
from netmail.testing import MailServer

MESSAGE = Envelope("a@x.test", ("b@x.test", "c@x.test"), b"Subject: s\r\n\r\nt\r\n")
LATER, LASTING = TransportFailed("busy"), TransportFailed("gone", transient=False)


def made(kind, *scripts, **directives):
    """Return a transport over scripted ones, and these."""
    members = [ScriptedTransport(script) for script in scripts]
    config = {"transports": [{"use": member} for member in members], **directives}
    return kind(config), members


def deliveries(members):
    """How many messages each has delivered."""
    return [len(member.delivered) for member in members]


def partly(*statuses):
    """Return a step of a script: these statuses, in the order of the recipients."""

    def step(envelope):
        pairs = zip(envelope.recipients, statuses, strict=True)
        return made_result(
            envelope,
            tuple(
                RecipientResult(address, status, code, stage=SendStage.CONNECT)
                for address, (status, code) in pairs
            ),
        )

    return step


ACCEPTED, UNSENT = (SendStatus.ACCEPTED, 250), (SendStatus.NOT_SENT, 0)
DEFERRED = (SendStatus.REFUSED, 450)


def test_first(monkeypatch):
    """As long as it delivers, the others are not started."""
    transport, members = made(FailoverTransport, [], [])
    for _ in range(3):
        assert transport.deliver(MESSAGE)
    transport.shutdown()

    assert deliveries(members) == [3, 0]
    assert members[0].count("startup") == members[0].count("shutdown") == 1
    assert members[1].events == []


def test_next_where_one_fails():
    """A transport that has failed is left out for a while."""
    transport, members = made(FailoverTransport, [LATER], [], retry_period="60")
    assert transport.deliver(MESSAGE)
    assert transport.deliver(MESSAGE)

    assert deliveries(members) == [0, 2]
    assert members[0].count("shutdown") == 1


def test_back_after_a_while(monkeypatch):
    """The period is over, and the first one is the first again."""
    transport, members = made(FailoverTransport, [LATER], [], retry_period=60)
    now = several.time.monotonic()
    monkeypatch.setattr(several.time, "monotonic", lambda: now)
    transport.deliver(MESSAGE)
    monkeypatch.setattr(several.time, "monotonic", lambda: now + 60)
    transport.deliver(MESSAGE)

    assert deliveries(members) == [1, 1]


def test_the_wait_that_one_asks_for(monkeypatch):
    """It is left out for longer than the others, and named where all have failed."""
    busy = TransportFailed("busy", retry_after=500)
    transport, members = made(FailoverTransport, [busy], [], retry_period=60)
    now = several.time.monotonic()
    monkeypatch.setattr(several.time, "monotonic", lambda: now)
    transport.deliver(MESSAGE)
    for later in (60, 499, 500):
        monkeypatch.setattr(several.time, "monotonic", lambda later=later: now + later)
        transport.deliver(MESSAGE)
    assert deliveries(members) == [1, 3]

    both, _ = made(FailoverTransport, [busy], [TransportFailed("busy", retry_after=20)])
    with pytest.raises(TransportFailed) as caught:
        both.deliver(MESSAGE)
    assert caught.value.retry_after == 20
    one, _ = made(FailoverTransport, [busy], [LATER])
    with pytest.raises(TransportFailed) as caught:
        one.deliver(MESSAGE)
    assert caught.value.retry_after is None


def test_all_failed():
    """All reasons are in one sentence, and a later try may succeed if one of them may."""
    transport, _ = made(FailoverTransport, [LATER, LATER], [LASTING, LASTING])
    with pytest.raises(TransportFailed, match="busy; gone") as caught:
        transport.deliver(MESSAGE)
    assert caught.value.transient
    with pytest.raises(TransportFailed):
        transport.deliver(MESSAGE)

    lasting, _ = made(FailoverTransport, [LASTING])
    with pytest.raises(TransportFailed) as caught:
        lasting.deliver(MESSAGE)
    assert not caught.value.transient


def test_failed_ones_are_the_last_resort():
    """Within the period they are tried where all others fail."""
    transport, members = made(FailoverTransport, [LATER], [None, LATER])
    assert transport.deliver(MESSAGE)
    assert transport.deliver(MESSAGE)

    assert deliveries(members) == [1, 1]


@pytest.mark.parametrize(
    "step",
    [
        lambda envelope: refused_result(envelope, "no"),
        lambda envelope: uncertain_result(envelope, "lost"),
        partly(DEFERRED, ACCEPTED),
    ],
    ids=["refused", "uncertain", "deferred"],
)
def test_decided(step):
    """What was refused, or may have been delivered, goes to no other transport."""
    transport, members = made(FailoverTransport, [step], [])
    transport.deliver(MESSAGE)

    assert deliveries(members) == [1, 0]


def test_rest():
    """Recipients that were not sent to go to the next one; those refused for now do not."""
    envelope = Envelope("a@x.test", ("b@x.test", "c@x.test", "d@x.test"), MESSAGE.content)
    transport, members = made(FailoverTransport, [partly(ACCEPTED, DEFERRED, UNSENT)], [])
    result = transport.deliver(envelope)

    assert [each.status.name for each in result.recipients] == ["ACCEPTED", "REFUSED", "ACCEPTED"]
    assert members[1].delivered == ["d@x.test"]
    assert result.retryable.recipients == ("c@x.test",)
    assert result.retryable.content == MESSAGE.content


@pytest.mark.parametrize("failure", [LATER, MessageFailed("no such shape")])
def test_rest_stays(failure):
    """If no other transport takes it, it is what may be tried again."""
    transport, _ = made(FailoverTransport, [partly(ACCEPTED, UNSENT)], [failure])
    result = transport.deliver(MESSAGE)

    assert [each.status.name for each in result.recipients] == ["ACCEPTED", "NOT_SENT"]
    assert result.retryable.recipients == ("c@x.test",)


def test_defective_message():
    """No other transport could deliver it."""
    transport, members = made(FailoverTransport, [MessageFailed("defect")], [])
    with pytest.raises(MessageFailed, match="defect"):
        transport.deliver(MESSAGE)

    assert deliveries(members) == [0, 0]


def test_exhausted():
    """The message was delivered; the next one has another instance of the same transport."""
    transport, members = made(FailoverTransport, [TransportExhausted("end")], [])
    assert transport.deliver(MESSAGE)
    assert transport.deliver(MESSAGE)

    assert deliveries(members) == [2, 0]
    assert members[0].count("startup") == 2


def test_error_of_others():
    """What no transport may raise passes, and the instance is not used again."""
    transport, members = made(FailoverTransport, [ZeroDivisionError()], [])
    with pytest.raises(ZeroDivisionError):
        transport.deliver(MESSAGE)

    assert members[0].count("shutdown") == 1


def test_in_turn():
    """Each has the same number of messages."""
    transport, members = made(RoundRobinTransport, [], [], [])
    for _ in range(9):
        assert transport.deliver(MESSAGE)

    assert deliveries(members) == [3, 3, 3]


def test_in_turn_without_one():
    """One that fails is left out, and its messages are not lost."""
    transport, members = made(RoundRobinTransport, [LATER], [])
    for _ in range(4):
        assert transport.deliver(MESSAGE)

    assert deliveries(members) == [0, 4]


def test_configuration(tmp_path):
    """TOML's lists of tables, with dictionaries in dictionaries and keys with dots."""
    with MailServer(accept_any=True) as server:
        (tmp_path / "mail.toml").write_text(
            "[manager]\nuse = 'futures'\n"
            "[transport]\nuse = 'failover'\nretry_period = 5\n"
            "[[transport.transports]]\nuse = 'smtp'\nhost = '127.0.0.1'\nport = 1\n"
            "[[transport.transports]]\nuse = 'round-robin'\n"
            f"transports = [{{use = 'smtp', url = '{server.smtp_url}', reconnect.attempts = 2}}]\n"
        )
        with Mailer.from_toml(tmp_path / "mail.toml") as mailer:
            result = mailer.send(Message("a@x.test", "b@x.test", "s", text="t")).result()

    assert result
    assert len(server.sent) == 1


@pytest.mark.parametrize(
    ("directives", "why"),
    [
        ({}, "'transports' is missing"),
        ({"transports": []}, "transports is empty"),
        ({"transports": ["smtp"]}, "each of transports is a group"),
        ({"transports": [{"host": "h"}]}, "transport.use is None"),
        ({"transports": [{"use": "mock", "sucess": 1}]}, "'success'"),
        ({"transports": [{"use": "mock"}], "period": 1}, "'retry_period'"),
    ],
)
def test_wrong_directives(directives, why):
    """They are found before there is a message."""
    with pytest.raises(UsageError, match=why):
        RoundRobinTransport(directives)
