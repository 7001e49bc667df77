"""Lists, read entry by entry as they come: LIST and UIDL of all messages, LANG.

This file knows where an entry ends, and not what becomes of it.

RFC 1939 sections 5 and 7.
"""

from collections.abc import Callable
from typing import Final, Generic, TypeVar

from netmail.errors import ProtocolError
from netmail.flows.flow import Flow, Left, StreamingFlow, Values
from netmail.flows.pop3.body import Body
from netmail.flows.pop3.session import Pop3Session
from netmail.results.pop3 import Language, ScanListing, UniqueId
from netmail.wire import pop3

Entry = TypeVar("Entry", ScanListing, UniqueId, Language)

LONGEST: Final = 8192
"""Octets of one entry: two numbers, or a number and an id of at most 512 octets."""


def scan_listings(session: Pop3Session) -> StreamingFlow[ScanListing]:
    """Send LIST, and hand over the entries as they come.

    RFC 1939 section 5.
    """
    # "A scan listing consists of the message-number of the message, followed by a single space and
    # the exact size of the message in octets."
    return _each(session, b"LIST", pop3.scan_listing)


def unique_ids(session: Pop3Session) -> StreamingFlow[UniqueId]:
    """Send UIDL, and hand over the entries as they come.

    RFC 1939 section 7.
    """
    # "A unique-id listing consists of the message-number of the message, followed by a single space
    # and the unique-id of the message."
    return _each(session, b"UIDL", pop3.unique_id)


class Listing(Generic[Entry]):
    """The entries after a +OK line that the reader has just taken.

    Args:
        session: The session.
        read: Reads one line.

    Attributes:
        body: The reply's body.
    """

    def __init__(self, session: Pop3Session, read: Callable[[bytes], Entry]) -> None:
        self.body = Body(session.reader)
        self._read: Callable[[bytes], Entry] = read
        self._rest = b""

    def next(self) -> Flow[list[Entry]]:
        """Wait for octets, and return the entries that are whole with them; there may be none.

        Raises:
            ProtocolError: If a line is no entry.
        """
        octets = self._rest + (yield from self.body.next())
        *lines, self._rest = octets.split(b"\n")
        # The body ends in a line end: there is no rest then.
        if len(self._rest) > LONGEST:
            message = f"an entry of a list of more than {LONGEST} octets"
            raise ProtocolError(message, self._rest, "CRLF")
        return [self._read(line.removesuffix(b"\r")) for line in lines]


def entries(session: Pop3Session, verb: bytes, read: Callable[[bytes], Entry]) -> Flow[list[Entry]]:
    """Send a command without argument, and return the entries of its list.

    Raises:
        ProtocolError: If a line is no entry, or there are more than `limits.responses`.
    """
    yield from session.command(verb)
    listing, found = Listing(session, read), list[Entry]()
    limit = session.reader.limits.responses
    while not listing.body.is_done:
        found += yield from listing.next()
        # A list of short lines takes ten times the memory of its octets.
        if len(found) > limit:
            message = f"a list of more than {limit} entries; raise limits.responses if meant"
            raise ProtocolError(message)
    return found


def _each(
    session: Pop3Session, verb: bytes, read: Callable[[bytes], Entry]
) -> StreamingFlow[Entry]:
    # "If no argument was given and the POP3 server issues a positive response, then the response
    # given is multi-line."                                     RFC 1939 section 5, and 7 for UIDL
    yield from session.command(verb)
    session.messages.numbers_lost = False
    listing = Listing(session, read)
    try:
        while not listing.body.is_done:
            yield Values((yield from listing.next()))
    except Left:
        yield from listing.body.drop()
        raise
