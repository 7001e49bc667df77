"""Which messages of a call are tried again, for which recipients, and after how long.

This file must not know a connection, nor a clock: it adds up what each message waits for.
"""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from netmail.errors import (
    MailTimeout,
    NetmailError,
    ProtocolError,
    ReplyError,
    TransportError,
    UsageError,
)
from netmail.flows.smtp.queue import MailObject, Recipient
from netmail.options.retry import RetryPolicy


class Task(NamedTuple):
    """A message, and the recipients that this call has still to send it to.

    Attributes:
        number: Its number in the queue.
        mail: The message.
        recipients: Not those that were temporarily refused since the last attempt.
    """

    number: int
    mail: MailObject
    recipients: tuple[Recipient, ...]


def put_back(tasks: deque[Task], task: Task) -> None:
    """Have a task done before those that follow it in the queue."""
    place = 0
    while place < len(tasks) and tasks[place].number < task.number:
        place += 1
    tasks.insert(place, task)


class Retries:
    """The messages that wait for another attempt.

    Args:
        policy: How often, and when.
        uncertain: Whether also for recipients that may have the message already.

    RFC 5321 section 4.5.4.1.
    """

    def __init__(self, policy: RetryPolicy, *, uncertain: bool) -> None:
        self._policy = policy
        self._uncertain = uncertain
        self._delays: dict[int, Iterator[float]] = {}
        self._held: list[Task] = []
        self._seconds = 0.0

    def first(self) -> Iterator[float]:
        """Return the delays before each further attempt to connect for the first time."""
        return self._policy.delays()

    def hold(self, task: Task) -> bool:
        """Hold what is left of a message for another attempt; return whether there is one."""
        mail = task.mail
        # RFC 1047: what was sent and not confirmed may be delivered. Only a caller that prefers two
        # copies to none asks for it again.
        again = mail.repeatable if self._uncertain else ()
        # What was accepted or refused for good is in neither. RFC 5321 section 4.2.1, 5yz: "The
        # SMTP client SHOULD NOT repeat the exact request (in the same sequence)".
        if not (mail.pending or again):
            self._delays.pop(task.number, None)
            return False
        delays = self._delays.setdefault(task.number, self._policy.delays())
        seconds = next(delays, None)
        # RFC 5321 section 4.5.4.1: "The parameters to the retry algorithm MUST be configurable."
        # The last refusal is the result.
        if seconds is None:
            del self._delays[task.number]
            return False
        self._held.append(Task(task.number, mail, again + mail.pending))
        self._seconds = max(self._seconds, seconds)
        return True

    @property
    def are_waiting(self) -> bool:
        """Whether a message waits."""
        return bool(self._held)

    def release(self) -> tuple[float, list[Task]]:
        """Return how long to wait, and what to send then, in the order of the queue."""
        # One wait for all of them, the longest: most were refused for the same reason.
        seconds, held = self._seconds, sorted(self._held, key=lambda each: each.number)
        self._seconds, self._held = 0.0, []
        return seconds, held


def may_pass(error: NetmailError) -> bool:
    """Return whether a later attempt to connect may do better after this error."""
    # The limit of the call ends every attempt; refused credentials could lock the account.
    if isinstance(error, MailTimeout) and error.limit == "deadline":
        return False
    is_transient = isinstance(error, ReplyError) and error.transient
    return is_transient or isinstance(error, TransportError | ProtocolError)


def retries_by(policy: RetryPolicy | None, *, uncertain: bool) -> Retries | None:
    """Return what is tried again by a policy; `None` for nothing.

    Raises:
        UsageError: If it is no policy, or uncertain messages are asked for without one.
    """
    # Another value, such as a number of attempts, would be taken for no limit or for none at all.
    if policy is not None and not isinstance(policy, RetryPolicy):
        raise UsageError(f"retry is a RetryPolicy, not {type(policy).__name__}")
    if policy is None and uncertain:
        raise UsageError("retry_uncertain needs retry=RetryPolicy()")
    return None if policy is None else Retries(policy, uncertain=uncertain)
