"""The mailer: its configuration, its life, and what it hands over."""

import pytest

from delivery.scripted import ScriptedTransport
from netmail import Envelope, Message, MessageError, UsageError
from netmail.delivery import DeliveryFailed, Mailer, MailerNotRunning, TransportFailed
from netmail.testing import MailServer


def mailer(transport, **message):
    """Return a mailer with a transport of the test's own."""
    return Mailer({"transport": {"use": transport}, "message": message})


def test_seed_example():
    """The first example of Marrow Mailer, word for word but for the port."""
    with MailServer() as server:
        port = int(server.smtp_url.rpartition(":")[2])
        config = {"transport": {"use": "smtp", "host": "127.0.0.1", "port": port, "tls": None}}
        mailer = Mailer(config)
        mailer.start()
        message = Message(author="user@example.test", to="user@example.test")
        message.subject("Testing Marrow Mailer")
        message.text("This is a test.")
        result = mailer.send(message).result()
        mailer.stop()
        (sent,) = server.sent

    assert result
    assert sent.mail.subject == "Testing Marrow Mailer"
    assert sent.mail.text.strip() == "This is a test."


@pytest.mark.parametrize(
    ("config", "prefix"),
    [
        ({"transport.use": "mock", "transport.failure": 0}, None),
        ({"transport": {"use": "mock", "failure": "0"}}, None),
        ({"mail.transport.use": "mock", "other.key": 1}, "mail."),
        ({"mail": {"transport": {"use": "mock"}, "manager.use": "futures"}}, "mail"),
    ],
)
def test_configuration(config, prefix):
    """Nested or with dots, with a prefix or without, numbers as such or as text."""
    with Mailer(config, prefix) as running:
        assert running.new("ann@x.test", "bob@x.test", "s", plain="t").send().result()


def test_from_toml(tmp_path):
    """A file has the same keys."""
    path = tmp_path / "mail.toml"
    path.write_text('[mail.transport]\nuse = "mock"\n[mail.message]\nauthor = "Ann <a@x.test>"\n')
    configured = Mailer.from_toml(path, "mail")

    assert configured.new(to="b@x.test").envelope.sender == "a@x.test"
    path.write_text("[mail")
    with pytest.raises(UsageError, match="TOML"):
        Mailer.from_toml(path)


@pytest.mark.parametrize(
    ("config", "near"),
    [
        ({"transprt.use": "mock"}, "'transport'"),
        ({"transport.use": "moc"}, "'mock'"),
        ({"transport.use": "mock", "transport.sucess": 1}, "'success'"),
        ({"transport.use": "mock", "manager.use": "future"}, "'futures'"),
        ({"transport.use": "mock", "manager": {"use": "futures", "worker": 2}}, "'workers'"),
        ({"transport.use": "mock", "message.athor": "a@x.test"}, "author"),
        ({"transport.use": "smtp", "transport.host": "x", "transport.verify_pear": 1}, "verify_pe"),
        ({"transport.use": "mock", "transport.success": 2}, "from 0 to 1"),
        ({"transport.use": "mock", "transport": 3}, "transport"),
        ({}, "transport.use"),
        ({"transport.use": "smtp"}, "'host'"),
        ({"transport.use": "smtp", "transport.hots": "x"}, "did you mean 'host'"),
        ({"transport.use": "smtp", "transport.port": 25}, "'host' is missing"),
        ({"transport.use": "mock", "message.autor": "a@x.test"}, "did you mean 'author'"),
        ({"transport.use": "mock", "message.subjet": "x"}, "did you mean 'subject'"),
        ({"transport.use": "smtp", "transport.host": "x", "transport.tls": "requierd"}, "required"),
    ],
)
def test_wrong_configuration(config, near):
    """Every mistake is found when the mailer is made, and the sentence says what is meant."""
    with pytest.raises(UsageError, match=near):
        Mailer(config)


def test_not_running():
    """Before start() and after stop() nothing is accepted."""
    scripted = ScriptedTransport()
    made = mailer(scripted)
    message = made.new("a@x.test", "b@x.test")

    with pytest.raises(MailerNotRunning):
        message.send()
    assert made.start() is made
    message.send()
    made.stop()
    with pytest.raises(MailerNotRunning):
        made.send(message)

    assert len(scripted.delivered) == 1


def test_several_lives():
    """start() and stop() can follow each other, and each can be called twice."""
    scripted = ScriptedTransport()
    made = mailer(scripted)
    for _ in range(2):
        made.start().start()
        made.new("a@x.test", "b@x.test").send()
        made.stop()
        made.stop()

    assert scripted.count("startup") == 2
    assert scripted.count("shutdown") == 2


def test_new_has_the_configured_fields():
    """What is given takes the place of what is configured; to() adds, as everywhere."""
    made = mailer(ScriptedTransport(), author="Ann <ann@x.test>", subject="Usual", retries=7)
    message = made.new(subject="Special", plain="t")

    assert message.retries == 7
    assert message.to("b@x.test").envelope.sender == "ann@x.test"
    assert "Subject: Special" in str(message)
    assert "Subject: Usual" in str(made.new(to="b@x.test"))


def test_later_changes_have_no_effect():
    """A message is handed over as it is."""
    scripted = ScriptedTransport()
    with Mailer({"transport": {"use": scripted}, "manager.use": "futures"}) as running:
        message = running.new("a@x.test", "b@x.test")
        future = running.send(message)
        message.to("late@x.test")
        assert future.result()

    assert scripted.delivered == ["b@x.test"]


@pytest.mark.parametrize(
    "message",
    [
        Envelope("a@x.test", ("b@x.test",), b"Subject: s\r\n\r\nt\r\n"),
        Message("a@x.test", "b@x.test", "s"),
    ],
)
def test_messages_of_every_kind(message):
    """Whatever `Transport.send()` takes."""
    with mailer(ScriptedTransport()) as running:
        assert running.send(message).result()


def test_message_without_recipient():
    """It fails as it does everywhere."""
    with mailer("mock") as running, pytest.raises(MessageError, match="recipient"):
        running.new("a@x.test").send()


def test_failure_is_raised():
    """The immediate manager raises at once."""
    scripted = ScriptedTransport([TransportFailed("down")] * 9)
    with mailer(scripted, retries=0) as running, pytest.raises(DeliveryFailed) as caught:
        running.new("a@x.test", "b@x.test").send()

    assert caught.value.reason == "down"


def test_repr():
    """It shows no secret."""
    url = "smtp://ann:s3cret@mail.example"
    made = Mailer({"transport.use": "smtp", "transport.url": url})

    assert repr(made) == "<Mailer ImmediateManager stopped>"
