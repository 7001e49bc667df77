"""Many messages with commands in flight together: RETR, TOP, DELE.

This file knows which commands these are, and not how many are in flight.

RFC 1939 sections 5 and 7; RFC 2449 section 6.6.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from typing import TypeAlias

from netmail.errors import ConnectionLost, DeletionsRefused, Pop3Error, UsageError
from netmail.flows.flow import Flow, Left, StreamingFlow, Values
from netmail.flows.pop3.commands import check_uid, ensure_known
from netmail.flows.pop3.one_by_one import reconnect
from netmail.flows.pop3.pipelining import Exchange, pipeline
from netmail.flows.pop3.session import Pop3Session
from netmail.results.pop3_message import Pop3Message
from netmail.wire.number import number

MessageIds: TypeAlias = Iterable[int | str]
"""Messages of a maildrop: an int is a message number, a str a unique-id."""

_Command: TypeAlias = Callable[[int], bytes]


def retr_many(session: Pop3Session, uids: MessageIds) -> StreamingFlow[Pop3Message]:
    """Fetch messages: pipelined RETRs.

    What is wrong with the arguments is raised here, and not when the first message is asked for.

    RFC 1939 section 5; RFC 2449 section 6.6.
    """
    # C: RETR 1
    # C: RETR 2
    return _retr_many(session, _checked(uids))


def top_many(session: Pop3Session, uids: MessageIds, count: int) -> StreamingFlow[Pop3Message]:
    """Fetch the headers and first lines of messages: pipelined TOPs.

    RFC 1939 section 7; RFC 2449 section 6.6.
    """
    # C: TOP 1 10
    # C: TOP 2 10
    lines = number(count, "a count of lines", least=0)
    return _top_many(session, _checked(uids), lines)


def delete_many(session: Pop3Session, uids: MessageIds) -> Flow[None]:
    """Mark messages as deleted: pipelined DELEs.

    All of them are tried, whatever the server replies to some.

    Raises:
        DeletionsRefused: If the server refuses some; the others are marked.

    RFC 1939 section 5; RFC 2449 section 6.6.
    """
    # C: DELE 1
    # C: DELE 2
    return _delete_many(session, _checked(uids))


def _checked(uids: MessageIds) -> list[int | str]:
    """Return the messages that were asked for, after checking each.

    Raises:
        UsageError: If one is no message number and no unique-id.
    """
    given: object = uids
    # A unique-id is an iterable of its characters, each of which is one.
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise UsageError(f"uids are an iterable of int and str, not {type(given).__name__}")
    found = list(uids)
    for uid in found:
        check_uid(uid)
    return found


def _retr_many(session: Pop3Session, uids: list[int | str]) -> StreamingFlow[Pop3Message]:
    yield from _messages(session, uids, lambda message: b"RETR %d" % message)


def _top_many(
    session: Pop3Session, uids: list[int | str], lines: int
) -> StreamingFlow[Pop3Message]:
    # TOP is optional in RFC 1939; -ERR would not tell a missing command from a missing message.
    yield from session.require("TOP")
    yield from _messages(session, uids, lambda message: b"TOP %d %d" % (message, lines))


def _messages(
    session: Pop3Session, uids: list[int | str], command: _Command
) -> StreamingFlow[Pop3Message]:
    # "In order to simplify parsing, all POP3 servers are required to use a certain format for
    # unique-id listings" (RFC 1939 section 7): one UIDL names all messages, and none a message.
    yield from _ensure_known(session, uids)
    count = 0  # of the messages that were handed over
    while True:
        exchanges = (_exchange(session, uid, command) for uid in islice(uids, count, None))
        sending = yield from pipeline(session, exchanges)
        try:
            while (yield from sending.fill()):
                done = yield from sending.read()
                # The server works on the next ones while the caller has these.
                yield from sending.fill()
                count += len(done)
                yield Values([_message(exchange) for exchange in done])
        except Left:
            yield from sending.drop()
            raise
        except ConnectionLost as error:
            lost = error
        else:
            return
        yield from reconnect(session, sending, lost)


def _message(exchange: Exchange) -> Pop3Message:
    return Pop3Message(exchange.uid, exchange.number, exchange.body, exchange.error)


def _delete_many(session: Pop3Session, uids: list[int | str]) -> Flow[None]:
    yield from _ensure_known(session, uids)
    exchanges = _deletions(session, uids)
    sending = yield from pipeline(session, exchanges)
    # "Any future reference to the message-number associated with the message in a POP3 command
    # generates an error", RFC 1939 section 5: a number that is there twice is refused once.
    refused: dict[int | str, Pop3Error] = {}
    while (yield from sending.fill()):
        for exchange in (yield from sending.read()):
            if exchange.error is not None:
                refused[exchange.uid] = exchange.error
    if refused:
        raise DeletionsRefused(refused)


def _deletions(session: Pop3Session, uids: list[int | str]) -> Iterator[Exchange]:
    # Of identical copies with one unique-id, each is meant once.
    begun: set[int] = set()
    for uid in uids:
        exchange = _exchange(
            session, uid, lambda message: b"DELE %d" % message, deletes=True, besides=begun
        )
        begun.add(exchange.number)
        yield exchange


def _exchange(
    session: Pop3Session,
    uid: int | str,
    command: _Command,
    *,
    deletes: bool = False,
    besides: Collection[int] = (),
) -> Exchange:
    """Make the command for one message; one that is not sent where there is no such message."""
    if isinstance(uid, int):
        session.messages.refuse_lost_numbers()
    try:
        message = uid if isinstance(uid, int) else session.messages.number_of(uid, besides)
    except Pop3Error as error:
        return Exchange(uid, 0, b"", error=error)
    return Exchange(uid, message, command(message), deletes)


def _ensure_known(session: Pop3Session, uids: list[int | str]) -> Flow[None]:
    """Send UIDL where a unique-id is asked for, once a session."""
    if not session.messages.is_known and any(isinstance(uid, str) for uid in uids):
        yield from ensure_known(session)
