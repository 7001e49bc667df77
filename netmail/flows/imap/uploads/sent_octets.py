"""How much of several messages is sent.

This file knows numbers, and no conversation.
"""

from collections.abc import Callable

from netmail.flows.file_target import OnProgress
from netmail.results.callbacks import call


class SentOctets:
    """The octets that are sent of all messages.

    Args:
        progress: Called with the sum, and `None`; how many there will be is not known.
    """

    __slots__ = ("_progress", "_sum")

    def __init__(self, progress: OnProgress) -> None:
        self._progress = progress
        self._sum = 0

    def of_message(self) -> Callable[[int, int | None], None]:
        """Return what counts the octets of one message more, called with how many are sent."""
        before = 0

        def report(done: int, _total: int | None) -> None:
            nonlocal before
            self._sum += done - before
            before = done
            call(self._progress, self._sum, None)

        return report
