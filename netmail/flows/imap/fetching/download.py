"""One message or one part of it, handed over in pieces as it comes: UID FETCH into a file.

This file knows which literal of which response it is, and not where the octets go.

RFC 9051 section 6.4.5.
"""

from typing import Final

from netmail.errors import ImapError
from netmail.flows.flow import Piece, StreamingFlow
from netmail.flows.imap.fetching.streaming import reading_of, stream
from netmail.flows.imap.select import ensure_selected
from netmail.flows.imap.session import ImapSession
from netmail.wire.imap.fetch_data import fetched_messages
from netmail.wire.imap.fetch_items import FetchItem
from netmail.wire.imap.fragments import Fragments
from netmail.wire.number import LARGEST, number

_GONE: Final = "there is no message with UID {uid} in {where}, or no section {section!r} in it"


def download(
    session: ImapSession, uid: int, section: str, mailbox: str | None, offset: int
) -> StreamingFlow[Piece]:
    """Fetch one message or part: UID FETCH; its flags stay as they are.

    What is wrong with the arguments is raised here, and not when the first piece is asked for.

    RFC 9051 section 6.4.5.
    """
    number(uid, "a UID")
    number(offset, "an offset", least=0)
    partial = (offset, LARGEST) if offset else None
    item = FetchItem.body(section, partial=partial).text
    if mailbox:
        session.mailbox_argument(mailbox)
    return _download(session, uid, item, mailbox, offset)


def _download(
    session: ImapSession, uid: int, item: str, mailbox: str | None, offset: int
) -> StreamingFlow[Piece]:
    # fetch-att = "BODY.PEEK" section [partial], partial = "<" number64 "." nz-number64 ">"
    #
    # C: T1 UID FETCH 7 (UID BODY.PEEK[1]<4096.4294967295>)
    # S: * 3 FETCH (UID 7 BODY[1]<4096> {310}
    # S: ...)
    # S: T1 OK done
    yield from ensure_selected(session, mailbox)
    #
    # A whole message has no partial: "<0>" after the section would be in the response too, and
    # some servers leave it out.
    section = item[item.index("[") + 1 : item.index("]")]
    fetching = _Fetching(session, uid, section, offset)
    session.hold(fetching.is_it)
    try:
        yield from stream(
            session,
            "UID FETCH",
            b"%d" % uid,
            f"(UID {item})".encode("ascii"),
            read=fetching.read,
            pieces=fetching.pieces,
        )
    finally:
        session.hold(None)
    if not fetching.found:
        where = session.selected or "the mailbox"
        text = _GONE.format(uid=uid, where=where, section=section)
        raise ImapError("UID FETCH", text, "NO", "NONEXISTENT")


class _Fetching:
    """What has come of one message."""

    def __init__(self, session: ImapSession, uid: int, section: str, offset: int) -> None:
        self.found = False
        self._session = session
        self._uid = uid
        self._offset = offset
        self._reading = reading_of(session)
        # section ["<" number ">"], of which the number is the offset.
        origin = f"<{offset}>" if offset else ""
        self._key = f"{section}{origin}".upper()
        self._head = f" BODY[{section}]{origin} ".upper().encode("ascii")

    def is_it(self, fragments: Fragments) -> bool:
        """Tell whether the literal that begins is the one that was asked for."""
        # A server may send other messages' responses at any time, and with a literal first: what
        # is not certainly the one that was asked for is read as a whole.
        text = fragments[0].upper()
        begins = b" FETCH (UID %d " % self._uid in text
        return not self.found and len(fragments) == 1 and begins and text.endswith(self._head)

    def pieces(self) -> list[Piece]:
        """Return what has come of the literal."""
        found, size = self._session.held_pieces()
        self.found = self.found or bool(found)
        return [Piece(data, self._offset + size) for data in found]

    def read(self, batch: list[Fragments]) -> list[Piece]:
        """Return the content of a response that has come as a whole."""
        messages, broken = fetched_messages(batch, self._reading)
        for fragments in broken:
            self._session.keep_unparsed(fragments, "FETCH data with a UID")
        for message in messages:
            content = message.sections.get(self._key)
            if message.uid != self._uid or content is None:
                continue
            # Of a literal that was handed over, only the line end is left that a server's count
            # leaves out.
            if not self.found or content == b"\r\n":
                self.found = True
                return [Piece(content, self._offset + len(content))]
        return []
