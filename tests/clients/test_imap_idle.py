"""IDLE over real connections, blocking and asyncio alike: events, leaving, and dead servers."""

import asyncio
import time
from datetime import timedelta

import pytest

from netmail import (
    AsyncImap,
    Bye,
    CapabilityError,
    ConnectionLost,
    Exists,
    Expunged,
    FlagsChanged,
    Imap,
    ImapError,
    MailTimeout,
    StateError,
    Vanished,
)
from servers.scripted import Close, Expect, ExpectData, Reply, Send, Silence
from support.twins import maker

MAIL = b"Subject: one\r\n\r\nfirst\r\n"
SHORT = timedelta(milliseconds=300)


@pytest.fixture(params=["blocking", "asyncio"])
def client(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Imap, AsyncImap)


@pytest.fixture(params=["dovecot", "cyrus"])
def account(request):
    """A user of each real server: its URL and what a client needs to trust it."""
    server = request.getfixturevalue(request.param)
    url = server.url("imap", server.fresh_user())
    return url, {"tls": 0}


@pytest.fixture
def imap(client, account):
    """A client of that user, with the mailbox selected and one message in it."""
    url, options = account
    made = client(url, **options)
    made.append("INBOX", MAIL)
    made.select("INBOX")
    yield made
    made.abort()


@pytest.fixture
def other(account):
    """A second client of the same user."""
    url, options = account
    with Imap(url, **options) as second:
        second.select("INBOX")
        yield second


def some(events, wanted):
    """Take events until one of each wanted kind has come."""
    taken = []
    for event in events:
        taken.append(event)
        if {type(each) for each in taken} >= set(wanted):
            break
    return taken


def test_events(imap, other):
    """What another client does comes as events, and the mailbox's value follows."""
    with imap.idle(timeout=20) as events:
        other.append("INBOX", MAIL)
        assert Exists(2) in some(events, [Exists])
        assert imap.mailbox.exists == 2
        other.store(1, "+FLAGS", r"\Deleted")
        [*_, changed] = some(events, [FlagsChanged])
        assert changed.sequence == 1
        assert r"\Deleted" in changed.flags
        other.expunge()
        assert Expunged(None, 1) in some(events, [Expunged])
    assert imap.mailbox.exists == 1
    assert imap.search("ALL") == [2]


def test_timeout(imap):
    """The loop ends at its timeout, and the next command works."""
    began = time.monotonic()

    assert list(imap.idle(timeout=SHORT)) == []
    assert time.monotonic() - began < 10
    assert imap.noop() is True


def test_renewed(imap, other):
    """An IDLE that was sent again reports what happens after."""
    with imap.idle(timeout=20, renew=timedelta(milliseconds=50)) as events:
        other.append("INBOX", MAIL)
        assert Exists(2) in some(events, [Exists])
    assert imap.noop() is True


def test_exception(imap, other):
    """An exception in the loop ends IDLE."""
    other.append("INBOX", MAIL)

    def fail():
        for event in imap.idle(timeout=20):
            raise LookupError(event)

    with pytest.raises(LookupError):
        fail()
    assert imap.noop() is True


def test_cancelled(account):
    """A cancelled wait loses nothing: the iterator may be asked again, or left."""
    url, options = account

    async def cancelled():
        async with AsyncImap(url, **options) as imap, AsyncImap(url, **options) as second:
            await imap.select("INBOX")
            events = imap.idle(timeout=20)
            for _ in range(3):
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(anext(events), 0.05)
            await second.append("INBOX", MAIL)
            found = [await anext(events)]
            while Exists(1) not in found:
                found.append(await anext(events))
            await events.aclose()
            return await imap.search("ALL")

    assert asyncio.run(cancelled()) == [1]


def test_cancelled_and_dropped(account):
    """A task that is cancelled in its loop leaves a connection that works."""
    url, options = account

    async def dropped():
        async with AsyncImap(url, **options) as imap, AsyncImap(url, **options) as second:
            seen = asyncio.Event()

            async def watch():
                async for _ in imap.idle("INBOX"):
                    seen.set()

            await imap.select("INBOX")
            task = asyncio.create_task(watch())
            await second.append("INBOX", MAIL)
            await seen.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return await imap.noop()

    assert asyncio.run(dropped()) is True


def test_interrupted(meet, monkeypatch):
    """Ctrl-C ends a wait, and DONE is sent before the next command."""
    imap = meet(*IDLE, Send(b"* 4 EXISTS\r\n"), *DONE, *NOOP)
    events = imap.idle()
    next(events)
    with monkeypatch.context() as patch:
        patch.setattr(imap._connection.stream, "poll", Interrupted)
        patch.setattr("netmail.curl.readiness.Readiness.wait", interrupted)
        with pytest.raises(KeyboardInterrupt):
            next(events)
    events.close()

    assert imap.noop() is True


class Interrupted:
    """What a blocking client waits with."""

    @staticmethod
    def poll(*_):
        raise KeyboardInterrupt


def interrupted(*_):
    """Do as Ctrl-C."""
    raise KeyboardInterrupt


def test_another_call(account):
    """A wait that was broken off is ended by the next call, though its iterator is still there."""
    url, options = account

    async def called():
        async with AsyncImap(url, **options) as imap:
            await imap.select("INBOX")
            events = imap.idle()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(anext(events), 0.05)
            assert await imap.noop() is True
            with pytest.raises(StateError, match="another call"):
                await anext(events)
            return await imap.noop()

    assert asyncio.run(called()) is True


def tagged(command, *untagged):
    """Steps that serve one IMAP command."""
    return [Expect(rb"(\w+) " + command), *map(Send, untagged), Reply(rb"\1 OK done\r\n")]


IDLE = [Expect(rb"(\w+) IDLE"), Send(b"+ idling\r\n")]
DONE = [ExpectData(b"DONE\r\n"), Reply(rb"\1 OK done\r\n")]
NOOP = tagged(b"NOOP")


@pytest.fixture
def meet(client, scripted):
    """Make a client of a scripted server with a mailbox of three messages selected."""

    def make(*steps, capabilities=b"IMAP4rev1 IDLE", **options):
        server = scripted(
            Send(b"* PREAUTH [CAPABILITY %b] hi\r\n" % capabilities),
            *tagged(b"CAPABILITY", b"* CAPABILITY %b\r\n" % capabilities),
            *tagged(b'SELECT "INBOX"', b"* 3 EXISTS\r\n"),
            *steps,
        )
        imap = client(host="127.0.0.1", port=server.port, tls=0, **{"timeout": 2000, **options})
        imap.select("INBOX")
        return imap

    return make


def test_dead_peer(meet):
    """A server that has gone silently is noticed when IDLE is renewed."""
    imap = meet(*IDLE, Silence(), timeout=1000)
    began = time.monotonic()
    with pytest.raises(MailTimeout):
        list(imap.idle(renew=SHORT))

    assert time.monotonic() - began < 5
    with pytest.raises(ConnectionLost, match="reconnect"):
        imap.noop()


def test_renewal_is_sent(meet, scripted):
    """Each renewal ends the command and sends it again."""
    imap = meet(*IDLE, *DONE, *IDLE, *DONE, *IDLE, Send(b"* 4 EXISTS\r\n"), *DONE, *NOOP)

    assert next(imap.idle(renew=SHORT)) == Exists(4)
    assert imap.noop() is True


def test_bye_in_place_of_idling(meet):
    """A server that logs off in place of "+" is no server to wait for."""
    imap = meet(Expect(rb"(\w+) IDLE"), Send(b"* BYE shutting down\r\n"), Close())
    events = imap.idle()

    assert next(events) == Bye("shutting down")
    with pytest.raises(ConnectionLost, match="shutting down"):
        next(events)


def test_bye_and_no_close(meet):
    """One that does not close after it holds nobody for longer than a timeout."""
    imap = meet(Expect(rb"(\w+) IDLE"), Send(b"* BYE later\r\n"), Silence(), timeout=1000)
    events = imap.idle()

    assert next(events) == Bye("later")
    with pytest.raises(ConnectionLost, match="later"):
        next(events)


def test_no_continuation(meet):
    """A server that never sends "+" is given one timeout."""
    imap = meet(Expect(rb"(\w+) IDLE"), Silence(), timeout=1000)
    with pytest.raises(MailTimeout):
        next(imap.idle())


def test_bye_while_idle(meet):
    """BYE is the last event; what came before it is not lost."""
    imap = meet(*IDLE, Send(b"* 4 EXISTS\r\n* BYE bored\r\n"), Close())
    events = imap.idle()

    assert [next(events), next(events)] == [Exists(4), Bye("bored")]
    with pytest.raises(ConnectionLost, match="bored"):
        next(events)


def test_no_response_to_done(meet, monkeypatch):
    """A server that does not respond to DONE costs a bounded time, and the connection."""
    monkeypatch.setattr("netmail.curl.calls.LONGEST_REST", 0.3)
    imap = meet(*IDLE, Send(b"* 4 EXISTS\r\n"), ExpectData(b"DONE\r\n"), Silence())
    with imap.idle() as events:
        assert next(events) == Exists(4)

    with pytest.raises(ConnectionLost, match="idle"):
        imap.noop()


def test_ended_by_the_server(meet, monkeypatch):
    """A server that ends IDLE by itself is asked again, and gets no DONE for it."""
    monkeypatch.setattr("netmail.flows.imap.live.idle.PAUSE", 0.05)
    imap = meet(*IDLE, Reply(b"* 4 EXISTS\r\n\\1 OK enough\r\n"), *IDLE, *DONE)

    assert list(imap.idle(timeout=SHORT)) == [Exists(4)]


def test_ended_at_once(meet, monkeypatch):
    """A server that ends it at once, each time, is asked no more often than after a pause."""
    monkeypatch.setattr("netmail.flows.imap.live.idle.PAUSE", 0.1)
    once = [*IDLE, Reply(rb"\1 OK enough\r\n")]
    imap = meet(*once * 3, *IDLE, Send(b"* 4 EXISTS\r\n"), *DONE, *NOOP)
    began = time.monotonic()
    with imap.idle() as events:
        assert next(events) == Exists(4)

    assert time.monotonic() - began >= 0.3
    assert imap.noop() is True


def test_refused(meet):
    """A refusal is an error, and the connection is fine."""
    imap = meet(Expect(rb"(\w+) IDLE"), Reply(rb"\1 NO not here\r\n"), *NOOP)
    with pytest.raises(ImapError, match="not here"):
        list(imap.idle())

    assert imap.noop() is True


def test_not_offered(meet):
    """Nothing is sent to a server without IDLE."""
    imap = meet(*NOOP, capabilities=b"IMAP4rev1")
    with pytest.raises(CapabilityError):
        list(imap.idle())

    assert imap.noop() is True


def test_garbage(meet):
    """An event that cannot be read costs no other."""
    garbage = b"* 4 FETCH (FLAGS\r\n* VANISHED x\r\n* 0 RECENT\r\n* 2 EXPUNGE\r\n"
    imap = meet(*IDLE, Send(garbage), *DONE)
    with imap.idle() as events:
        assert next(events) == Expunged(None, 2)

    assert len(imap.unparsed) == 3


def test_vanished(meet):
    """With QRESYNC messages vanish by UID."""
    imap = meet(*IDLE, Send(b"* VANISHED 5:6\r\n"), *DONE)
    with imap.idle() as events:
        assert next(events) == Vanished(((5, 6),))

    assert imap.mailbox.exists == 1
