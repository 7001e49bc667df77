"""Pools of both kinds: messages over several connections, refusals, and the end."""

import threading
import time
from concurrent.futures import CancelledError

import pytest

from netmail.clients.pools.transport_pool import TransportPool
from netmail.envelope import Envelope
from netmail.errors import MessageError, StateError, TransportError, UsageError
from netmail.results.smtp import SendStage
from servers.limited import LimitedServer, Limits
from support.pools import ANN, closed_port, descriptors_open, envelope, results, sent_to

# -- messages over several connections ---------------------------------------------------------


def test_many_messages(make, server):
    """Each message is sent once, over no more connections than the size, with its own result."""
    with make(server.smtp_url, size=3) as pool:
        found = results([pool.submit(envelope(number)) for number in range(40)])

    assert all(found)
    assert [each.envelope.recipients for each in found] == [
        envelope(number).recipients for number in range(40)
    ]
    assert sent_to(server) == sorted(f"r{number}@example.test" for number in range(40))


def test_no_more_connections_than_the_size(make):
    """The server sees as many sessions as the size at most, and every message once."""
    with LimitedServer(Limits()) as limited:
        with make(f"smtp://127.0.0.1:{limited.port}", size=2) as pool:
            assert all(results([pool.submit(envelope(number)) for number in range(30)]))
        sessions = [session for session in limited.seen.sessions if session]

    assert len(sessions) <= 2
    assert sum(map(len, sessions)) == 30


def test_connections_work_at_once(make, server):
    """Four messages wait for their replies at the same time, and not one after another."""
    server.fail(content="*", delay=0.5)
    with make(server.smtp_url, size=4) as pool:
        begun = time.monotonic()
        assert all(results([pool.submit(envelope(number)) for number in range(4)]))
        took = time.monotonic() - begun

    assert 0.5 <= took < 2.0


def test_max_messages(make):
    """A connection carries no more messages than it may."""
    with LimitedServer(Limits()) as limited:
        with make(f"smtp://127.0.0.1:{limited.port}", size=1, max_messages=3) as pool:
            assert all(results([pool.submit(envelope(number)) for number in range(7)]))
        sessions = [len(session) for session in limited.seen.sessions]

    assert sessions == [3, 3, 1]


def test_rate(make, server):
    """Messages are evenly spaced over all connections."""
    with make(server.smtp_url, size=3, rate=20) as pool:
        begun = time.monotonic()
        assert all(results([pool.submit(envelope(number)) for number in range(6)]))
        took = time.monotonic() - begun

    assert took >= 5 / 20


def test_many_threads(make, server):
    """Any number of threads may submit."""
    futures = []
    with make(server.smtp_url, size=2) as pool:
        threads = [
            threading.Thread(target=lambda n=n: futures.append(pool.submit(envelope(n))))
            for n in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(results(futures))

    assert len(sent_to(server)) == 20


# -- messages that fail --------------------------------------------------------------------------


def test_wrong_message_costs_no_other(make, server):
    """What is no message, or has no recipient, fails alone."""
    with make(server.smtp_url) as pool:
        good, wrong = pool.submit(envelope(1)), pool.submit("hello")
        nobody = pool.submit(Envelope(ANN, (), b"\r\n"))
        long = pool.submit(Envelope(ANN, (ANN,), b"x" * 2000))
        last = pool.submit(envelope(2))

        assert all(results([good, last]))
        for future, error in ((wrong, UsageError), (nobody, MessageError), (long, MessageError)):
            with pytest.raises(error):
                future.result(timeout=30)


def test_refusal_is_a_result(make, server):
    """A refusal is no exception, and is not repeated with the next message."""
    server.fail(rcpt="gone@example.test", code=550)
    server.fail(rcpt="busy@example.test", code=450)
    with make(server.smtp_url, size=1) as pool:
        gone = pool.send(envelope(1, "gone@example.test"))
        busy = pool.send(envelope(2, "busy@example.test", ANN))
        good = pool.send(envelope(3))

    assert not gone
    assert gone.stage is SendStage.RCPT
    assert [each.code for each in busy.refused] == [450]
    assert busy.retryable.recipients == ("busy@example.test",)
    assert good
    assert sent_to(server) == [ANN, "r3@example.test"]


def test_arguments_of_submit(make, server):
    """Sender, recipients and options are those of add_message()."""
    with make(server.smtp_url) as pool:
        wide = Envelope(ANN, (ANN,), b"\r\n" + b"x" * 999 + b"\r\n")
        result = pool.submit(wide, "b@x.test", "c@x.test", allow_long_lines=True).result(30)

    assert result
    assert [(each.sender, each.recipients) for each in server.sent] == [("b@x.test", ("c@x.test",))]


def test_callback_that_raises(make, server):
    """An exception of on_event is that of one message; the others are sent."""
    seen = []

    def once(event):
        seen.append(event)
        if len(seen) == 1:
            raise KeyError("mine")

    with make(server.smtp_url, size=1, on_event=once) as pool:
        first = pool.submit(envelope(1))
        with pytest.raises(KeyError, match="mine"):
            first.result(timeout=30)

        assert pool.send(envelope(2))


# -- the end -------------------------------------------------------------------------------------


def test_close_waits(make, server):
    """Messages that were submitted are sent before the connections end."""
    server.fail(content="*", delay=0.05)
    pool = make(server.smtp_url, size=2)
    futures = [pool.submit(envelope(number)) for number in range(6)]
    pool.close()
    pool.close()

    assert all(future.done() for future in futures)
    assert all(results(futures))


def test_cancelled_by_close(make, server):
    """What has not begun is not sent, what has begun is waited for."""
    begun = threading.Event()
    server.fail(content="*", delay=0.1)
    pool = make(server.smtp_url, size=1, on_event=lambda event: begun.set())
    first = pool.submit(envelope(1))
    assert begun.wait(10)
    others = [pool.submit(envelope(number)) for number in range(2, 5)]
    pool.close(cancel=True)

    assert first.result(timeout=30)
    for future in others:
        with pytest.raises((CancelledError, StateError)):
            future.result(timeout=30)
    assert sent_to(server) == ["r1@example.test"]


def test_left_by_an_exception(make, server):
    """An exception in the block passes, and nothing more is begun."""
    futures = []

    def leave():
        with make(server.smtp_url, size=1, rate=1) as pool:
            futures.extend(pool.submit(envelope(number)) for number in range(3))
            raise KeyError("mine")

    with pytest.raises(KeyError):
        leave()

    assert len(server.sent) <= 1
    assert all(future.done() for future in futures)


def test_closed(make, server):
    """A closed pool takes no message."""
    pool = TransportPool(server.smtp_url)
    pool.close()

    with pytest.raises(StateError, match="closed"):
        pool.submit(envelope(1))


def test_nothing_is_left(make, server):
    """No thread and no descriptor outlives the pool, failed connections included."""
    threads, descriptors = threading.active_count(), descriptors_open()
    with make([closed_port(), server.smtp_url], size=4) as pool:
        assert all(results([pool.submit(envelope(number)) for number in range(20)]))
    down = make([closed_port()], size=4)
    with pytest.raises(TransportError):
        down.send(envelope(1))
    down.close()

    assert threading.active_count() == threads
    assert descriptors_open() == descriptors


def test_close_in_a_callback(server):
    """A thread of the pool cannot wait for itself."""
    errors, closed = [], threading.Event()

    def close(_):
        try:
            pool.close()
        except StateError as error:
            errors.append(error)
        closed.set()

    with TransportPool(server.smtp_url, rate=5) as pool:
        pool.submit(envelope(0))
        pool.submit(envelope(1)).add_done_callback(close)
        assert closed.wait(10)

    assert len(errors) == 1


def test_future_that_is_cancelled(server):
    """A message that waits can be cancelled, one that is being sent cannot."""
    with TransportPool(server.smtp_url, size=1, rate=5) as pool:
        first, second, third = (pool.submit(envelope(number)) for number in range(3))
        assert second.cancel()
        assert first.result(timeout=30)
        assert third.result(timeout=30)

    assert not first.cancel()
    assert sent_to(server) == ["r0@example.test", "r2@example.test"]


WRONG = {
    "size": {"size": 0},
    "size as text": {"size": "5"},
    "max_messages": {"max_messages": 0},
    "rate": {"rate": 0},
    "idle_timeout": {"idle_timeout": 0},
    "policy": {"policy": "random"},
    "option": {"hosts": "x"},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_argument(make, wrong):
    """Each argument is checked before a thread exists."""
    with pytest.raises(UsageError):
        make("smtp://127.0.0.1", **wrong)
