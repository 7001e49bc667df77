"""All messages of a queue, sent one after another over one connection.

Decides which failures affect one message only and which end the batch; knows no command.
"""

from netmail.errors import ProtocolError, TransportError
from netmail.flows.flow import Close, Flow
from netmail.flows.smtp.queue import SendQueue
from netmail.flows.smtp.session import SmtpSession
from netmail.flows.smtp.transaction import Transaction
from netmail.results.smtp import MessageResult, SendReport


def send(session: SmtpSession, queue: SendQueue) -> Flow[SendReport]:
    """Send what the queue holds; the queue is correct at every moment.

    RFC 5321 section 3.3.
    """
    results: list[MessageResult] = []
    failure: TransportError | ProtocolError | None = None
    for number, mail in queue.to_send():
        transaction = Transaction(session, mail, mail.pending)
        if failure is None:
            failure = yield from _try(session, transaction, first=not results)
            queue.drop_if_done(number)
        results.append(transaction.result())
    if failure is not None:
        yield Close(failure)
    return SendReport(tuple(results), failure)


def _try(
    session: SmtpSession, transaction: Transaction, *, first: bool
) -> Flow[TransportError | ProtocolError | None]:
    """Send one message; return why the connection ended, if it did."""
    try:
        # The server may have closed while the connection was idle. Between two messages it is not
        # idle: what arrived with the last reply is in the reader already.
        if first:
            yield from session.check_unsolicited()
        yield from transaction.deliver()
    except (TransportError, ProtocolError) as error:
        transaction.error = transaction.error or error
        return error
    return None
