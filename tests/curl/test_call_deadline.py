"""The deadline of a whole call, and of the calls of a block: nothing a server sends renews it."""

import asyncio
import contextlib
from datetime import timedelta

import pytest

from netmail.clients.async_imap import AsyncImap
from netmail.clients.imap import Imap
from netmail.clients.pop3 import POP3
from netmail.clients.transport import Transport
from netmail.envelope import Envelope
from netmail.errors import ConnectionLost, MailTimeout, Phase, UsageError
from netmail.flows.flow import Send as Say
from servers.scripted import ScriptError
from servers.steps import Drip, Endless, Expect, Reply, Send, Silence
from support.pop3_steps import HELLO
from support.pop3_steps import NOOP as POP3_NOOP
from support.timing import takes, timeout

BEGIN = (
    Send(b"* PREAUTH ready\r\n"),
    Expect(rb"(\S+) CAPABILITY"),
    Reply(rb"* CAPABILITY IMAP4rev1\r\n\1 OK done\r\n"),
)
NOOP = Expect(rb"(\S+) NOOP")
DONE = Reply(rb"\1 OK done\r\n")
LINES = Drip(b"* 1 EXISTS\r\n" * 100, 0.02)
"""A line each quarter of a second, for 24 seconds."""
HALF = timeout(500)
"""A timeout that each of these lines renews."""


@pytest.fixture
def imap(scripted):
    """Make a client of a server that begins well and then plays the steps."""

    def make(*steps, kind=Imap, **options):
        servers.append(scripted(*BEGIN, *steps))
        given = {"tls": 0, "timeout": HALF, "connect_timeout": 5_000, **options}
        return kind(servers[-1].url("imap"), **given)

    servers = []
    yield make
    for server in servers:
        left(server)


def left(server):
    """Wait for a server in the middle of whose script the client has left."""
    with contextlib.suppress(ScriptError):
        server.join()


def ended(client):
    """The reason that a later call gives."""
    with pytest.raises(ConnectionLost) as later:
        client.noop()
    return str(later.value)


@pytest.mark.parametrize("how", ["option", "block"])
def test_one_line_per_half_timeout(imap, how):
    """Each line renews the timeout, and none the deadline; the connection is gone then."""
    client = imap(NOOP, LINES, **({"deadline": 0.7} if how == "option" else {}))
    client.connect()
    block = client.deadline(timedelta(seconds=0.7 if how == "block" else 60))
    with takes(least=0.65, most=3), block, pytest.raises(MailTimeout) as caught:
        client.noop()

    assert caught.value.limit == "deadline"
    assert "deadline of 0.7 s passed, waiting for a reply" in str(caught.value)
    assert "deadline of 0.7 s" in ended(client)


@pytest.mark.parametrize("how", ["option", "block"])
def test_one_line_per_half_timeout_in_asyncio(imap, how):
    """The asyncio twin does the same; its block is a plain `with`."""

    async def run():
        client = imap(NOOP, LINES, kind=AsyncImap, **({"deadline": 0.7} if how == "option" else {}))
        await client.connect()
        block = client.deadline(0.7 if how == "block" else 60)
        with takes(least=0.65, most=3), block, pytest.raises(MailTimeout) as caught:
            await client.noop()
        return client, caught.value

    client, error = asyncio.run(run())

    assert error.limit == "deadline"
    assert not client.is_connected


def test_timeout_within_a_deadline(imap):
    """A silent server is given up after the timeout, and the error says so."""
    client = imap(NOOP, Silence(), deadline=60)
    client.connect()
    with takes(most=3), pytest.raises(MailTimeout, match="raise timeout") as caught:
        client.noop()

    assert caught.value.limit == "timeout"


def test_server_that_never_lets_it_wait(imap):
    """A flood is stopped too, though the socket always has something to read."""
    client = imap(NOOP, Endless(b"* 1 EXISTS\r\n"), deadline=0.3)
    client.connect()
    with takes(least=0.28, most=5), pytest.raises(MailTimeout) as caught:
        client.noop()

    assert caught.value.limit == "deadline"


def test_server_that_does_not_read(scripted):
    """The deadline holds while something is sent, though the server sends."""
    server = scripted(*HELLO, Expect(b"GO"), Drip(b"+" * 1000, 0.02))
    client = POP3(host="127.0.0.1", port=server.port, tls=0, timeout=5_000, deadline=0.5).connect()

    def flow():
        yield Say(b"GO\r\n" + b"x" * 50_000_000)

    with takes(least=0.45, most=4), pytest.raises(MailTimeout, match="to take what is") as caught:
        client._run(flow())
    left(server)

    assert caught.value.limit == "deadline"


def test_send_has_a_report(scripted):
    """A batch that the deadline ends has its report, as after a timeout."""
    server = scripted(
        *(Send(b"220 hi\r\n"), Expect(b"EHLO .*"), Send(b"250 me\r\n"), Expect(b"MAIL .*")),
        Drip(b"250-ok\r\n" * 200, 0.03),
    )
    client = Transport(server.url("smtp"), tls=0, timeout=HALF, connect_timeout=5_000, deadline=0.9)
    message = Envelope("ann@x.test", ("bob@x.test",), b"\r\nx\r\n")
    with takes(least=0.6, most=4):
        report = client.send(message, message)
    left(server)

    assert report.error.limit == "deadline"
    assert not report
    assert len(client.queue) == 2


@pytest.mark.parametrize("how", ["option", "block"])
def test_connecting_counts(scripted, how):
    """A server without a greeting is given up at the deadline; the error says where it was."""
    server = scripted(Silence())
    client = POP3(host="127.0.0.1", port=server.port, tls=0, timeout=9_000,
                  **({"deadline": 0.3} if how == "option" else {}))  # fmt: skip
    block = client.deadline(0.3 if how == "block" else 60)
    with takes(least=0.25, most=3), block, pytest.raises(MailTimeout) as caught:
        client.noop()

    assert caught.value.limit == "deadline"
    assert caught.value.phase is Phase.GREETING
    assert "while connecting" in str(caught.value)


@pytest.mark.parametrize(
    ("options", "limit"),
    [
        ({"connect_timeout": timeout(200)}, "connect_timeout"),
        ({"timeout": timeout(200)}, "timeout"),
    ],
    ids=["connect_timeout", "timeout"],
)
def test_which_limit_ended_connecting(scripted, options, limit):
    """Without a deadline the error names the option that libcurl had."""
    server = scripted(Silence())
    client = POP3(host="127.0.0.1", port=server.port, tls=0, deadline=60, **options)
    with pytest.raises(MailTimeout) as caught:
        client.connect()

    assert caught.value.limit == limit


def test_block_that_is_over(scripted):
    """A call that begins after the deadline sends nothing, and leaves the connection open."""
    server = scripted(*HELLO, *POP3_NOOP, Expect(b"QUIT"), Send(b"+OK\r\n"))
    client = POP3(host="127.0.0.1", port=server.port, tls=0, timeout=5_000).connect()
    with client.deadline(1e-9):
        for call in (client.noop, client.stat):
            with pytest.raises(MailTimeout, match="deadline"):
                call()
    client.noop()
    client.quit()

    assert server.join() == b"CAPA\r\nNOOP\r\nQUIT\r\n"


def test_block_over_before_send(scripted):
    """A message whose sending never began stays in the queue, as after a failed connect."""
    server = scripted(Send(b"220 hi\r\n"), Expect(b"EHLO .*"), Send(b"250 me\r\n"))
    client = Transport(server.url("smtp"), tls=0, timeout=5_000).connect()
    message = Envelope("ann@x.test", ("bob@x.test",), b"\r\nx\r\n")
    client.add_message(message)
    with client.deadline(1e-9), pytest.raises(MailTimeout):
        client.send()

    assert len(client.queue) == 1
    assert client.is_connected
    client.abort()


def test_block_over_before_connecting():
    """No connection is tried after the deadline."""
    client = POP3(host="127.0.0.1", port=1, tls=0)
    with client.deadline(1e-9), pytest.raises(MailTimeout, match="deadline"):
        client.connect()


def test_blocks_within_each_other(imap):
    """The one that ends first holds, whichever is outside; afterwards the outer one holds again."""
    client = imap(NOOP, DONE, NOOP, DONE, NOOP, DONE, timeout=5_000, deadline=50)
    client.connect()
    limits = []

    def limit_of_a_call():
        client.noop()
        limits.append(client._connection.deadline.limit.seconds)

    with client.deadline(20):
        with client.deadline(40):
            limit_of_a_call()
        with client.deadline(10):
            limit_of_a_call()
    limit_of_a_call()

    assert limits == [20, 10, 50]
    client.abort()


def test_calls_of_a_block_together(imap):
    """The block's calls share the time: the second has what the first has left."""
    client = imap(NOOP, Drip(b"* 1 EXISTS\r\n", 0.02), DONE, NOOP, LINES)
    client.connect()
    with takes(least=0.55, most=3), client.deadline(0.6):
        client.noop()
        with pytest.raises(MailTimeout):
            client.noop()


def test_each_call_has_the_options_time(imap):
    """The option is for each call: two of them may take longer than it together."""
    slow = Drip(b"* 1 EXISTS\r\n", 0.03)
    client = imap(NOOP, slow, DONE, NOOP, slow, DONE, NOOP, slow, DONE, deadline=0.8)
    client.connect()
    with takes(least=0.9, most=9):
        for _ in range(3):
            client.noop()

    assert client.is_connected
    client.abort()


@pytest.mark.parametrize("how", ["option", "block"])
def test_test_connection(scripted, how):
    """The connection that is made for a test has the same deadline."""
    server = scripted(Silence())
    client = POP3(host="127.0.0.1", port=server.port, tls=0, timeout=9_000,
                  **({"deadline": 0.3} if how == "option" else {}))  # fmt: skip
    with takes(most=3), client.deadline(60 if how == "option" else 0.3):
        works = client.test_connection()

    assert not works
    assert client.last_error.limit == "deadline"


@pytest.mark.parametrize("value", [0, -1, "5", None, True, float("nan"), timedelta(0)])
def test_no_duration(value):
    """What is no duration is refused where it is given, before the block."""
    client = POP3(host="127.0.0.1", port=1)

    with pytest.raises(UsageError, match="deadline"):
        client.deadline(value)


def test_login_counts(scripted):
    """The limit of the call holds while netmail logs in, each wait of which may last long."""
    server = scripted(
        *(Send(b"+OK hi\r\n"), Expect(b"CAPA"), Send(b"+OK\r\nSASL PLAIN\r\nUSER\r\n.\r\n")),
        Silence(),
    )
    client = POP3(host="127.0.0.1", port=server.port, tls=0, timeout=9_000, deadline=0.5,
                  username="ann", password="hunter22", auth="USER")  # fmt: skip
    with takes(least=0.45, most=3), pytest.raises(MailTimeout) as caught:
        client.connect()
    left(server)

    assert caught.value.limit == "deadline"
