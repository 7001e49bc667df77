"""POP3 sessions for tests: without a connection, and what a scripted server says.

Nothing here knows what is tested.
"""

from netmail.flows.pop3.session import Pop3Session
from netmail.options.options import MailProtocol, parse_options
from servers.scripted import Expect, Send

HELLO = [Send(b"+OK hi\r\n"), Expect(b"CAPA"), Send(b"-ERR what\r\n")]
NOOP = [Expect(b"NOOP"), Send(b"+OK\r\n")]
QUIT = [Expect(b"QUIT"), Send(b"+OK bye\r\n")]


def session(offers=("PIPELINING", "TOP"), **options):
    """A session without login."""
    made = Pop3Session(parse_options(MailProtocol.POP3, host="localhost", **options))
    made.capabilities = dict.fromkeys(offers, ())
    return made
