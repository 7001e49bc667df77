# Written by scripts/twins from the asyncio clients: edit those, not this one.
"""The calls that a pipeline takes: methods of the clients, each with a `Pending` for its result.

This file knows only which flow each call runs.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias, overload

from netmail.clients.pipelining.pipeline_queue import PipelineQueue
from netmail.flows.file_target import OnProgress
from netmail.flows.imap import (
    copy,
    expunge,
    extended_search,
    fetch,
    mailbox_info,
    mailbox_list,
    mailboxes,
    move,
    status,
    store,
)
from netmail.flows.imap.extended_search import SearchRange
from netmail.flows.imap.extensions import (
    acl,
    identification,
    metadata,
    namespace,
    quota,
    sort,
    thread,
)
from netmail.flows.imap.status import ALL_ITEMS
from netmail.flows.imap.uploads import append
from netmail.results.access_rights import GrantableRights, Rights
from netmail.results.imap import (
    AppendResult,
    CopyResult,
    ListEntry,
)
from netmail.results.imap_mailbox import MailboxInfo
from netmail.results.namespaces import Namespaces
from netmail.results.pending import Pending
from netmail.results.quota import Quota
from netmail.results.search_result import SearchResult
from netmail.results.thread import Thread
from netmail.wire.imap.search_program import SearchQuery
from netmail.wire.imap.sequence_set import UidSet

if TYPE_CHECKING:
    pass
if TYPE_CHECKING:
    from netmail.mime.stored import Storable
Names: TypeAlias = list[str]
Entries: TypeAlias = list[ListEntry]
Mailboxes: TypeAlias = list[MailboxInfo]
Numbers: TypeAlias = list[int]
Quotas: TypeAlias = list[Quota]
Threads: TypeAlias = list[Thread]
Uids: TypeAlias = list[int]
Results: TypeAlias = list[SearchResult]
Appended: TypeAlias = list[Pending[AppendResult]]


class PipelineMailboxesCalls(PipelineQueue):
    """The calls of `AsyncImapMailboxes`."""

    def list_mailboxes(
        self,
        name: str = "",
        pattern: str | Iterable[str] = "*",
        *,
        subscribed: bool = False,
        remote: bool = False,
        parents: bool = False,
        status: str | Iterable[str] = (),
        rights: bool = False,
        metadata: str | Iterable[str] = (),
    ) -> Pending[Mailboxes]:
        """List mailboxes with their uses, and with numbers if wanted."""
        return self._add(
            mailbox_info.list_mailboxes(
                self._session,
                name,
                pattern,
                subscribed=subscribed,
                remote=remote,
                parents=parents,
                status=status,
                rights=rights,
                metadata=metadata,
            )
        )

    def create(self, name: str, use: str | None = None) -> Pending[Names]:
        """Make a mailbox."""
        return self._add(mailboxes.create(self._session, name, use))

    def delete(self, name: str) -> Pending[Names]:
        """Delete a mailbox and its messages; if it is the selected one, none is selected then."""
        return self._add(mailboxes.delete(self._session, name))

    def rename(self, old_name: str, new_name: str) -> Pending[Names]:
        """Rename a mailbox; of INBOX, move all messages to the new one instead."""
        return self._add(mailboxes.rename(self._session, old_name, new_name))

    def subscribe(self, name: str) -> Pending[bool]:
        """Add a mailbox to those that `lsub()` lists."""
        return self._add(mailboxes.subscribe(self._session, name))

    def unsubscribe(self, name: str) -> Pending[bool]:
        """Take a mailbox from those that `lsub()` lists."""
        return self._add(mailboxes.unsubscribe(self._session, name))

    def list(self, name: str = "", pattern: str = "*") -> Pending[Entries]:
        """List mailboxes."""
        return self._add(mailbox_list.list_mailboxes(self._session, name, pattern))

    def lsub(self, name: str = "", pattern: str = "*") -> Pending[Entries]:
        """List mailboxes as `list()` does, but only those that the user subscribes to."""
        return self._add(mailbox_list.lsub(self._session, name, pattern))

    def status(self, name: str, attrs: str | Iterable[str] = ALL_ITEMS) -> Pending[dict[str, Any]]:
        """Count a mailbox's messages without selecting it; some servers need long for it."""
        return self._add(status.status(self._session, name, attrs))


class PipelineExtensionsCalls(PipelineMailboxesCalls):
    """The calls of `AsyncImapExtensions`."""

    def namespace(self) -> Pending[Namespaces]:
        """Ask where the user's mailboxes are, and those of others."""
        return self._add(namespace.namespace(self._session))

    def id(self, fields: Mapping[str, str | None] | None = None) -> Pending[dict[str, str | None]]:
        """Exchange the names and versions of both programs."""
        return self._add(identification.id(self._session, fields))

    def get_quota(self, root: str = "") -> Pending[Quota]:
        """Ask how much one quota root holds, and how much it may hold."""
        return self._add(quota.get_quota(self._session, root))

    def get_quota_root(self, name: str = "INBOX") -> Pending[Quotas]:
        """Ask for the quotas that hold for a mailbox."""
        return self._add(quota.get_quota_root(self._session, name))

    def set_quota(self, root: str, limits: Mapping[str, int]) -> Pending[Quota]:
        """Set the limits of a quota root; those that are not named are lifted."""
        return self._add(quota.set_quota(self._session, root, limits))

    def get_acl(self, name: str) -> Pending[dict[str, Rights]]:
        """Ask for the rights of all users on a mailbox."""
        return self._add(acl.get_acl(self._session, name))

    def set_acl(self, name: str, user: str, rights: str) -> Pending[bool]:
        """Grant rights on a mailbox, or take them."""
        return self._add(acl.set_acl(self._session, name, user, rights))

    def delete_acl(self, name: str, user: str) -> Pending[bool]:
        """Take a user off the list of a mailbox."""
        return self._add(acl.delete_acl(self._session, name, user))

    def list_rights(self, name: str, user: str) -> Pending[GrantableRights]:
        """Ask what can be granted to a user on a mailbox."""
        return self._add(acl.list_rights(self._session, name, user))

    def my_rights(self, name: str) -> Pending[Rights]:
        """Ask what the user may do with a mailbox."""
        return self._add(acl.my_rights(self._session, name))

    def get_metadata(
        self,
        name: str,
        entries: str | Iterable[str],
        *,
        depth: str = "0",
        max_size: int | None = None,
    ) -> Pending[dict[str, bytes | None]]:
        """Ask for annotations of a mailbox, or of the server."""
        return self._add(metadata.get_metadata(self._session, name, entries, depth, max_size))

    def set_metadata(self, name: str, values: Mapping[str, str | bytes | None]) -> Pending[bool]:
        """Set annotations of a mailbox, or of the server."""
        return self._add(metadata.set_metadata(self._session, name, values))

    @overload
    def sort(
        self,
        criteria: str | Iterable[str],
        query: SearchQuery | None = None,
        folder: str | None = None,
    ) -> Pending[Numbers]: ...

    @overload
    def sort(
        self,
        criteria: str | Iterable[str],
        query: SearchQuery | None = None,
        folder: str | None = None,
        *,
        result: str | Iterable[str],
        partial: SearchRange | None = None,
    ) -> Pending[SearchResult]: ...

    @overload
    def sort(
        self,
        criteria: str | Iterable[str],
        query: SearchQuery | None = None,
        folder: str | None = None,
        *,
        result: str | Iterable[str] | None = None,
        partial: SearchRange,
    ) -> Pending[SearchResult]: ...

    def sort(
        self,
        criteria: str | Iterable[str],
        query: SearchQuery | None = None,
        folder: str | None = None,
        *,
        result: str | Iterable[str] | None = None,
        partial: SearchRange | None = None,
    ) -> Pending[Numbers | SearchResult]:
        """Find messages, in an order that the server makes."""
        return self._add(
            sort.sort(self._session, criteria, query, folder, result=result, partial=partial)
        )

    def thread(
        self,
        algorithm: str = "REFERENCES",
        query: SearchQuery | None = None,
        folder: str | None = None,
    ) -> Pending[Threads]:
        """Find messages, with the replies to each."""
        return self._add(thread.thread(self._session, algorithm, query, folder))


class PipelineSearchCalls(PipelineExtensionsCalls):
    """The calls of `AsyncImapSearch`."""

    @overload
    def search(
        self, query: SearchQuery | None = None, folder: str | None = None
    ) -> Pending[Uids]: ...

    @overload
    def search(
        self,
        query: SearchQuery | None = None,
        folder: str | None = None,
        *,
        result: str | Iterable[str],
        partial: SearchRange | None = None,
    ) -> Pending[SearchResult]: ...

    @overload
    def search(
        self,
        query: SearchQuery | None = None,
        folder: str | None = None,
        *,
        result: str | Iterable[str] | None = None,
        partial: SearchRange,
    ) -> Pending[SearchResult]: ...

    def search(
        self,
        query: SearchQuery | None = None,
        folder: str | None = None,
        *,
        result: str | Iterable[str] | None = None,
        partial: SearchRange | None = None,
    ) -> Pending[Uids | SearchResult]:
        """Find messages."""
        return self._add(extended_search.search(self._session, query, folder, result, partial))


class PipelineFetchCalls(PipelineSearchCalls):
    """The calls of `AsyncImapFetch`."""

    @overload
    def fetch(self, uid: int = 1, path: str | None = None) -> Pending[bytes]: ...

    @overload
    def fetch(
        self, uid: str | Iterable[int], path: str | None = None
    ) -> Pending[dict[int, bytes]]: ...

    def fetch(self, uid: UidSet = 1, path: str | None = None) -> Pending[bytes | dict[int, bytes]]:
        """Fetch whole messages; they stay unread."""
        return self._add(fetch.fetch(self._session, uid, path))


class PipelineUploadsCalls(PipelineFetchCalls):
    """The calls of `AsyncImapUploads`."""

    def append(
        self,
        folder: str,
        message: "Storable",
        flags: str | Iterable[str] = (),
        date: datetime | None = None,
        progress: OnProgress | None = None,
    ) -> Pending[AppendResult]:
        """Put a message into a mailbox."""
        return self._add(
            append.append(self._session, folder, message, flags, date, progress=progress)
        )


class PipelineCalls(PipelineUploadsCalls):
    """The calls of `AsyncImap`."""

    def capability(self) -> Pending[list[str]]:
        """Ask what the server offers."""
        return self._add(self._session.capability())

    def noop(self) -> Pending[bool]:
        """Do nothing, so that the server can send updates of the selected mailbox."""
        return self._add(self._session.noop())

    def expunge(self, path: str | None = None, uids: UidSet | None = None) -> Pending[bool]:
        r"""Delete for good what is flagged \Deleted."""
        return self._add(expunge.expunge(self._session, path, uids))

    def copy(self, id: UidSet, destination: str, path: str | None = None) -> Pending[CopyResult]:
        """Copy messages to the end of another mailbox."""
        return self._add(copy.copy(self._session, id, destination, path))

    def move(self, id: UidSet, destination: str, path: str | None = None) -> Pending[CopyResult]:
        """Move messages to the end of another mailbox."""
        return self._add(move.move(self._session, id, destination, path))

    @overload
    def store(
        self, id: UidSet, command: str, flags: str | Iterable[str], path: str | None = None
    ) -> Pending[bool]: ...

    @overload
    def store(
        self,
        id: UidSet,
        command: str,
        flags: str | Iterable[str],
        path: str | None = None,
        *,
        unchanged_since: int,
    ) -> Pending[tuple[int, ...]]: ...

    def store(
        self,
        id: UidSet,
        command: str,
        flags: str | Iterable[str],
        path: str | None = None,
        *,
        unchanged_since: int | None = None,
    ) -> Pending[bool | tuple[int, ...]]:
        """Change messages' flags."""
        return self._add(
            store.store(self._session, id, command, flags, path, unchanged_since=unchanged_since)
        )
