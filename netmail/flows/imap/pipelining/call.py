"""One call of a pipeline: its conversation, and where its result goes.

This file knows no command and no connection.
"""

from typing import Generic, TypeVar

from netmail.errors import ConnectionLost, NetmailError
from netmail.flows.flow import Flow
from netmail.results.pending import Pending

T = TypeVar("T")


class Call(Generic[T]):
    """A call.

    Attributes:
        flow: Its conversation.
        pending: Where its result goes.
    """

    __slots__ = ("flow", "pending")

    def __init__(self, flow: Flow[T]) -> None:
        self.flow = flow
        self.pending = Pending[T](getattr(flow, "__name__", "").lstrip("_"))

    def lose(self, reason: BaseException) -> None:
        """Record that the connection ended before the call did."""
        pending = self.pending
        if pending.is_done:
            return
        self.flow.close()
        # Without its tagged response all is open: the server may have done all of it, or nothing.
        known = (
            f"{pending.name}() was sent, and whether it has had its effect is not known"
            if pending.is_sent
            else f"nothing of {pending.name}() was sent"
        )
        detail = reason if isinstance(reason, NetmailError) else type(reason).__name__
        lost = ConnectionLost(f"{known}: {detail}")
        lost.__cause__ = reason
        pending.end(error=lost)
