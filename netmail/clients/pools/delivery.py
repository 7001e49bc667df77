"""One message of a pool, and what has become of it at the servers that were tried.

This file must not know connections, nor how to wait.
"""

from dataclasses import replace

from netmail.errors import NetmailError, UsageError
from netmail.flows.smtp.queue import MailObject
from netmail.flows.smtp.session import SERVICE_CLOSING
from netmail.results.smtp import MessageResult, SendReport, SendStatus, merged


class Delivery:
    """One message on its path.

    Attributes:
        error: Why no server could be reached, as long as there is no result.
    """

    def __init__(self, mail: MailObject) -> None:
        self.error: BaseException | None = None
        self._mail = mail
        self._result: MessageResult | None = None

    def attempt(self) -> MailObject:
        """Return the message for the recipients that it is still to be sent to."""
        # A copy: the client keeps account of the recipients in it.
        return replace(self._mail)

    def record(self, result: MessageResult) -> bool:
        """Record the result at one server; return whether another server may take what is left."""
        self._result = result if self._result is None else merged(self._result, result)
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

    def outcome(self) -> MessageResult:
        """Return what became of it.

        Raises:
            BaseException: Why it was sent to no server.
        """
        if self._result is None:
            raise self.error or RuntimeError("the message was not tried")
        return self._result


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
