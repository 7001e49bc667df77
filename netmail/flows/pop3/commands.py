"""POP3's commands: STAT, LIST, UIDL, RETR, TOP, DELE, RSET, CAPA, and any other line.

This file must not know how a command is sent: the session does that.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from netmail.errors import ProtocolError, UsageError
from netmail.flows.flow import Flow
from netmail.flows.pop3.listing import entries
from netmail.flows.pop3.session import Pop3Session
from netmail.results.pop3 import ScanListing, Stat, UniqueId
from netmail.results.pop3_capabilities import Pop3Capabilities
from netmail.text import check_text, split_verb
from netmail.wire import pop3
from netmail.wire.number import number
from netmail.wire.server_text import decode, encode

Message = TypeVar("Message", ScanListing, UniqueId)

_MULTILINE: Final = frozenset({"RETR", "TOP", "CAPA"})
"""Commands whose positive reply has a body."""

_MULTILINE_ALONE: Final = frozenset({"LIST", "UIDL", "LANG"})
"""Commands whose positive reply has a body if they have no argument."""

_ONE_LINE: Final = frozenset({"STAT", "DELE", "NOOP", "RSET", "UTF8"})
"""Commands whose positive reply has no body."""

_LOGIN: Final = "the options username, password and auth"
_INSTEAD: Final = {
    "QUIT": "quit()",
    "STLS": "the option tls",
    "AUTH": _LOGIN,
    "USER": _LOGIN,
    "PASS": _LOGIN,
    "APOP": _LOGIN,
}
"""Commands that begin or end a session, each with what to use instead."""


def stat(session: Pop3Session) -> Flow[Stat]:
    """Send STAT.

    RFC 1939 section 5.
    """
    # +OK nn mm, the "drop listing"
    found = pop3.stat((yield from session.command(b"STAT")))
    session.messages.numbers_lost = False
    return found


def list_messages(session: Pop3Session, uid: int | str | None = None) -> Flow[list[ScanListing]]:
    """Send LIST, for all messages or for one.

    RFC 1939 section 5.
    """
    # LIST [msg]: +OK, then a scan listing a line; with an argument, the listing in the +OK line
    return (yield from _table(session, b"LIST", uid, pop3.scan_listing))


def uidl(session: Pop3Session, uid: int | str | None = None) -> Flow[list[UniqueId]]:
    """Send UIDL, for all messages or for one.

    RFC 1939 section 7.
    """
    # UIDL [msg]: optional; as LIST, with unique-ids
    found = yield from _table(session, b"UIDL", uid, pop3.unique_id)
    if uid is None:
        session.messages.learn(found)
    return found


def retr(session: Pop3Session, uid: int | str) -> Flow[bytes]:
    """Send RETR.

    RFC 1939 section 5.
    """
    # RETR msg: +OK message follows / -ERR no such message
    if isinstance(uid, str) or session.messages.numbers_lost:
        return _retr(session, uid)
    # The one generator that reads it all, without another around it: mail comes by the thousand.
    return session.multiline(b"RETR %d" % number(uid, "a message number"))


def _retr(session: Pop3Session, uid: int | str) -> Flow[bytes]:
    return (yield from session.multiline(b"RETR %d" % (yield from message_number(session, uid))))


def top(session: Pop3Session, uid: int | str, count: int = 0) -> Flow[bytes]:
    """Send TOP, if the server offers it.

    RFC 1939 section 7, RFC 2449 section 6.1.
    """
    # TOP msg n: +OK top of message follows / -ERR no such message; n is a non-negative number
    lines = number(count, "a count of lines", least=0)
    check_uid(uid)
    # TOP is optional in RFC 1939; -ERR would not tell a missing command from a missing message.
    yield from session.require("TOP")
    return (
        yield from session.multiline(
            b"TOP %d %d" % ((yield from message_number(session, uid)), lines)
        )
    )


def dele(session: Pop3Session, uid: int | str) -> Flow[str]:
    """Send DELE: the server marks the message, and deletes it at QUIT.

    RFC 1939 section 5.
    """
    # DELE msg: +OK message deleted / -ERR no such message
    message = yield from message_number(session, uid)
    text = yield from session.command(b"DELE %d" % message)
    session.messages.deleted(message)
    return text


def rset(session: Pop3Session) -> Flow[str]:
    """Send RSET: the server unmarks all messages.

    RFC 1939 section 5.
    """
    # RSET: +OK, always: it cannot fail
    text = yield from session.command(b"RSET")
    session.messages.reset()
    return text


def capa(session: Pop3Session) -> Flow[Pop3Capabilities]:
    """Send CAPA, and replace the session's capabilities.

    RFC 2449 section 5.
    """
    body = yield from session.multiline(b"CAPA")
    # RFC 2449 section 5: the capabilities may differ before and after the login.
    session.capabilities = pop3.capabilities(body.splitlines())
    return session.capabilities


def exec(
    session: Pop3Session,
    command: str,
    path: str | None = None,
    no_transfer: bool = False,
    multiline: bool | None = None,
) -> Flow[str]:
    """Send a line as it is, and read the body if its reply has one.

    RFC 1939 section 3.
    """
    # The checks are the whole defence: a line end in a text would begin a second command.
    line = check_text(command, "the command")
    if path is not None:
        line = f"{line} {check_text(path, 'the path')}"
    line = line.strip()
    verb, arguments = split_verb(line.upper())
    if not verb:
        raise UsageError("exec() needs a command")
    if verb in _INSTEAD:
        raise UsageError(f"exec() cannot send {verb}: use {_INSTEAD[verb]}")
    has_body = _has_body(verb, arguments, multiline)
    text = yield from session.command(line.encode())
    _note(session, verb, arguments)
    if not has_body:
        return text
    # Read even if it is not wanted: the rest would pass as the next reply.
    body = yield from session.read_body()
    return text if no_transfer else f"{text}\r\n{decode(body)}"


def _note(session: Pop3Session, verb: str, arguments: str) -> None:
    """Record what a command that was sent as it is has changed."""
    if verb == "DELE" and arguments.isascii() and arguments.isdigit():
        session.messages.deleted(int(arguments[:19]))
    elif verb == "RSET":
        session.messages.reset()


def _has_body(verb: str, arguments: str, multiline: bool | None) -> bool:
    """Return whether a positive reply has a body; a caller's statement is for other commands."""
    # RFC 1939 section 5: LIST is multi-line without an argument only, and so are UIDL and, in
    # RFC 6856 section 3, LANG, which lists the languages then.
    if verb in _MULTILINE_ALONE:
        return not arguments
    if verb in _MULTILINE | _ONE_LINE:
        return verb in _MULTILINE
    # RFC 1939 section 3: "Responses to certain commands are multi-line", and the +OK does not
    # show which. A body that is not read would pass as the next reply.
    if not isinstance(multiline, bool):
        raise UsageError(
            f"exec() cannot know whether the reply to {verb[:20]} has a body: pass multiline=True "
            "or multiline=False"
        )
    return multiline


def _table(
    session: Pop3Session, verb: bytes, uid: int | str | None, read: Callable[[bytes], Message]
) -> Flow[list[Message]]:
    # Deleted messages are in no list, so numbers may be missing: RFC 1939 section 5.
    if uid is not None:
        return (
            yield from _one_entry(session, verb, (yield from message_number(session, uid)), read)
        )
    found = yield from entries(session, verb, read)
    session.messages.numbers_lost = False
    return found


def _one_entry(
    session: Pop3Session, verb: bytes, uid: int, read: Callable[[bytes], Message]
) -> Flow[list[Message]]:
    # RFC 1939 section 5: with an argument the entry is in the +OK line.
    text = yield from session.command(b"%b %d" % (verb, uid))
    line = encode(text)
    entry = read(line)
    # A reply for another message is out of step: the next ones would be too.
    if entry["uid"] != uid:
        message = f"the reply to {verb.decode()} is for another message"
        raise ProtocolError(message, line, str(uid))
    return [entry]


def check_uid(uid: int | str) -> None:
    """Check what a caller names a message by.

    Raises:
        UsageError: If it is no message number and no unique-id.
    """
    if isinstance(uid, str):
        pop3.check_unique_id(uid)
    else:
        number(uid, "a message number")


def ensure_known(session: Pop3Session) -> Flow[None]:
    """Send UIDL for netmail's own use: its caller sees no message number of it.

    RFC 1939 section 7.
    """
    lost = session.messages.numbers_lost
    yield from uidl(session)
    session.messages.numbers_lost = lost


def message_number(session: Pop3Session, uid: int | str) -> Flow[int]:
    """Return a message number; a unique-id is looked up in UIDL, which is sent once a session."""
    check_uid(uid)
    if not isinstance(uid, str):
        session.messages.refuse_lost_numbers()
        return uid
    if not session.messages.is_known:
        yield from ensure_known(session)
    return session.messages.number_of(uid)
