"""A session with messages to send, and transcripts of one message up to each point.

Nothing here judges: the tests of `flows/smtp` do.
"""

from dataclasses import dataclass

from netmail.envelope import Envelope
from netmail.flows.flow import Connect
from netmail.flows.smtp import batch as flows
from netmail.flows.smtp.session import SmtpSession
from netmail.flows.streaming import Streaming
from netmail.options.options import MailProtocol, parse_options
from support.replay import replay

OPTIONS = parse_options(MailProtocol.SMTP, host="localhost", pipelining="envelope")
PIPELINING = {"PIPELINING": (), "SIZE": ("1000000",), "8BITMIME": (), "SMTPUTF8": ()}


@dataclass
class Batch:
    """A session, and the messages to send over it."""

    session: SmtpSession

    @property
    def queue(self):
        """The session's queue."""
        return self.session.queue

    @property
    def pending(self):
        """The recipients still to be sent to, a tuple a message."""
        return [message.recipients for message in self.queue.pending]

    @property
    def uncertain(self):
        """The recipients that may have a message already, a tuple a message."""
        return [message.recipients for message in self.queue.uncertain]


def envelope(*recipients, sender="ann@x.test", content=b"A: b\r\n\r\nhello\r\n"):
    """A message of 15 octets."""
    return Envelope(sender, recipients or ("bob@x.test",), content)


def batch_of(*messages, offered=PIPELINING):
    """A session with messages to send."""
    batch = Batch(SmtpSession(OPTIONS))
    batch.session.capabilities = dict(offered)
    for message in messages:
        batch.queue.add(message)
    return batch


def sent(batch, transcript, size):
    """Send the queue against a transcript; return the report."""
    return replay(sending(batch), batch.session.reader, transcript, size=size)


def sending(batch):
    """Return the flow that sends the queue over one connection, and returns the report."""
    call = Call(batch)
    assert not (yield from call.over()), "another connection is asked for"
    return call.report()


class Call:
    """One call of `send()`, connection by connection."""

    def __init__(self, batch, *messages, **options):
        self._session = batch.session
        self.batch = flows.Batch(batch.session, messages, **options)
        self._streaming = Streaming(self.batch.run())

    def over(self, *, new=True, failure=None):
        """Converse over the next connection; return whether another one is asked for.

        Args:
            new: Whether the first connection was made for the call.
            failure: Why there is no next connection.
        """
        if not self._streaming.has_begun:
            yield from self._streaming.next()
            assert self._streaming.asked is Connect.FIRST
        else:
            new = True
        self._session.openings += new
        yield from self._streaming.next(failure)
        return self._streaming.asked is Connect.ANOTHER

    def report(self):
        """The report."""
        return self.batch.report()


ACCEPTED = """
    C: MAIL FROM:<ann@x.test> SIZE=15
    C: RCPT TO:<bob@x.test>
    S: 250 2.1.0 Ok
    S: 250 2.1.5 Ok
    C: DATA
    S: 354 go
    C: A: b
    C: 
    C: hello
    C: .
    S: 250 2.0.0 Ok: queued as 4F1D2
"""  # noqa: W291 -- the empty line of a message is "C: " in the transcript

ENVELOPE_SENT = """
    C: MAIL FROM:<ann@x.test> SIZE=15
    C: RCPT TO:<bob@x.test>
"""
DATA_SENT = ENVELOPE_SENT + "S: 250 Ok\nS: 250 Ok\nC: DATA\n"
CONTENT_SENT = DATA_SENT + "S: 354 go\nC! A: b\\r\\n\\r\\nhello\\r\\n.\\r\\n\n"
RESET = "C: RSET\nS: 250 Ok\n"
"""What follows a message that was refused before its content."""

ONE_BY_ONE = """
    C: MAIL FROM:<ann@x.test>
    S: 250 Ok
    C: RCPT TO:<bob@x.test>
    S: 250 Ok
    C: DATA
    S: 354 go
"""
"""The same as `DATA_SENT` and 354, to a server without extensions."""
