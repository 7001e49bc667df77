"""A mailbox watched: what happens in it, by UID, over as many connections as it takes.

This file knows how a map from sequence numbers to UIDs is kept, and how the server is asked; the
bare command that waits is `idle`'s.

RFC 9051 sections 2.3.1, 5.2 and 6.3.13; RFC 2177.
"""

from array import array
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from netmail.errors import ConnectionLost, StateError, UsageError
from netmail.flows.flow import Alarm, Flow, Listen, StreamingFlow, Values
from netmail.flows.imap.live.idle import PAUSE, Events, one_idle, renewal
from netmail.flows.imap.live.notify import NotifyFolders
from netmail.flows.imap.live.others import OtherMailboxes
from netmail.flows.imap.live.ranges import among, ranges_of
from netmail.flows.imap.live.uid_only import highest
from netmail.flows.imap.open_mailbox import OpenMailbox
from netmail.flows.imap.search import search
from netmail.flows.imap.select import same_mailbox, select
from netmail.flows.imap.session import ImapSession
from netmail.options.durations import seconds
from netmail.results.imap_events import (
    Arrived,
    Bye,
    Expunged,
    FlagsChanged,
    IdleEvent,
    MailboxStatus,
    NotifyEvent,
    SearchUpdated,
    WatchEvent,
)
from netmail.results.vanished import Vanished
from netmail.wire.imap.sequence_set import LARGEST

POLL: Final = 60.0
"""Seconds between two NOOPs, where the server has no IDLE."""

TRIES: Final = 5
"""How often the UIDs are asked for while messages are expunged; the last response holds."""


class Watch:
    """What is known of a mailbox, and what happened since the caller was given the last events.

    The map costs four octets a message and one search: without it, neither a message that was
    expunged nor one whose flags changed could be named by UID.

    Args:
        session: The session.
        mailbox: Its name; `None` for the selected one, else the options' mailbox, else INBOX.
        after: Messages with a larger UID are new, also if they are there already; `None` for none.
        timeout: Seconds after which it ends; `None` for no end.
        renew: Seconds of one IDLE.
        poll: Seconds between two NOOPs, where there is no IDLE.
        also: Other mailboxes that events are wanted of; `None` for none.

    Raises:
        UsageError: If an argument is wrong.

    Attributes:
        is_up_to_date: Whether the last step knew what is in the mailbox before it waited.
    """

    def __init__(
        self,
        session: ImapSession,
        mailbox: str | None,
        *,
        after: int | None = None,
        timeout: float | timedelta | None = None,
        renew: float | timedelta,
        poll: float | timedelta,
        also: NotifyFolders | None = None,
    ) -> None:
        if after is not None and (isinstance(after, bool) or not isinstance(after, int)):
            raise UsageError("after is a UID, or None")
        if mailbox:
            session.mailbox_argument(mailbox)
        self.is_up_to_date = False
        self._session = session
        self._name = mailbox
        self._whole = None if timeout is None else Alarm(seconds("timeout", timeout))
        self._renew, self._poll = renewal(renew), seconds("poll", poll)
        self._last = after  # the largest UID that was reported, or that is not new
        self._uids = array("L")
        self._validity: int | None = None
        self._opened: OpenMailbox | None = None
        self._events = Events(session, self._sift)
        self._others = OtherMailboxes(session, also)
        self._pending: list[WatchEvent] = []

    def step(self) -> StreamingFlow[WatchEvent]:
        """Converse up to the next events, and hand them over; none if the time is over.

        RFC 9051 section 6.3.13.
        """
        # C: T1 SELECT "INBOX"
        # S: * 3 EXISTS
        # C: T2 UID SEARCH ALL
        # S: * SEARCH 10 20 30
        # C: T3 IDLE
        # S: + idling now
        # S: * 2 EXPUNGE
        # C: DONE CRLF
        # S: T3 OK terminated
        #
        # Each step ends with no command in progress: the caller may send others before the next.
        self.is_up_to_date = False
        try:
            yield from self._find_events()
        except ConnectionLost:
            # What happened before is not lost with the connection; the next step finds it closed.
            self._absorb()
            if not self._pending:
                raise
        if self._pending:
            pending, self._pending = self._pending, []
            yield Values(pending)

    def end(self) -> None:
        """Listen no more."""
        if self._session.listener == self._events.note:
            self._session.listener = None

    def _find_events(self) -> StreamingFlow[WatchEvent]:
        while not self._pending and not self._is_over():
            yield from self._synchronise()
            self.is_up_to_date = True
            if not self._pending:
                yield from self._wait()
                self._absorb()

    def _is_over(self) -> bool:
        return self._whole is not None and self._whole.rang

    def _wait(self) -> StreamingFlow[WatchEvent]:
        """Wait for the next event, or until it is time to look whether the server is there."""
        session, others = self._session, [self._whole] if self._whole else []
        if session.offers("IDLE"):
            # One that the server ends by itself, and at once each time, is NOOP with another name:
            # after it the server is asked, so that it cannot make the client run in a circle.
            each = Alarm(self._renew)
            if (yield from one_idle(session, self._events, [each, *others])):
                yield from session.noop()
            return
        # "The NOOP command can be used as a periodic poll for new messages or message status
        # updates during a period of inactivity (the IDLE command [...] should be used instead of
        # NOOP if real-time updates to mailbox state are desirable)", RFC 9051 section 6.1.2.
        yield Listen((Alarm(self._poll), *others))
        yield from session.noop()

    # -- the map -------------------------------------------------------------------------------

    def _synchronise(self) -> Flow[None]:
        """Select the mailbox if it is not, and find what the map does not know."""
        yield from self._select()
        self._absorb()
        if not self._others.is_asked:
            yield from self._ask_of_others()
        for _ in range(TRIES):
            mailbox = self._opened
            exists = mailbox.exists if mailbox else None
            if exists is None or exists == len(self._uids):
                return
            # EXISTS has counted messages whose UIDs are not known yet: it "reports the number of
            # messages in the mailbox", RFC 9051 section 7.4.1, and nothing of which they are.
            if exists > len(self._uids) and self._last is not None:
                self._add((yield from self._uids_after(self._last)))
                self._absorb()
            # Where both differ still, something was expunged meanwhile, or the server miscounts.
            if self._opened and self._opened.exists != len(self._uids):
                yield from self._compare()

    def _select(self) -> Flow[None]:
        session = self._session
        is_open = self._opened is not None and session.mailbox is self._opened
        if is_open and session.listener == self._events.note and self._events.are_complete:
            return
        # A new connection, or another call has selected something else meanwhile.
        name = self._name or session.selected or session.options.mailbox or "INBOX"
        if session.selected is None or not same_mailbox(session.selected, name):
            yield from select(session, name)
        self._name, self._opened = name, session.mailbox
        self._check_validity()
        self._events = Events(session, self._sift)
        session.listener = self._events.note
        yield from self._compare()

    def _ask_of_others(self) -> Flow[None]:
        """Ask for events of other mailboxes, and report what is different in them.

        RFC 5465 section 3.1.
        """
        if self._others.has_ended:
            # A server that gives up may do so again, at once each time.
            yield Listen((Alarm(PAUSE),))
        self._pending += yield from self._others.ask()
        # It may have selected the mailbox again, and otherwise "implies an implicit NOOP command".
        yield from self._select()
        self._absorb()

    def _check_validity(self) -> None:
        """Compare UIDVALIDITY with that of the connection before.

        Raises:
            StateError: If UIDs name other messages now.

        RFC 9051 section 2.3.1.1.
        """
        # "If unique identifiers from an earlier session fail to persist in this session, the unique
        # identifier validity value MUST be greater than the one used in the earlier session".
        validity = self._opened.numbers.get("UIDVALIDITY") if self._opened else None
        if self._validity is not None and validity not in {self._validity, None}:
            message = f"the UIDs of {self._name} have changed (UIDVALIDITY {self._validity} is now"
            raise StateError(f"{message} {validity}): watch() it again")
        self._validity = self._validity if validity is None else validity

    def _compare(self) -> Flow[None]:
        """Find all UIDs, and report how they differ from those that were known."""
        for _ in range(TRIES):
            self._events.take()
            found = sorted((yield from search(self._session, "ALL", None)))
            kept = self._events.take()
            # Sequence numbers of events that came with the response count from before it, or from
            # after it: only without an EXPUNGE both are the same.
            if not any(isinstance(event, Expunged) for event in kept):
                break
        known = self._uids
        if self._last is None:  # the first time: all that is there is known
            self._last = max(found, default=0)
        elif gone := sorted({*known}.difference(found)):
            self._pending.append(Vanished(ranges_of(gone), earlier=True))
        self._uids = array("L", [uid for uid in found if uid <= self._last])
        self._add(found)
        for event in kept:
            self._take(event)

    def _uids_after(self, last: int) -> Flow[list[int]]:
        """Ask for the UIDs of messages that are new."""
        # C: T1 UID SEARCH UID 4392:*
        # S: * SEARCH 4392 4393
        if last >= LARGEST:
            return []
        return (yield from search(self._session, f"UID {last + 1}:{highest(self._session)}", None))

    def _add(self, found: Iterable[int]) -> None:
        """Take in UIDs that are larger than any before, and report them."""
        # "Unique identifiers are assigned in a strictly ascending fashion in the mailbox"; and
        # 4393:* names the last message in any case, RFC 9051 section 6.4.9.
        last = self._last or 0
        new = sorted(uid for uid in {*found} if uid > last)
        if new:
            self._uids.extend(new)
            self._last = new[-1]
            self._pending.append(Arrived(tuple(new)))

    def _absorb(self) -> None:
        """Take in the events that have come."""
        for event in self._events.take():
            self._take(event)

    def _take(self, event: IdleEvent) -> None:
        if isinstance(event, Expunged):
            # "The EXPUNGE response reports that the specified message sequence number has been
            # permanently removed": one that is not in the map was expunged before it was reported.
            known = 1 <= event.sequence <= len(self._uids)
            uid = self._uids.pop(event.sequence - 1) if known else None
            self._pending.append(Expunged(uid, event.sequence))
        elif isinstance(event, FlagsChanged):
            self._take_flags(event)
        elif isinstance(event, Vanished):
            # RFC 7162 section 3.2.10: with QRESYNC on, VANISHED comes in place of EXPUNGE.
            gone = among(self._uids, [event])
            if gone:
                missing = {*gone}
                self._uids = array("L", [uid for uid in self._uids if uid not in missing])
                self._pending.append(Vanished(ranges_of(gone)))
        elif isinstance(event, Bye | NotifyEvent | SearchUpdated):
            self._pending.append(event)
        # Of Exists there is nothing to take: the session counts.

    def _sift(self, event: IdleEvent) -> Sequence[IdleEvent]:
        """Leave out what is known of other mailboxes, so that it does not end the wait."""
        if not isinstance(event, NotifyEvent):
            return [event]
        # The watched mailbox is an other one while a call of the caller has selected another.
        if isinstance(event, MailboxStatus) and same_mailbox(event.name, self._name or "INBOX"):
            return []
        return self._others.take(event)

    def _take_flags(self, event: FlagsChanged) -> None:
        # Many servers leave the UID out of what was not asked for. Of a message that is not in the
        # map, the flags are those that it arrives with.
        uid, sequence = event.uid, event.sequence
        if uid is None and sequence is not None and 1 <= sequence <= len(self._uids):
            uid = self._uids[sequence - 1]
        if uid is not None:
            self._pending.append(FlagsChanged(uid, event.flags, sequence, event.modseq))
