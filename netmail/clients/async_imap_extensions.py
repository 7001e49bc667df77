"""The asyncio IMAP client's methods of extensions, which a server need not have.

This file knows only which flow each method runs.
"""

from collections.abc import Iterable, Mapping
from typing import TypeAlias, overload

from netmail.clients.async_imap_account import AsyncImapAccount
from netmail.clients.async_imap_mailboxes import AsyncImapMailboxes
from netmail.flows.imap.extended_search import SearchRange
from netmail.flows.imap.extensions import (
    acl,
    enable,
    identification,
    jmap_access,
    language,
    metadata,
    namespace,
    quota,
    sort,
    thread,
)
from netmail.results.access_rights import GrantableRights, Rights
from netmail.results.namespaces import Namespaces
from netmail.results.quota import Quota
from netmail.results.search_result import SearchResult
from netmail.results.thread import Thread
from netmail.wire.imap.search_program import SearchQuery

# Within the class `list` is a method, and no type.
Names: TypeAlias = list[str]
Numbers: TypeAlias = list[int]
Quotas: TypeAlias = list[Quota]
Threads: TypeAlias = list[Thread]


class AsyncImapExtensions(AsyncImapMailboxes, AsyncImapAccount):
    """What servers tell of themselves, of quotas and rights, and what they sort.

    Each raises `CapabilityError` before anything is sent if the server does not offer it.
    """

    async def namespace(self) -> Namespaces:
        """Ask where the user's mailboxes are, and those of others.

        Raises:
            CapabilityError: If the server has no NAMESPACE.

        RFC 9051 section 6.3.10.
        """
        return await self._read(namespace.namespace, self._session)

    async def id(self, fields: Mapping[str, str | None] | None = None) -> dict[str, str | None]:
        """Exchange the names and versions of both programs.

        Args:
            fields: What the client tells of itself, such as `{"name": "x", "version": "1"}`; at
                most 30 names of at most 30 octets, values of at most 1024. Nothing for `None`.

        Returns:
            What the server tells of itself, by lower-case name; empty if that is nothing.

        Raises:
            CapabilityError: If the server has no ID.

        RFC 2971 section 3.1.
        """
        return await self._read(identification.id, self._session, fields)

    async def enable(self, extensions: str | Iterable[str]) -> Names:
        """Turn on extensions that a client must ask for, such as CONDSTORE.

        Args:
            extensions: One or more, separated by spaces or one by one.

        Returns:
            Those that are on now and were not before, in upper case.

        Raises:
            CapabilityError: If the server has no ENABLE, or not one of them.
            StateError: If a mailbox is selected.
            UsageError: If there is none.

        RFC 9051 section 6.3.1.
        """
        return await self._read(enable.enable, self._session, extensions)

    async def language(self, tags: str | Iterable[str] = ()) -> Names:
        """Choose the language of the server's texts.

        With the option `reconnect` a new connection has it again, where its server does.

        Args:
            tags: Language tags such as "de", the most wanted first, separated by spaces or one by
                one; "default" for the server's own. Without any nothing is chosen.

        Returns:
            The language that was chosen, or all that there are.

        Raises:
            CapabilityError: If the server has no LANGUAGE.
            ImapError: If it has none of `tags`; the language is as before.

        RFC 5255 section 3.2.
        """
        return await self._read(language.language, self._session, tags)

    async def jmap_access(self) -> str:
        """Ask for the URL at which the same mail is offered by JMAP.

        Raises:
            CapabilityError: If the server has no JMAPACCESS.

        RFC 9698 section 4.
        """
        return await self._read(jmap_access.jmap_access, self._session)

    # -- quotas ------------------------------------------------------------------------------

    async def get_quota(self, root: str = "") -> Quota:
        """Ask how much one quota root holds, and how much it may hold.

        Args:
            root: Its name, as `get_quota_root()` returns it; often "".

        Raises:
            CapabilityError: If the server has no QUOTA.
            ImapError: If there is no such root.

        RFC 9208 section 4.1.1.
        """
        return await self._read(quota.get_quota, self._session, root)

    async def get_quota_root(self, name: str = "INBOX") -> Quotas:
        """Ask for the quotas that hold for a mailbox.

        Args:
            name: The mailbox.

        Raises:
            CapabilityError: If the server has no QUOTA.
            ImapError: If there is no such mailbox.

        RFC 9208 section 4.1.2.
        """
        return await self._read(quota.get_quota_root, self._session, name)

    async def set_quota(self, root: str, limits: Mapping[str, int]) -> Quota:
        """Set the limits of a quota root; those that are not named are lifted.

        Args:
            root: Its name.
            limits: Limits by resource, such as `{"STORAGE": 1024}`, in units of 1024 octets.

        Returns:
            What holds now; without resources if the server does not tell.

        Raises:
            CapabilityError: If the server has no QUOTA, or no QUOTASET.
            ImapError: If the user may not set them.

        RFC 9208 section 4.1.3.
        """
        return await self._run(quota.set_quota(self._session, root, limits))

    # -- rights ------------------------------------------------------------------------------

    async def get_acl(self, name: str) -> dict[str, Rights]:
        """Ask for the rights of all users on a mailbox.

        Args:
            name: The mailbox.

        Returns:
            Rights by user; of a name that begins with "-", the rights that are denied.

        Raises:
            CapabilityError: If the server has no ACL.
            ImapError: If there is no such mailbox, or the user has not the right "a".

        RFC 4314 section 3.3.
        """
        return await self._read(acl.get_acl, self._session, name)

    async def set_acl(self, name: str, user: str, rights: str) -> bool:
        """Grant rights on a mailbox, or take them.

        Args:
            name: The mailbox.
            user: The user, or "anyone"; with "-" before it, what is denied.
            rights: Letters such as "lrs" in place of those before; after "+" or "-" those that are
                added or taken.

        Raises:
            CapabilityError: If the server has no ACL.
            ImapError: If the user may not.

        RFC 4314 section 3.1.
        """
        return await self._run(acl.set_acl(self._session, name, user, rights))

    async def delete_acl(self, name: str, user: str) -> bool:
        """Take a user off the list of a mailbox.

        Args:
            name: The mailbox.
            user: The user, as `get_acl()` returns it.

        Raises:
            CapabilityError: If the server has no ACL.
            ImapError: If the user may not.

        RFC 4314 section 3.2.
        """
        return await self._run(acl.delete_acl(self._session, name, user))

    async def list_rights(self, name: str, user: str) -> GrantableRights:
        """Ask what can be granted to a user on a mailbox.

        Args:
            name: The mailbox.
            user: The user, or "anyone".

        Raises:
            CapabilityError: If the server has no ACL.
            ImapError: If there is no such mailbox, or the user may not ask.

        RFC 4314 section 3.4.
        """
        return await self._read(acl.list_rights, self._session, name, user)

    async def my_rights(self, name: str) -> Rights:
        """Ask what the user may do with a mailbox.

        Args:
            name: The mailbox.

        Returns:
            Letters such as "r" to read and "i" to put messages in.

        Raises:
            CapabilityError: If the server has no ACL.
            ImapError: If there is no such mailbox.

        RFC 4314 section 3.5.
        """
        return await self._read(acl.my_rights, self._session, name)

    # -- annotations -------------------------------------------------------------------------

    async def get_metadata(
        self,
        name: str,
        entries: str | Iterable[str],
        *,
        depth: str = "0",
        max_size: int | None = None,
    ) -> dict[str, bytes | None]:
        """Ask for annotations of a mailbox, or of the server.

        Args:
            name: The mailbox; "" for the server.
            entries: One or more paths such as "/private/comment".
            depth: "0" for the entries alone, "1" for those directly below them too, "infinity" for
                all below them.
            max_size: Octets above which a value is left out; `None` for no bound.

        Returns:
            Values by lower-case path; an entry that does not exist is `None` or missing.

        Raises:
            CapabilityError: If the server has no METADATA.

        RFC 5464 section 4.2.
        """
        return await self._read(
            metadata.get_metadata, self._session, name, entries, depth, max_size
        )

    async def set_metadata(self, name: str, values: Mapping[str, str | bytes | None]) -> bool:
        """Set annotations of a mailbox, or of the server.

        Args:
            name: The mailbox; "" for the server.
            values: Values by path, such as `{"/private/comment": "Mine"}`; `None` removes one.

        Raises:
            CapabilityError: If the server has no METADATA.
            ImapError: If a value is too large, or there are too many.

        RFC 5464 section 4.3.
        """
        return await self._run(metadata.set_metadata(self._session, name, values))

    # -- sorted messages ---------------------------------------------------------------------

    @overload
    async def sort(
        self,
        criteria: str | Iterable[str],
        query: SearchQuery | None = None,
        folder: str | None = None,
    ) -> Numbers: ...

    @overload
    async def sort(
        self,
        criteria: str | Iterable[str],
        query: SearchQuery | None = None,
        folder: str | None = None,
        *,
        result: str | Iterable[str],
        partial: SearchRange | None = None,
    ) -> SearchResult: ...

    @overload
    async def sort(
        self,
        criteria: str | Iterable[str],
        query: SearchQuery | None = None,
        folder: str | None = None,
        *,
        result: str | Iterable[str] | None = None,
        partial: SearchRange,
    ) -> SearchResult: ...

    async def sort(
        self,
        criteria: str | Iterable[str],
        query: SearchQuery | None = None,
        folder: str | None = None,
        *,
        result: str | Iterable[str] | None = None,
        partial: SearchRange | None = None,
    ) -> Numbers | SearchResult:
        """Find messages, in an order that the server makes.

        Args:
            criteria: Keys to sort by, the most important first: ARRIVAL, CC, DATE, FROM, SIZE,
                SUBJECT, TO; DISPLAYFROM and DISPLAYTO with SORT=DISPLAY, RELEVANCY with
                SEARCH=FUZZY; REVERSE before one turns its order.
            query: What to search for, as in `search()`; ALL if it is missing.
            folder: The mailbox, selected first if it is not yet; `None` for the selected one.
            result: What to return, such as "count", as in `search()`; "min" and "max" are the first
                and the last. `None` for a list of UIDs.
            partial: Only a part of them, as in `search()`.

        Returns:
            UIDs in that order; with `result` or `partial`, a `SearchResult`, which is computed here
            where the server has no ESORT.

        Raises:
            CapabilityError: If the server has no SORT, or lacks what a key needs.

        RFC 5256 section 3; RFC 5267 section 3.
        """
        return await self._read(
            sort.sort, self._session, criteria, query, folder, result=result, partial=partial
        )

    async def thread(
        self,
        algorithm: str = "REFERENCES",
        query: SearchQuery | None = None,
        folder: str | None = None,
    ) -> Threads:
        """Find messages, with the replies to each.

        Args:
            algorithm: How threads are made: REFERENCES by the field of that name, ORDEREDSUBJECT by
                subject, or any other that the server offers as THREAD=.
            query: What to search for, as in `search()`; ALL if it is missing.
            folder: The mailbox, selected first if it is not yet; `None` for the selected one.

        Raises:
            CapabilityError: If the server does not offer the algorithm.

        RFC 5256 section 3.
        """
        return await self._read(thread.thread, self._session, algorithm, query, folder)
