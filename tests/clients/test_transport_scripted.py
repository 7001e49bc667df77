"""Transport against servers that no real one resembles: blocking and asyncio."""

import asyncio
import select
from datetime import timedelta

import pycurl
import pytest

from netmail.clients.async_transport import AsyncTransport
from netmail.clients.transport import Transport
from netmail.envelope import Envelope
from netmail.errors import (
    AuthenticationError,
    ConnectionLost,
    MailTimeout,
    ProtocolError,
    SenderRefused,
)
from netmail.options.options import TLS_NONE
from netmail.results.smtp import SendStage
from servers.steps import Close, Drip, Endless, Expect, ExpectData, Send, Silence
from support.twins import maker

FIRST = Envelope("a@x.test", ("b@x.test",), b"\r\nhello\r\n")
SECOND = Envelope("a@x.test", ("c@x.test",), b"\r\nhello\r\n")


@pytest.fixture(params=["blocking", "asyncio"])
def make(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Transport, AsyncTransport)


HELLO = (Send(b"220 mx\r\n"), Expect(rb"EHLO .*"), Send(b"250-mx\r\n250 PIPELINING\r\n"))
GROUP = (*HELLO, Expect(rb"MAIL FROM:<a@x.test>"), Expect(rb"RCPT TO:<b@x.test>"))
WELCOME = (*GROUP, Send(b"250 Ok\r\n250 Ok\r\n"), Expect(rb"DATA"), Send(b"354 go\r\n"))
TAKEN = (*WELCOME, ExpectData(b"\r\nhello\r\n.\r\n"))
BYE = (Expect(rb"QUIT"), Send(b"221 bye\r\n"))


def wait_until_closed(client):
    """Wait until the server's end of the connection has arrived, without reading it."""
    closing = select.poll()
    closing.register(client.get_handle().getinfo(pycurl.ACTIVESOCKET), select.POLLRDHUP)

    assert closing.poll(5_000)


@pytest.fixture
def connect(make, scripted):
    """Make a client for a server that plays the steps."""

    def made(*steps, login="", connections=1, **options):
        url = f"smtp://{login}127.0.0.1:{scripted(*steps, connections=connections).port}"
        usual = {"tls": TLS_NONE, "timeout": 5_000, "pipelining": "envelope"}
        return make(url, **{**usual, **options})

    return made


def test_uncertain_over_the_wire(connect):
    """The server takes everything and closes: the message is uncertain, the next one waits."""
    client = connect(*TAKEN, Close())
    report = client.add_message(FIRST).add_message(SECOND).send()

    assert [result.stage for result in report] == [SendStage.REPLY, SendStage.CONNECT]
    assert client.uncertain == (FIRST,)
    assert client.queue == (SECOND,)
    assert isinstance(report.error, ConnectionLost)
    with pytest.raises(ConnectionLost):
        client.noop()


@pytest.mark.parametrize(
    ("text", "reset"),
    [(b"421 4.4.2 idle\r\n", False), (b"451 4.7.0 idle\r\n", False), (b"", False), (b"", True)],
    ids=["421", "451", "nothing", "reset"],
)
def test_connection_that_died_while_idle(connect, text, reset):
    """The server has closed since the last batch: send() reconnects before it sends anything."""
    script = (*TAKEN, Send(b"250 Ok\r\n" + text), Close(reset=reset))
    client = connect(*script, connections=2)
    first = client.add_message(FIRST).send()
    wait_until_closed(client)
    second = client.add_message(FIRST).send()

    assert first
    assert second
    assert client.queue == client.uncertain == ()


def test_connection_closed_while_idle_fails_other_calls(connect):
    """Only send() reconnects: what exec() began on the old connection is gone."""
    client = connect(*HELLO, Expect(rb"MAIL FROM:<a@x.test>"), Send(b"250 Ok\r\n"), Close())
    client.exec("MAIL FROM:<a@x.test>")
    wait_until_closed(client)

    with pytest.raises(ConnectionLost):
        client.exec("RCPT TO:<b@x.test>")


def test_failed_connection_is_not_replaced(connect):
    """After a batch that failed, the caller decides: connect() reconnects."""
    client = connect(*GROUP, Close())
    client.add_message(FIRST).send()

    with pytest.raises(ConnectionLost, match=r"call connect\(\) to reconnect"):
        client.send()


def test_reset_after_the_content(connect):
    """A connection that breaks is no better than one that closes."""
    client = connect(*TAKEN, Close(reset=True))
    report = client.add_message(FIRST).send()

    assert isinstance(report.error, ConnectionLost)
    assert client.uncertain == (FIRST,)
    assert client.queue == ()


def test_silence_after_the_content(connect):
    """A final reply that does not come in time leaves the message uncertain."""
    client = connect(*TAKEN, Silence(), timeout=timedelta(milliseconds=300))
    report = client.add_message(FIRST).send()

    assert isinstance(report.error, MailTimeout)
    assert client.uncertain == (FIRST,)
    assert client.queue == ()


def test_silence_before_the_content(connect):
    """A server that stalls earlier has nothing, and the message stays."""
    client = connect(*GROUP, Silence(), timeout=timedelta(milliseconds=300))
    report = client.add_message(FIRST).send()

    assert isinstance(report.error, MailTimeout)
    assert client.uncertain == ()
    assert client.queue == (FIRST,)


def test_replies_octet_by_octet(connect):
    """Replies may come in any number of segments."""
    steps = (
        *GROUP,
        Drip(b"250 Ok\r\n250 Ok\r\n"),
        Expect(rb"DATA"),
        Drip(b"354 go\r\n"),
        ExpectData(b"\r\nhello\r\n.\r\n"),
        Drip(b"250-2.0.0 fine\r\n250 2.0.0 queued as 7\r\n"),
        *BYE,
    )
    with connect(*steps) as client:
        report = client.add_message(FIRST).send()

    assert report[0].queue_ids == ("7",)


@pytest.mark.parametrize("flood", [b"x" * 4096, b"250-more\r\n" * 400], ids=["line", "reply"])
def test_flood(connect, flood):
    """A reply without end is an error, and the message stays."""
    client = connect(*GROUP, Endless(flood))
    report = client.add_message(FIRST).send()

    assert isinstance(report.error, ProtocolError)
    assert client.uncertain == ()
    assert client.queue == (FIRST,)


def test_nonsense_closes_the_connection(connect):
    """Where the server broke the grammar, nothing more is sent to it."""
    client = connect(*GROUP, Send(b"hm\r\n"), Silence())
    report = client.add_message(FIRST).send()

    assert "no reply" in str(report.error)
    assert not client.is_connected
    with pytest.raises(ConnectionLost, match="no reply"):
        client.noop()


def test_closing_text_is_in_later_errors(connect):
    """The server's closing text is in the error of every later call."""
    client = connect(*GROUP, Send(b"421 4.3.2 shutting down\r\n"), Close())
    report = client.add_message(FIRST).send()

    assert "shutting down" in str(report.error)
    with pytest.raises(ConnectionLost, match="shutting down"):
        client.noop()


def test_helo_fallback(connect):
    """A server that knows HELO only gets one command after another."""
    steps = (
        Send(b"220 mx\r\n"),
        Expect(rb"EHLO .*"),
        Send(b"500 what\r\n"),
        Expect(rb"HELO .*"),
        Send(b"250 mx\r\n"),
        Expect(rb"MAIL FROM:<a@x.test>"),
        Send(b"250 Ok\r\n"),
        Expect(rb"RCPT TO:<b@x.test>"),
        Send(b"250 Ok\r\n"),
        Expect(rb"DATA"),
        Send(b"354 go\r\n"),
        ExpectData(b"\r\nhello\r\n.\r\n"),
        Send(b"250 Ok\r\n"),
        *BYE,
    )
    with connect(*steps) as client:
        assert client.add_message(FIRST).send()
        assert client.capabilities == {}


def test_credentials_and_no_auth_offered(connect):
    """If the server offers no login, credentials are not silently left unused."""
    with pytest.raises(AuthenticationError):
        connect(*HELLO, login="u:p@").noop()


def test_sender_refused_at_once(connect):
    """A server that refuses the sender at MAIL."""
    replies = Send(b"550 5.7.1 go away\r\n503 5.5.1 MAIL first\r\n")
    with connect(*GROUP, replies, Expect(rb"RSET"), Send(b"250 Ok\r\n"), *BYE) as client:
        report = client.add_message(FIRST).send()

    with pytest.raises(SenderRefused, match="go away"):
        report.raise_for_refused()


def test_cancelled_task_leaves_the_truth(scripted):
    """A task cancelled while it waits for the final reply leaves the message uncertain."""
    server = scripted(*TAKEN, Silence())

    async def send():
        client = AsyncTransport(f"smtp://127.0.0.1:{server.port}", tls=TLS_NONE, timeout=5_000)
        client.add_message(FIRST).add_message(SECOND)
        sending = asyncio.ensure_future(client.send())
        while not (client.uncertain or sending.done()):
            await asyncio.wait({sending}, timeout=0.01)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        return client

    client = asyncio.run(send())

    assert client.uncertain == (FIRST,)
    assert client.queue == (SECOND,)
    assert not client.is_connected
