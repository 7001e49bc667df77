"""What a stream knows of its socket, forked children, and the interpreter's exit."""

import os
import subprocess
import sys
import time
import warnings

import pytest

from netmail.clients.pop3 import POP3
from netmail.curl.stream import CurlStream
from netmail.options.options import MailProtocol, parse_options
from servers.scripted import (
    Expect,
    Send,
    Silence,
    StartTls,
)
from support.pop3_steps import HELLO, NOOP, QUIT


def in_child(work):
    """Run `work` in a forked child; return what it returned as text, or its exception's."""
    read, write = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of the scripted server
        child = os.fork()
    if child == 0:
        try:
            said = str(work())
        except BaseException as error:  # noqa: BLE001 - reported to the parent
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
        lambda client: client._connection.__del__(),
    ],
    ids=["call", "handle", "quit", "abort", "with", "gc"],
)
def test_fork(scripted, tls, work):
    """Whatever a child does with its parent's client, the parent's session continues."""
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
        client._connection.options = own.options
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

    assert ended.returncode == 0
    assert ended.stderr == b""
    assert time.monotonic() - begun < 6
    server.join()


def opened(server, **options):
    """A stream to a server, connected without a session."""
    given = {"host": "localhost", "port": server.port, "timeout": 5000, **options}
    stream = CurlStream(parse_options(MailProtocol.POP3, **given))
    stream.connect()
    return stream


def read(stream, size):
    """Read once, as soon as the socket is ready."""
    if stream.is_drained:
        stream.poll.poll(5000)
    return stream.recv_into(memoryview(bytearray(size)))


def test_plain_stream_is_drained_by_a_short_read(scripted):
    """A read that fills its buffer may leave more; a shorter one leaves nothing."""
    server = scripted(*HELLO, Expect(b"GO"), Send(b"12345678"), Silence())
    stream = opened(server, tls=0)
    sent = stream.send(memoryview(b"GO\r\n"))
    stream.poll.poll(5000)

    assert sent == stream.octets_sent == 4
    assert read(stream, 5) == 5
    assert not stream.is_drained
    assert read(stream, 5) == 3
    assert stream.is_drained
    stream.close()


def test_tls_stream_is_drained_by_a_read_in_vain_only(scripted):
    """TLS holds the rest of a record while the socket is quiet: a short read proves nothing."""
    server = scripted(StartTls(), *HELLO, Expect(b"GO"), Send(b"x" * 1000), Silence())
    stream = opened(server, tls_implicit=True, ca_file=server.ca_file)
    stream.send(memoryview(b"GO\r\n"))
    stream.poll.poll(5000)
    sizes = [read(stream, 300) for _ in range(4)]
    was_drained = stream.is_drained
    in_vain = read(stream, 300)

    assert sizes == [300, 300, 300, 100]
    assert not was_drained
    assert in_vain is None
    assert stream.is_drained


def test_tls_may_read_while_it_writes(scripted):
    """After a write on TLS the next read comes before the wait."""
    server = scripted(StartTls(), *HELLO, Expect(b"GO"), Silence())
    stream = opened(server, tls_implicit=True, ca_file=server.ca_file)
    while read(stream, 300) is not None:
        pass
    was_drained = stream.is_drained
    stream.send(memoryview(b"GO\r\n"))

    assert was_drained
    assert not stream.is_drained
