"""What all pools begin with: their arguments, checked.

This file must not know how to wait, nor a message.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from netmail.clients.pools.rate import Rate
from netmail.clients.pools.servers import PoolPolicy, PoolServers, Servers, parse_servers
from netmail.errors import MailTimeout, UsageError
from netmail.options.durations import milliseconds, seconds, wait
from netmail.options.options import MailProtocol, Options, parse_options

CLOSING_SECONDS: Final = 5.0
"""Seconds for the check of an idle connection, for leaving its mailbox, and for its QUIT or LOGOUT,
which decide nothing."""


class PoolSettings(NamedTuple):
    """The arguments of a pool.

    Attributes:
        servers: The servers.
        rate: The moments at which messages may be sent.
        idle_timeout: Seconds.
    """

    servers: Servers
    rate: Rate
    idle_timeout: float


def check(  # noqa: PLR0917 -- the arguments of a pool
    servers: PoolServers,
    size: int,
    max_messages: int | None,
    rate: float | None,
    idle_timeout: object,
    policy: PoolPolicy,
    keywords: Mapping[str, object],
) -> PoolSettings:
    """Check the arguments of a pool that sends messages.

    Raises:
        UsageError: If one of them is wrong.
    """
    _positive("size", size)
    if max_messages is not None:
        _positive("max_messages", max_messages)
    options = parse_servers(MailProtocol.SMTP, servers, keywords)
    limited = tuple(_limited(each, max_messages) for each in options)
    return PoolSettings(Servers(limited, policy), Rate(rate), seconds("idle_timeout", idle_timeout))


def check_queue_size(size: int | None) -> int | None:
    """Check how many messages may wait; `None` for no limit.

    Raises:
        UsageError: If it is no number from 1 on.
    """
    if size is not None:
        _positive("queue_size", size)
    return size


def check_leases(  # noqa: PLR0917 -- the arguments of a pool
    protocol: MailProtocol,
    servers: PoolServers,
    size: int,
    idle_timeout: object,
    policy: PoolPolicy,
    keywords: Mapping[str, object],
) -> tuple[Servers, float]:
    """Check the arguments of a pool that lends its clients.

    Returns:
        The servers, and `idle_timeout` in seconds.

    Raises:
        UsageError: If one of them is wrong.
    """
    _positive("size", size)
    options = parse_servers(protocol, servers, keywords)
    return Servers(options, policy), seconds("idle_timeout", idle_timeout)


def waiting_seconds(timeout: object, options: Options) -> float:
    """Return how long a lease is waited for; `None` is the option's time.

    Raises:
        UsageError: If it is no duration.
    """
    return (
        options.timeout_seconds
        if timeout is None
        else milliseconds(wait("timeout", timeout)) / 1000
    )


def waited(seconds: float) -> MailTimeout:
    """Return the error for a lease that was not free in time."""
    return MailTimeout(
        f"waited {seconds:g} s for a free connection of the pool; raise size=..., or lease()'s "
        "timeout=... (ms)"
    )


def _limited(options: Options, max_messages: int | None) -> Options:
    """Return the options with the lesser of both limits."""
    if max_messages is None:
        return options
    least = min(max_messages, options.max_messages or max_messages)
    return parse_options(MailProtocol.SMTP, options, max_messages=least)


def _positive(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise UsageError(f"{name} is an int from 1 on, not {value!r:.40}")
