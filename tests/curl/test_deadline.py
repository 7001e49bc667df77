"""Every wait has a deadline, and both sides may send at once."""

import time
from datetime import timedelta

import pytest

from netmail.clients.pop3 import POP3
from netmail.errors import (
    ConnectionLost,
    MailTimeout,
    ProtocolError,
)
from netmail.flows.flow import RECEIVE
from netmail.flows.flow import Send as Say
from servers.scripted import (
    Close,
    Drip,
    Endless,
    Expect,
    ExpectData,
    ScriptError,
    Send,
    Silence,
)
from support.pop3_steps import HELLO, NOOP, QUIT


class Sending:
    """A conversation that sends much: its flow is not POP3's."""

    def __init__(self, client):
        self.session = client._session

    def send(self, size, before=b""):
        yield Say(before + b"x" * size)
        yield RECEIVE
        return self.session.reader.line()


def test_deadline_is_kept(pop3):
    """A silent server is waited for as long as was asked for, and no longer."""
    client = pop3(Expect(b"STAT"), Silence()).connect()
    begun = time.monotonic()
    with pytest.raises(MailTimeout, match=r"waited 0\.3 s .* timeout="):
        client.stat()

    assert 0.28 < time.monotonic() - begun < 2


def test_progress_renews_the_deadline(pop3):
    """A body that arrives in large pieces may take longer than the timeout as a whole."""
    pieces = [step for _ in range(4)
              for step in (Send(b"x" * 20_000 + b"\r\n"), Drip(b"yy", 0.1))]  # fmt: skip
    client = pop3(Expect(b"RETR 1"), Send(b"+OK\r\n"), *pieces, Send(b"\r\n.\r\n"), *QUIT)
    begun = time.monotonic()
    body = client.retr(1)
    took = time.monotonic() - begun
    client.quit()

    assert len(body) == 4 * (20_002 + 2) + 2
    assert took > 0.3


def test_longest_timeout(pop3):
    """A timeout of 24 days waits, and does not overflow."""
    client = pop3(Expect(b"STAT"), Send(b"+OK 1 2\r\n"), *QUIT, timeout=2_147_483_647)
    with client:
        count = client.stat()

    assert count == {"count": 1, "size": 2}


def test_server_that_does_not_read(scripted):
    """A server that takes nothing of what is sent is given up."""
    server = scripted(*HELLO, Expect(b"START"), Drip(b"+" * 500, 0.02))
    client = POP3(
        host="127.0.0.1", port=server.port, tls=0, timeout=timedelta(milliseconds=300)
    ).connect()
    client._run(iter_send(b"START\r\n"))
    begun = time.monotonic()
    with pytest.raises(MailTimeout, match="to take what is sent"):
        client._run(Sending(client).send(50_000_000))
    took = time.monotonic() - begun
    with pytest.raises(ScriptError):
        server.join()

    assert took < 2


def iter_send(data):
    """A flow that only sends."""
    yield Say(data)


def test_answer_while_sending(pop3):
    """Both sides may send at once: the early reply is kept, and neither waits for ever."""
    size = 20_000_000
    early = b"y" * 5_000_000
    client = pop3(*NOOP, Expect(b"GO"), Send(early), ExpectData(b"x" * size), Send(b"z\r\n"),
                  timeout=5000)  # fmt: skip
    client.noop()

    def flow():
        yield Say(b"GO\r\n" + b"x" * size)
        while (line := client._session.reader.line()) is None:
            yield RECEIVE
        return line

    assert client._run(flow()) == early + b"z"


def test_refusal_and_close_while_sending(pop3):
    """A server says why and closes while netmail sends: its text is in the error."""
    client = pop3(Expect(b"START"), Send(b"-ERR too large for me\r\n"), Close(), timeout=5000)
    client.connect()
    client._run(iter_send(b"START\r\n"))
    with pytest.raises(ConnectionLost) as caught:
        client._run(Sending(client).send(50_000_000))
    with pytest.raises(ConnectionLost) as later:
        client.noop()

    assert "too large for me" in str(caught.value)
    assert "too large for me" in str(later.value)


def test_flood_while_sending(pop3, monkeypatch):
    """A server that sends without end and takes nothing does not fill the memory."""
    monkeypatch.setattr("netmail.curl.pump.UNREAD", 1_000_000)
    client = pop3(Expect(b"START"), Endless(b"flood\r\n"), timeout=5000)
    client.connect()
    client._run(iter_send(b"START\r\n"))

    with pytest.raises(ProtocolError, match="without end"):
        client._run(Sending(client).send(100_000_000))


def test_reset_while_sending(pop3):
    """A server that crashes while we send."""
    client = pop3(Expect(b"START"), Close(reset=True), timeout=5000)
    client.connect()

    with pytest.raises(ConnectionLost):
        client._run(Sending(client).send(50_000_000, b"START\r\n"))
