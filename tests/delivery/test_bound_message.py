"""Messages that know their mailer."""

from delivery.scripted import ScriptedTransport
from netmail import Message
from netmail.delivery import BoundMessage, Mailer


def test_copies_are_bound():
    """A copy is delivered by the same mailer, and is a message of its own."""
    scripted = ScriptedTransport()
    with Mailer({"transport": {"use": scripted}}) as mailer:
        first = mailer.new("a@x.test", "b@x.test")
        first.copy().to("c@x.test").send()
        first.send()

    assert isinstance(first, BoundMessage)
    assert isinstance(first, Message)
    assert scripted.delivered == ["b@x.test,c@x.test", "b@x.test"]


def test_body_is_made_at_delivery():
    """A callable is called when the message is delivered, not when it is made."""
    calls = []
    with Mailer({"transport.use": "mock"}) as mailer:
        message = mailer.new("a@x.test", "b@x.test", plain=lambda: calls.append(1) or "late")
        assert not calls
        message.send()

    assert calls == [1]
