"""What a connection's socket costs the event loop: one reader while calls follow each other."""

import asyncio
import select
import socket

import pytest

from netmail.curl.readiness import Readiness
from support.loops import run
from support.timing import MS, takes

pytestmark = pytest.mark.usefixtures("each_loop")


class Counting:
    """A socket pair whose one end is watched."""

    def __init__(self):
        self.near, self.far = socket.socketpair()
        self.near.setblocking(False)
        poll = select.poll()
        poll.register(self.near, select.POLLIN)
        self.readiness = Readiness(asyncio.get_running_loop(), self.near.fileno(), poll)

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.readiness.stop()
        self.near.close()
        self.far.close()

    async def wait(self, seconds=5.0, *, writing=False):
        await self.readiness.wait(writing, seconds)


def test_each_wait_is_for_new_octets():
    """What was read does not end the next wait, whatever the loop has seen meanwhile."""

    async def work():
        with Counting() as pair:
            for _ in range(5):
                pair.far.send(b"x")
                await pair.wait()
                assert pair.near.recv(10) == b"x"
                with takes(least=0.019, most=1):
                    await pair.wait(20 * MS)

    run(work())


def test_time_of_a_later_wait():
    """A timer left of a long wait does not end a short one late, nor one of a short one early."""

    async def work():
        with Counting() as pair:
            pair.far.send(b"x")
            await pair.wait(50)
            pair.near.recv(1)
            with takes(least=0.019, most=1):
                await pair.wait(20 * MS)
            pair.far.send(b"x")
            await pair.wait(20 * MS)
            pair.near.recv(1)
            with takes(least=0.059, most=1):
                await pair.wait(60 * MS)

    run(work())


def test_octets_that_nobody_waits_for():
    """The loop looks at them once and sleeps on; the next wait ends at once."""

    async def work():
        with Counting() as pair:
            pair.far.send(b"x")
            await pair.wait()
            pair.near.recv(1)
            pair.far.send(b"y")
            for _ in range(5):
                await asyncio.sleep(2 * MS)
            watched = pair.readiness._is_watched
            with takes(most=1):
                await pair.wait()
            return watched

    assert run(work()) is False


def test_writing():
    """A socket that takes octets ends the wait, and a full one does not."""

    async def work():
        with Counting() as pair:
            with takes(most=1):
                await pair.wait(writing=True)
            try:
                while True:
                    pair.near.send(b"x" * 65536)
            except BlockingIOError:
                pass
            with takes(least=0.019, most=1):
                await pair.wait(20 * MS, writing=True)

    run(work())


def test_cancelled_wait_leaves_the_next_one():
    """A wait that was broken off, as that of an IDLE, can be taken up again."""

    async def work():
        with Counting() as pair:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(10 * MS):
                    await pair.wait()
            pair.far.send(b"x")
            with takes(most=1):
                await pair.wait()

    run(work())
