"""The errors of delivery, and Marrow Mailer's names for them."""

import pytest

from netmail import (
    AuthenticationError,
    CapabilityError,
    ConnectError,
    NetmailError,
    TlsError,
    delivery,
)
from netmail.delivery.errors import transport_failure


def test_delivery_failed():
    """Message and reason are arguments and attributes."""
    error = delivery.DeliveryFailed("the message", "down")

    assert error.args == ("the message", "down")
    assert (error.msg, error.message, error.reason) == ("the message", "the message", "down")
    assert str(error) == "down"


def test_marrow_s_names():
    """Each leads to a class with the same meaning."""
    assert delivery.DeliveryFailedException is delivery.DeliveryFailed
    assert delivery.TransportExhaustedException is delivery.TransportExhausted
    assert issubclass(delivery.DeliveryException, NetmailError)
    assert issubclass(delivery.MailConfigurationException, ValueError)


@pytest.mark.parametrize(
    ("error", "transient"),
    [
        (ConnectError("no route"), True),
        (TlsError("wrong certificate"), False),
        (AuthenticationError("AUTH", "wrong password"), False),
        (AuthenticationError("AUTH", "not now", transient=True), True),
        (CapabilityError("no LMTP"), False),
    ],
)
def test_transport_failure(error, transient):
    """Whether a later try may succeed follows from the cause."""
    assert transport_failure(error).transient is transient
