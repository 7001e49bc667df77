"""The messages of a pool that wait: for a connection, or for another attempt.

This file must not know how to wait, nor how messages are sent: it is a table that its owner reads
and changes under its own lock.
"""

import heapq
from collections import deque
from concurrent.futures import Future
from typing import NamedTuple

from netmail.clients.pools.delivery import Delivery
from netmail.results.smtp import MessageResult


class Job(NamedTuple):
    """A message, and where its result goes."""

    delivery: Delivery
    future: Future[MessageResult]

    def finish(self) -> None:
        """Hand the result over, or why there is none; calls the future's callbacks."""
        try:
            self.future.set_result(self.delivery.outcome())
        except BaseException as error:  # noqa: BLE001 -- the future's
            self.future.set_exception(error)


class Jobs:
    """The messages that wait, in the order in which their turn comes.

    Args:
        size: How many may wait; `None` for no limit.
    """

    def __init__(self, size: int | None) -> None:
        self._size = size
        self._ready: deque[Job] = deque()
        # When the time of each comes; the number keeps the order of those with the same time.
        self._later: list[tuple[float, int, Job]] = []
        self._count = 0

    def __len__(self) -> int:
        return len(self._ready) + len(self._later)

    @property
    def is_full(self) -> bool:
        """Whether there is no room for another message."""
        return self._size is not None and len(self) >= self._size

    @property
    def is_low(self) -> bool:
        """Whether so few are ready that more should come."""
        # Not at each one: it would cost a change of threads for every few messages.
        return self._size is not None and len(self._ready) <= self._size // 2

    @property
    def has_later(self) -> bool:
        """Whether one waits to be tried again."""
        return bool(self._later)

    def add(self, job: Job) -> None:
        """Add a message that was not tried yet."""
        self._ready.append(job)

    def delay(self, job: Job, time: float) -> None:
        """Add a message that is tried again at that time; there is always room for it."""
        self._count += 1
        heapq.heappush(self._later, (time, self._count, job))

    def wait(self, now: float) -> float | None:
        """Return the seconds until the time of a message comes; `None` if none waits.

        0 if one is ready now.
        """
        while self._later and self._later[0][0] <= now:
            self._ready.append(heapq.heappop(self._later)[2])
        # A cancelled message takes no turn, and a thread that waits for its future wakes up.
        while self._ready and not _may_begin(self._ready[0]):
            self._ready.popleft()
        if self._ready:
            return 0.0
        return self._later[0][0] - now if self._later else None

    def draw(self, workers: int, most: int) -> list[Job]:
        """Take an equal share of the messages that are ready, for one of so many workers."""
        share = min(most, -(-len(self._ready) // workers))
        return [job for _ in range(share) if _begins(job := self._ready.popleft())]

    def give_up(self) -> list[Job]:
        """Cancel what was not tried yet; return, to be finished, what waits to be tried again."""
        left = [*self._ready, *(job for _, _, job in self._later)]
        self._ready.clear()
        self._later.clear()
        for job in left:
            if not job.delivery.is_begun and job.future.cancel():
                job.future.set_running_or_notify_cancel()
        return [job for job in left if job.delivery.is_begun]


def _may_begin(job: Job) -> bool:
    """Return whether a message is not cancelled."""
    if not job.future.cancelled():
        return True
    job.future.set_running_or_notify_cancel()
    return False


def _begins(job: Job) -> bool:
    """Begin with a message, from where on it cannot be cancelled; return whether it was not."""
    # What is tried again has begun already.
    return job.delivery.is_begun or job.future.set_running_or_notify_cancel()
