# Written by scripts/twins from async_imap_live.py: edit that file, not this one.
"""The blocking IMAP client's methods that follow what happens in a mailbox.

This file knows only which flow each method runs.
"""

from collections.abc import Iterable
from datetime import timedelta

from netmail.clients.client import Client
from netmail.clients.result_iterator import ResultIterator
from netmail.flows.imap.live import idle, notify, sync, watch
from netmail.flows.imap.live.idle import RENEW
from netmail.flows.imap.live.notify import OF_OTHERS, OF_SELECTED, NotifyFolders
from netmail.flows.imap.live.watch import POLL
from netmail.flows.imap.session import ImapSession
from netmail.options.retry import RetryPolicy
from netmail.results.imap_events import IdleEvent, MailboxStatus, WatchEvent
from netmail.results.imap_mailbox import SelectedMailbox
from netmail.results.imap_sync import Changes, SyncState


class ImapLive(Client):
    """What happens in mailboxes, as it happens."""

    _session: ImapSession

    @property
    def mailbox(self) -> SelectedMailbox | None:
        """The selected mailbox as the server described it up to now; `None` if there is none.

        It is kept true by what the server sends with each command. No round trip.
        """
        return self._session.mailbox_snapshot()

    def idle(
        self,
        path: str | None = None,
        *,
        timeout: float | timedelta | None = None,
        renew: float | timedelta = RENEW,
    ) -> ResultIterator[IdleEvent]:
        """Wait for what happens in a mailbox, and hand each event over as the server sends it.

        It is the bare command; `watch()` names messages by UID and survives lost connections.
        Leaving the loop, by `break`, an exception, a cancellation or the timeout, ends the command,
        and any other call works then; within the loop none does.

        Args:
            path: The mailbox; `None` for the selected one.
            timeout: Seconds, or a `timedelta`, after which the loop ends; `None` for no end.
            renew: Seconds, or a `timedelta`, after which the command is ended and sent again, at
                most 29 minutes. A server that is gone is noticed so: `MailTimeout` follows, after
                this and the option `timeout` at most.

        Returns:
            The events; `Bye` is followed by `ConnectionLost`.

        Raises:
            CapabilityError: If the server has no IDLE; at the first event.
            ImapError: If the server refuses.
            UsageError: If a duration is none.

        RFC 9051 section 6.3.13; RFC 2177.
        """
        return self._stream(idle.idle(self._session, path, timeout, renew))

    def watch(
        self,
        folder: str | None = None,
        *,
        after: int | None = None,
        timeout: float | timedelta | None = None,
        renew: float | timedelta = RENEW,
        poll: float | timedelta = POLL,
        reconnect: RetryPolicy | None = None,
        also: NotifyFolders | None = None,
    ) -> ResultIterator[WatchEvent]:
        """Watch a mailbox: messages that arrive, go, or get other flags, by UID.

        Unlike within `idle()`, any other call works within the loop, such as fetching what has
        arrived: between two events the server is not waiting. What happens meanwhile is not
        missed. A call that selects another mailbox works too; the watch selects its own again.

        Args:
            folder: The mailbox; `None` for the selected one.
            after: A UID: messages with a larger one are reported as arrived, also if they are
                there already. `None` for those that arrive from now on.
            timeout: Seconds, or a `timedelta`, after which the loop ends; `None` for no end.
            renew: Seconds, or a `timedelta`, after which IDLE is ended and sent again, as for
                `idle()`; a server that is gone is noticed so.
            poll: Seconds, or a `timedelta`, between two NOOPs, where the server has no IDLE.
            reconnect: How often to connect again when the connection is lost, and when; `None` for
                what the option `reconnect` says. Each message is reported once all the same. Flags
                that change while there is no connection are not; `sync()` finds those.
            also: Other mailboxes to report on over the same connection, by NOTIFY, as for
                `notify()`: `MailboxStatus` comes when their numbers change, also while there was no
                connection, and `MailboxChanged` when one is created, deleted or renamed.

        Returns:
            The events. With `reconnect` they continue after `Bye`; otherwise the connection is
            lost then.

        Raises:
            CapabilityError: If `also` is given and the server has no NOTIFY; at the first event.
            StateError: If the mailbox's UIDVALIDITY has changed; at the next event.
            UsageError: If an argument is wrong.

        RFC 9051 sections 2.3.1 and 6.3.13; RFC 5465.
        """
        return self._follow(
            watch.Watch(
                self._session,
                folder,
                after=after,
                timeout=timeout,
                renew=renew,
                poll=poll,
                also=also,
            ),
            reconnect,
        )

    def notify(
        self,
        folders: NotifyFolders | None,
        events: str | Iterable[str] = OF_OTHERS,
        *,
        selected: str | Iterable[str] | None = OF_SELECTED,
        subtree: bool = False,
        status: bool = False,
    ) -> list[MailboxStatus]:
        """Ask the server to report what happens in mailboxes that are not selected.

        `idle()` hands the events over: `MailboxStatus`, `MailboxChanged`, `MetadataChanged`, and
        `NotificationsEnded` when the server gives up. `watch(also=...)` does all of that by itself.
        It replaces what was asked for before, and lasts as long as the connection.

        Args:
            folders: "personal", "inboxes" or "subscribed", or names of mailboxes; a dictionary of
                these and the events of each; `None` for the selected mailbox alone.
            events: What to report: MessageNew and MessageExpunge, which go together, FlagChange and
                AnnotationChange, which need them, MailboxName, SubscriptionChange,
                MailboxMetadataChange, ServerMetadataChange.
            selected: The same for whichever mailbox is selected; `None` for nothing, and then
                `mailbox` and `watch()` are blind. With `folders=None` that is NOTIFY NONE.
            subtree: Whether mailboxes below the named ones are meant too.
            status: Whether to return the numbers of each of the mailboxes.

        Returns:
            Their numbers, as they are now; none without `status`.

        Raises:
            CapabilityError: If the server has no NOTIFY.
            ImapError: If an event is unknown to the server (BADEVENT), or it is too much for it
                (NOTIFICATIONOVERFLOW).
            UsageError: If an argument is wrong.

        RFC 5465 section 3.1.
        """
        return self._read(
            notify.notify,
            self._session,
            folders,
            events,
            selected=selected,
            subtree=subtree,
            status=status,
        )

    def sync(
        self,
        folder: str | None = None,
        state: SyncState | None = None,
        *,
        means: str | None = None,
    ) -> Changes:
        """Find what is different in a mailbox since it was looked at last.

        It selects the mailbox. By QRESYNC that is one round trip, which sends no more than the
        changes; QRESYNC stays on for the connection, so that `Vanished` takes the place of
        `Expunged` in what `idle()` and `watch()` report.

        Args:
            folder: The mailbox; `None` for the selected one.
            state: `Changes.state` of the last call; `None` the first time.
            means: "QRESYNC", "CONDSTORE" or "FLAGS", which fetches the flags of all messages;
                `None` for the first of them that the server has.

        Returns:
            What is new, changed and gone, and the state for the next call. If UIDVALIDITY is
            another than in `state`, `is_reset` is true.

        Raises:
            CapabilityError: If the server has not the wanted means.
            ImapError: If there is no such mailbox.
            UsageError: If the state is none.

        RFC 7162 section 3; RFC 4549 section 4.
        """
        return self._read(sync.sync, self._session, folder, state, means)
