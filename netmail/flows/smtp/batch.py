"""All messages that wait, over one connection.

This file knows that one message's trouble is not the next one's, and when it is.
"""

from netmail.errors import ProtocolError, TransportError
from netmail.flows.flow import Close, Flow
from netmail.flows.smtp.attempt import Attempt
from netmail.flows.smtp.delivery import Delivery
from netmail.flows.smtp.outbox import Outbox
from netmail.limits import ServerLimits
from netmail.options.options import Options
from netmail.results.smtp import MessageResult, SendReport


class Batch(Delivery):
    """How the outbox is emptied.

    Attributes:
        outbox: What waits to be sent.
    """

    def __init__(self, options: Options, limits: ServerLimits | None = None) -> None:
        super().__init__(options, limits)
        self.outbox = Outbox()

    def send(self) -> Flow[SendReport]:
        """Send what waits; the outbox tells the truth at every moment."""
        results: list[MessageResult] = []
        failure: TransportError | ProtocolError | None = None
        for number, mail in self.outbox.waiting():
            attempt = Attempt(mail, mail.pending)
            if failure is None:
                failure = yield from self._try(attempt, idle=not results)
                self.outbox.forget_if_done(number)
            results.append(attempt.result())
        if failure is not None:
            yield Close(failure)
        return SendReport(tuple(results), failure)

    def _try(self, attempt: Attempt, *, idle: bool) -> Flow[TransportError | ProtocolError | None]:
        """Send one message; return what ended the connection, if anything did.

        While the connection was `idle`, the server may have spoken or closed. Between messages
        there is no such while: what has come is seen without looking again.
        """
        try:
            if idle:
                yield from self.check_silence()
            if self._begun:
                yield from self._reset()
                self._begun = False
            yield from self.deliver(attempt)
        except (TransportError, ProtocolError) as error:
            attempt.error = attempt.error or error
            return error
        return None
