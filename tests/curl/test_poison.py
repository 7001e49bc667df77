"""What ends a connection and what does not, and what later calls raise."""

import socket
from datetime import timedelta

import pytest

from netmail.clients.pop3 import POP3
from netmail.errors import (
    ConnectError,
    ConnectionLost,
    MailTimeout,
    NetmailError,
    Pop3Error,
)
from netmail.flows.flow import RECEIVE
from netmail.flows.flow import Send as Say
from servers.scripted import (
    Close,
    Expect,
    Send,
    Silence,
)
from support.pop3_steps import HELLO, NOOP, QUIT


def test_refusal_does_not_poison(pop3):
    """After -ERR the next command goes over the same connection."""
    client = pop3(Expect(b"RETR 9"), Send(b"-ERR no such message\r\n"), *NOOP, *QUIT)
    with client:
        with pytest.raises(Pop3Error):
            client.retr(9)

        assert client.noop() is None


def test_wrong_call_does_not_poison(pop3):
    """After a UsageError the connection is fine, and nothing was sent."""
    client = pop3(*NOOP, *QUIT)
    with client:
        with pytest.raises(ValueError, match="message number"):
            client.retr(0)

        assert client.noop() is None


def test_timeout_poisons_with_its_reason(pop3):
    """A late reply never passes as the next one; later calls say what happened."""
    client = pop3(Expect(b"STAT"), Silence()).connect()
    with pytest.raises(MailTimeout):
        client.stat()
    with pytest.raises(ConnectionLost, match="has ended: waited") as later:
        client.stat()

    assert isinstance(later.value.__cause__, MailTimeout)
    assert not client.is_connected


def test_last_words_are_kept(pop3):
    """The server's closing text is in the error, and in those of later calls."""
    client = pop3(*NOOP, Expect(b"NOOP"), Send(b"+OK\r\n-ERR [SYS/TEMP] going down\r\n"), Close(),
                  timeout=5000)  # fmt: skip
    client.noop()
    client.noop()
    with pytest.raises(ConnectionLost, match="going down"):
        client.noop()

    with pytest.raises(ConnectionLost, match="going down"):
        client.stat()


def test_callers_own_error_poisons(pop3):
    """An exception of any kind in the middle of a conversation ends the connection."""
    client = pop3(Expect(b"STAT"), Silence()).connect()

    def flow():
        yield Say(b"STAT\r\n")
        raise RuntimeError("ours")

    with pytest.raises(RuntimeError, match="ours"):
        client._run(flow())

    with pytest.raises(ConnectionLost, match="RuntimeError"):
        client.noop()


def test_connect_after_poison(pop3):
    """connect() connects again, and what was half read is forgotten."""
    client = pop3(Expect(b"STAT"), Send(b"+OK 1"), Silence(), connections=2).connect()
    with pytest.raises(MailTimeout):
        client.stat()
    client.connect()

    assert client.is_connected
    assert client._session.reader.available == 0
    with pytest.raises(MailTimeout):
        client.stat()


def test_connect_twice(scripted):
    """connect() keeps a connection that is open, and with it what was marked as deleted."""
    server = scripted(*HELLO, Expect(b"DELE 1"), Send(b"+OK\r\n"), *QUIT)
    client = POP3(host="127.0.0.1", port=server.port, tls=0, timeout=5000)
    client.delete(1)
    client.connect()
    client.quit()

    assert server.join() == b"CAPA\r\nDELE 1\r\nQUIT\r\n"


def test_failed_dial_can_be_tried_again(scripted):
    """A failed connect() poisons nothing: the next call connects again."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        client = POP3(
            host="127.0.0.1", port=held.getsockname()[1], tls=0, timeout=timedelta(milliseconds=300)
        )
        with pytest.raises(ConnectError):
            client.noop()

        with pytest.raises(ConnectError):
            client.noop()


def test_flow_may_answer_for_a_failure(pop3):
    """A flow that catches a failure returns its value; the connection is poisoned all the same."""
    client = pop3(Expect(b"STAT"), Close(reset=True)).connect()

    def flow():
        yield Say(b"STAT\r\n")
        try:
            while not client._session.reader.eof:
                yield RECEIVE
            yield Say(b"x" * 10_000_000)
            yield Say(b"more")
        except ConnectionLost:
            return "lost"

    assert client._run(flow()) == "lost"
    assert not client.is_connected


def test_flow_that_goes_on_after_a_failure(pop3):
    """Each further request fails too, and later calls raise the first reason."""
    client = pop3(Expect(b"STAT"), Silence()).connect()

    def flow():
        yield Say(b"STAT\r\n")
        failures = []
        for wish in (RECEIVE, RECEIVE, Say(b"NOOP\r\n")):
            try:
                yield wish
            except NetmailError as error:
                failures.append(type(error))
        return failures

    failures = client._run(flow())
    with pytest.raises(ConnectionLost, match="waited"):
        client.noop()

    assert failures == [MailTimeout, ConnectionLost, ConnectionLost]
