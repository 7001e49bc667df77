"""What a kept transport does with errors, refusals and waits."""

import threading
import time

import pytest

from delivery.scripted import ScriptedTransport
from netmail import (
    Message,
    RecipientResult,
    RetryPolicy,
    SendStatus,
    SmtpError,
    envelope_of,
)
from netmail.delivery import DeliveryFailed, MessageFailed, TransportExhausted, TransportFailed
from netmail.delivery.attempts import HeldTransport
from netmail.delivery.results import made_result, uncertain_result

QUICK = RetryPolicy(attempts=2, delay=0.001)


def held(script, retry=QUICK, stopping=None):
    """Return a held transport, and what its instances do."""
    scripted = ScriptedTransport(script)
    return HeldTransport(scripted, retry, stopping or threading.Event()), scripted


def message(retries=2):
    """Return a message to two recipients."""
    return Message("ann@x.test", ["bob@x.test", "cid@x.test"], "Hi", retries, text="Hello")


def greylisted(envelope):
    """Accept the first recipient, and refuse the others for now."""
    first, *others = envelope.recipients
    return made_result(
        envelope,
        (
            RecipientResult(first, SendStatus.ACCEPTED, 250),
            *(RecipientResult(each, SendStatus.REFUSED, 451, text="later") for each in others),
        ),
    )


def still_greylisted(envelope):
    """Refuse all recipients for now."""
    refused = [
        RecipientResult(each, SendStatus.REFUSED, 451, text="later") for each in envelope.recipients
    ]
    return made_result(envelope, tuple(refused))


def test_transport_is_kept():
    """One instance delivers all messages; `None` means that all recipients were accepted."""
    transport, scripted = held([])

    results = [transport.deliver(message()) for _ in range(3)]

    assert all(results)
    assert [each.address for each in results[0].accepted] == ["bob@x.test", "cid@x.test"]
    assert scripted.count("startup") == 1
    transport.close()
    assert scripted.count("shutdown") == 1


def test_other_values_are_returned():
    """What a transport of another package returns is the caller's."""
    transport, _ = held([lambda _: {"id": 7}])

    assert transport.deliver(message()) == {"id": 7}


def test_failed_transport_is_renewed():
    """The next instance tries the message again."""
    transport, scripted = held([TransportFailed("gone"), None])

    assert transport.deliver(message())
    assert scripted.count("startup") == 2
    assert scripted.count("shutdown") == 1


def test_retries_are_the_message_s():
    """`retries` says how often it is tried again; the error has message and reason."""
    transport, scripted = held([TransportFailed("gone")] * 9)
    sent = message(retries=4)

    with pytest.raises(DeliveryFailed, match="gone") as caught:
        transport.deliver(sent)

    assert caught.value.args == (sent, "gone")
    assert scripted.count("startup") == 5


def test_failure_for_good():
    """Where the configuration is wrong, nothing is tried again."""
    transport, scripted = held([TransportFailed("wrong password", transient=False)])

    with pytest.raises(DeliveryFailed, match="wrong password"):
        transport.deliver(message())

    assert scripted.count("startup") == 1


def test_defective_message():
    """It is not tried again, and the transport is kept."""
    transport, scripted = held([MessageFailed("too large"), None])

    with pytest.raises(DeliveryFailed, match="too large"):
        transport.deliver(message())

    assert transport.deliver(message())
    assert scripted.count("startup") == 1


def test_exhausted_transport():
    """The message was delivered, and is not delivered again; the next has another transport."""
    transport, scripted = held([TransportExhausted("enough"), None])

    assert transport.deliver(message())
    assert transport.deliver(message())
    assert len(scripted.delivered) == 2
    assert scripted.count("startup") == 2


def test_exhausted_transport_with_a_result():
    """What the transport says of the message is its result."""
    result = uncertain_result(envelope_of(message()), "no reply")
    transport, _ = held([TransportExhausted("enough", result=result)])

    assert transport.deliver(message()) is result


def test_only_refused_recipients_are_tried_again():
    """A recipient that has the message does not get it twice; the result has both."""
    transport, scripted = held([greylisted, None])

    result = transport.deliver(message())

    assert result
    assert len(result.recipients) == 2
    assert scripted.delivered == ["bob@x.test,cid@x.test", "cid@x.test"]


def test_refusals_after_the_last_attempt():
    """They are in the result, with what may be sent later; nothing is raised."""
    transport, scripted = held([greylisted, *[still_greylisted] * 9])

    result = transport.deliver(message())

    assert [each.address for each in result.refused] == ["cid@x.test"]
    assert result.retryable.recipients == ("cid@x.test",)
    assert len(scripted.delivered) == 3


def test_failure_after_a_partial_result():
    """What was decided is not lost by an error."""
    transport, _ = held([greylisted, *[TransportFailed("gone")] * 9])

    result = transport.deliver(message())

    assert [each.address for each in result.accepted] == ["bob@x.test"]
    assert result.retryable.recipients == ("cid@x.test",)


def test_uncertain_is_never_repeated():
    """It may be delivered already."""
    transport, scripted = held([lambda envelope: uncertain_result(envelope, "no reply")])

    assert transport.deliver(message()).uncertain
    assert len(scripted.delivered) == 1


def test_stopping_ends_the_wait():
    """What is left is in the result at once."""
    stopping = threading.Event()
    transport, _ = held([greylisted], RetryPolicy(delay=300), stopping)
    threading.Timer(0.05, stopping.set).start()
    begun = time.monotonic()

    result = transport.deliver(message())

    assert result.retryable.recipients == ("cid@x.test",)
    assert time.monotonic() - begun < 60


def test_wait_that_a_provider_asks_for():
    """It is obeyed, and named in the error when there is no further attempt."""
    busy = TransportFailed("busy", retry_after=0.15)
    transport, scripted = held([busy, busy, busy])
    begun = time.monotonic()
    with pytest.raises(DeliveryFailed) as caught:
        transport.deliver(message(retries=1))

    assert time.monotonic() - begun >= 0.15
    assert len(scripted.delivered) == 0
    assert caught.value.retry_after == 0.15


def test_wait_that_the_server_asks_for():
    """No wait is shorter than that."""
    asked = SmtpError("MAIL", "Suggested Backoff Time: 150 milliseconds", 451)
    refuse = made_result(
        envelope_of(message()),
        tuple(RecipientResult(each, SendStatus.REFUSED, 451) for each in message().recipients),
        error=asked,
    )
    transport, _ = held([refuse, None])
    begun = time.monotonic()

    assert transport.deliver(message())
    assert time.monotonic() - begun >= 0.15


def test_error_of_another_s_transport():
    """It is raised unchanged: whether the message was delivered is not known."""
    transport, scripted = held([RuntimeError("a defect"), None])

    with pytest.raises(RuntimeError, match="a defect"):
        transport.deliver(message())

    assert scripted.count("shutdown") == 1
    assert transport.deliver(message())
