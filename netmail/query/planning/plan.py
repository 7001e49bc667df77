"""What is sent for a query: the searches, what is looked at here, and what is fetched for it.

This file knows bounds and prices, and asks no server.
"""

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Final

from netmail.query.expressions import Expression, comparisons
from netmail.query.planning.bounds import Bounds, Situation, bounds, residual
from netmail.query.planning.keys import EVERY, NONE, Key, Several, difference
from netmail.query.planning.search_keys import is_too_long, written
from netmail.query.values import Price, Wanted, compared, source_of

MARGIN: Final = 60
"""Seconds that two searches of one round trip may take."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How messages are found.

    Attributes:
        sure: A key for messages that are surely meant; `NONE` if there are no such.
        doubtful: A key for those that may be meant; `NONE` if there are none to look at.
        left: What is decided here of the doubtful ones; `None` if nothing is.
        zone: The zone of dates; `None` for the machine's.
        made: When the plan was made.
        in_parts: Whether large files are left out of what is fetched.
    """

    sure: Key
    doubtful: Key
    left: Expression | None
    zone: tzinfo | None
    made: datetime
    in_parts: bool = True

    @property
    def is_exact(self) -> bool:
        """Whether a search decides all of it."""
        return self.left is None

    @property
    def searches(self) -> list[Key]:
        """The searches that are sent, together."""
        return [key for key in (self.sure, self.doubtful) if key != NONE]

    def stages(self) -> list[Wanted]:
        """Return what is fetched of the doubtful messages, the cheapest first."""
        every = comparisons(self.left) if self.left is not None else []
        names = {compared(each.field.name) for each in every}
        found = [[name for name in names if source_of(name).price is price] for price in Price]
        return [wanted for each in found if (wanted := Wanted.of(each, in_parts=self.in_parts))]

    def __str__(self) -> str:
        lines = [f"search: {written(key)}" for key in self.searches]
        if self.left is not None:
            lines.append(f"decide here: {self.left!r}")
            stages = self.stages()
            lines += [f"fetch for that: {' '.join(each.fetch())}" for each in stages]
            if any(each.parts for each in stages):
                lines.append("  and of longer ones what is in no large file: BODY.PEEK[]<n.m>")
        if not lines:
            return "nothing is sent: no message can be meant"
        trips = "1" if self.left is None else self._trips()
        return "\n".join([*lines, f"round trips to count: {trips}"])

    def _trips(self) -> str:
        stages = self.stages()
        more = "; more for longer messages" if any(each.parts for each in stages) else ""
        return f"{1 + len(stages)} at most{more}"


def plan(expression: Expression, situation: Situation) -> Plan:
    """Make the plan of an expression."""
    found = bounds(expression, situation)
    left = residual(expression, situation)
    cut = _sendable(found)
    # A condition that is not sent is not decided by the search either.
    if cut.upper != found.upper or left is None:
        left = expression
    in_parts = situation.knowledge.uses("PARTS")
    if cut.is_exact:
        return Plan(cut.lower, NONE, None, situation.zone, situation.now, in_parts)
    # Ages grow between two searches: what gets out of the first is in the second already.
    later = replace(situation, slack=situation.slack + MARGIN)
    lower = cut.lower if cut.lower == NONE else bounds(expression, later).lower
    doubtful = difference(cut.upper, lower)
    # Without a lower bound all that may be meant is looked at, and nothing is counted unseen.
    if is_too_long(doubtful):
        cut, doubtful = Bounds(NONE, cut.upper), cut.upper
    return Plan(cut.lower, doubtful, left, situation.zone, situation.now, in_parts)


def _sendable(found: Bounds) -> Bounds:
    """Leave out what is more than servers take: it is decided here then."""
    lower, upper = found
    if is_too_long(upper):
        parts = upper.keys if isinstance(upper, Several) and upper.joins else ()
        # Each part finds all that are meant: one that can be sent is enough.
        upper = next((key for key in parts if not is_too_long(key)), EVERY)
    return Bounds(NONE if is_too_long(lower) else lower, upper)
