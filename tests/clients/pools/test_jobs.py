"""Which message of a pool comes next: those that are ready, those whose time has come."""

from concurrent.futures import Future, wait

import pytest

from netmail.clients.pools.delivery import Delivery
from netmail.clients.pools.jobs import Job, Jobs
from netmail.flows.smtp.queue import mail_object
from support.pools import envelope


def job(*, is_begun=False):
    """A message; `is_begun` for one that was tried."""
    made = Job(Delivery(mail_object(envelope())), Future())
    if is_begun:
        made.future.set_running_or_notify_cancel()
        made.delivery.attempt()
    return made


@pytest.fixture
def jobs():
    """A queue for four."""
    return Jobs(4)


def test_in_order(jobs):
    """Messages are drawn in their order, a share for each worker."""
    added = [job() for _ in range(4)]
    for each in added:
        jobs.add(each)

    assert jobs.wait(0.0) == 0
    assert jobs.draw(2, 16) == added[:2]
    assert jobs.draw(2, 16) == added[2:3]
    assert jobs.draw(1, 16) == added[3:]
    assert jobs.wait(0.0) is None


def test_no_more_than_the_most(jobs):
    """A share has a limit."""
    for _ in range(4):
        jobs.add(job())

    assert len(jobs.draw(1, 3)) == 3


@pytest.mark.parametrize("size", [4, None])
def test_full(size):
    """Messages of both kinds take room; where there is no limit, there always is some."""
    jobs = Jobs(size)
    for _ in range(3):
        jobs.add(job())
    assert not jobs.is_full
    jobs.delay(job(is_begun=True), 9.0)

    assert jobs.is_full is (size is not None)
    assert len(jobs) == 4


def test_low(jobs):
    """More messages are asked for when half of the room is not ready, whatever waits for later."""
    added = [job() for _ in range(4)]
    for each in added:
        jobs.add(each)
    assert not jobs.is_low
    jobs.draw(1, 1)
    assert not jobs.is_low
    jobs.draw(1, 1)
    assert jobs.is_low
    assert not jobs.has_later
    jobs.delay(added[0], 9.0)
    jobs.delay(added[1], 9.0)

    assert jobs.is_full
    assert jobs.is_low
    assert jobs.has_later
    assert not Jobs(None).is_low


def test_time_comes(jobs):
    """What is tried again comes in the order of its times, and not before."""
    late, soon, same = (job(is_begun=True) for _ in range(3))
    jobs.delay(late, 12.0)
    jobs.delay(soon, 11.0)
    jobs.delay(same, 11.0)

    assert jobs.wait(10.0) == 1.0
    assert jobs.draw(1, 16) == []
    assert jobs.wait(11.0) == 0
    assert jobs.draw(1, 16) == [soon, same]
    assert jobs.wait(11.5) == 0.5


def test_cancelled(jobs):
    """A cancelled message takes no turn, and its future is settled, wherever it is in the queue."""
    added = [job() for _ in range(4)]
    for each in added:
        jobs.add(each)
    assert added[0].future.cancel()
    assert added[2].future.cancel()

    assert jobs.wait(0.0) == 0
    assert len(jobs) == 3
    assert jobs.draw(1, 16) == [added[1], added[3]]
    assert wait([added[0].future, added[2].future], timeout=0).not_done == set()


def test_all_cancelled(jobs):
    """A queue of cancelled messages is empty."""
    jobs.add(job())
    for each in jobs.draw(1, 1):
        each.future.set_result(None)
    jobs.add(cancelled := job())
    assert cancelled.future.cancel()

    assert jobs.wait(0.0) is None
    assert len(jobs) == 0


def test_give_up(jobs):
    """What was not tried is cancelled; what was tried is handed back for its result."""
    new, ready, later = job(), job(is_begun=True), job(is_begun=True)
    jobs.add(new)
    jobs.delay(ready, 1.0)
    assert jobs.wait(1.0) == 0
    jobs.delay(later, 9.0)

    assert jobs.give_up() == [ready, later]
    assert new.future.cancelled()
    assert len(jobs) == 0


def test_finish():
    """Without a result the future has the reason."""
    failed = job(is_begun=True)
    failed.delivery.error = KeyError("mine")
    failed.finish()

    with pytest.raises(KeyError):
        failed.future.result(timeout=0)
