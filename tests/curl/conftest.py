"""A POP3 client of a scripted server, for tests of the driver."""

import socket
from datetime import timedelta

import pytest

from netmail.clients.pop3 import POP3
from support.connecting import DIAL
from support.loops import LOOP, LOOPS
from support.pop3_steps import HELLO


@pytest.fixture
def pop3(scripted):
    """A client of a server that greets and then plays the given steps."""

    def make(*steps, timeout=timedelta(milliseconds=300), **options):
        server = scripted(*HELLO, *steps, **options)
        return POP3(host="127.0.0.1", port=server.port, tls=0, timeout=timeout)

    return make


@pytest.fixture
def free_port():
    """A port that nobody listens on: bound, so that nobody else takes it, and not listening."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture(params=["blocking", "asyncio"])
def each_dial(request):
    """Connect by the blocking driver, then by asyncio's: both are to end in the same error."""
    before = DIAL.set(request.param)
    yield
    DIAL.reset(before)


@pytest.fixture(params=LOOPS)
def each_loop(request):
    """Let `support.loops.run()` take each event loop that there is."""
    before = LOOP.set(request.param)
    yield
    LOOP.reset(before)
