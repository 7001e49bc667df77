"""How often something that failed is tried again, and when.

This file must not know what is tried, nor a clock: it is a row of durations.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from netmail.errors import UsageError
from netmail.options.durations import seconds


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a failed step is tried again; each wait is twice as long as the one before.

    If the server says when to come back (`NetmailError.retry_after`), no wait is shorter than that,
    whatever `max_delay` is.

    Attributes:
        attempts: How often in a row; `None` for no end.
        delay: Seconds, or a `timedelta`, before the first.
        max_delay: Seconds, or a `timedelta`, of the longest wait.
        jitter: By which share a wait is longer or shorter at random, from 0 to 1, so that many
            clients do not come back together.

    Raises:
        UsageError: If a value is none of these.
    """

    attempts: int | None = 5
    delay: float | timedelta = 1.0
    max_delay: float | timedelta = 60.0
    jitter: float = 0.2

    def __post_init__(self) -> None:
        attempts = self.attempts
        if attempts is not None:
            count: object = attempts
            if isinstance(count, bool) or not isinstance(count, int) or count < 0:
                raise UsageError("attempts is an int from 0 on, or None for no end")
        jitter: object = self.jitter
        if not isinstance(jitter, int | float) or not 0 <= jitter <= 1:
            raise UsageError("jitter is a number from 0 to 1")
        seconds("delay", self.delay)
        seconds("max_delay", self.max_delay)

    def delays(self, chance: Callable[[], float] = random.random) -> Iterator[float]:
        """Yield the seconds before each attempt.

        Args:
            chance: Returns a number from 0 to 1, excluded.
        """
        wait, longest = seconds("delay", self.delay), seconds("max_delay", self.max_delay)
        made = 0
        while self.attempts is None or made < self.attempts:
            made += 1
            yield min(wait, longest) * (1 + self.jitter * (2 * chance() - 1))
            wait = min(2 * wait, longest)


def check_policy(name: str, value: object) -> RetryPolicy:
    """Check an option that is a policy, or what `plain_policy()` has made of one.

    Raises:
        UsageError: If it is neither.
    """
    if isinstance(value, RetryPolicy):
        return value
    if isinstance(value, Mapping):
        try:
            return RetryPolicy(**value)
        except TypeError:
            raise UsageError(f"{name} has a key that RetryPolicy has not") from None
    raise UsageError(f"{name} is a RetryPolicy, not {type(value).__name__}")


def plain_policy(policy: RetryPolicy) -> dict[str, int | float | None]:
    """Return a policy as a value that JSON can hold."""
    return {
        "attempts": policy.attempts,
        "delay": seconds("delay", policy.delay),
        "max_delay": seconds("max_delay", policy.max_delay),
        "jitter": policy.jitter,
    }
