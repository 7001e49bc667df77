"""Batches over servers that end a session early, callbacks, and threads that share a client."""

import threading
from dataclasses import replace

import pytest

from netmail.clients.async_transport import AsyncTransport
from netmail.clients.transport import Transport
from netmail.envelope import Envelope
from netmail.errors import BusyError, ConnectionLost, MessageError
from netmail.options.options import TLS_NONE
from netmail.results.smtp import SendStage
from servers.limited import LimitedServer, Limits
from support.twins import maker


def envelope(*recipients):
    """A message."""
    return Envelope("a@x.test", recipients, b"\r\nhello\r\n")


def numbered(count):
    """Messages, each to a recipient of its own."""
    return [envelope(f"r{number}@x.test") for number in range(count)]


@pytest.fixture(params=["blocking", "asyncio"])
def make(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Transport, AsyncTransport)


@pytest.fixture
def limited(make):
    """Start a server with limits; return it and a client of it."""
    opened = []

    def start(limits=None, **options):
        server = LimitedServer(limits or Limits()).__enter__()
        opened.append(server)
        return server, make(host="127.0.0.1", port=server.port, tls=TLS_NONE, **options)

    yield start
    for server in opened:
        server.__exit__()


def delivered(server):
    """How many messages each session took."""
    return [len(session) for session in server.seen.sessions]


ENDS = {
    "421 (Exim)": Limits(messages=3),
    "452, left open (OpenSMTPD)": Limits(messages=3, full="452 4.5.3 Too many messages sent"),
    "closed": Limits(messages=3, drop=True),
}


@pytest.mark.parametrize("limits", ENDS.values(), ids=ENDS)
def test_session_ends_after_some_messages(limited, limits):
    """send() reconnects and sends the rest, each message once."""
    server, client = limited(limits)
    report = client.send(*numbered(8))
    client.quit()

    assert report
    assert report.error is None
    assert [each.envelope.recipients for each in report] == [
        each.recipients for each in numbered(8)
    ]
    assert delivered(server) == [3, 3, 2]
    assert client.queue == client.uncertain == report.retryable() == ()


@pytest.mark.parametrize("limits", ENDS.values(), ids=ENDS)
def test_session_is_full_since_the_last_call(limited, limits):
    """The first message of a call may already be one too many for the open connection."""
    server, client = limited(limits)
    assert client.send(*numbered(3))
    assert client.send(*numbered(1))
    client.quit()

    assert delivered(server) == [3, 1]


@pytest.mark.parametrize("drop", [False, True], ids=["421", "closed"])
def test_server_that_ends_every_session_at_mail(limited, drop):
    """A new connection that decides no message is followed by one without pipelining at most."""
    server, client = limited(Limits(messages=0, drop=drop))
    report = client.send(*numbered(5))

    assert isinstance(report.error, ConnectionLost)
    assert [each.stage for each in report] == [SendStage.MAIL] + [SendStage.CONNECT] * 4
    assert delivered(server) == ([0, 0] if drop else [0])
    assert client.queue == report.retryable() == tuple(numbered(5))


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize(("taken", "count"), [(0, 1), (0, 4), (1, 1), (1, 5), (2, 5), (5, 5)])
def test_no_more_connections_than_messages(limited, end, taken, count):
    """A server that ends each session at a MAIL costs at most one connection a message.

    If it closes the first one without a reply, the try without pipelining costs one more.
    """
    server, client = limited(replace(end, messages=taken))
    client.send(*numbered(count))
    client.abort()

    assert len(server.seen.sessions) <= count + (end.drop and not taken)
    assert sum(delivered(server)) == (count if taken else 0)


def test_452_to_the_first_message_is_a_refusal(limited):
    """On a new connection the reply is a refusal, and the next message gets its own."""
    server, client = limited(Limits(messages=0, full="452 4.5.3 Too many messages sent"))
    report = client.send(*numbered(2))

    assert [each.code for each in report.refused] == [452, 452]
    assert report.error is None
    assert delivered(server) == [0]
    assert client.queue == tuple(numbered(2))


def test_uncertain_message_is_not_sent_again(limited):
    """After a lost final reply the others are sent over a new connection, and this one is not."""
    server, client = limited(Limits(lose=True))
    report = client.send(*numbered(3))

    assert [each.uncertain for each in report] == [False, True, False]
    assert delivered(server) == [2, 1]
    assert client.uncertain == tuple(numbered(2)[1:])
    assert client.queue == report.retryable() == ()


def test_max_messages(limited):
    """The option ends a connection after so many messages, counted over calls."""
    server, client = limited(max_messages=2)
    assert client.send(*numbered(3))
    assert client.send(*numbered(2))
    client.quit()

    assert delivered(server) == [2, 2, 1]


def test_more_recipients_than_the_server_takes(limited):
    """The message is sent in several transactions, to each recipient once."""
    server, client = limited(Limits(recipients=10))
    recipients = tuple(f"r{number}@x.test" for number in range(25))
    report = client.send(envelope(*recipients))

    assert report
    assert len(report) == 1
    assert tuple(each.address for each in report.accepted) == recipients
    assert [len(each) for each in server.seen.sessions[0]] == [10, 10, 5]
    assert client.queue == ()


def test_no_recipient_is_taken(limited):
    """A 452 to the first recipient is a refusal, and is not asked again."""
    server, client = limited(Limits(recipients=0))
    report = client.send(envelope("b@x.test", "c@x.test"))

    assert [each.code for each in report.refused] == [452, 452]
    assert delivered(server) == [0]
    assert client.queue == (envelope("b@x.test", "c@x.test"),)


# -- the callback ------------------------------------------------------------------------------


def test_each_result_as_it_happens(limited):
    """A result is known before the next message is sent."""
    server, client = limited()
    seen = []
    report = client.send(
        *numbered(3), on_result=lambda each: seen.append((each, delivered(server)[0]))
    )

    assert [each for each, _ in seen] == list(report)
    assert [count for _, count in seen] == [1, 2, 3]


def test_results_of_what_was_not_sent(limited):
    """Every result of the report is passed once."""
    _, client = limited(Limits(messages=1, full="421 stop"))
    seen = []
    report = client.send(*numbered(2), on_result=seen.append)

    assert list(report) == seen


def test_callback_that_fails(limited):
    """What the callback raises passes; the queue has what was not sent, and later calls fail."""
    _, client = limited()

    def fail(result):
        raise RuntimeError(result.envelope.recipients[0])

    with pytest.raises(RuntimeError, match=r"r0@x\.test"):
        client.send(*numbered(2), on_result=fail)

    assert client.queue == tuple(numbered(2)[1:])
    with pytest.raises(ConnectionLost):
        client.noop()


# -- one claim ---------------------------------------------------------------------------------


def test_queue_is_claimed(limited):
    """add_message() and clear() from a callback raise, and the report is whole."""
    _, client = limited()
    raised = []

    def meddle(_result):
        for attempt in (client.clear, lambda: client.add_message(envelope("late@x.test"))):
            with pytest.raises(BusyError) as caught:
                attempt()
            raised.append(caught.value)

    report = client.send(*numbered(2), on_result=meddle)

    assert report
    assert len(report) == 2
    assert len(raised) == 4
    assert client.queue == ()


def test_queue_first_then_the_messages(limited):
    """send(*messages) sends the queue before them, and reports both."""
    server, client = limited()
    client.add_message(envelope("queued@x.test"))
    report = client.send(envelope("given@x.test"))

    assert len(report) == 2
    assert server.seen.sessions == [[("queued@x.test",), ("given@x.test",)]]


def test_wrong_message_queues_nothing(limited):
    """If one of the messages cannot be sent as it is, none is queued or sent."""
    server, client = limited()
    with pytest.raises(MessageError):
        client.send(envelope("b@x.test"), envelope())

    assert client.queue == ()
    assert server.seen.sessions == []


def test_busy_thread_queues_nothing():
    """What was refused by BusyError is delivered by nobody's send()."""
    with LimitedServer(Limits()) as server:
        client = Transport(host="127.0.0.1", port=server.port, tls=TLS_NONE)
        outcomes = []
        start = threading.Barrier(20)

        def work(number):
            start.wait()
            try:
                outcomes.append(len(client.send(envelope(f"r{number}@x.test"))))
            except BusyError:
                outcomes.append(0)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        client.quit()

        assert sum(outcomes) == sum(delivered(server)) > 0
        assert set(outcomes) <= {0, 1}
        assert client.queue == ()
