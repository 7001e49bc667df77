"""Workers that look for new messages, and rest where a transport fails."""

import threading
from datetime import timedelta

import pytest

from delivery.scripted import ScriptedTransport
from netmail import Message
from netmail.delivery import TransportFailed
from netmail.delivery.outbox import Outbox
from netmail.delivery.outbox.worker import LONG_PAUSE


class Patience:
    """Stops a worker after some waits, which take no time; does something at each."""

    def __init__(self, *steps):
        self.steps = list(steps)
        self.waits = []

    def is_set(self):
        """Whether all steps are done."""
        return not self.steps

    def wait(self, timeout):
        """Note the wait, and do a step."""
        self.waits.append(timeout)
        self.steps.pop(0)()
        return self.is_set()


@pytest.fixture
def outbox(tmp_path):
    """An outbox in a file of its own."""
    with Outbox(tmp_path / "outbox.sqlite") as opened:
        yield opened


def message():
    """Return a message."""
    return Message("a@x.test", "b@x.test", plain="x")


def nothing():
    """Do nothing."""


def test_poll(outbox):
    """New messages are found; the wait is as long as asked, or until the next is due."""
    stop = Patience(lambda: outbox.add(message()), nothing, nothing)
    report = outbox.work(ScriptedTransport(), poll=timedelta(seconds=7), stop=stop)

    assert report.sent == 1
    assert stop.waits == [7, 7, 7]


def test_pauses(outbox):
    """A transport that fails rests longer each time, at random; a success begins again."""
    outbox.add(message())
    down = TransportFailed("down")
    stop = Patience(*[nothing] * 9)
    outbox.work(ScriptedTransport([down] * 8), poll=timedelta(hours=1), stop=stop)

    assert outbox.status().sent == 1
    assert all(0 <= wait <= 2**count for count, wait in enumerate(stop.waits[:8]))
    assert stop.waits[8] == 3600


def test_the_pause_that_a_provider_asks_for(outbox):
    """No pause is shorter than that, and it costs the message no try."""
    outbox.add(message())
    stop = Patience(nothing, nothing)
    busy = TransportFailed("429", retry_after=1000)
    outbox.work(ScriptedTransport([busy]), poll=timedelta(1), stop=stop)

    assert stop.waits[0] == 1000
    assert outbox.status().sent == 1


def test_long_pause(outbox):
    """What a later try cannot cure, such as a wrong password, is not tried often."""
    outbox.add(message())
    stop = Patience(nothing)
    wrong = TransportFailed("wrong password", transient=False)
    outbox.work(ScriptedTransport([wrong]), poll=timedelta(1), stop=stop)

    assert stop.waits == [LONG_PAUSE]


def test_on_result(outbox):
    """Each result is handed over when it is written."""
    numbers = [outbox.add(message()) for _ in range(3)]
    found = []

    def note(number, result):
        found.append((number, bool(result), str(outbox.get(number).state)))

    outbox.work(ScriptedTransport(), on_result=note)

    assert found == [(number, True, "sent") for number in numbers]


def test_two_workers(tmp_path):
    """Two workers at once never send one message twice."""
    scripted = ScriptedTransport()
    with Outbox(tmp_path / "o") as outbox:
        for number in range(300):
            outbox.add(Message("a@x.test", f"{number}@x.test", plain="x"))
        threads = [threading.Thread(target=outbox.work, args=[scripted]) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        outbox.work(scripted)

        assert outbox.status().sent == 300
    assert sorted(scripted.delivered) == sorted(f"{number}@x.test" for number in range(300))
