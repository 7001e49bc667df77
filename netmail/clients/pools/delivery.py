"""One message of a pool, and what has become of it at the servers that were tried.

This file must not know connections, nor how to wait.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from netmail.errors import NetmailError, UsageError
from netmail.flows.smtp.queue import MailObject
from netmail.flows.smtp.retries import may_pass, retries_by
from netmail.flows.smtp.session import SERVICE_CLOSING
from netmail.options.retry import RetryPolicy
from netmail.results.smtp import MessageResult, RecipientResult, SendReport, SendStatus


class Delivery:
    """One message on its path.

    Args:
        mail: The message.
        retry: How often, and when, it is tried again; `None` for not at all.
        uncertain: Whether also for recipients that may have it already.

    Attributes:
        error: Why no server could be reached at the last attempt; `None` if one was.
        is_begun: Whether it was tried.
    """

    def __init__(
        self, mail: MailObject, retry: RetryPolicy | None = None, *, uncertain: bool = False
    ) -> None:
        self.error: BaseException | None = None
        self.is_begun = False
        self._mail = mail
        self._recipients = mail.pending
        self._result: MessageResult | None = None
        self._delays = iter(()) if retry is None else retry.delays()
        self._repeats_uncertain = uncertain
        self._refused: set[str] = set()

    def attempt(self) -> MailObject:
        """Return the message for the recipients that it is still to be sent to."""
        self.is_begun, self.error = True, None
        # A copy: the client keeps account of the recipients in it.
        return replace(self._mail)

    def record(self, result: MessageResult) -> bool:
        """Record the result at one server; return whether another server may take what is left."""
        self._result = result if self._result is None else self._result.merged(result)
        self._refused |= {each.address for each in result.recipients if each.permanent}
        # RFC 5321 section 3.8: a 421 tells about the connection, and nothing about the recipient.
        left = {
            each.address
            for each in result.recipients
            if each.status is SendStatus.NOT_SENT or each.code == SERVICE_CLOSING
        }
        # What may have been delivered is never sent again by itself.
        if result.uncertain or not left:
            return False
        pending = tuple(each for each in self._mail.pending if each.address in left)
        self._mail = replace(self._mail, pending=pending)
        return True

    def pause(self) -> float | None:
        """Return the seconds until the message is tried again; `None` if its outcome is final.

        The next attempt is for those recipients alone that it may still reach.

        RFC 5321 section 4.5.4.1.
        """
        if self._result is not None:
            found = {each.address for each in self._result.recipients if self._may_succeed(each)}
            pending = tuple(each for each in self._recipients if each.address in found)
            self._mail = replace(self._mail, pending=pending)
        # Why no server could be reached counts more than what one has replied to an earlier try:
        # refused credentials, repeated, could lock the account.
        error = self.error
        lasts = error is not None and not (isinstance(error, NetmailError) and may_pass(error))
        return None if lasts or not self._mail.pending else next(self._delays, None)

    def _may_succeed(self, recipient: RecipientResult) -> bool:
        if recipient.status is SendStatus.UNCERTAIN:
            return self._repeats_uncertain and recipient.address not in self._refused
        # RFC 5321 section 4.2.1: 4yz "is a transient negative completion reply"; 5yz is not.
        return recipient.status is SendStatus.NOT_SENT or recipient.transient

    def outcome(self) -> MessageResult:
        """Return what became of it.

        Raises:
            BaseException: Why it was sent to no server.
        """
        if self._result is None:
            raise self.error or RuntimeError("the message was not tried")
        return self._result


def deliveries(retry: RetryPolicy | None, *, uncertain: bool) -> Callable[[MailObject], Delivery]:
    """Return what makes the deliveries of a pool.

    Args:
        retry: How often, and when, each is tried again.
        uncertain: Whether also for recipients that may have it already.

    Raises:
        UsageError: If it is no policy, or uncertain messages are asked for without one.
    """
    retries_by(retry, uncertain=uncertain)
    return partial(Delivery, retry=retry, uncertain=uncertain)


def settle(deliveries: list[Delivery], report: SendReport) -> list[Delivery]:
    """Record a report; return the messages that another server may take.

    Args:
        deliveries: The messages, in the order of the report.
        report: The report of one client.
    """
    pairs = zip(deliveries, report, strict=True)
    # First all results: what is decided is decided, whatever the connection ended with.
    open_ones = [delivery for delivery, result in pairs if delivery.record(result)]
    # Without an error the server has decided, if only that a recipient is to be tried later.
    return open_ones if report.error is not None else []


def fail(deliveries: list[Delivery], error: BaseException) -> None:
    """Record that the messages could not be sent to a server at all."""
    for delivery in deliveries:
        delivery.error = error


def is_servers_failure(error: BaseException) -> bool:
    """Return whether an error of connecting says that another server should be tried."""
    return isinstance(error, NetmailError) and not isinstance(error, UsageError)
