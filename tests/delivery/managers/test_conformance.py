"""What every manager in the registry does, whatever its transport does.

The outbox has a file here. What celery and procrastinate have in common with the others, and needs
their servers, is in `delivery/claims/test_engines.py`.
"""

import asyncio
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import Future
from functools import partial

import pytest

from netmail import Message, MessageResult, RetryPolicy, envelope_of
from netmail.delivery import DeliveryFailed, Mailer, MailerNotRunning, registry
from netmail.delivery.outbox import Outbox, StillQueued
from netmail.delivery.transports.mock import MockTransport
from support.loops import run

EVERY = list(registry.OWN["managers"])
# A worker of theirs is another process, which needs a server.
ENGINES = {
    "celery": {"broker": "redis://127.0.0.1:1/0"},
    "procrastinate": {"database": "postgresql://127.0.0.1:1/none"},
}
# Their messages end with the program, and without a thread before the first one.
MANAGERS = [name for name in EVERY if name not in {*ENGINES, "outbox"}]
LOCAL = [*MANAGERS, "outbox"]
BEHAVIOURS = {
    "success": {},
    "refusal": {"success": 0.5},
    "failure": {"failure": 0.5},
    "always": {"failure": 1},
    "exhaustion": {"exhaustion": 0.5},
    "always-exhausted": {"exhaustion": 1},
    "all": {"success": 0.7, "failure": 0.3, "exhaustion": 0.3},
}
QUICK = RetryPolicy(attempts=2, delay=0.0001)


class Recorded:
    """The mock transport, with what all its instances have accepted and done.

    Attributes:
        accepted: How often each recipient's message was accepted.
        events: How often a method was called.
        overlaps: Whether one instance was ever used by two threads at once.
    """

    def __init__(self):
        self.accepted = Counter()
        self.events = Counter()
        self.overlaps = False
        self.lock = threading.Lock()

    def __call__(self, config):
        """Return what a factory returns."""
        return _Instance(config, self)


class _Instance(MockTransport):
    def __init__(self, config, shared):
        super().__init__(config)
        self.shared = shared
        self.used = threading.Lock()

    def startup(self):
        with self.shared.lock:
            self.shared.events["startup"] += 1

    def deliver(self, message):
        if not self.used.acquire(blocking=False):
            self.shared.overlaps = True
            raise AssertionError("two threads use one transport")
        before = len(self.messages)
        try:
            return super().deliver(message)
        finally:
            with self.shared.lock:
                for envelope in self.messages[before:]:
                    self.shared.accepted.update(envelope.recipients)
            self.used.release()

    def shutdown(self):
        with self.shared.lock:
            self.shared.events["shutdown"] += 1


@pytest.fixture
def made(tmp_path):
    """A function that returns a mailer with a manager and the mock transport."""

    def make(use, recorded, **chances):
        transport = {"use": recorded, **chances}
        return Mailer({"transport": transport, "manager": directives(use, tmp_path)})

    return make


def directives(use, folder):
    """Return the directives of a manager."""
    needed = {"file": str(folder / "outbox.sqlite")} if use == "outbox" else ENGINES.get(use, {})
    return {"use": use, "retry": QUICK, **needed}


def send(mailer, number):
    """Hand a message over; return what is awaited for its outcome."""
    message = Message("a@x.test", f"{number}@x.test", retries=number % 3)
    try:
        handed = mailer.send(message)
    except DeliveryFailed as error:
        handed = Future()
        handed.set_exception(error)
    return asyncio.wrap_future(handed) if isinstance(handed, Future) else handed


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
@pytest.mark.parametrize("use", LOCAL)
def test_none_dropped_and_none_twice(made, tmp_path, use, behaviour):
    """200 messages in four lives: each outcome is what its transport has really done."""
    recorded = Recorded()
    mailer = made(use, recorded, **BEHAVIOURS[behaviour])

    async def work():
        outcomes = []
        for life in range(4):
            async with mailer:
                handed = [send(mailer, number) for number in range(50 * life, 50 * life + 50)]
            outcomes += await asyncio.gather(*handed, return_exceptions=True)
        return outcomes

    outcomes = run(work())
    if use == "outbox":
        outcomes = found_in(tmp_path / "outbox.sqlite", outcomes)
    expected = Counter(f"{n}@x.test" for n, each in enumerate(outcomes) if delivered(each))
    assert recorded.accepted == expected
    assert len(outcomes) == 200
    assert not recorded.overlaps
    assert recorded.events["startup"] == recorded.events["shutdown"]


def found_in(path, outcomes):
    """Return the outcomes with what a later life has made of the messages that an earlier left."""
    with Outbox(path) as outbox:
        found = {each.id: outbox.result(each.id) for each in outbox.messages()}
    assert len(found) == len(outcomes)
    for number, outcome in enumerate(outcomes, 1):
        if isinstance(outcome, StillQueued):
            assert outcome.id == number
        # What the program was given is what the file has.
        elif outcome is not None:
            assert bool(found[number]) is delivered(outcome)
    left = DeliveryFailed(None, "mock failure")
    return [left if each is None else each for each in found.values()]


def delivered(outcome):
    """Tell whether an outcome says so; it is a result or a `DeliveryFailed`, and nothing else."""
    if isinstance(outcome, DeliveryFailed):
        assert outcome.reason == "mock failure"
        return False
    assert isinstance(outcome, MessageResult), outcome
    assert len(outcome.recipients) == 1
    return bool(outcome)


@pytest.mark.parametrize("use", EVERY)
def test_nothing_happens_when_it_is_made(use, tmp_path):
    """No transport, no thread, no connection to a server."""
    threads = threading.active_count()
    calls = []
    registry.manager_class(use)(directives(use, tmp_path), lambda: calls.append("made"))

    assert not calls
    assert threading.active_count() == threads


@pytest.mark.parametrize("use", MANAGERS)
def test_nothing_happens_before_the_first_message(use):
    """Neither construction nor start makes a transport or a thread."""
    threads = threading.active_count()
    calls = []
    manager = registry.manager_class(use)({"use": use}, lambda: calls.append("made"))

    async def work():
        manager.startup()
        assert not calls
        assert threading.active_count() == threads
        manager.shutdown()

    run(work())
    assert not calls


@pytest.mark.parametrize("use", MANAGERS)
def test_value_of_a_foreign_transport(made, use):
    """What it returns is passed through unchanged."""
    recorded = Recorded()
    note = {"stamp": 1840}

    class Letter(_Instance):
        def __init__(self, config):
            super().__init__(config, recorded)

        def deliver(self, message):
            super().deliver(message)
            return note

    async def work():
        async with made(use, Letter) as mailer:
            return await send(mailer, 1)

    assert run(work()) is note
    assert recorded.accepted == {"1@x.test": 1}


@pytest.mark.parametrize("use", LOCAL)
def test_message_is_passed_through(made, use):
    """Author, recipients and octets come to the transport as they were handed over."""
    seen = []

    class Keeper(MockTransport):
        def deliver(self, message):
            seen.append(envelope_of(message))

    message = Message("a@x.test", ["b@x.test"], "S", cc="c@x.test", bcc="d@x.test", plain="t")

    async def work():
        async with made(use, Keeper) as mailer:
            handed = mailer.send(message)
            await (asyncio.wrap_future(handed) if isinstance(handed, Future) else handed)

    run(work())
    (envelope,) = seen
    assert envelope.sender == "a@x.test"
    assert envelope.recipients == ("b@x.test", "c@x.test", "d@x.test")
    assert bytes(envelope.content) == bytes(envelope_of(message).content)


@pytest.mark.parametrize("use", ENGINES)
def test_engine_that_is_not_running(made, use):
    """A message before the start is refused, not lost."""
    with pytest.raises(MailerNotRunning):
        send(made(use, Recorded()), 1)


@pytest.mark.parametrize("use", LOCAL)
def test_not_running(made, use):
    """A message before the start or after the stop is refused, not lost."""
    recorded = Recorded()
    mailer = made(use, recorded)

    async def work():
        with pytest.raises(MailerNotRunning):
            send(mailer, 1)
        async with mailer:
            pass
        with pytest.raises(MailerNotRunning):
            send(mailer, 1)

    run(work())
    assert not recorded.accepted


SMALL = Message("a@x.test", "b@x.test", plain="x")


class Ends:
    """A transport one method of which raises what would end its thread."""

    def __init__(self, method, config):
        del config
        setattr(self, method, self._end)

    def _end(self, *message):
        raise SystemExit(1)

    def startup(self):
        """Need nothing."""

    def deliver(self, message):
        """Accept the message."""

    def shutdown(self):
        """Need nothing."""


@pytest.mark.parametrize("method", ["startup", "deliver", "shutdown"])
@pytest.mark.parametrize("use", ["futures", "dynamic"])
def test_transport_that_ends_threads(use, method):
    """SystemExit is the caller's by the future, or nobody's: the threads deliver the next."""
    manager = {"use": use, "workers": 1, **({"divisor": 1} if use == "dynamic" else {})}
    with Mailer({"manager": manager, "transport.use": partial(Ends, method)}) as mailer:
        errors = [mailer.send(SMALL).exception(30) for _ in range(3)]

    expected = type(None) if method == "shutdown" else SystemExit
    assert [type(each) for each in errors] == [expected] * 3


def leave(future):
    """A callback that would end the thread that calls it."""
    raise SystemExit(future)


@pytest.mark.parametrize("use", ["futures", "dynamic"])
def test_callback_that_ends_threads(use):
    """The threads are not the callback's."""
    reached = threading.Event()
    gate = threading.Event()

    class Waits(MockTransport):
        def deliver(self, message):
            gate.wait(30)
            return super().deliver(message)

    with Mailer({"manager": {"use": use, "workers": 1}, "transport.use": Waits}) as mailer:
        first = mailer.send(SMALL)
        first.add_done_callback(leave)
        second = mailer.send(SMALL)
        second.add_done_callback(lambda _: reached.set())
        gate.set()

        assert second.result(30)
        assert reached.wait(30)


FORK = """
import os, sys
from netmail import Message
from netmail.delivery import Mailer, MailerNotRunning

message = Message("a@x.test", "b@x.test", plain="x")
with Mailer({"manager.use": sys.argv[1], "transport.use": "mock"}) as mailer:
    assert mailer.send(message).result(30)
    child = os.fork()
    if child == 0:
        try:
            mailer.send(message)
        except MailerNotRunning:
            mailer.stop()
            os._exit(7)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert mailer.send(message).result(30)
"""


@pytest.mark.parametrize("use", ["futures", "dynamic"])
def test_fork(use):
    """A process that is forked has no threads: it is refused at once, and can stop."""
    # A process of its own: that of the tests has threads, of which Python warns.
    command = [sys.executable, "-W", "ignore", "-c", FORK, use]

    subprocess.run(command, check=True, timeout=120)
