"""The result of a call that a pipeline has not made yet.

This file knows no command and no connection.
"""

from typing import Any, Generic, TypeVar

from netmail.errors import NetmailError, StateError

T_co = TypeVar("T_co", covariant=True)


class Pending(Generic[T_co]):
    """What a call of a pipeline will have returned or raised when the pipeline's block has ended.

    Attributes:
        name: The method that was called, such as "status".
        is_done: Whether the call has ended: by returning, or by an error.
        is_sent: Whether anything of it was sent: if the connection is lost, a call that was sent
            may have had its effect, and one that was not has had none.
        error: What it raised; `None` if it returned, or is not done.
    """

    __slots__ = ("_value", "error", "is_done", "is_sent", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_done = self.is_sent = False
        self.error: NetmailError | None = None
        self._value: Any = None

    def end(self, value: object = None, error: NetmailError | None = None) -> None:
        """Record what the call has returned or raised; netmail's own affair."""
        self._value, self.error, self.is_done = value, error, True

    def result(self) -> T_co:
        """Return what the call has returned, or raise what it has raised. No round trip.

        Raises:
            StateError: If the pipeline has not made the call yet: its block has not ended.
            ImapError: If the server has refused.
            ConnectionLost: If the connection was lost before; the error says whether the call was
                sent, and so may have had its effect.
        """
        if not self.is_done:
            raise StateError(f"{self.name}() has no result before the pipeline's block has ended")
        if self.error is not None:
            raise self.error
        value: T_co = self._value
        return value

    def __repr__(self) -> str:
        state = "not done" if not self.is_done else "failed" if self.error else "done"
        return f"<Pending {self.name}(): {state}>"
