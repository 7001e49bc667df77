"""A conversation that hands over values while it continues, run step by step.

This file must not know a protocol, nor how a driver waits: each step is a flow like any other, and
between two steps nothing runs.
"""

from types import GeneratorType
from typing import Generic, TypeVar, cast

from netmail.errors import NetmailError, StateError
from netmail.flows.flow import (
    RECEIVE,
    Connect,
    Errand,
    Flow,
    Left,
    More,
    Pause,
    Send,
    StreamingFlow,
    Values,
)

T_co = TypeVar("T_co", covariant=True)


class Streaming(Generic[T_co]):
    """The conversation, from its first request to its end.

    Attributes:
        name: What callers call it, such as "fetch_many".
        has_begun: Whether its first step was begun.
        has_ended: Whether nothing more will come of it.
        is_broken_off: Whether its caller broke off a wait for an event; the next step continues it,
            and another call ends it.
        is_left: Whether its caller wants no more of it; a flag, so that any thread may set it.
        asked: What it waits for before the next step, beside octets; `None` for nothing.
    """

    __slots__ = ("_flow", "asked", "has_begun", "has_ended", "is_broken_off", "is_left", "name")

    def __init__(self, flow: StreamingFlow[T_co], name: str = "") -> None:
        self.name = name or getattr(flow, "__name__", "").lstrip("_")
        self.asked: Errand | None = None
        self.has_begun = self.has_ended = self.is_left = self.is_broken_off = False
        self._flow = flow

    def next(self, failure: NetmailError | None = None) -> Flow[list[T_co]]:
        """Converse up to the next values, and return them; none at the end, and if `asked` is set.

        Args:
            failure: Why what it asked for could not be had.
        """
        step = self._step(failure)
        # What an event calls the conversation.
        cast("GeneratorType[object, None, object]", step).__name__ = self.name
        return step

    def leave(self) -> Flow[list[T_co]]:
        """Read the rest of what was asked for, and end."""
        return self._step(Left())

    def refuse_if_left(self) -> None:
        """Raise an error if another call has ended the conversation.

        Raises:
            StateError: If it has.
        """
        if self.is_left:
            raise StateError(f"another call, such as quit(), has ended {self.name}()")

    def close(self) -> None:
        """End at once, wherever the conversation is."""
        self.has_ended = True
        self._flow.close()

    def _step(self, thrown: Left | NetmailError | None) -> Flow[list[T_co]]:
        flow, values = self._flow, []
        self.has_begun, self.is_broken_off, self.asked = True, False, None
        try:
            request = next(flow) if thrown is None else flow.throw(thrown)
            while True:
                # The most frequent first: each command makes two of these requests.
                if request is RECEIVE or isinstance(request, Send):
                    pass
                elif isinstance(request, Values):
                    # No value may have come of a response; and after `Left` no value is wanted.
                    if not isinstance(thrown, Left) and (values := request.values):
                        return values
                    request = next(flow)
                    continue
                elif isinstance(request, Connect | Pause | More):
                    self.asked = request
                    return []
                try:
                    yield request
                except NetmailError as failure:
                    request = flow.throw(failure)
                else:
                    request = next(flow)
        except (StopIteration, Left):
            return []
        finally:
            if not values and not self.is_broken_off and self.asked is None:
                self.close()
