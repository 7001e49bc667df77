"""Failures on demand: rules that say which command of which client an embedded server fails.

This file must not know any server: it matches values, counts and waits. How a refusal is written is
in `refusal.py`.
"""

import asyncio
import datetime as dt
import math
import threading
from collections import Counter
from collections.abc import Callable
from typing import Literal, TypedDict, Unpack

from netmail.errors import UsageError
from netmail.testing.refusal import REPLIES, Refusal, refusal

POINTS = tuple(REPLIES)
"""Where a rule applies, one keyword of `MailServer.fail()` each."""

PROTOCOLS = ("smtp", "lmtp", "imap", "pop3")

LONGEST_DELAY = 3600.0
"""Seconds; a longer delay is a mistake of units."""

ProtocolName = Literal["smtp", "lmtp", "imap", "pop3"]


class FailureDict(TypedDict, total=False):
    """The arguments of `MailServer.fail()`, which describes them."""

    connect: str
    login: str
    mail: str
    rcpt: str
    data: str
    content: str
    full: str
    greylist: str
    command: str
    protocol: ProtocolName
    code: int
    text: str
    drop: bool | Literal["after"]
    delay: float | dt.timedelta
    times: int | None
    after: int


class Failure:
    """One rule, as `MailServer.fail()` returns it.

    Args:
        forget: Called with the rule when it is removed.
        arguments: As for `MailServer.fail()`.

    Raises:
        UsageError: If an argument is wrong, or there is not exactly one point.
    """

    def __init__(
        self, forget: "Callable[[Failure], None]", **arguments: Unpack[FailureDict]
    ) -> None:
        self.point, self.match = _point(arguments)
        self._forget = forget
        self._protocol = arguments.get("protocol")
        if self._protocol not in {None, *PROTOCOLS}:
            raise UsageError(f"protocol is one of {', '.join(PROTOCOLS)}, not {self._protocol!r}")
        self.delay = _seconds(arguments.get("delay", 0.0))
        self._refusal = refusal(
            self.point,
            arguments.get("code"),
            arguments.get("text"),
            arguments.get("drop", False),
            wanted=not self.delay,
        )
        self._times = arguments.get("times", 1 if self.point == "greylist" else None)
        self._after = arguments.get("after", 0)
        _check_counts(self._times, self._after)
        self._seen: Counter[tuple[str, ...]] = Counter()
        self._hits = 0

    def __repr__(self) -> str:
        return f"<Failure {self.point}={self.match!r} hits={self._hits}>"

    @property
    def hits(self) -> int:
        """How often the rule has applied."""
        return self._hits

    def remove(self) -> None:
        """Remove the rule; a second call does nothing."""
        self._forget(self)

    def apply(self, protocol: str, point: str, values: tuple[str, ...]) -> bool:
        """Count an event and return whether the rule applies to it."""
        if point != self.point or self._protocol not in {None, protocol}:
            return False
        if not any(_matches(self.match, value) for value in values):
            return False
        # A greylist counts each pair of sender and recipient by itself, as real ones do.
        key = values if point == "greylist" else ()
        self._seen[key] += 1
        number = self._seen[key] - self._after
        if number < 1 or (self._times is not None and number > self._times):
            return False
        self._hits += 1
        return True

    def result(self) -> Refusal | None:
        """Return what the server does after the delay; `None` to continue as if nothing was."""
        return self._refusal


class Failures:
    """The rules of one `MailServer`: added by any thread, applied by the servers' loop alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: tuple[Failure, ...] = ()

    def add(self, **arguments: Unpack[FailureDict]) -> Failure:
        """Add a rule after those that are there.

        Raises:
            UsageError: If an argument is wrong.
        """
        rule = Failure(self._forget, **arguments)
        with self._lock:
            self._rules = (*self._rules, rule)
        return rule

    def clear(self) -> None:
        """Remove all rules."""
        with self._lock:
            self._rules = ()

    async def meet(self, protocol: str, point: str, *values: str) -> Refusal | None:
        """Apply the rules to an event, with their delays.

        Args:
            protocol: Whose event it is.
            point: One of `POINTS`.
            values: What a rule may match: an address, and the name of its user.

        Returns:
            What the first rule that refuses says, or `None` if the server is to continue.
        """
        for rule in self._rules:
            if not rule.apply(protocol, point, values):
                continue
            if rule.delay:
                await asyncio.sleep(rule.delay)
            refused = rule.result()
            if refused is not None:
                return refused
        return None

    def _forget(self, rule: Failure) -> None:
        with self._lock:
            self._rules = tuple(other for other in self._rules if other is not rule)


def _point(arguments: FailureDict) -> tuple[str, str]:
    given = [(point, arguments[point]) for point in POINTS if point in arguments]  # type: ignore[literal-required]  # each is a key of FailureDict
    if len(given) != 1:
        raise UsageError(f"fail() takes exactly one of: {', '.join(POINTS)}")
    point, match = given[0]
    null = point in {"mail", "data"}  # "" is the null sender there
    if type(match) is not str or not (match or null):
        raise UsageError(f'{point} is what the rule is for, or "*" for all; not {match!r}')
    if point == "connect" and match not in {"*", *PROTOCOLS}:
        raise UsageError(f'connect is "*" or one of {", ".join(PROTOCOLS)}, not {match!r}')
    return point, match.casefold()


def _matches(pattern: str, value: str) -> bool:
    if pattern.startswith("*"):
        return value.casefold().endswith(pattern[1:])
    return value.casefold() == pattern


def _seconds(delay: float | dt.timedelta) -> float:
    seconds = delay.total_seconds() if isinstance(delay, dt.timedelta) else delay
    if (
        type(seconds) not in {int, float}
        or not math.isfinite(seconds)
        or not 0 <= seconds <= LONGEST_DELAY
    ):
        raise UsageError(f"delay is in seconds, from 0 to {LONGEST_DELAY:.0f}, not {delay!r}")
    return float(seconds)


def _check_counts(times: object, after: object) -> None:
    if times is not None and (type(times) is not int or times < 1):
        raise UsageError(f"times is None or at least 1, not {times!r}")
    if type(after) is not int or after < 0:
        raise UsageError(f"after is how many events the rule lets pass, not {after!r}")
