# Written by scripts/twins from async_imap_fetch.py: edit that file, not this one.
"""The blocking IMAP client's methods that fetch messages.

This file knows only which flow each method runs.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Literal, overload

from netmail.clients.imap_mailboxes import ImapMailboxes
from netmail.clients.result_iterator import ResultIterator
from netmail.flows.file_target import FileTarget, OnProgress, Target
from netmail.flows.imap import fetch
from netmail.flows.imap.fetching import download, fetch_each, fetch_many, mails
from netmail.flows.imap.session import ImapSession
from netmail.results.vanished import Vanished
from netmail.wire.imap.fetch_items import FetchItems
from netmail.wire.imap.fetched_message import FetchedMessage
from netmail.wire.imap.search_program import SearchQuery
from netmail.wire.imap.sequence_set import UidSet

if TYPE_CHECKING:
    from netmail.mime.mail import Mail


class ImapFetch(ImapMailboxes):
    """Fetching messages, whole and in parts, one and many."""

    _session: ImapSession

    @overload
    def fetch(self, uid: int = 1, path: str | None = None) -> bytes: ...

    @overload
    def fetch(self, uid: str | Iterable[int], path: str | None = None) -> dict[int, bytes]: ...

    def fetch(self, uid: UidSet = 1, path: str | None = None) -> bytes | dict[int, bytes]:
        r"""Fetch whole messages; they stay unread.

        Args:
            uid: One UID, or a set of them.
            path: The mailbox; `None` for the selected one.

        Returns:
            One message's octets; for a set, a dictionary from UID to octets, without those that do
            not exist.

        Raises:
            ImapError: If there is no message with the one UID, or if the server has no content of a
                message that exists (code "UNAVAILABLE").

        RFC 9051 section 6.4.5.
        """
        return self._read(fetch.fetch, self._session, uid, path)

    @overload
    def fetch_many(
        self,
        uids: UidSet,
        items: FetchItems,
        path: str | None = None,
        *,
        changed_since: int | None = None,
        vanished: Literal[False] = False,
    ) -> ResultIterator[FetchedMessage]: ...

    @overload
    def fetch_many(
        self,
        uids: UidSet,
        items: FetchItems,
        path: str | None = None,
        *,
        changed_since: int,
        vanished: bool,
    ) -> ResultIterator[FetchedMessage | Vanished]: ...

    def fetch_many(
        self,
        uids: UidSet,
        items: FetchItems,
        path: str | None = None,
        *,
        changed_since: int | None = None,
        vanished: bool = False,
    ) -> ResultIterator[FetchedMessage] | ResultIterator[FetchedMessage | Vanished]:
        r"""Fetch items of many messages, each handed over as soon as it has come.

        Nothing is sent before the first message is asked for, and no more is kept in memory than
        what has arrived. `ResultIterator` says what a loop may do, and how to leave it.

        Args:
            uids: UIDs, or a set such as "1:*".
            items: What to fetch, as in "FLAGS BODY.PEEK[HEADER]", or a list of such names and
                `FetchItem`s. UID always comes too. BODY[...] without PEEK sets \Seen.
            path: The mailbox; `None` for the selected one.
            changed_since: Only messages whose modification sequence is larger, such as
                `SyncState.highest_modseq`; `None` for all. `modseq` comes too then.
            vanished: Whether to hand over `Vanished` as well, for those of `uids` that are gone
                since; the server may name UIDs that never existed. It turns QRESYNC on for the
                connection, as `sync()` does.

        Returns:
            The messages, in the order the server sends them, without those that do not exist.

        Raises:
            UsageError: If the UIDs or the items are wrong, or `vanished` is without
                `changed_since`.
            CapabilityError: If the server has not the extension that is needed; at the first
                message.

        RFC 9051 section 6.4.5; RFC 7162 sections 3.1.4.1 and 3.2.6.
        """
        return self._read_many(
            fetch_many.fetch_many,
            self._session,
            uids,
            items,
            path,
            changed_since,
            vanished=vanished,
        )

    def fetch_each(
        self, items: Mapping[int, FetchItems], path: str | None = None
    ) -> dict[int, FetchedMessage]:
        r"""Fetch other items of each message, with one command for each, sent together.

        For what differs from message to message, such as a part that BODYSTRUCTURE shows; the same
        items of many messages are `fetch_many()`.

        Args:
            items: What to fetch by UID, as for `fetch_many()`.
            path: The mailbox; `None` for the selected one.

        Returns:
            The messages by UID, without those that do not exist; all are in memory together.

        Raises:
            UsageError: If a UID or an item is wrong.
            CapabilityError: If the server has not the extension that is needed.
            ImapError: If the server refuses an item.

        RFC 9051 sections 5.5 and 6.4.5.
        """
        return self._read(fetch_each.fetch_each, self._session, items, path)

    def mails(
        self, query: SearchQuery | None = None, folder: str | None = None
    ) -> "ResultIterator[Mail]":
        """Find messages and read them, each handed over as soon as it has come; they stay unread.

        Nothing is sent before the first message is asked for. `ResultIterator` says what a
        loop may do, and how to leave it. A message that is larger than `MessageLimits` allows is a
        `Mail` of what was read of it.

        Args:
            query: What to find, as for `search()`; empty for NEW.
            folder: The mailbox; `None` for the selected one.

        Returns:
            The messages, each with its `uid`, in the order the server sends them.

        Raises:
            UsageError: If the query is wrong.
            ImapError: If the server refuses the query; at the first message.

        RFC 9051 sections 6.4.4 and 6.4.5.
        """
        return self._read_many(mails.mails, self._session, query, folder)

    def download(
        self,
        uid: int,
        target: FileTarget,
        section: str = "",
        path: str | None = None,
        *,
        offset: int = 0,
        progress: OnProgress | None = None,
    ) -> int:
        """Write one message, or one part of it, to a file as it comes; it stays unread.

        Memory does not grow with the message. If the connection is lost, the file keeps what has
        come; call it again with `offset=os.path.getsize(path)` to fetch the rest. A part is written
        as the message has it, in its transfer encoding.

        Args:
            uid: The message's UID.
            target: A path, or a binary file that is open for writing and stays open.
            section: "" for the whole message, or a part such as "1.2", "HEADER" or "TEXT".
            path: The mailbox; `None` for the selected one.
            offset: How many octets are there already and are not fetched again: a file at a path is
                cut to them, a file object is written from where it is.
            progress: Called with the octets that are there and those of the whole after each piece.
                What it raises passes to the caller; the rest is left.

        Returns:
            How many octets the whole has.

        Raises:
            ImapError: If there is no such message or section; no file is made then.
            OSError: If the file cannot be written.

        RFC 9051 section 6.4.5.
        """
        return self._download(
            partial(download.download, self._session, uid, section, path),
            Target(target, offset, progress),
            resumes=True,
        )
