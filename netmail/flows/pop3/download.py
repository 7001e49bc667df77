"""One message handed over in pieces as it comes: RETR into a file.

This file knows how much there is to come, and not where the octets go.

RFC 1939 section 5.
"""

from netmail.errors import UsageError
from netmail.flows.file_target import FileTarget, OnProgress, Target
from netmail.flows.flow import Left, Piece, StreamingFlow, Values
from netmail.flows.pop3.body import Body
from netmail.flows.pop3.commands import check_uid, list_messages, message_number
from netmail.flows.pop3.session import Pop3Session


def target_of(target: FileTarget | None, progress: OnProgress | None) -> Target | None:
    """Return where a message goes; `None` where the caller wants its octets.

    Raises:
        UsageError: If it is neither a path nor a binary file, or `progress` has no use.
    """
    if target is not None:
        return Target(target, 0, progress)
    if progress is not None:
        raise UsageError("progress is for a message that goes to a target: pass one")
    return None


def download(
    session: Pop3Session, uid: int | str, progress: OnProgress | None
) -> StreamingFlow[Piece]:
    """Send RETR, and hand over the message in pieces.

    What is wrong with the arguments is raised here, and not when the first piece is asked for.

    RFC 1939 section 5.
    """
    check_uid(uid)
    return _retr(session, uid, sized=progress is not None)


def _retr(session: Pop3Session, uid: int | str, *, sized: bool) -> StreamingFlow[Piece]:
    # C: LIST 7
    # S: +OK 7 310
    # C: RETR 7
    # S: +OK message follows
    #
    # "In order to simplify parsing, all POP3 servers are required to use a certain format for scan
    # listings", RFC 1939 section 5; the text after the +OK of RETR has none, so that only LIST
    # gives a size. It is a server's claim: the body ends where its dot is.
    message = yield from message_number(session, uid)
    size = (yield from list_messages(session, message))[0]["size"] if sized else None
    yield from session.command(b"RETR %d" % message)
    body = Body(session.reader)
    try:
        while not body.is_done:
            piece = yield from body.next()
            # The last piece may be empty, and is handed over all the same: an empty message makes
            # an empty file.
            yield Values([Piece(piece, size)])
    except Left:
        yield from body.drop()
        raise
