"""All messages of a queue, sent one after another over one connection.

This file must not know a command: only which failures affect one message, and which end the batch.
"""

from netmail.errors import ProtocolError, TransportError
from netmail.flows.flow import PEEK, Close, Flow
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
        # After the connection has ended the other messages are only reported: not sent, and kept.
        if failure is None:
            try:
                # The server may have closed the idle connection. Between two messages it is not
                # idle: what arrived with the last reply is in the reader already.
                if not results:
                    yield PEEK
                yield from transaction.deliver()
            except (TransportError, ProtocolError) as error:
                transaction.error = transaction.error or error
                failure = error
            queue.drop_if_done(number)
        results.append(transaction.result())
    # The driver knows of a connection that broke, but not of a 421 or a broken grammar.
    if failure is not None:
        yield Close(failure)
    return SendReport(tuple(results), failure)
