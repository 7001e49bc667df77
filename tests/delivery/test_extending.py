"""Managers and transports of other packages: by the rules of Marrow Mailer's chapter 7."""

import importlib
from concurrent.futures import Future

import pytest

from netmail import Message, envelope_of
from netmail.delivery import (
    DeliveryFailed,
    Mailer,
    MessageFailed,
    TransportExhausted,
    TransportFailed,
)


class Postbox:
    """A manager of another package: it collects, and delivers when it is shut down."""

    def __init__(self, config, transport):
        self.config = config
        self.transport = transport
        self.calls = ["made"]

    def startup(self):
        self.calls.append("startup")
        self.waiting = []

    def deliver(self, message):
        future = Future()
        self.waiting.append((message, future))
        return future

    def shutdown(self):
        self.calls.append("shutdown")
        transport = None
        for message, future in self.waiting:
            for _ in range(2):
                if transport is None:
                    transport = self.transport()
                    transport.startup()
                try:
                    future.set_result(transport.deliver(message))
                except MessageFailed as error:
                    future.set_exception(DeliveryFailed(message, str(error)))
                except TransportExhausted as error:
                    transport.shutdown()
                    transport = None
                    future.set_result(error.result)
                except TransportFailed:
                    transport.shutdown()
                    transport = None
                    continue
                break
            else:
                future.set_exception(DeliveryFailed(message, "twice"))
        if transport is not None:
            transport.shutdown()


class Pigeon:
    """A transport of another package: what it does is in the subject of a message."""

    made = 0
    log = ()

    def __init__(self, config):
        type(self).made += 1
        self.config = config
        self.started = 0

    def startup(self):
        self.started += 1
        type(self).log += ("startup",)

    def deliver(self, message):
        assert self.started
        subject = subject_of(message)
        type(self).log += (subject,)
        if subject == "exhausted":
            raise TransportExhausted("one message each", result="flown")
        if subject == "unreadable":
            raise MessageFailed("unreadable")
        if subject == "lost":
            raise TransportFailed("a hawk")
        return "flown"

    def shutdown(self):
        self.started = 0
        type(self).log += ("shutdown",)


def subject_of(message):
    """Return the Subject of a message's octets."""
    header = bytes(envelope_of(message).content).partition(b"\r\n\r\n")[0].decode()
    (subject,) = [line[9:] for line in header.split("\r\n") if line.startswith("Subject: ")]
    return subject


@pytest.fixture
def pigeon():
    """A transport class without a past."""
    return type("FreshPigeon", (Pigeon,), {})


def mailer(manager, transport, **directives):
    """Return a mailer of foreign parts."""
    return Mailer(
        {
            "manager": {"use": manager, "colour": "red"},
            "transport": {"use": transport, "wings": 2, **directives},
            "message.author": "a@x.test",
        }
    )


def test_construction_does_nothing(pigeon):
    """Parts are made with the directives for them alone, and nothing of them is called."""
    made = mailer(Postbox, pigeon)

    assert made._manager.calls == ["made"]
    assert made._manager.config == {"use": Postbox, "colour": "red"}
    assert made._manager.transport().config == {"use": pigeon, "wings": 2}
    assert pigeon.log == ()


def test_foreign_manager_and_transport(pigeon):
    """Each exception has its meaning, and the manager's own object comes back from send()."""
    with mailer(Postbox, pigeon) as running:
        subjects = ["first", "exhausted", "unreadable", "lost", "last"]
        futures = [running.new(to="b@x.test", subject=each).send() for each in subjects]

        assert not any(future.done() for future in futures)
    assert [futures[number].result() for number in (0, 1, 4)] == ["flown"] * 3
    for number, reason in ((2, "unreadable"), (3, "twice")):
        with pytest.raises(DeliveryFailed, match=reason):
            futures[number].result()
    renewed = ["shutdown", "startup"]
    assert list(pigeon.log) == [
        *("startup", "first", "exhausted", *renewed, "unreadable", "lost", *renewed, "lost"),
        *(*renewed, "last", "shutdown"),
    ]


def test_several_lives(pigeon):
    """A manager is started and shut down as often as its mailer."""
    made = mailer(Postbox, pigeon)
    for _ in range(3):
        with made:
            future = made.send(Message("a@x.test", "b@x.test", "first"))
        assert future.result() == "flown"

    assert made._manager.calls == ["made", *["startup", "shutdown"] * 3]
    assert list(pigeon.log) == ["startup", "first", "shutdown"] * 3


def test_transport_instance_can_be_started_again(pigeon):
    """One instance, several lives: what a manager may do with a transport."""
    transport = mailer(Postbox, pigeon)._manager.transport()
    for _ in range(3):
        transport.startup()
        assert transport.deliver(Message("a@x.test", "b@x.test", "first")) == "flown"
        transport.shutdown()


@pytest.mark.parametrize("use", ["immediate", "futures", "dynamic"])
def test_foreign_transport_with_own_managers(pigeon, use):
    """The managers obey its exceptions, and pass through what it returns."""
    made = Mailer({"transport.use": pigeon, "manager.use": use, "message.author": "a@x.test"})
    with made as running:
        for subject in ("first", "exhausted", "last"):
            message = running.new(to="b@x.test", subject=subject)

            assert message.send().result() == "flown"
    assert list(pigeon.log) == [
        *("startup", "first", "exhausted", "shutdown", "startup", "last", "shutdown")
    ]


def test_entry_points(tmp_path, monkeypatch):
    """An installed package adds a manager and a transport by names of its own."""
    folder = tmp_path / "loft-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: loft\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(
        "[netmail.managers]\nloft = loft:Manager\n[netmail.transports]\nloft = loft:Transport\n"
    )
    (tmp_path / "loft.py").write_text(
        "class Manager:\n"
        "    def __init__(self, config, transport): self.transport = transport\n"
        "    def startup(self): self.kept = self.transport(); self.kept.startup()\n"
        "    def deliver(self, message): return self.kept.deliver(message)\n"
        "    def shutdown(self): self.kept.shutdown()\n"
        "class Transport:\n"
        "    def __init__(self, config): pass\n"
        "    def startup(self): pass\n"
        "    def deliver(self, message): return 'flown'\n"
        "    def shutdown(self): pass\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    with Mailer({"transport.use": "loft", "manager.use": "loft"}) as running:
        assert running.send(Message("a@x.test", "b@x.test")) == "flown"
