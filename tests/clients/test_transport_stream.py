"""Messages that are sent as they come: in order, few ahead, and a truthful end wherever it is."""

import gc

import pytest

from netmail.clients.async_transport import AsyncTransport
from netmail.clients.transport import Transport
from netmail.curl import pull
from netmail.delivery_options import DeliveryOptions
from netmail.envelope import Envelope
from netmail.errors import (
    BusyError,
    CapabilityError,
    MessageError,
    UsageError,
)
from netmail.flows.smtp.queue import MailObject
from netmail.options.options import TLS_NONE
from netmail.results.smtp import MessageResult, SendStage
from servers.numbering import NumberingServer
from servers.process import LOOPBACK
from support.numbered import number_of, numbered, numbers
from support.timing import full
from support.twins import maker

MODES = {
    "one by one": ([], {}),
    "grouped": ([b"PIPELINING"], {"chunking": False}),
    "chunked": ([b"PIPELINING", b"CHUNKING"], {"chunking": True}),
}


@pytest.fixture(params=["blocking", "asyncio"])
def make(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Transport, AsyncTransport)


@pytest.fixture(params=MODES.values(), ids=MODES)
def sink(request, make):
    """Return a server, and what makes a client for it that sends in each of the modes."""
    extensions, usual = request.param
    server = NumberingServer(extensions)
    made = []

    def client(**options):
        made.append(make(host=LOOPBACK, port=server.port, tls=TLS_NONE, **usual, **options))
        return made[-1]

    yield server, client
    for each in made:
        each.abort()
    server.close()


def test_in_order(sink):
    """Each message is sent once, and has its result in its place."""
    server, client = sink
    results = list(client().stream(numbered(300)))

    assert all(results)
    assert numbers(results) == server.taken == list(range(300))


@pytest.mark.parametrize("window", [1, 2, 64])
def test_reads_few_ahead(sink, window):
    """The iterable is read at most `window` messages ahead of the next result."""
    server, client = sink
    read, ahead, handed = 0, [], 0

    def counted():
        nonlocal read
        for each in numbered(200):
            read += 1
            ahead.append(read - handed - 1)
            yield each

    for result in client(window=window).stream(counted()):
        assert number_of(result.envelope) == handed
        handed += 1

    assert handed == len(server.taken) == 200
    assert 1 <= max(ahead) <= window


def test_slow_iterable(sink, monkeypatch):
    """A message is not made to wait for the next one by an iterable that takes long."""
    _, client = sink
    monkeypatch.setattr(pull, "QUICK", -1.0)
    read = []

    def noted():
        for each in numbered(5):
            read.append(each)
            yield each

    for handed, _ in enumerate(client().stream(noted()), 1):
        assert len(read) == handed


def kept():
    """How many messages and results are in memory."""
    # By type(): isinstance() asks the objects themselves, and a lazy one of Django's then loads.
    return sum(issubclass(type(each), MailObject | MessageResult) for each in gc.get_objects())


def test_memory(sink):
    """Of messages that have their result nothing is kept."""
    _, client = sink
    count = full(20_000, quick=2_000)
    before = kept()
    results = client(window=4).stream(numbered(count))
    for done, _ in enumerate(results):
        if done % (count // 4) == 100:
            assert kept() - before <= 3 * 5


def test_nothing_to_send(sink):
    """An empty iterable yields nothing."""
    _, client = sink

    assert list(client().stream([])) == []


ASKS = {
    "8BITMIME": Envelope("a@x.test", ("r150@x.test",), b"\r\n\xff\r\n"),
    "SMTPUTF8": Envelope("ä@x.test", ("r150@x.test",), b"\r\n"),
    "DSN": Envelope("a@x.test", ("r150@x.test",), b"\r\n", DeliveryOptions(ret="HDRS")),
    "REQUIRETLS": Envelope("a@x.test", ("r150@x.test",), b"\r\n", DeliveryOptions(requiretls=True)),
}


@pytest.mark.parametrize("asking", ASKS)
def test_what_the_server_lacks(sink, asking):
    """A message is checked when its turn comes, however many have gone before."""
    server, client = sink
    messages = [*numbered(150), ASKS[asking], *numbered(50, 151)]
    results = list(client().stream(messages))

    assert numbers(results) == list(range(201))
    assert server.taken == [number for number in range(201) if number != 150]
    assert results[150].stage is SendStage.CHECK
    assert isinstance(results[150].error, CapabilityError)
    assert results[150].error.capability == asking


# -- the end of a loop -------------------------------------------------------------------------


def test_left_early(sink):
    """What was read and has no result is in `rest`; the client can be used, and sends the rest."""
    server, client = sink
    transport = client(window=8)
    with transport.stream(numbered(100)) as results:
        for result in results:
            if number_of(result.envelope) == 20:
                break
    rest = results.rest

    assert numbers(rest) == list(range(21, 21 + len(rest)))
    assert len(rest) <= 8
    assert transport.uncertain == rest.uncertain == ()
    assert transport.queue == rest.retryable()
    assert server.taken == list(range(21)) + numbers(filter(None, rest))
    assert transport.send()
    assert server.taken == list(range(21 + len(rest)))


def test_dropped_iterator(sink):
    """A `break` without `with` leaves the client usable as well."""
    server, client = sink
    transport = client()
    for _ in transport.stream(numbered(20)):
        break
    assert transport.send()

    assert server.taken == list(range(20))


def test_connection_belongs_to_the_loop(sink):
    """Other calls raise BusyError within the loop."""
    _, client = sink
    transport = client()
    for _ in transport.stream(numbered(2)):
        for call in (transport.noop, transport.send, transport.clear):
            with pytest.raises(BusyError, match=r"stream\(\) is open"):
                call()
    transport.noop()


def test_iterable_that_fails(sink):
    """What the iterable raises comes unchanged, in its place, and what came before is sent."""
    server, client = sink
    own = KeyError("my own")

    def failing():
        yield from numbered(10)
        raise own

    transport, results = client(), []
    with pytest.raises(KeyError) as caught:
        results.extend(transport.stream(failing()))

    assert caught.value is own
    assert all(results)
    assert server.taken == list(range(10))
    transport.noop()


@pytest.mark.parametrize(
    ("wrong", "error"),
    [(Envelope("a@x.test", (), b""), MessageError), ("no message", UsageError)],
    ids=["no recipient", "no message"],
)
def test_message_that_cannot_be_sent(sink, wrong, error):
    """It ends the stream after the results of those before it."""
    server, client = sink
    results = client().stream([*numbered(3), wrong, *numbered(1, 9)])

    assert [number_of(next(results).envelope) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(error):
        next(results)
    assert list(results) == []
    assert server.taken == [0, 1, 2]


def test_no_iterable(make):
    """What is no iterable is refused at once."""
    with pytest.raises(UsageError, match="iterable"):
        make(host=LOOPBACK).stream(3)
