"""Pools of both kinds try again, for those recipients alone, and hold nothing meanwhile."""

import concurrent.futures
import threading

import pytest

from netmail.clients.pools.transport_pool import TransportPool
from netmail.envelope import Envelope
from netmail.errors import AuthenticationError, StateError, UsageError
from netmail.options.options import TLS_NONE
from netmail.options.retry import RetryPolicy
from support.pools import ANN, closed_port, envelope, results, sent_to

SOON = RetryPolicy(attempts=3, delay=0.01, jitter=0)
LATE = RetryPolicy(attempts=1, delay=600, jitter=0)
BUSY, GONE, GOOD = "busy@example.test", "gone@example.test", "good@example.test"


def addresses(found):
    """The recipients of results."""
    return [each.address for each in found]


def test_by_recipient(make, server):
    """A recipient that has it gets no second copy; one refused for good is not tried again."""
    busy = server.fail(rcpt=BUSY, code=450, times=2)
    gone = server.fail(rcpt=GONE, code=550)
    with make(server.smtp_url, retry=SOON) as pool:
        result = pool.send(envelope(1, BUSY, GONE, GOOD))

    assert addresses(result.accepted) == [BUSY, GOOD]
    assert addresses(result.refused) == [GONE]
    assert sent_to(server) == [BUSY, GOOD]
    assert (busy.hits, gone.hits) == (2, 1)
    assert result.retryable is None


def test_last_refusal_is_the_result(make, server):
    """After the last attempt the refusal is the result, and what is left is in it."""
    rule = server.fail(rcpt=BUSY, code=450)
    with make(server.smtp_url, retry=SOON) as pool:
        result = pool.send(envelope(1, BUSY, GOOD))

    assert [each.code for each in result.refused] == [450]
    assert result.retryable.recipients == (BUSY,)
    assert rule.hits == 4
    assert sent_to(server) == [GOOD]


def test_not_without_a_policy(make, server):
    """By itself a pool tries nothing again."""
    rule = server.fail(content=GOOD, code=451, times=1)
    with make(server.smtp_url) as pool:
        assert not pool.send(envelope(1, GOOD))

    assert rule.hits == 1
    assert server.sent == []


def test_many(make, server):
    """Each of many messages is delivered once, whichever of them are refused for now."""
    server.fail(greylist="*@example.test", code=451)
    with make(server.smtp_url, size=3, retry=SOON) as pool:
        found = results([pool.submit(envelope(number)) for number in range(60)])

    assert all(found)
    assert sent_to(server) == sorted(f"r{number}@example.test" for number in range(60))


def test_waiting_occupies_no_connection(make, server):
    """The only connection sends other messages while one waits for its next attempt."""
    rule = server.fail(rcpt=BUSY, code=450)
    pool = make(server.smtp_url, size=1, retry=LATE)
    waiting = pool.submit(envelope(0, BUSY))
    assert all(results([pool.submit(envelope(number)) for number in range(1, 9)]))
    pool.close(cancel=True)

    # Nobody waits ten minutes: what is closed without waiting has its refusal.
    assert [each.code for each in waiting.result(timeout=30).refused] == [450]
    assert rule.hits == 1


def test_close_waits_for_another_attempt(make, server):
    """A pool that is closed does what its policy has promised."""
    server.fail(rcpt=BUSY, code=450, times=1)
    pool = make(server.smtp_url, retry=RetryPolicy(attempts=1, delay=0.2))
    future = pool.submit(envelope(1, BUSY))
    pool.close()

    assert future.done()
    assert future.result(timeout=30)


@pytest.mark.parametrize("again", [False, True])
def test_uncertain(make, server, again):
    """What may have been delivered is sent again only if that is asked for."""
    server.fail(content=GOOD, drop="after", times=1)
    with make(server.smtp_url, retry=SOON, retry_uncertain=again) as pool:
        result = pool.send(envelope(1, GOOD))

    assert result.uncertain is not again
    assert sent_to(server) == [GOOD] * (1 + again)


@pytest.mark.parametrize(("code", "hits"), [(550, 1), (450, 3)])
def test_uncertain_whatever_becomes_of_a_copy(make, server, code, hits):
    """The first copy may be delivered: a refusal of another one takes nothing back."""
    server.fail(content=GOOD, drop="after", times=1)
    later = server.fail(rcpt=GOOD, code=code, after=1)
    with make(server.smtp_url, retry=SOON, retry_uncertain=True) as pool:
        result = pool.send(envelope(1, GOOD))

    assert result.uncertain
    assert later.hits == hits
    assert sent_to(server) == [GOOD]


def test_server_that_comes_back(make, server):
    """A server that cannot be reached for now is tried again."""
    server.fail(connect="smtp", code=421, times=2)
    with make(server.smtp_url, retry=SOON) as pool:
        assert pool.send(envelope(1))

    assert sent_to(server) == ["r1@example.test"]


def test_login_is_not_tried_again(make, server):
    """Refused credentials, repeated, could lock the account."""
    rule = server.fail(login=ANN, code=535)
    url = server.smtp_url.replace("smtp://", "smtp://ann%40example.test:secret@", 1)
    pool = make(url, retry=SOON, size=1, auth="PLAIN")
    with pytest.raises(AuthenticationError):
        pool.send(envelope(1))

    assert rule.hits == 1


def test_other_servers_at_each_attempt(make, server):
    """Each attempt begins with all servers."""
    server.fail(rcpt=BUSY, code=450, times=1)
    with make([closed_port(), server.smtp_url], retry=SOON) as pool:
        assert pool.send(envelope(1, BUSY))


def fed(pool, count, begin):
    """Feed a pool with messages as fast as it takes them; return how many had no result at most."""
    lock, open_now, most = threading.Lock(), 0, 0

    def done(_):
        nonlocal open_now
        with lock:
            open_now -= 1

    futures = []
    for number in range(count):
        message = envelope(number)
        with lock:
            open_now += 1
            most = max(most, open_now)
        futures.append(begin(pool, message))
        futures[-1].add_done_callback(done)
    assert all(results(futures))
    return most


def submitted(pool, message):
    """The future of a message that a pool of either kind has taken."""
    return (pool.submitted if hasattr(pool, "submitted") else pool.submit)(message)


def test_endless_producer(make, server):
    """A producer waits while the queue is full, so that memory is bounded."""
    server.fail(content="*", delay=0.002)
    with make(server.smtp_url, size=2, queue_size=8) as pool:
        most = fed(pool, 200, submitted)

    # Those in the queue, those that both threads have drawn, and the one that waits for room.
    assert most <= 8 + 2 * 16 + 1
    assert len(server.sent) == 200


def test_messages_that_wait_for_another_attempt_fill_the_queue(make, server):
    """A server that refuses everything for now makes the producer wait, too."""
    server.fail(greylist="*@example.test", code=451)
    with make(server.smtp_url, size=2, queue_size=8, retry=SOON) as pool:
        most = fed(pool, 120, submitted)

    # Drawn messages come back to the queue, however full it is.
    assert most <= 8 + 2 * 2 * 16 + 1
    assert len(server.sent) == 120


def test_close_ends_the_wait_for_room(make, server):
    """A producer that waits for room learns that the pool is closed; what was taken is sent."""
    server.fail(content="*", delay=0.05)
    pool = make(server.smtp_url, size=1, queue_size=1)
    taken, errors, begun = [], [], threading.Event()

    def produce():
        try:
            for number in range(1_000_000):
                taken.append(submitted(pool, envelope(number)))
                begun.set()
        except StateError as error:
            errors.append(error)

    producer = threading.Thread(target=produce)
    producer.start()
    assert begun.wait(10)
    pool.close()
    producer.join(30)

    assert len(errors) == 1
    assert all(results(taken))
    assert len(server.sent) == len(taken)


def test_callback_may_submit(server):
    """A callback, which a thread of the pool calls, does not wait for room: it would for ever."""
    later = []
    with TransportPool(server.smtp_url, tls=TLS_NONE, size=1, queue_size=1) as pool:
        futures = [pool.submit(envelope(number)) for number in range(10)]
        for number, future in enumerate(futures):
            future.add_done_callback(lambda _, n=number: later.append(pool.submit(envelope(n))))
        assert all(results(futures))
        while len(later) < 10:
            pool.send(envelope(99))

    assert all(results(later))


def test_cancelled_futures_are_notified(make, server):
    """A thread that waits for futures wakes up when the end of a pool cancels them."""
    server.fail(content="*", delay=0.05)
    pool = make(server.smtp_url, size=1)
    futures = [pool.submit(envelope(number)) for number in range(40)]
    pool.close(cancel=True)

    assert concurrent.futures.wait(futures, timeout=10).not_done == set()


WRONG = {
    "retry": {"retry": 3},
    "retry_uncertain": {"retry_uncertain": True},
    "queue_size": {"queue_size": 0},
    "queue_size as text": {"queue_size": "5"},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_argument(make, wrong):
    """Each argument is checked before a thread exists."""
    with pytest.raises(UsageError):
        make("smtp://127.0.0.1", **wrong)


def test_no_limit(make, server):
    """`None` is for a queue that takes all."""
    with make(server.smtp_url, size=1, queue_size=None) as pool:
        assert all(results([submitted(pool, envelope(number)) for number in range(50)]))


def test_submitted_message_is_that_of_the_call(make, server):
    """What a caller changes after submit() changes nothing; what is wrong fails alone."""
    content = [Envelope(ANN, (GOOD,), b"\r\none\r\n"), "no message"]
    with make(server.smtp_url) as pool:
        good, wrong = (submitted(pool, each) for each in content)
        assert good.result(timeout=30)
        with pytest.raises(UsageError):
            wrong.result(timeout=30)
