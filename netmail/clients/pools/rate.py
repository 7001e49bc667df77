"""How many messages a second a pool sends.

This file must not know messages, nor how to wait.
"""

from netmail.errors import UsageError


class Rate:
    """A row of moments, evenly spaced, one for each message: there are no bursts.

    Args:
        rate: Messages a second; `None` for no limit.

    Raises:
        UsageError: If it is no number above 0.
    """

    def __init__(self, rate: float | None) -> None:
        given: object = rate
        if rate is not None and (
            isinstance(given, bool) or not isinstance(given, int | float) or not 0 < rate < 1e9
        ):
            raise UsageError("rate is a number of messages a second above 0, or None for no limit")
        self._interval = 0.0 if rate is None else 1 / rate
        self._next = 0.0

    @property
    def is_limited(self) -> bool:
        """Whether there is a limit."""
        return self._interval > 0

    def wait(self, now: float) -> float:
        """Return the seconds until the next message may be sent; 0 if it may be now."""
        return max(0.0, self._next - now) if self._interval else 0.0

    def take(self, now: float) -> float:
        """Take the next moment, and return the seconds until it comes."""
        seconds = self.wait(now)
        self._next = now + seconds + self._interval
        return seconds
