"""The transport that only pretends, for tests of managers and programs.

This file must not know any manager.
"""

import random
from dataclasses import dataclass

from netmail import Envelope, MessageResult, Sendable, UsageError, envelope_of
from netmail.delivery.directives import read_directives
from netmail.delivery.errors import TransportExhausted, TransportFailed
from netmail.delivery.results import accepted_result, refused_result


@dataclass(frozen=True)
class MockDirectives:
    """The directives of `mock`; each is a probability from 0 to 1.

    Attributes:
        success: That a message is accepted, where neither of the others happens.
        failure: That `TransportFailed` is raised.
        exhaustion: That the message is accepted and `TransportExhausted` is raised.
    """

    success: float = 1.0
    failure: float = 0.0
    exhaustion: float = 0.0

    def __post_init__(self) -> None:
        for name in ("success", "failure", "exhaustion"):
            if not 0 <= getattr(self, name) <= 1:
                raise UsageError(f"transport mock: {name} is a probability from 0 to 1")


class MockTransport:
    """Writes and checks each message as the others do, and throws dice for what becomes of it.

    Attributes:
        messages: The envelopes that it has accepted.
    """

    def __init__(self, config: dict[str, object]) -> None:
        self._directives = read_directives(MockDirectives, config, "transport mock")
        self.messages: list[Envelope] = []

    def startup(self) -> None:
        """Need nothing."""

    def deliver(self, message: Sendable) -> MessageResult:
        """Accept or refuse a message by chance.

        Raises:
            TransportFailed: By the directive `failure`.
            TransportExhausted: By the directive `exhaustion`.
        """
        chances = self._directives
        # A test that passes with mock must not fail in production: the message is written here too.
        envelope = envelope_of(message)
        if random.random() < chances.failure:  # noqa: S311 -- not for secrets
            raise TransportFailed("mock failure")
        if random.random() < chances.exhaustion:  # noqa: S311 -- not for secrets
            self.messages.append(envelope)
            result = accepted_result(envelope, "mock")
            raise TransportExhausted("mock exhaustion", result=result)
        if random.random() >= chances.success:  # noqa: S311 -- not for secrets
            return refused_result(envelope, "mock refusal")
        self.messages.append(envelope)
        return accepted_result(envelope, "mock")

    def shutdown(self) -> None:
        """Need nothing."""
