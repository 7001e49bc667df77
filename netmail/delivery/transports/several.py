"""The transports over several others: the next one where one fails, or each in turn.

This file must not know any of them, nor any manager.
"""

import contextlib
import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

from netmail import Envelope, MessageResult, Sendable, SendStatus, UsageError, envelope_of
from netmail.delivery.directives import nested, read_directives
from netmail.delivery.errors import MessageFailed, TransportExhausted, TransportFailed
from netmail.delivery.interfaces import MessageTransport, TransportFactory
from netmail.delivery.registry import transport_class
from netmail.delivery.results import accepted_result, may_be_tried_again


@dataclass(frozen=True)
class SeveralDirectives:
    """The directives of `failover` and `round-robin`.

    Attributes:
        transports: The directives of each transport, with `use`.
        retry_period: Seconds in which one that has failed is taken only where all others fail.
    """

    transports: list[object]
    retry_period: float = 60.0


class FailoverTransport:
    """Delivers with the first of its transports, and with the next one where that fails.

    A message goes to another one only if nothing of its content has left: what was refused, even
    for now, and what may have been delivered, stays with the one that it went to.
    """

    _where: ClassVar[str] = "transport failover"

    def __init__(self, config: dict[str, object]) -> None:
        directives = read_directives(SeveralDirectives, config, self._where)
        self._members = [_Member(_factory(each, self._where)) for each in directives.transports]
        if not self._members:
            raise UsageError(f"{self._where}: transports is empty")
        self._retry_period = directives.retry_period

    def startup(self) -> None:
        """Need nothing: each is started with its first message."""

    def deliver(self, message: Sendable) -> MessageResult | None:
        """Deliver one message.

        Raises:
            MessageFailed: If the message is defective; no other transport is tried.
            TransportFailed: If all have failed.
        """
        envelope = envelope_of(message)
        # The message itself goes first: its octets may depend on what a server takes.
        left: Sendable = message
        decided: MessageResult | None = None
        failures = []
        for member in self._in_order():
            try:
                result = member.deliver(left)
            except TransportFailed as failure:
                # It is not asked again before it wants to be, as long as another one is left.
                member.fail(max(self._retry_period, failure.retry_after or 0.0))
                failures.append(failure)
                continue
            except MessageFailed:
                if decided is None:
                    raise
                break  # the transport of the others could carry it: it says what is left
            if result is None:
                result = accepted_result(envelope_of(left))
            decided = result if decided is None else _continued(decided, result, envelope)
            unsent = _unsent(decided, envelope)
            if unsent is None:
                break
            member.fail(self._retry_period)
            left = unsent
        if decided is None:
            reasons = "; ".join(dict.fromkeys(map(str, failures)))
            # The first that wants to be asked again may take it then.
            soonest = min((each.retry_after or 0.0 for each in failures), default=0.0)
            passing = any(each.transient for each in failures)
            raise TransportFailed(reasons, transient=passing, retry_after=soonest or None)
        return decided

    # Those that have failed are not left out altogether: a message that none of the others takes
    # would fail without need.
    def _in_order(self) -> Iterator["_Member"]:
        """Yield all, those that have failed lately last."""
        now = time.monotonic()
        yield from sorted(self._turn(), key=lambda member: max(member.failed_until - now, 0))

    def _turn(self) -> list["_Member"]:
        return self._members

    def shutdown(self) -> None:
        """Shut all down."""
        for member in self._members:
            member.close()


class RoundRobinTransport(FailoverTransport):
    """Delivers with each of its transports in turn; where one fails, the next one takes its place.

    The first one is chosen by chance, so that several threads do not all begin with the same.
    """

    _where = "transport round-robin"

    def __init__(self, config: dict[str, object]) -> None:
        super().__init__(config)
        self._next = random.randrange(len(self._members))  # noqa: S311 -- not for secrets

    def _turn(self) -> list["_Member"]:
        first, self._next = self._next, (self._next + 1) % len(self._members)
        return self._members[first:] + self._members[:first]


class _Member:
    """One of the transports: made when it is first needed, and again after it has failed."""

    def __init__(self, make: TransportFactory) -> None:
        self._make = make
        self._transport: MessageTransport | None = None
        self.failed_until = 0.0
        make()  # a wrong directive is found now, not with a message

    def deliver(self, message: Sendable) -> MessageResult | None:
        try:
            if self._transport is None:
                self._transport = self._make()
                self._transport.startup()
            result = self._transport.deliver(message)
        except TransportExhausted as error:
            self.close()
            result = error.result
        except MessageFailed:
            raise
        except BaseException:
            self.close()
            raise
        self.failed_until = 0.0
        return result

    def fail(self, period: float) -> None:
        self.failed_until = time.monotonic() + period
        self.close()

    def close(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            # It has failed, or its messages are decided: nothing more is to be learnt from it.
            with contextlib.suppress(Exception):
                transport.shutdown()


def _factory(config: object, where: str) -> TransportFactory:
    if not isinstance(config, Mapping):
        raise UsageError(f"{where}: each of transports is a group of directives, not {config!r}")
    tree = nested(config)
    return partial(transport_class(tree.get("use")), tree)


def _unsent(result: MessageResult, envelope: Envelope) -> Envelope | None:
    """Return the message for the recipients of which no server has decided and none has content."""
    left = [each.address for each in result.recipients if each.status is SendStatus.NOT_SENT]
    if not left:
        return None
    return Envelope(envelope.sender, tuple(left), envelope.content, envelope.options)


def _continued(first: MessageResult, later: MessageResult, envelope: Envelope) -> MessageResult:
    """Merge what two transports have decided; what one has refused for now may be tried again."""
    merged = first.merged(later)
    again = tuple(each.address for each in merged.recipients if may_be_tried_again(each))
    left = Envelope(envelope.sender, again, envelope.content, envelope.options) if again else None
    return replace(merged, retryable=left)
