"""Forked children and the interpreter's exit."""

import os
import subprocess
import sys
import time
import warnings

import pytest

from netmail.clients.pop3 import POP3
from servers.scripted import (
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
