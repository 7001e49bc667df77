"""Pools of IMAP connections, of both kinds: leases, waiting, errors, several servers, the end."""

import asyncio
import threading
from contextlib import ExitStack
from datetime import timedelta

import pytest

from netmail.clients.pools.async_imap_pool import AsyncImapPool
from netmail.clients.pools.imap_pool import ImapPool
from netmail.errors import (
    AuthenticationError,
    BusyError,
    ConnectError,
    MailTimeout,
    NetmailError,
    StateError,
    UsageError,
)
from netmail.results.events import ConnectionOpened
from netmail.testing import MailServer
from support.pools import closed_port

SHORT = timedelta(milliseconds=100)
DOWN = "imap://ann:secret@127.0.0.1:{}"


def closed_url():
    """The URL of an IMAP server that is down."""
    return DOWN.format(closed_port().rpartition(":")[2])


def use(pool, *arguments):
    """Take a lease and give it back."""
    with pool.lease(*arguments) as imap:
        assert imap.noop()


def raises_in(call):
    """Return the error that a call raises."""
    with pytest.raises(NetmailError) as raised:
        call()
    return raised.value


def fail_in(pool):
    """Raise an exception in a lease."""
    with pool.lease() as imap:
        assert imap.noop()
        raise KeyError("x")


async def idle_in(pool):
    """Wait in a lease until the task is cancelled."""
    async with asyncio.timeout(0.2), pool.lease() as imap, imap.idle("INBOX", timeout=60) as events:
        async for _ in events:
            pass


class Opened(list):
    """The connections that were made."""

    def __call__(self, event):
        if isinstance(event, ConnectionOpened):
            self.append(event)


@pytest.fixture
def opened():
    """Count the connections of a pool, as its `on_event`."""
    return Opened()


# -- leases --------------------------------------------------------------------------------------


def test_lease(make_imap, server, opened):
    """A lease is a client that works, and the next one has the same connection."""
    with make_imap(server.imap_url, on_event=opened) as pool:
        for _ in range(3):
            with pool.lease() as imap:
                assert imap.is_connected
                assert imap.status("INBOX", "MESSAGES")["MESSAGES"] == 0

    assert len(opened) == 1


def test_no_more_connections_than_the_size(make_imap, server, opened):
    """Many threads share a few connections, each of which has one user at a time."""
    users, most, failures = [], [], []

    def work(pool):
        try:
            for _ in range(5):
                with pool.lease() as imap:
                    users.append(imap)
                    most.append(len(users))
                    assert imap.noop()
                    users.remove(imap)
        except BaseException as error:  # noqa: BLE001 -- the test shows it
            failures.append(error)

    with make_imap(server.imap_url, size=3, on_event=opened) as pool:
        threads = [threading.Thread(target=work, args=[pool]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert not failures
    assert len(most) == 40
    assert max(most) <= 3
    assert len(opened) <= 3


def test_all_are_lent(make_imap, server):
    """A lease waits for its time, and no longer; then it says what to raise."""
    with make_imap(server.imap_url, size=2) as pool:
        with (
            pool.lease(),
            pool.lease(),
            pytest.raises(MailTimeout, match=r"size=.*timeo") as raised,
        ):
            use(pool, SHORT)
        use(pool, SHORT)

    assert raised.value.limit == "timeout"


def test_timeout_of_the_options(make_imap, server):
    """Without a time of its own a lease waits for the option's."""
    with make_imap(server.imap_url, size=1, timeout="1s") as pool, pool.lease():
        refused = raises_in(lambda: use(pool))

    assert isinstance(refused, MailTimeout)
    assert "waited 1 s" in str(refused)


def test_waiting_lease_has_its_turn(make_imap, server):
    """A lease that waits gets the connection that another one gives back."""
    with make_imap(server.imap_url, size=1) as pool:
        done = threading.Event()

        def other():
            with pool.lease(10_000) as imap:
                imap.noop()
            done.set()

        with pool.lease() as imap:
            thread = threading.Thread(target=other)
            thread.start()
            assert imap.noop()
            assert not done.is_set()
        thread.join()

    assert done.is_set()


def test_exception_in_the_block(make_imap, server, opened):
    """What the block raises passes, and costs no connection."""
    with make_imap(server.imap_url, size=1, on_event=opened) as pool:
        with pytest.raises(KeyError):
            fail_in(pool)
        use(pool)

    assert len(opened) == 1


def test_lost_in_one_lease(make_imap, server, opened):
    """A connection that a lease has ended is not lent again; the others stay."""
    with make_imap(server.imap_url, size=2, on_event=opened) as pool:
        with pool.lease() as one, pool.lease() as other:
            one.abort()
            assert other.noop()
        with pool.lease() as one, pool.lease() as other:
            assert one.noop()
            assert other.noop()

    assert len(opened) == 3


# -- several servers -----------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["failover", "round-robin"])
def test_first_server_is_down(make_imap, server, policy):
    """A lease goes to the next server."""
    with make_imap([closed_url(), server.imap_url], policy=policy) as pool, pool.lease() as imap:
        assert imap.noop()


def test_all_servers_are_down(make_imap, server):
    """The error of the last one is the lease's; the turn is free again."""
    with make_imap([closed_url(), closed_url()], size=1) as pool:
        for _ in range(2):
            with pytest.raises(ConnectError):
                use(pool, SHORT)


def test_login_refused(make_imap, server):
    """A refused login is the lease's error, and the next lease tries again."""
    rule = server.fail(login="*")
    with make_imap(server.imap_url, size=1) as pool:
        with pytest.raises(AuthenticationError):
            use(pool)
        rule.remove()
        use(pool)


def test_round_robin(make_imap, server):
    """Each server has its turn."""
    with MailServer() as other:
        urls = [server.imap_url, other.imap_url]
        with make_imap(urls, size=2, policy="round-robin") as pool, ExitStack() as stack:
            hosts = [stack.enter_context(pool.lease()).options.url for _ in range(2)]

    assert len(set(hosts)) == 2


# -- the end -------------------------------------------------------------------------------------


def test_close_waits(make_imap, server):
    """The end of the pool comes after that of the last lease; what waits is refused."""
    pool = make_imap(server.imap_url, size=1)
    errors, closing = [], threading.Thread(target=pool.close)

    def wait():
        try:
            with pool.lease(20_000):
                pass
        except StateError as error:
            errors.append(error)

    with pool.lease() as imap:
        waiting = threading.Thread(target=wait)
        waiting.start()
        closing.start()
        waiting.join()
        assert closing.is_alive()
        assert imap.noop()
    closing.join()

    assert len(errors) == 1


def test_close_within_a_lease(server):
    """A thread that closes the pool in its own lease would wait for ever."""
    with ImapPool(server.imap_url) as pool, pool.lease() as imap:
        with pytest.raises(StateError, match="outside"):
            pool.close()
        assert imap.noop()


def test_close_within_a_lease_of_a_task(server):
    """A task that closes the pool in its own lease would wait for ever."""

    async def main():
        async with AsyncImapPool(server.imap_url) as pool, pool.lease() as imap:
            with pytest.raises(StateError, match="outside"):
                await pool.aclose()
            assert await imap.noop()

    asyncio.run(main())


def test_cancelled_while_waiting(server):
    """A task that is cancelled while it waits takes no turn with it."""

    async def main():
        async with AsyncImapPool(server.imap_url, size=1) as pool:
            for give_back_first in (False, True):
                async with pool.lease() as imap:
                    task = asyncio.create_task(pool.lease().__aenter__())
                    await asyncio.sleep(0)
                    if not give_back_first:
                        task.cancel()
                    assert await imap.noop()
                task.cancel()  # where the turn has come, it is passed on
                with pytest.raises(asyncio.CancelledError):
                    await task
                async with pool.lease(SHORT) as imap:
                    assert await imap.noop()

    asyncio.run(main())


def test_cancelled_in_the_block(server):
    """A call that is cancelled costs its connection, and no more."""

    async def main():
        async with AsyncImapPool(server.imap_url, size=1) as pool:
            with pytest.raises(TimeoutError):
                await idle_in(pool)
            async with pool.lease() as imap:
                assert imap.selected is None
                assert await imap.noop()

    asyncio.run(main())


async def leave_running(pool):
    """End a lease while a task still uses its client; return the task."""
    async with pool.lease() as imap:
        task = asyncio.create_task(imap.noop())
        await asyncio.sleep(0)  # the task begins
    return task


def test_block_that_ends_in_a_call(server):
    """A client that is still in use at the end of its lease is an error, and is not lent again."""
    opened = Opened()

    async def main():
        async with AsyncImapPool(server.imap_url, size=1, on_event=opened) as pool:
            with pytest.raises(BusyError):
                await leave_running(pool)
            async with pool.lease(SHORT) as imap:
                assert await imap.noop()

    asyncio.run(main())

    assert len(opened) == 2


@pytest.mark.parametrize(
    "wrong",
    [{"size": 0}, {"size": True}, {"idle_timeout": 0}, {"policy": "random"}, {"colour": 1}],
    ids=str,
)
def test_wrong_argument(make_imap, wrong):
    """Wrong arguments are refused at once."""
    with pytest.raises(UsageError):
        make_imap("imap://localhost", **wrong)


def test_wrong_timeout(make_imap, server):
    """Seconds where milliseconds are meant are refused."""
    with make_imap(server.imap_url) as pool, pytest.raises(UsageError, match="5000"):
        use(pool, 5)
