"""Waiting for what happens in the selected mailbox: IDLE.

This file knows how the wait begins, is renewed and ends, and not what an event means.

RFC 9051 section 6.3.13; RFC 2177.
"""

from collections.abc import Callable, Generator, Sequence
from datetime import timedelta
from typing import Final, TypeVar

from netmail.errors import ConnectionLost, ProtocolError, UsageError
from netmail.flows.flow import PEEK, Alarm, Flow, Left, Listen, Request, Send, StreamingFlow, Values
from netmail.flows.imap.live.uid_only import numbered
from netmail.flows.imap.responses import Responses, raise_unless_ok
from netmail.flows.imap.select import ensure_selected
from netmail.flows.imap.session import ImapSession
from netmail.options.durations import seconds
from netmail.results.imap_events import FlagsChanged, IdleEvent, MailboxChanged
from netmail.wire.imap import responses
from netmail.wire.imap.events import event
from netmail.wire.imap.fragments import Fragments
from netmail.wire.imap.mailbox_list import mailbox_list
from netmail.wire.imap.responses import StatusResponse

T = TypeVar("T")

RENEW: Final = 300.0
"""Seconds of one IDLE. RFC 9051 asks for less than 29 minutes; some routers forget a connection
that is idle for five, and a peer that is gone is noticed only by a command."""

LONGEST: Final = 29 * 60.0
"""Seconds that one IDLE may last at most."""

PAUSE: Final = 1.0
"""Seconds before IDLE is sent again where the server ended it: it may do so at once, each time."""


MAX_EVENTS: Final = 100_000
"""Events that are kept until they are handed over: another command may bring any number."""


class Events:
    """The events that have come and were not handed over, in their order.

    Args:
        session: The session whose responses they are.
        sift: Returns what of an event counts; `None` for all events as they are.

    Attributes:
        are_complete: Whether none was dropped because there were too many.
    """

    def __init__(
        self, session: ImapSession, sift: Callable[[IdleEvent], Sequence[IdleEvent]] | None = None
    ) -> None:
        self._session = session
        self._sift = sift
        self.are_complete = True
        self._found: list[IdleEvent] = []

    def note(self, fragments: Fragments) -> None:
        """Keep what one untagged response announces."""
        session = self._session
        try:
            found = event(
                fragments,
                session.reader.limits.nesting,
                strict=session.strict,
                utf8=session.is_utf8,
            )
        except ProtocolError as error:
            session.keep_unparsed(fragments, str(error))
            return
        if isinstance(found, MailboxChanged) and (data := responses.data(fragments)) is not None:
            # The caller may select it next: its name is sent back as the server writes it.
            session.remember_name(found.mailbox.name, mailbox_list(data)[1])
        if isinstance(found, FlagsChanged):
            found = numbered(session, found)
        if found is not None:
            self._keep([found] if self._sift is None else self._sift(found))

    def _keep(self, found: Sequence[IdleEvent]) -> None:
        if len(self._found) + len(found) <= MAX_EVENTS:
            self._found += found
        else:
            self.are_complete = False

    def take(self) -> list[IdleEvent]:
        """Take all."""
        taken, self._found = self._found, []
        return taken

    def __bool__(self) -> bool:
        return bool(self._found)


def idle(
    session: ImapSession,
    mailbox: str | None,
    timeout: float | timedelta | None,
    renew: float | timedelta,
) -> StreamingFlow[IdleEvent]:
    """Wait for events: IDLE.

    What is wrong with the arguments is raised here, and not when the first event is asked for.

    RFC 9051 section 6.3.13.
    """
    whole = None if timeout is None else Alarm(seconds("timeout", timeout))
    each = renewal(renew)
    if mailbox:
        session.mailbox_argument(mailbox)
    return _idle(session, mailbox, whole, each)


def renewal(renew: float | timedelta) -> float:
    """Check how long one IDLE may last.

    Raises:
        UsageError: If it is no duration, or 29 minutes and more.

    RFC 9051 section 6.3.13.
    """
    # "clients using IDLE are advised to terminate IDLE and reissue it at least every 29 minutes to
    # avoid being logged off".
    each = seconds("renew", renew)
    if each > LONGEST:
        raise UsageError(f"renew is at most {LONGEST:g} seconds: servers log off idle clients")
    return each


def _idle(
    session: ImapSession, mailbox: str | None, whole: Alarm | None, renew: float
) -> StreamingFlow[IdleEvent]:
    # idle = "IDLE" CRLF "DONE", which RFC 9051 section 9 also allows where no mailbox is selected:
    # command-auth holds it. Then there would be nothing to report, and so one is selected first.
    session.require("IDLE", "idle()")
    yield from ensure_selected(session, mailbox)
    events = Events(session)
    session.listener = events.note
    others = [whole] if whole else []
    try:
        while whole is None or not whole.rang:
            each = Alarm(renew)
            try:
                by_server = yield from one_idle(session, events, [each, *others], events.take)
                # "The server MAY consider a client inactive if it has an IDLE command running":
                # some end the command in place of the connection.
                if by_server and not events:
                    yield Listen((Alarm(PAUSE), *others))
            except ConnectionLost:
                # BYE is an event too, and what came before it.
                if events:
                    yield Values(events.take())
                raise
            if events:
                yield Values(events.take())
    finally:
        session.listener = None


def one_idle(
    session: ImapSession,
    events: Events,
    alarms: list[Alarm],
    take: Callable[[], list[T]] | None = None,
) -> Generator[Request | Values[T], None, bool]:
    """Wait until an alarm rings, and hand events over as they come.

    Args:
        session: The session, with a mailbox selected.
        events: Where its listener puts events.
        alarms: When to end the wait.
        take: What to hand over when something has come; `None` to end it at the first event, which
            stays in `events`.

    Returns:
        Whether the server has ended it by itself.

    Raises:
        ImapError: If the server refuses.
        Left: If the caller has left; DONE is sent then too.

    RFC 9051 section 6.3.13.
    """
    # C: T1 IDLE
    # S: + idling now
    # S: * 4 EXISTS
    # C: DONE CRLF
    # S: T1 OK done
    tag = yield from _begin(session)
    tagged: StatusResponse | None = None
    try:
        while tagged is None and not any(alarm.rang for alarm in alarms):
            # What came in one piece with "+" is there already, and nothing else may follow it for
            # an hour.
            tagged = session.process_unsolicited(tag)
            if events and take is None:
                break
            if events and take is not None:
                yield Values(take())
            elif tagged is None:
                # "The client MUST NOT send a command while the server is waiting for the DONE,
                # since the server will not be able to distinguish a command from a continuation":
                # it listens only.
                yield Listen(tuple(alarms))
    except Left:
        yield from _end(session, tag, tagged)
        raise
    yield from _end(session, tag, tagged)
    return tagged is not None


def _begin(session: ImapSession) -> Flow[bytes]:
    """Send IDLE and wait for the continuation request; return the tag.

    RFC 9051 section 6.3.13.
    """
    yield PEEK
    session.process_unsolicited()
    tag = session.next_tag()
    yield Send(tag + b" IDLE\r\n")
    # The server "requests a response to the IDLE command using the continuation ("+") response".
    # If it sends BYE in its place, or nothing, it is lost after the timeout of every response.
    begun = yield from session.read_until_tagged(tag, Responses(), continuation=True)
    if isinstance(begun, StatusResponse):
        raise_unless_ok(begun, "IDLE")
        raise ProtocolError("the server ends IDLE before it begins", b"", "+")
    return tag


def _end(session: ImapSession, tag: bytes, tagged: StatusResponse | None) -> Flow[None]:
    """Send DONE and read the tagged response, unless the server has sent it by itself.

    RFC 9051 section 6.3.13.
    """
    # "The IDLE command is terminated by the receipt of a "DONE" continuation from the client".
    # Then "the server MAY send any remaining queued untagged responses and then MUST immediately
    # send the tagged response": those are events as well.
    if tagged is None:
        yield Send(b"DONE\r\n")
        tagged = yield from session.read_until_tagged(tag, Responses())
    raise_unless_ok(tagged, "IDLE")
