"""The end of a connection, `with`, garbage collection, test_connection(), get_handle()."""

import gc
import os
import warnings
from pathlib import Path

import pytest

from netmail.clients.pop3 import POP3
from netmail.curl import calls
from netmail.curl.connection import Connection
from netmail.curl.drive import drive
from netmail.errors import (
    ConnectError,
    ConnectionLost,
    MailTimeout,
    Pop3Error,
    ProtocolError,
    StateError,
)
from netmail.flows.pop3.session import Pop3Session
from netmail.options.options import MailProtocol, parse_options
from servers.scripted import (
    Close,
    Expect,
    Send,
    Silence,
)
from support.pop3_steps import HELLO, NOOP, QUIT


def test_quit_twice(pop3):
    """The second quit() says nothing and raises nothing."""
    client = pop3(*NOOP, *QUIT)
    client.noop()
    client.quit()
    client.quit()

    assert not client.is_connected


def test_quit_without_connection():
    """quit() of a client that has not connected does not connect."""
    assert POP3(host="127.0.0.1", port=1).quit() is None


def test_call_after_quit(pop3):
    """After quit() a call refers to connect(); it does not connect by itself."""
    client = pop3(*NOOP, *QUIT)
    client.noop()
    client.quit()

    with pytest.raises(StateError, match=r"connect\(\)"):
        client.noop()


def test_quit_is_not_answered(pop3):
    """A QUIT that fails raises, because POP3 deletes by it; the connection is closed."""
    client = pop3(*NOOP, Expect(b"QUIT"), Close())
    client.noop()
    with pytest.raises(ConnectionLost):
        client.quit()

    assert not client.is_connected


def test_abort_says_nothing(scripted):
    """abort() closes without a word."""
    server = scripted(*HELLO, *NOOP)
    client = POP3(host="127.0.0.1", port=server.port, tls=0, timeout=5000)
    client.noop()
    client.abort()

    assert server.join() == b"CAPA\r\nNOOP\r\n"


@pytest.mark.parametrize(("error", "goodbye"), [(None, b"QUIT\r\n"), (KeyError, b"")])
def test_with_block(scripted, error, goodbye):
    """Leaving a with block says QUIT, and after an exception nothing."""
    server = scripted(*HELLO, *NOOP, *([] if error else QUIT))
    try:
        with POP3(host="127.0.0.1", port=server.port, tls=0, timeout=5000) as client:
            client.noop()
            if error:
                raise error
    except KeyError:
        pass

    assert server.join() == b"CAPA\r\nNOOP\r\n" + goodbye


def test_garbage_collection_is_quiet(scripted):
    """A client that is forgotten closes its connection: no warning, no QUIT."""
    server = scripted(*HELLO, *NOOP)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        client = POP3(host="127.0.0.1", port=server.port, tls=0, timeout=5000)
        client.noop()
        descriptor = client._connection.stream.fileno()
        del client
        gc.collect()

    assert server.join() == b"CAPA\r\nNOOP\r\n"
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def count_descriptors():
    """How many descriptors this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def test_no_descriptor_is_left(dovecot):
    """Connecting, failing and closing leave no open descriptor."""
    client = POP3(dovecot.url("pop3", dovecot.fresh_user()), tls=0, timeout=10_000)
    wrong = POP3(client.options, password="wrong")
    client.noop()
    client.quit()
    before = count_descriptors()
    for _ in range(3):
        client.connect()
        client.noop()
        client.quit()
    wrong.test_connection()

    assert count_descriptors() == before


def test_test_connection(pop3):
    """It makes a connection of its own, sends NOOP and disconnects."""
    client = pop3(*NOOP, *QUIT)

    assert client.test_connection() is True
    assert client.last_error is None
    assert not client.is_connected


@pytest.mark.parametrize(
    ("steps", "error"),
    [
        ([Expect(b"NOOP"), Send(b"-ERR no\r\n")], Pop3Error),
        ([Expect(b"NOOP"), Silence()], MailTimeout),
        ([Expect(b"NOOP"), Close()], ConnectionLost),
        ([Expect(b"NOOP"), Send(b"250 OK\r\n")], ProtocolError),
        ([*NOOP, Expect(b"QUIT"), Send(b"-ERR no\r\n")], Pop3Error),
    ],
    ids=["refused", "silence", "closed", "broken", "quit-refused"],
)
def test_test_connection_fails(pop3, steps, error):
    """An error of the server or the network is False, and `last_error` says which."""
    client = pop3(*steps)

    assert client.test_connection() is False
    assert type(client.last_error) is error


def test_test_connection_cannot_dial():
    """So is a connection that cannot be made."""
    client = POP3(host="nowhere.invalid", port=110, timeout=5000)

    assert client.test_connection() is False
    assert isinstance(client.last_error, ConnectError)


def test_test_connection_beside_an_open_one(pop3):
    """The client's own connection is left alone."""
    client = pop3(*NOOP, *QUIT, connections=2)
    client.connect()
    own = client.get_handle()
    os.close(os.dup(client._connection.stream.fileno()))

    assert client.get_handle() is own
    client.noop()
    client.quit()
    assert client.test_connection() is True


def test_get_handle(pop3):
    """It is the pycurl.Curl of the connection, which is made if there is none."""
    import pycurl

    client = pop3(*QUIT)
    handle = client.get_handle()

    assert isinstance(handle, pycurl.Curl)
    assert handle.getinfo(pycurl.PRIMARY_PORT) == client.options.port
    client.quit()


def test_connection_without_a_client():
    """The driver needs no client: a connection and a flow are enough."""
    options = parse_options(MailProtocol.POP3, host="127.0.0.1", port=1)
    connection = Connection(options, Pop3Session(options))

    with pytest.raises(ConnectError):
        drive(calls.call(connection, connection.session.noop()))
