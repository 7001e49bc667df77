"""All messages that wait, over one connection.

This file knows that one message's trouble is not the next one's, and when it is.
"""

from netmail.errors import ProtocolError, TransportError
from netmail.flows.flow import Abandon, Flow
from netmail.flows.smtp.attempt import Attempt
from netmail.flows.smtp.delivery import Delivery
from netmail.flows.smtp.outbox import Outbox
from netmail.options import Options
from netmail.report import SendReport
from netmail.wire.limits import ReplyLimits


class Batch(Delivery):
    """How the outbox is emptied.

    Attributes:
        outbox: What waits to be sent.
    """

    def __init__(self, options: Options, limits: ReplyLimits | None = None) -> None:
        super().__init__(options, limits)
        self.outbox = Outbox()

    def send(self) -> Flow[SendReport]:
        """Send what waits; the outbox tells the truth at every moment."""
        attempts = [Attempt(number, mail, mail.pending) for number, mail in self.outbox.waiting()]
        failure: TransportError | ProtocolError | None = None
        for attempt in attempts:
            failure = yield from self._try(attempt)
            self.outbox.forget_if_done(attempt.number)
            if failure is not None:
                yield Abandon(failure)
                break
        return SendReport(tuple(attempt.result() for attempt in attempts), failure)

    def _try(self, attempt: Attempt) -> Flow[TransportError | ProtocolError | None]:
        """Send one message; return what ended the connection, if anything did."""
        try:
            if self._begun:
                yield from self._reset()
                self._begun = False
            yield from self.deliver(attempt)
        except (TransportError, ProtocolError) as error:
            attempt.error = attempt.error or error
            return error
        return None
