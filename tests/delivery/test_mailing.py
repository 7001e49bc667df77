"""A mailing: a message for each row, through one transport, read while it is sent."""

import pytest

from delivery.scripted import ScriptedTransport
from netmail import MessageError, SendStatus, UsageError
from netmail.delivery import DeliveryFailed, Mailer, MailerNotRunning, Template, TransportFailed
from netmail.testing import MailServer

HELLO = Template(subject="Hello {{ name }}")


def rows(count, read=None):
    """Yield rows, and count them in a list as they are read."""
    for number in range(count):
        if read is not None:
            read.append(number)
        yield {"to": f"r{number}@example.test", "name": f"N{number}"}


def smtp_mailer(server):
    """Return a mailer that sends to a server."""
    return Mailer(
        {"transport": {"use": "smtp", "url": server.smtp_url}, "message.author": "us@x.test"}
    )


def test_one_connection(caplog):
    """Each row has its own message and its own result, in order, over one connection."""
    caplog.set_level("INFO", "netmail")
    with MailServer(accept_any=True) as server, smtp_mailer(server) as mailer:
        results = list(mailer.send_each(HELLO, rows(300)))
        sent = [(each.recipients, each.mail.subject) for each in server.sent]

    assert sent == [((f"r{number}@example.test",), f"Hello N{number}") for number in range(300)]
    assert [result.recipients[0].address for result in results] == [to for ((to,), _) in sent]
    assert all(results)
    assert len([line for line in caplog.messages if "connected" in line]) == 1


def test_rows_are_read_while_messages_are_sent():
    """However many rows there are, only a window of them is in memory."""
    read, ahead = [], []
    with MailServer(accept_any=True) as server, smtp_mailer(server) as mailer:
        for number, result in enumerate(mailer.send_each(HELLO, rows(400, read))):
            assert result
            ahead.append(len(read) - number)

    assert len(ahead) == 400
    assert max(ahead) <= 130


def test_refused_rows():
    """A refusal is the result of its row, and the next one is sent."""
    with MailServer() as server, smtp_mailer(server) as mailer:
        known = next(iter(server.users))
        readers = [{"to": to, "name": "x"} for to in (known, "gone@example.test", known)]
        results = list(mailer.send_each(HELLO, readers))

    assert [bool(result) for result in results] == [True, False, True]
    assert results[1].recipients[0].status is SendStatus.REFUSED


def test_other_transports():
    """One after the other, with retries; the transport is shut down in the end."""
    scripted = ScriptedTransport([None, TransportFailed("once"), None])
    read = []
    config = {"transport.use": scripted, "message": {"author": "us@x.test", "retries": 2}}
    with Mailer(config) as mailer:
        results = mailer.send_each(HELLO, rows(2, read))
        assert read == []
        assert next(results)
        assert read == [0]
        assert next(results)
        assert list(results) == []

    assert scripted.delivered == ["r0@example.test", "r1@example.test"]
    assert scripted.count("startup") == 2
    assert scripted.count("shutdown") == 2


@pytest.mark.parametrize(
    ("row", "error", "match"),
    [
        ({"name": "x"}, UsageError, "row 2 has no recipient"),
        ({"to": [], "name": "x"}, UsageError, "row 2 has no recipient"),
        ({"to": "b@x.test"}, MessageError, "'name' is undefined"),
        ({"to": "no address", "name": "x"}, MessageError, "no address"),
    ],
)
@pytest.mark.parametrize("transport", ["smtp", "mock"])
def test_wrong_row(row, error, match, transport):
    """The rows before it have their results; it ends the mailing."""
    readers = [*rows(1), row, *rows(1)]
    results = []
    with MailServer(accept_any=True) as server:
        use = {"transport.use": "mock", "message.author": "us@x.test"}
        made = smtp_mailer(server) if transport == "smtp" else Mailer(use)
        with made as mailer, pytest.raises(error, match=match):
            results.extend(mailer.send_each(HELLO, readers))

    assert [result.recipients[0].address for result in results] == ["r0@example.test"]


def test_no_server():
    """The transport's failure is an error of delivery."""
    config = {"transport.use": "smtp", "transport.url": "smtp://127.0.0.1:1"}
    config["message.author"] = "us@x.test"
    with Mailer(config) as mailer, pytest.raises(TransportFailed, match="no server"):
        list(mailer.send_each(HELLO, rows(1)))
    scripted = ScriptedTransport([TransportFailed("gone", transient=False)])
    config = {"transport.use": scripted, "message.author": "us@x.test"}
    with Mailer(config) as mailer, pytest.raises(DeliveryFailed, match="gone"):
        list(mailer.send_each(HELLO, rows(1)))


def test_not_running():
    """It is found with the call, not with the first result."""
    with pytest.raises(MailerNotRunning):
        Mailer({"transport.use": "mock"}).send_each(HELLO, [])
