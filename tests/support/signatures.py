"""The arguments of a client's methods, read from their signatures, and a client without a server.

Tests over these tables see a new method, and a new argument of an old one, by themselves. Nothing
here knows a protocol, nor what an argument may hold.
"""

import inspect
from dataclasses import dataclass
from types import NoneType
from typing import get_args

from netmail.clients.client import Client
from netmail.flows.flow import Send
from netmail.mime import outgoing

LATE = vars(outgoing)
"""The names in signatures that a client knows to type checkers only: MIME is imported when used."""


@dataclass(frozen=True)
class Argument:
    """One argument of one method.

    Attributes:
        method: The method's name.
        name: The argument's name.
        types: Its annotation; the members of a union.
    """

    method: str
    name: str
    types: tuple[object, ...]

    def __str__(self):
        return f"{self.method}({self.name})"


def methods_of(kind: type[Client]) -> dict[str, inspect.Signature]:
    """Return the public methods that a client adds to what all clients have."""
    return {
        name: inspect.signature(method, locals=LATE, eval_str=True)
        for name, method in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_") and not hasattr(Client, name)
    }


def arguments_of(kind: type[Client]) -> list[Argument]:
    """Return every argument of those methods."""
    return [
        Argument(method, name, get_args(parameter.annotation) or (parameter.annotation,))
        for method, signature in methods_of(kind).items()
        for name, parameter in signature.parameters.items()
        if name != "self"
    ]


def call(
    kind: type[Client], argument: Argument, value: object, samples: dict[str, object]
) -> bytes:
    """Call the method with `value`, and its other arguments from `samples`; return what it sends.

    Args:
        kind: The client's class.
        argument: The argument that gets `value`.
        value: The value.
        samples: A harmless value by name, for every argument without default.
    """
    parameters = methods_of(kind)[argument.method].parameters.values()
    needed = [
        each.name
        for each in parameters
        if each.default is each.empty and each.name != "self" and each.kind != each.VAR_POSITIONAL
    ]
    given = {name: samples[name] for name in needed} | {argument.name: value}
    sent = getattr(_offline(kind), argument.method)(**given)
    return sent if isinstance(sent, bytes) else b""


def takes_none(argument: Argument) -> bool:
    """Return whether the argument may be None."""
    return NoneType in argument.types


def _offline(kind: type[Client]) -> Client:
    """Return a client whose calls return what they send before they wait for the server."""

    class Offline(kind):
        def _send(self, sending):
            return self._run(sending.send())

        def _run(self, flow):
            sent = []
            for request in flow:
                if isinstance(request, Send):
                    sent.append(request.data)
                elif sent:
                    break
            flow.close()
            return b"".join(sent)

        def _read(self, make, *args, **kwargs):
            return self._run(make(*args, **kwargs))

        def _download(self, make, target, *, resumes):
            return self._run(make(target.done))

    return Offline(host="localhost")
