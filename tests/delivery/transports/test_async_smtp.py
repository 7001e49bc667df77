"""The transport that speaks SMTP and LMTP in an event loop."""

import socket

import pytest

from delivery.recording_server import RecordingServer
from netmail import Envelope, Message, UsageError
from netmail.delivery import MessageFailed, TransportFailed
from netmail.delivery.transports.smtp import SmtpTransport
from support.loops import run

MESSAGE = Message("a@x.test", "b@x.test")


def form(url):
    """Return the form for event loops of a transport to this server."""
    return SmtpTransport({"url": url}).async_form()


def test_connection_is_kept():
    """Several messages go over one connection, in each of two lives."""

    async def work(transport):
        for _ in range(2):
            await transport.startup()
            for _ in range(3):
                assert await transport.deliver(MESSAGE)
            await transport.shutdown()
        await transport.shutdown()

    with RecordingServer() as server:
        run(work(form(server.url)))
        assert len(server.delivered) == 6
        assert server.wait_until_closed()
        assert server.most == 1


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (Envelope("a@x.test", ("b@x.test",), b"Subject: s\r\n\r\n" + b"x" * 1000), MessageFailed),
        (Message("a@x.test"), MessageFailed),
        (MESSAGE, TransportFailed),
    ],
)
def test_errors(message, error):
    """A message that cannot be written, and a server that is not there."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"smtp://127.0.0.1:{closed.getsockname()[1]}"

    async def work():
        transport = form(url)
        await transport.startup()
        try:
            with pytest.raises(error):
                await transport.deliver(message)
        finally:
            await transport.shutdown()

    run(work())


def test_not_started():
    """startup() comes first."""

    async def work():
        with pytest.raises(UsageError, match="startup"):
            await form("smtp://localhost").deliver(MESSAGE)

    run(work())
