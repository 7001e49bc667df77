"""POP3 sessions for tests: without a connection, and what a scripted server says.

Nothing here knows what is tested.
"""

from netmail.flows.flow import Close, Left
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


def leave(flow, reader, *arriving):
    """Leave a flow that has handed over values; return what it asks for while the rest arrives."""
    asked, octets = [], iter(arriving)
    try:
        request = flow.throw(Left())
        while True:
            asked.append(request)
            if not isinstance(request, Close):
                reader.feed(next(octets))
            request = next(flow)
    except Left:
        return asked
