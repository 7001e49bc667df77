"""Pools of both kinds whose connections die, and pools of several servers."""

import socketserver
import threading

import pytest

from netmail.errors import ConnectError
from netmail.testing import MailServer
from servers.limited import LimitedServer, Limits
from servers.scripted import Close, Expect, ExpectData, Send, Silence
from support.pools import ANN, closed_port, envelope, results, sent_to

# -- connections that die ------------------------------------------------------------------------

HELLO = (Send(b"220 hi\r\n"), Expect(rb"EHLO .*"), Send(b"250 me\r\n"))


def delivery(number):
    """The script of one message."""
    return (
        *(Expect(rb"MAIL .*"), Send(b"250 ok\r\n"), Expect(rb"RCPT .*"), Send(b"250 ok\r\n")),
        *(Expect(b"DATA"), Send(b"354 go\r\n")),
        ExpectData(b"Subject: %d\r\n\r\nhello\r\n.\r\n" % number),
        Send(b"250 ok\r\n"),
    )


ENDS = {
    "closed": (Close(),),
    "reset": (Close(reset=True),),
    "421": (Send(b"421 idle for too long\r\n"), Close()),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_dead_idle_connection(make, scripted, end):
    """The server closes the idle connection: the next message has another one."""
    server = scripted(*HELLO, *delivery(1), *end, connections=2)
    with make(server.url("smtp", host="127.0.0.1"), size=1) as pool:
        assert pool.send(envelope(1))
        assert pool.send(envelope(1))


def test_idle_connection_that_died_in_silence(make, scripted):
    """After some time NOOP asks; a connection without a reply is not used."""
    silent = (Expect(b"NOOP|QUIT"), Silence())
    server = scripted(*HELLO, *delivery(1), *silent, connections=2)
    url = server.url("smtp", host="127.0.0.1")
    # The second message waits for 0.8 s; NOOP is due after 0.4 s without a message.
    with make(url, size=1, rate=1.25, idle_timeout=1.6, timeout=1000) as pool:
        assert all(results([pool.submit(envelope(1)), pool.submit(envelope(1))]))

    assert server.join().count(b"NOOP") == 1


def test_idle_connection_ends(make, scripted):
    """After the time an idle connection ends by QUIT, while the pool stays."""
    server = scripted(*HELLO, *delivery(1), Expect(b"QUIT"), Send(b"221 bye\r\n"))
    with make(server.url("smtp", host="127.0.0.1"), idle_timeout=0.1) as pool:
        assert pool.send(envelope(1))
        server.join()

        assert server.received.endswith(b"QUIT\r\n")


# -- servers with a defect -----------------------------------------------------------------------


class Breaking(socketserver.ThreadingTCPServer):
    """A server that closes the connection at a DATA that did not wait.

    Attributes:
        broken: How many connections it has closed so.
        taken: How many messages it has taken.
        quits: Released at each QUIT.
    """

    daemon_threads = True

    def __init__(self):
        self.broken = self.taken = 0
        self.quits = threading.Semaphore(0)
        super().__init__(("127.0.0.1", 0), BreakingSession)

    @property
    def url(self):
        """Where it is."""
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class BreakingSession(socketserver.BaseRequestHandler):
    """One of its connections; each read is a group of commands."""

    def handle(self):
        self.request.sendall(b"220 mx\r\n")
        while group := self.request.recv(65536):
            *others, last = group.splitlines()
            if others and last == b"DATA":
                self.server.broken += 1
                return
            if last == b"QUIT":
                self.server.quits.release()
            self.request.sendall(b"".join(map(self.reply, [*others, last])))

    def reply(self, line):
        """Reply to one command; a content has no reply but that to its end."""
        if line.startswith(b"EHLO"):
            return b"250-mx\r\n250 PIPELINING\r\n"
        if line in {b"Subject: 1", b"", b"hello"}:
            return b""
        self.server.taken += line == b"."
        return b"354 go\r\n" if line == b"DATA" else b"250 Ok\r\n"


@pytest.fixture
def breaking():
    """Begin such a server."""
    with Breaking() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_server_that_breaks_is_remembered(make, breaking):
    """What one connection of the pool has learned of a server, all others know."""
    with make(breaking.url, size=2, idle_timeout=0.05) as pool:
        assert pool.send(envelope(1))
        assert breaking.quits.acquire(timeout=10)  # the connection was idle for too long
        assert pool.send(envelope(1))

    assert breaking.broken == 1
    assert breaking.taken == 2


# -- several servers -----------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["failover", "round-robin"])
def test_first_server_is_down(make, server, policy):
    """The next server gets the messages of one that cannot be reached."""
    with make([closed_port(), server.smtp_url], size=2, policy=policy) as pool:
        found = results([pool.submit(envelope(number)) for number in range(10)])

    assert all(found)
    assert len(sent_to(server)) == 10


def test_all_servers_are_down(make):
    """The error of the last one is the message's."""
    with make([closed_port(), closed_port()]) as pool:
        future = pool.submit(envelope(1))
        with pytest.raises(ConnectError):
            future.result(timeout=30)


@pytest.mark.parametrize("drop", [False, True], ids=["421", "closed"])
def test_server_that_ends_the_session(make, server, drop):
    """What a server has certainly not taken goes to the next one."""
    with LimitedServer(Limits(messages=0, drop=drop)) as limited:
        urls = [f"smtp://127.0.0.1:{limited.port}", server.smtp_url]
        with make(urls, size=1) as pool:
            result = pool.send(envelope(1, ANN, "r1@example.test"))

    assert result, str(result)
    assert [each.address for each in result.accepted] == [ANN, "r1@example.test"]
    assert sent_to(server) == [ANN, "r1@example.test"]


def test_uncertain_message_goes_to_no_other_server(make, server):
    """A message that may have been delivered is sent once."""
    with MailServer([ANN], accept_any=True) as first:
        first.fail(content="*", drop="after", times=1)
        with make([first.smtp_url, server.smtp_url], size=1) as pool:
            result = pool.send(envelope(1))
            later = pool.send(envelope(2))

        assert result.uncertain
        assert later
        assert sent_to(first) == ["r1@example.test"]
        assert sent_to(server) == ["r2@example.test"]


def test_round_robin(make, server):
    """Each server gets its share."""
    with MailServer([ANN], accept_any=True) as other:
        with make([other.smtp_url, server.smtp_url], size=2, policy="round-robin") as pool:
            for number in range(6):
                assert pool.send(envelope(number))

        assert len(other.sent) == len(server.sent) == 3
