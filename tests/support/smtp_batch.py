"""A session with messages to send, and the transcript of one that is accepted.

Nothing here judges: the tests of `flows/smtp` do.
"""

from netmail.envelope import Envelope
from netmail.flows.smtp.batch import send
from netmail.flows.smtp.queue import SendQueue
from netmail.flows.smtp.session import SmtpSession
from netmail.options.options import MailProtocol, parse_options
from support.replay import replay

OPTIONS = parse_options(MailProtocol.SMTP, host="localhost")
PIPELINING = {"PIPELINING": (), "SIZE": ("1000000",), "8BITMIME": (), "SMTPUTF8": ()}


def envelope(*recipients, sender="ann@x.test", content=b"A: b\r\n\r\nhello\r\n"):
    """A message of 15 octets."""
    return Envelope(sender, recipients or ("bob@x.test",), content)


def flows(*messages, offers=PIPELINING):
    """A session with messages to send."""
    session = SmtpSession(OPTIONS)
    session.queue = SendQueue()
    session.capabilities = dict(offers)
    for message in messages:
        session.queue.add(message)
    return session


def sent(session, transcript, size):
    """Send what waits against a transcript."""
    return replay(send(session, session.queue), session.reader, transcript, size=size)


def queued(session):
    """To whom something is still to be sent."""
    return [item.recipients for item in session.queue.pending]


def unsure(session):
    """To whom something may have been sent."""
    return [item.recipients for item in session.queue.uncertain]


ONE = """
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
"""  # noqa: W291 -- the blank line of a message is a blank line of the transcript

INTRODUCED = """
    C: MAIL FROM:<ann@x.test> SIZE=15
    C: RCPT TO:<bob@x.test>
"""
WELCOME = INTRODUCED + "S: 250 Ok\nS: 250 Ok\nC: DATA\n"
GONE = WELCOME + "S: 354 go\nC! A: b\\r\\n\\r\\nhello\\r\\n.\\r\\n\n"
