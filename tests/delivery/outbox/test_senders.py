"""Transports of delivery, one message at a time: what each error means."""

import threading

import pytest

from delivery.scripted import ScriptedTransport
from netmail import Message
from netmail.delivery import MessageFailed, TransportExhausted, TransportFailed
from netmail.delivery.outbox import Outbox
from netmail.delivery.results import accepted_result


@pytest.fixture
def outbox(tmp_path):
    """An outbox with three messages."""
    with Outbox(tmp_path / "outbox.sqlite") as opened:
        for number in range(3):
            opened.add(Message("a@x.test", f"{number}@x.test", plain="x"))
        yield opened


def states(outbox):
    """Return the states of all messages."""
    return [str(each.state) for each in outbox.messages()]


@pytest.mark.parametrize(
    ("step", "expected", "starts"),
    [
        (None, ["sent"] * 3, 1),
        ("anything", ["sent"] * 3, 1),
        (lambda envelope: accepted_result(envelope, "stored"), ["sent"] * 3, 1),
        (MessageFailed("too odd"), ["refused", "sent", "sent"], 1),
        (TransportExhausted("full"), ["sent"] * 3, 2),
        (TransportFailed("down"), ["queued"] * 3, 1),
        (ValueError("defect"), ["uncertain", "queued", "queued"], 1),
    ],
    ids=["None", "other", "result", "message", "exhausted", "failed", "foreign"],
)
def test_steps(outbox, step, expected, starts):
    """A defect of a message is its own; a transport that fails is left alone."""
    scripted = ScriptedTransport([step])
    report = outbox.work(scripted)

    assert states(outbox) == expected
    assert scripted.count("startup") == scripted.count("shutdown") == starts
    assert (report.error is None) is ("queued" not in expected)


def test_result_text(outbox):
    """What a transport says of a recipient is in its row."""
    outbox.work(ScriptedTransport([lambda envelope: accepted_result(envelope, "stored")]))

    assert outbox.get(1).recipients[0].text == "stored"


def test_instance(outbox):
    """A transport itself, in place of what makes it."""
    assert outbox.work(ScriptedTransport()()).sent == 3


def test_interrupted(outbox):
    """What is being delivered at an interruption is uncertain, and the others wait."""

    def interrupt(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        outbox.work(ScriptedTransport([None, interrupt]))

    assert states(outbox) == ["sent", "uncertain", "queued"]


def test_stopped(outbox):
    """What is being delivered when the worker is to stop is written, and the others wait."""
    stop = threading.Event()
    outbox.work(ScriptedTransport([lambda _: stop.set()]), stop=stop)

    assert states(outbox) == ["sent", "queued", "queued"]
