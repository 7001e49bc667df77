"""Whose failure ends a conversation: netmail's own, or that of a caller's code."""

from functools import partial

import pytest

from netmail.errors import ConnectionLost, NetmailError, ProtocolError
from netmail.flows.flow import receive
from netmail.text import members
from netmail.wire import sasl
from netmail.wire.imap import responses
from netmail.wire.imap.sequence_set import uid_sets
from servers.scripted import Silence


def broken_by(client, fail, *arguments):
    """A conversation of netmail's that fails; a partial has no frame of its own in the trace."""
    return receive(client._session.reader, partial(fail, *arguments))


@pytest.fixture
def client(pop3):
    """A client whose server says nothing after the login."""
    return pop3(Silence()).connect()


def test_grammar(client):
    """An exception that the grammar raises is a ProtocolError, which has it as its cause."""
    with pytest.raises(ProtocolError, match="IndexError") as caught:
        client._run(broken_by(client, responses.data, []))

    assert isinstance(caught.value.__cause__, IndexError)
    with pytest.raises(ConnectionLost, match="IndexError"):
        client.stat()


def test_standard_library(client):
    """What the grammar calls in the standard library is part of it."""
    with pytest.raises(ProtocolError, match="TypeError"):
        client._run(broken_by(client, sasl.encode, "text"))


def failing():
    """Yield numbers, and fail."""
    yield 1
    raise KeyError("mine")


@pytest.mark.parametrize("numbers", [failing, lambda: map(int, ["x"])])
def test_callers_iterable(client, numbers):
    """What a caller's iterable raises stays what it is, and ends the connection."""
    with pytest.raises((KeyError, ValueError)) as caught:
        client._run(broken_by(client, uid_sets, numbers()))

    assert not isinstance(caught.value, NetmailError)
    with pytest.raises(ConnectionLost, match="broken off"):
        client.stat()


def test_callers_file(client):
    """So does what a caller's file raises."""

    class Disk:
        def read(self, size=-1):
            raise OSError("unplugged")

    with pytest.raises(OSError, match="unplugged") as caught:
        client._run(broken_by(client, Disk().read))

    assert not isinstance(caught.value, NetmailError)


@pytest.mark.parametrize("leaving", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_leaving(client, leaving):
    """Ctrl-C and its like are never turned into an error."""

    def leave():
        raise leaving

    with pytest.raises(leaving):
        client._run(broken_by(client, leave))

    assert not client.is_connected


def test_members():
    """An iterable's items come in their order."""
    assert members(iter((3, 1))) == [3, 1]
