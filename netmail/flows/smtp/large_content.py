"""A content that is too large for memory: sent piece by piece, as its files are read.

This file must not know commands and replies, nor what a content consists of.
"""

from collections.abc import Callable, Iterable, Iterator

from netmail.envelope import LargeContent
from netmail.errors import ConnectionLost, MessageError, NetmailError
from netmail.flows.flow import Flow, Send
from netmail.wire import dot


class ContentUnreadable(ConnectionLost):
    """A content cannot be read to its end, and has been sent in part: the session is over.

    Attributes:
        reason: What is wrong with the message.
    """

    def __init__(self, reason: MessageError) -> None:
        # RFC 5321 section 4.1.1.4: only CRLF "." CRLF ends the data, and a server that gets it
        # delivers what it has. The end of the connection is what makes it forget the message.
        super().__init__(f"the connection was ended in the middle of a message: {reason}")
        self.reason = reason


def send_pieces(
    content: LargeContent, note_sent: Callable[[int], object], *, stuffed: bool
) -> Flow[None]:
    """Send a content without the dot that ends it.

    Args:
        content: The content.
        note_sent: Called after each piece with its octets.
        stuffed: Whether dots that begin a line are doubled, for DATA.

    Raises:
        ContentUnreadable: If it cannot be read, or is not as large as it was.
    """
    # Each piece is a request of its own, and only one is in memory. The driver reads what the
    # server sends meanwhile, so a refusal in the middle is found with the next piece.
    pieces: Iterable[bytes] = _measured(content)
    # RFC 3030 section 2: BDAT has no dots, since the octets are counted.
    for piece in dot.stuff_pieces(pieces) if stuffed else pieces:
        yield Send(piece, b"(%d octets of content)\r\n" % len(piece))
        note_sent(len(piece))


def _measured(content: LargeContent) -> Iterator[bytes]:
    """Yield the pieces; the size was announced, so it must be right."""
    # RFC 1870 section 6: the size in MAIL may be an estimate. That of BDAT may not: the server
    # would take the octets that are left over for commands, or wait for those that are missing.
    left, pieces = content.size, content.chunks()
    while True:
        try:
            piece = next(pieces, None)
        except NetmailError as error:
            raise ContentUnreadable(MessageError(str(error))) from error
        except (OSError, ValueError) as error:  # such as a file object that is closed
            raise ContentUnreadable(MessageError(f"a file cannot be read: {error}")) from error
        if piece is None:
            break
        # Before it is sent: the end of the connection must come before the end of the content.
        left -= len(piece)
        if left < 0:
            break
        yield piece
    if left:
        reason = "an attached file has changed since the message was added"
        raise ContentUnreadable(MessageError(reason))
