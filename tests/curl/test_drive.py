"""The blocking driver: second threads are refused, and interrupts end a call."""

import contextlib
import logging
import os
import signal
import threading
import time

import pytest

from netmail.clients.pop3 import POP3
from netmail.errors import (
    BusyError,
    ConnectionLost,
    MailTimeout,
    NetmailError,
)
from servers.scripted import (
    Expect,
    ScriptError,
    Silence,
)
from support.pop3_steps import HELLO, NOOP, QUIT


def test_second_thread_is_refused(pop3):
    """While one thread waits, another gets BusyError, and the first is not disturbed."""
    client = pop3(Expect(b"STAT"), Silence(), timeout=1000).connect()
    outcomes = []

    def wait():
        with pytest.raises(MailTimeout) as caught:
            client.stat()
        outcomes.append(type(caught.value))

    first = threading.Thread(target=wait)
    first.start()
    while not client._connection._lock.locked():
        os.sched_yield()
    for call in (client.noop, client.connect, client.quit, client.abort, client.get_handle):
        with pytest.raises(BusyError):
            call()
    first.join()

    assert outcomes == [MailTimeout]


def test_threads_in_turn(pop3):
    """A connection may be used from any thread, one at a time."""
    client = pop3(*NOOP, *NOOP, *QUIT, timeout=5000)
    errors = []

    def call():
        try:
            client.noop()
        except NetmailError as error:
            errors.append(error)

    for _ in range(2):
        thread = threading.Thread(target=call)
        thread.start()
        thread.join()
    client.quit()

    assert errors == []


def test_ctrl_c_while_waiting(pop3):
    """An interrupt ends the wait at once and the connection with it."""
    client = pop3(Expect(b"STAT"), Silence(), timeout=10_000).connect()
    with interrupted_after(0.1), pytest.raises(KeyboardInterrupt):
        client.stat()

    with pytest.raises(ConnectionLost, match="KeyboardInterrupt"):
        client.noop()


def test_ctrl_c_while_dialling(scripted):
    """An interrupt ends connect() within about a second, as itself."""
    server = scripted(Silence())
    client = POP3(host="127.0.0.1", port=server.port, tls=0, timeout=10_000)
    begun = time.monotonic()
    with interrupted_after(0.1), pytest.raises(KeyboardInterrupt):
        client.connect()

    assert time.monotonic() - begun < 4
    assert not client.is_connected


class interrupted_after:  # noqa: N801 - read as a statement
    """Raise KeyboardInterrupt in the main thread after some seconds."""

    def __init__(self, seconds):
        self.seconds = seconds

    def __enter__(self):
        self.before = signal.signal(signal.SIGALRM, signal.default_int_handler)
        signal.setitimer(signal.ITIMER_REAL, self.seconds)

    def __exit__(self, *_error):
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self.before)


def test_error_in_the_log_ends_the_dial(scripted):
    """What a log handler raises, Ctrl-C above all, comes out of connect(), and nothing is open."""
    server = scripted(*HELLO)

    class Interrupting(logging.Handler):
        def emit(self, record):
            if "CAPA" in record.getMessage():
                raise KeyboardInterrupt

    logger = logging.getLogger("netmail.wire")
    handler = Interrupting()
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        client = POP3(host="127.0.0.1", port=server.port, tls=0, timeout=5000)
        with pytest.raises(KeyboardInterrupt):
            client.connect()
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    with contextlib.suppress(ScriptError):  # libcurl may end before the server's last step
        server.join()

    assert not client.is_connected
