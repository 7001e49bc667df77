"""Transports of a test's own: what each `deliver()` does is a list.

Nothing here knows managers.
"""

import threading

from netmail import envelope_of
from netmail.delivery import TransportExhausted


class ScriptedTransport:
    """Does what the script says: raises an error, or returns a value.

    All instances share the script, and write down what happens.
    """

    def __init__(self, script=(), events=None):
        self.script = list(script)
        self.events = [] if events is None else events
        self.lock = threading.Lock()

    def __call__(self, config=None):
        """Return what a factory returns: an instance of the same script."""
        del config
        return _Instance(self)

    @property
    def delivered(self):
        """The recipients of the messages that were delivered, in order."""
        return [what for name, what in self.events if name == "deliver"]

    def count(self, name):
        """How often an instance was started, or shut down."""
        return [name for name, _ in self.events].count(name)


class _Instance:
    def __init__(self, shared):
        self.shared = shared

    def startup(self):
        self.shared.events.append(("startup", None))

    def deliver(self, message):
        with self.shared.lock:
            step = self.shared.script.pop(0) if self.shared.script else None
        if callable(step):
            step = step(envelope_of(message))
        if isinstance(step, Exception) and not isinstance(step, TransportExhausted):
            raise step
        self.shared.events.append(("deliver", ",".join(envelope_of(message).recipients)))
        if step is not None and isinstance(step, Exception):
            raise step
        return step

    def shutdown(self):
        self.shared.events.append(("shutdown", None))
