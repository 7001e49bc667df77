"""The other mailboxes that a watch reports on, over one connection.

This file knows what of them was reported last, and nothing of the selected one.

RFC 5465 section 3.1.
"""

from netmail.flows.flow import Flow
from netmail.flows.imap.live.notify import (
    NotifyFolders,
    event_groups,
    reports_selected,
    set_groups,
)
from netmail.flows.imap.pipelining.in_flight import folded
from netmail.flows.imap.session import ImapSession
from netmail.results.imap_events import MailboxStatus, NotificationsEnded, NotifyEvent


class OtherMailboxes:
    """What is known of other mailboxes than the watched one.

    Args:
        session: The session.
        folders: Which they are; `None` for none.

    Raises:
        UsageError: If one is no mailbox.

    Attributes:
        has_ended: Whether the server has ended its reports on this connection by itself.
    """

    def __init__(self, session: ImapSession, folders: NotifyFolders | None) -> None:
        self._session = session
        self.has_ended = False
        self._is_wanted = folders is not None
        self._groups = event_groups(session, folders)
        self._known: dict[str, dict[str, int | str | None]] | None = None

    @property
    def is_asked(self) -> bool:
        """Whether the server was asked on this connection, and nothing else was asked since."""
        if self._is_wanted:
            return self._session.notified == self._groups
        return reports_selected(self._session)

    def ask(self) -> Flow[list[NotifyEvent]]:
        """Ask the server, and return what is different from what was known: NOTIFY SET STATUS.

        Raises:
            CapabilityError: If it has no NOTIFY.

        RFC 5465 section 3.1.
        """
        session = self._session
        session.require("NOTIFY", "watch(also=...)")
        # With the STATUS indicator "the server MUST send a STATUS response for that mailbox before
        # NOTIFY's tagged OK": what has happened without a connection shows in the numbers.
        received = yield from set_groups(session, self._groups, status=self._is_wanted)
        self.has_ended = False
        if self._known is None:  # the first time: all that is there is known
            self._known = {folded(each.name): each.status for each in received}
            return []
        return [event for each in received for event in self.take(each)]

    def take(self, event: NotifyEvent) -> list[NotifyEvent]:
        """Take in an event, and return what is to be reported of it, if anything."""
        if isinstance(event, NotificationsEnded):
            self.has_ended = True
            return [event]
        if not self._is_wanted or self._known is None:
            return []
        if not isinstance(event, MailboxStatus):
            return [event]
        # Numbers are sent several times, and each time some of them.
        name = folded(event.name)
        before = self._known.get(name)
        now = {**(before or {}), **event.status}
        self._known[name] = now
        return [MailboxStatus(event.name, now)] if now != before else []
