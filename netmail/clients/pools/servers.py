"""The servers of a pool, in the order in which the next connection tries them.

This file must not know connections, nor what they are for.
"""

from collections.abc import Collection, Mapping
from typing import Final, Literal, TypeAlias, get_args

from netmail.errors import UsageError
from netmail.options.options import MailProtocol, Options, OptionsSource, parse_options

PoolPolicy: TypeAlias = Literal["failover", "round-robin"]
"""Which server comes first: always the first one that works, or each in turn."""

PoolServers: TypeAlias = OptionsSource | list[OptionsSource] | tuple[OptionsSource, ...]
"""The options of one server, or those of several in their order."""

DOWN: Final = 30.0
"""Seconds for which a server that failed is tried after the others."""


class Servers:
    """The servers of a pool.

    Attributes:
        options: The options of each.
    """

    def __init__(self, options: tuple[Options, ...], policy: PoolPolicy) -> None:
        if policy not in get_args(PoolPolicy):
            raise UsageError(f"policy is one of {', '.join(get_args(PoolPolicy))}, not {policy!r}")
        self.options = options
        self._policy = policy
        self._turn = 0
        self._failed: dict[int, float] = {}

    def order(self, now: float, tried: Collection[int] = ()) -> list[int]:
        """List the servers by number, the one to try first at the beginning.

        Args:
            now: The time, in seconds.
            tried: The servers that are out of the question.
        """
        numbers = list(range(len(self.options)))
        if self._policy == "round-robin":
            # The turn passes with each first choice, and not where one message tries the next.
            first = self._turn % len(numbers)
            numbers = numbers[first:] + numbers[:first]
            self._turn += not tried
        # A server that is down may be the only one that is left, so it is not left out.
        numbers.sort(key=lambda number: now - self._failed.get(number, -DOWN) < DOWN)
        return [number for number in numbers if number not in tried]

    def note_failed(self, number: int, now: float) -> None:
        """Note that no connection to a server could be made or kept."""
        self._failed[number] = now

    def note_worked(self, number: int) -> None:
        """Note that a server works."""
        self._failed.pop(number, None)


def parse_servers(
    protocol: MailProtocol, servers: PoolServers, keywords: Mapping[str, object]
) -> tuple[Options, ...]:
    """Check the options of each server.

    Args:
        protocol: The protocol of the pool.
        servers: The options of one server, or of several.
        keywords: Options that hold for all of them.

    Raises:
        UsageError: If there is none, or an option is wrong.
    """
    sources = servers if isinstance(servers, list | tuple) else (servers,)
    if not sources:
        raise UsageError("a pool needs the options of a server, or of several")
    return tuple(parse_options(protocol, source, **keywords) for source in sources)
