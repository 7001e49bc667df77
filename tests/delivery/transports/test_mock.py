"""The transport that only pretends."""

import pytest

from netmail import Envelope, Message, MessageError
from netmail.delivery import DeliveryFailed, Mailer, TransportExhausted
from netmail.delivery.transports.mock import MockTransport

ENVELOPE = Envelope("a@x.test", ("b@x.test",), b"Subject: s\r\n\r\nt\r\n")


def test_success():
    """It keeps what it accepts."""
    transport = MockTransport({})
    transport.startup()

    assert transport.deliver(ENVELOPE)
    assert transport.messages == [ENVELOPE]
    transport.shutdown()


def test_failure():
    """Every attempt fails."""
    config = {"transport.use": "mock", "transport.failure": 1, "manager.retry.delay": 0.001}
    with Mailer(config) as mailer, pytest.raises(DeliveryFailed, match="mock failure"):
        mailer.send(Message("a@x.test", "b@x.test"))


def test_exhaustion():
    """The message is accepted, and the transport is at its end."""
    transport = MockTransport({"exhaustion": 1.0})

    with pytest.raises(TransportExhausted) as caught:
        transport.deliver(ENVELOPE)

    assert caught.value.result
    assert transport.messages == [ENVELOPE]


def test_refusal():
    """Without success every recipient is refused."""
    with Mailer({"transport.use": "mock", "transport.success": 0}) as mailer:
        result = mailer.send(ENVELOPE).result()

    assert [each.address for each in result.refused] == ["b@x.test"]


def test_same_checks():
    """A message that cannot be sent is refused as elsewhere."""
    with Mailer({"transport.use": "mock"}) as mailer, pytest.raises(MessageError):
        mailer.send(Message(to="b@x.test"))
