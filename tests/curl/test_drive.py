"""The blocking driver: deadlines, poisoning, threads, forks, ends."""

import contextlib
import gc
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import pytest

from netmail.clients.pop3 import POP3
from netmail.curl import drive
from netmail.curl.link import Link
from netmail.errors import (
    BusyError,
    ConnectError,
    ConnectionLost,
    MailTimeout,
    NetmailError,
    Pop3Error,
    ProtocolError,
    StateError,
)
from netmail.flows.flow import RECEIVE
from netmail.flows.flow import Send as Say
from netmail.flows.pop3 import Pop3Flows
from netmail.options import Protocol, parse_options
from servers.scripted import (
    Close,
    Drip,
    Endless,
    Expect,
    ExpectData,
    ScriptError,
    Send,
    Silence,
    StartTls,
)

HELLO = [Send(b"+OK hi\r\n"), Expect(b"CAPA"), Send(b"-ERR what\r\n")]
NOOP = [Expect(b"NOOP"), Send(b"+OK\r\n")]
QUIT = [Expect(b"QUIT"), Send(b"+OK bye\r\n")]


@pytest.fixture
def pop3(scripted):
    """A client of a server that greets and then plays the given steps."""

    def make(*steps, timeout=300, **options):
        server = scripted(*HELLO, *steps, **options)
        return POP3(host="127.0.0.1", port=server.port, tls=0, timeout=timeout)

    return make


class Sending:
    """A conversation that sends much: its flow is not POP3's."""

    def __init__(self, client):
        self.flows = client._flows

    def send(self, size, before=b""):
        yield Say(before + b"x" * size)
        yield RECEIVE
        return self.flows.reader.line()


# -- deadlines --------------------------------------------------------------------------------


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
    client = POP3(host="127.0.0.1", port=server.port, tls=0, timeout=300).connect()
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
    """Both sides may send at once: the early answer is kept, and nobody waits for ever."""
    size = 20_000_000
    early = b"y" * 5_000_000
    client = pop3(*NOOP, Expect(b"GO"), Send(early), ExpectData(b"x" * size), Send(b"z\r\n"),
                  timeout=5000)  # fmt: skip
    client.noop()

    def flow():
        yield Say(b"GO\r\n" + b"x" * size)
        while (line := client._flows.reader.line()) is None:
            yield RECEIVE
        return line

    assert client._run(flow()) == early + b"z"


def test_refusal_and_close_while_sending(pop3):
    """A server that says why and hangs up while we send: its words are in the error."""
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


# -- what poisons, and what does not ----------------------------------------------------------


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
    """A late answer is never taken for the next one; later calls say what happened."""
    client = pop3(Expect(b"STAT"), Silence()).connect()
    with pytest.raises(MailTimeout):
        client.stat()
    with pytest.raises(ConnectionLost, match="has ended: waited") as later:
        client.stat()

    assert isinstance(later.value.__cause__, MailTimeout)
    assert not client.is_connected


def test_last_words_are_kept(pop3):
    """The server's farewell is in the error, and in those of later calls."""
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
    """connect() dials anew, and what was half read is forgotten."""
    client = pop3(Expect(b"STAT"), Send(b"+OK 1"), Silence(), connections=2).connect()
    with pytest.raises(MailTimeout):
        client.stat()
    client.connect()
    fresh = (client.is_connected, client._flows.reader.waiting)
    with pytest.raises(MailTimeout):
        client.stat()

    assert fresh == (True, 0)


def test_connect_twice(scripted):
    """connect() keeps a connection that is open, and with it what was marked as deleted."""
    server = scripted(*HELLO, Expect(b"DELE 1"), Send(b"+OK\r\n"), *QUIT)
    client = POP3(host="127.0.0.1", port=server.port, tls=0, timeout=5000)
    client.delete(1)
    client.connect()
    client.quit()

    assert server.join() == b"CAPA\r\nDELE 1\r\nQUIT\r\n"


def test_failed_dial_can_be_tried_again(scripted):
    """A dial that failed poisons nothing: the next call dials again."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        client = POP3(host="127.0.0.1", port=held.getsockname()[1], tls=0, timeout=300)
        with pytest.raises(ConnectError):
            client.noop()

        with pytest.raises(ConnectError):
            client.noop()


# -- ends -------------------------------------------------------------------------------------


def test_quit_twice(pop3):
    """The second quit() says nothing and raises nothing."""
    client = pop3(*NOOP, *QUIT)
    client.noop()
    client.quit()
    client.quit()

    assert not client.is_connected


def test_quit_without_connection():
    """quit() of a client that never dialled does not dial."""
    assert POP3(host="127.0.0.1", port=1).quit() is None


def test_call_after_quit(pop3):
    """After quit() a call says that connect() dials anew; it does not dial by itself."""
    client = pop3(*NOOP, *QUIT)
    client.noop()
    client.quit()

    with pytest.raises(StateError, match=r"connect\(\)"):
        client.noop()


def test_quit_is_not_answered(pop3):
    """A goodbye that fails raises, because POP3 deletes by it; the connection is closed."""
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
    """A client that is forgotten closes its connection: no warning, no goodbye."""
    server = scripted(*HELLO, *NOOP)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        client = POP3(host="127.0.0.1", port=server.port, tls=0, timeout=5000)
        client.noop()
        descriptor = client._link.stream.fileno()
        del client
        gc.collect()

    assert server.join() == b"CAPA\r\nNOOP\r\n"
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def count_descriptors():
    """How many descriptors this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def test_no_descriptor_is_left(dovecot):
    """Dialling, failing and closing leave no open descriptor behind."""
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


# -- test_connection, get_handle --------------------------------------------------------------


def test_test_connection(pop3):
    """It dials a connection of its own, says NOOP and leaves."""
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
    """A fault of the server's or the network's is False, and `last_error` says which."""
    client = pop3(*steps)

    assert client.test_connection() is False
    assert type(client.last_error) is error


def test_test_connection_cannot_dial():
    """So is a dial that fails; a success afterwards would forget it."""
    client = POP3(host="nowhere.invalid", port=110, timeout=5000)

    assert client.test_connection() is False
    assert isinstance(client.last_error, ConnectError)


def test_test_connection_beside_an_open_one(pop3):
    """The client's own connection is left alone."""
    client = pop3(*NOOP, *QUIT, connections=2)
    client.connect()
    own = client.get_handle()
    os.close(os.dup(client._link.stream.fileno()))

    assert client.get_handle() is own
    client.noop()
    client.quit()
    assert client.test_connection() is True


def test_get_handle(pop3):
    """It is the pycurl.Curl of the connection, dialled if there was none."""
    import pycurl

    client = pop3(*QUIT)
    handle = client.get_handle()

    assert isinstance(handle, pycurl.Curl)
    assert handle.getinfo(pycurl.PRIMARY_PORT) == client.options.port
    client.quit()


# -- threads ----------------------------------------------------------------------------------


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
    while not client._link._lock.locked():
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
    """An interrupt ends the dial within about a second, as itself."""
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


# -- processes --------------------------------------------------------------------------------


def in_child(work):
    """Run `work` in a forked child; return what it returned as text, or its exception's."""
    read, write = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of the scripted server
        child = os.fork()
    if child == 0:
        try:
            said = str(work())
        except BaseException as error:  # noqa: BLE001 - told to the parent
            said = f"{type(error).__name__}: {error}"
        os.write(write, said.encode())
        os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    with os.fdopen(read) as pipe:
        return pipe.read()


@pytest.mark.parametrize("tls", [False, True], ids=["clear", "tls"])
@pytest.mark.parametrize(
    "work",
    [
        lambda client: client.noop(),
        lambda client: client.get_handle(),
        lambda client: client.quit(),
        lambda client: client.abort(),
        lambda client: client.__exit__(None, None, None),
        lambda client: client._link.__del__(),
    ],
    ids=["call", "handle", "quit", "abort", "with", "gc"],
)
def test_fork(scripted, tls, work):
    """Whatever a child does with its parent's client, the parent's session goes on."""
    steps = [StartTls()] * tls + [*HELLO, *NOOP, *NOOP, *QUIT]
    server = scripted(*steps)
    client = POP3(host="localhost", port=server.port, tls=3 if tls else 0, tls_implicit=tls,
                  timeout=5000, **({"ca_file": server.ca_file} if tls else {}))  # fmt: skip
    client.noop()
    said = in_child(lambda: work(client))
    client.noop()
    client.quit()

    assert said.startswith(("StateError: the connection belongs to the parent", "None"))
    assert server.join() == b"CAPA\r\nNOOP\r\nNOOP\r\nQUIT\r\n"


def test_child_may_dial_anew(scripted):
    """connect() in the child makes a connection of its own."""
    server = scripted(*HELLO, *NOOP, *QUIT)
    parents = scripted(*HELLO, *NOOP, *NOOP)
    client = POP3(host="127.0.0.1", port=parents.port, tls=0, timeout=5000)
    client.noop()

    def work():
        own = POP3(client.options, port=server.port)
        client._link.options = own.options
        client.connect()
        client.noop()
        client.quit()
        return "done"

    assert in_child(work) == "done"
    client.noop()
    client.abort()


@pytest.mark.parametrize("kind", ["plain", "waiting thread", "asyncio"])
def test_interpreter_exit_does_not_hang(scripted, kind):
    """A program that ends with open connections ends."""
    server = scripted(*HELLO, *NOOP, Silence())
    program = {
        "plain": "p = POP3(o); p.noop()",
        "waiting thread": (
            "import threading; p = POP3(o); p.noop(); "
            "threading.Thread(target=p.noop, daemon=True).start()"
        ),
        "asyncio": "import asyncio; p = AsyncPOP3(o); asyncio.run(p.noop())",
    }[kind]
    code = (
        "from netmail.clients.pop3 import POP3\n"
        "from netmail.clients.async_pop3 import AsyncPOP3\n"
        f"o = dict(host='127.0.0.1', port={server.port}, tls=0, timeout=8000)\n{program}\n"
    )
    begun = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, timeout=20, check=False
    )

    assert (ended.returncode, ended.stderr) == (0, b"")
    assert time.monotonic() - begun < 6
    server.join()


def test_link_without_pop3():
    """The driver needs no client: a link and a flow are enough."""
    options = parse_options(Protocol.POP3, host="127.0.0.1", port=1)
    link = Link(options, Pop3Flows(options))

    with pytest.raises(ConnectError):
        drive.drive(link, link.talk.noop())


# -- what a flow may do with a failure --------------------------------------------------------


def test_flow_may_answer_for_a_failure(pop3):
    """A flow that catches a failure returns its value; the connection is poisoned all the same."""
    client = pop3(Expect(b"STAT"), Close()).connect()

    def flow():
        yield Say(b"STAT\r\n")
        try:
            while not client._flows.reader.ended:
                yield RECEIVE
            yield Say(b"x" * 10_000_000)
            yield Say(b"more")
        except ConnectionLost:
            return "lost"

    assert client._run(flow()) == "lost"
    assert not client.is_connected


def test_flow_that_goes_on_after_a_failure(pop3):
    """Each further wish fails too, and the first reason is what later calls are told."""
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


def test_reset_while_sending(pop3):
    """A server that crashes while we send."""
    client = pop3(Expect(b"START"), Close(reset=True), timeout=5000)
    client.connect()

    with pytest.raises(ConnectionLost):
        client._run(Sending(client).send(50_000_000, b"START\r\n"))


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
    with contextlib.suppress(ScriptError):  # the dial may end before the server's last step
        server.join()

    assert not client.is_connected
