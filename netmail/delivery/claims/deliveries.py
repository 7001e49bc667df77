"""Deliver the message of a task once, however often its engine repeats the task.

This file must not know any engine, store or transport.
"""

import itertools
import logging
import threading
import time
from dataclasses import dataclass
from typing import Any, Final

from netmail import MessageResult, RetryPolicy, SendStatus, UsageError
from netmail.delivery.attempts import HeldTransport, asked_delay, may_pass
from netmail.delivery.claims.queued import QueuedMessage, result_json, result_of
from netmail.delivery.claims.store import ClaimStore, Json
from netmail.delivery.errors import DeliveryError, DeliveryFailed
from netmail.delivery.interfaces import TransportFactory

LONG_RETRY: Final = RetryPolicy(attempts=20, delay=30, max_delay=300)
"""When a queued message is tried again; a `Message` says itself how often, by `retries`."""
_NO_RETRY: Final = RetryPolicy(attempts=0)
_POLL: Final = (0.02, 1.0)
_LOG: Final = logging.getLogger("netmail.delivery")


@dataclass(frozen=True)
class ParkedMessage:
    """A message that may have been delivered or not; it is not sent again by itself.

    Attributes:
        key: For `retry()`.
        sender: The reverse-path.
        recipients: Those for which nothing is certain.
        reason: Why.
    """

    key: str
    sender: str
    recipients: tuple[str, ...]
    reason: str


class Receipt:
    """What a queue returns for a message.

    Attributes:
        key: The message's in the queue.
    """

    def __init__(self, store: ClaimStore, key: str, message: object) -> None:
        self.key = key
        self._store = store
        self._message = message

    def done(self) -> bool:
        """Tell whether it is decided what has become of the message."""
        return self._store.final(self.key) is not None

    def result(self, timeout: float | None = None) -> MessageResult:
        """Wait until a worker has decided about the message.

        Args:
            timeout: Seconds; `None` for no limit.

        Raises:
            DeliveryFailed: If nothing was delivered and no server has refused anything.
            TimeoutError: If the time has passed first; the message stays in the queue.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        pause, longest = _POLL
        while (outcome := self._store.final(self.key)) is None:
            if deadline is not None and time.monotonic() >= deadline:
                raise TimeoutError(f"message {self.key} is not decided after {timeout} s")
            time.sleep(pause)
            # A worker needs some milliseconds, or some hours: both are asked for seldom enough.
            pause = min(2 * pause, longest)
        if outcome["result"] is None:
            raise DeliveryFailed(self._message, outcome["reason"])
        return result_of(outcome["result"])


class Deliveries:
    """Delivers the messages of tasks, each attempt once.

    Args:
        store: Keeps the claims.
        transport: Makes a transport; each thread has its own, which is kept.
        retry: When a message is tried again.
        longest: Seconds of the longest wait that the engine bears.
    """

    def __init__(
        self,
        store: ClaimStore,
        transport: TransportFactory,
        retry: RetryPolicy,
        longest: float = float("inf"),
    ) -> None:
        self.store = store
        self._transport = transport
        self._retry = retry
        self._longest = longest
        self._held = threading.local()

    def deliver(self, payload: Json) -> tuple[Json, float] | None:
        """Deliver what a task carries, unless this attempt was begun before.

        Returns:
            The next attempt's payload and the seconds until then; `None` if there is none.
        """
        queued = QueuedMessage.from_json(payload)
        key, attempt = queued.key, queued.attempt
        # Committed before anything is sent: from here on, a run that finds no outcome knows that
        # the message may have been sent.
        if self.store.claim(key, attempt):
            outcome = self._deliver(queued)
        else:
            found = self.store.outcome(key, attempt)
            outcome = self._park(queued, "its worker was lost") if found is None else found
        if outcome["final"]:
            return None
        # Also for a run that has found the outcome: the first one may have been killed before it
        # queued the next attempt. Where it was not, both are the same claim, and one is sent.
        return queued.next(outcome["left"], outcome["result"]).to_json(), outcome["delay"]

    def _deliver(self, queued: QueuedMessage) -> Json:
        # Made in the worker's process and thread: a connection that was open at a fork would
        # be two processes' at once.
        if not hasattr(self._held, "transport"):
            self._held.transport = HeldTransport(self._transport, _NO_RETRY, threading.Event())
        parked = None
        try:
            result = self._held.transport.deliver(queued.envelope)
        except DeliveryFailed as error:
            outcome = self._failed(queued, error)
        except Exception as error:  # noqa: BLE001 -- nothing is known of the message then
            _LOG.exception("message %s: its transport has failed unexpectedly", queued.key)
            return self._park(queued, f"{type(error).__name__}: {error}")
        else:
            outcome, parked = self._returned(queued, result)
        # After this the task may be repeated at any time; the outcome says what comes next.
        self.store.finish(queued.key, queued.attempt, outcome, parked)
        return outcome

    def _failed(self, queued: QueuedMessage, error: DeliveryFailed) -> Json:
        """Return the outcome of an attempt that has delivered nothing."""
        cause = error.__cause__
        delay = None
        if isinstance(cause, DeliveryError) and may_pass(cause):
            delay = self._delay(queued, cause)
        # What earlier attempts have decided stays the result, with this one's reason.
        return {
            "final": delay is None,
            "result": queued.decided,
            "reason": error.reason,
            "left": list(queued.envelope.recipients),
            "delay": delay,
        }

    def _returned(self, queued: QueuedMessage, value: object) -> tuple[Json, Json | None]:
        """Return the outcome of an attempt, and what is parked of its message."""
        if not isinstance(value, MessageResult):
            raise UsageError(f"a queued message needs a MessageResult, not {value!r}")
        result = value if queued.decided is None else result_of(queued.decided).merged(value)
        left = [] if value.retryable is None else list(value.retryable.recipients)
        delay = self._delay(queued, value) if left else None
        # The server has the message, perhaps; the other recipients are decided.
        lost = [each.address for each in value.recipients if each.status is SendStatus.UNCERTAIN]
        outcome = {
            "final": delay is None,
            "result": result_json(result),
            "reason": "",
            "left": left,
            "delay": delay,
        }
        reason = "the final reply was lost"
        return outcome, _parked(queued, lost, reason) if lost else None

    def _delay(self, queued: QueuedMessage, cause: object) -> float | None:
        """Return the seconds until the next attempt; `None` if there is to be none."""
        retries = self._retry.attempts if queued.retries is None else queued.retries
        # Attempts are counted in the task: a worker remembers nothing.
        if retries is not None and queued.attempt >= retries:
            return None
        # The number of attempts may be the message's own, so the waits have no end here.
        delays = RetryPolicy(None, self._retry.delay, self._retry.max_delay, self._retry.jitter)
        delay = next(itertools.islice(delays.delays(), queued.attempt, None))
        return min(max(delay, asked_delay(cause)), self._longest)

    def _park(self, queued: QueuedMessage, reason: str) -> Json:
        """Note that nothing is certain, unless the attempt has come to its end meanwhile."""
        recipients = list(queued.envelope.recipients)
        lost = {
            "sender": queued.envelope.sender,
            "message_id": "",
            "size": len(queued.envelope.content or b""),
            "recipients": [{"address": each, **_UNCERTAIN, "text": reason} for each in recipients],
        }
        # What earlier attempts have delivered is certain all the same.
        if queued.decided is not None:
            lost = result_json(result_of(queued.decided).merged(result_of(lost)))
        outcome = {"final": True, "result": lost, "reason": reason, "left": [], "delay": None}
        # The message itself is parked: the engine forgets the task when it ends.
        parked = _parked(queued, recipients, reason)
        self.store.park(queued.key, queued.attempt, outcome, parked)
        _LOG.warning("message %s may have been delivered or not: %s", queued.key, reason)
        # The first worker may have come to its end since; then its outcome counts.
        return self.store.outcome(queued.key, queued.attempt) or outcome

    def parked(self) -> list[ParkedMessage]:
        """Return the messages for which nothing is certain."""
        found = []
        for key, value in self.store.parked().items():
            queued = QueuedMessage.from_json(value["message"])
            envelope = queued.envelope
            found.append(ParkedMessage(key, envelope.sender, envelope.recipients, value["reason"]))
        return found

    def again(self, key: str) -> Json:
        """Take a parked message, and return the payload of its next attempt.

        Raises:
            UsageError: If no message is parked under this key.
        """
        value = self.store.take(key)
        # Taken by another user, or finished by its worker after all.
        if value is None:
            raise UsageError(f"no message is parked under the key {key!r}")
        payload: dict[str, Any] = value["message"]
        return payload


_UNCERTAIN: Final = {"status": SendStatus.UNCERTAIN.value, "stage": "reply"}


def _parked(queued: QueuedMessage, recipients: list[str], reason: str) -> Json:
    again = queued.next(recipients, queued.decided)
    return {"message": again.to_json(), "reason": reason}
