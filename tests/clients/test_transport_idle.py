"""The server closes an idle connection by 421: every method reports its text."""

import select

import pycurl
import pytest

from netmail.clients.async_transport import AsyncTransport
from netmail.clients.transport import Transport
from netmail.errors import ConnectionLost, TransportError
from netmail.options.options import TLS_ALL, TLS_NONE
from netmail.results.events import Reconnecting
from servers.steps import Close, Expect, Send, StartTls
from support.twins import maker

HELLO = (Send(b"220 mx\r\n"), Expect(rb"EHLO .*"), Send(b"250-mx\r\n250 PIPELINING\r\n"))
NOOP = (Expect(rb"NOOP"), Send(b"250 Ok\r\n"))
IDLE = Send(b"421 4.4.2 idle for too long\r\n")
METHODS = {
    "verify": lambda client: client.verify("a@x.test"),
    "expn": lambda client: client.expn("staff"),
    "help": lambda client: client.help(),
    "noop": lambda client: client.noop(),
    "rset": lambda client: client.rset(),
    "exec": lambda client: client.exec("NOOP"),
}


@pytest.fixture(params=["blocking", "asyncio"])
def make(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Transport, AsyncTransport)


@pytest.fixture(
    params=[(False, False), (True, False), (True, True)], ids=["clear", "TLS", "TLS, reset"]
)
def idle(request, make, scripted):
    """A client whose connection the server has closed by 421 while it was idle.

    Without TLS a reset takes the text with it: the system drops what it has received.
    """
    tls, reset = request.param
    begin = (StartTls(),) if tls else ()
    server = scripted(*begin, *HELLO, *NOOP, IDLE, Close(reset=reset))
    events = []
    client = make(
        host="localhost",
        port=server.port,
        tls=TLS_ALL if tls else TLS_NONE,
        tls_implicit=tls,
        ca_file=server.ca_file if tls else None,
        timeout=1_000,
        on_event=events.append,
    )
    client.noop()
    closing = select.poll()
    closing.register(client.get_handle().getinfo(pycurl.ACTIVESOCKET), select.POLLRDHUP)
    assert closing.poll(5_000)
    return client, events


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_text_of_an_idle_421(idle, method):
    """The error has the server's text, and nothing of OpenSSL."""
    client, _ = idle
    with pytest.raises(ConnectionLost, match="idle for too long"):
        method(client)
    with pytest.raises(ConnectionLost, match="idle for too long"):
        client.noop()


def test_send_reports_the_text_of_an_idle_421(idle):
    """send() reconnects, and the event that says so has the server's text."""
    client, events = idle
    with pytest.raises(TransportError):  # the server takes no second connection
        client.send()
    (reconnecting,) = [each for each in events if isinstance(each, Reconnecting)]

    assert "idle for too long" in str(reconnecting.reason)
