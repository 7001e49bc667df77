"""The asyncio IMAP client's methods that search.

This file knows only which flow each method runs.
"""

from collections.abc import Iterable
from typing import TypeAlias, overload

from netmail.clients.async_imap_extensions import AsyncImapExtensions
from netmail.flows.imap import extended_search
from netmail.flows.imap.extended_search import SearchRange
from netmail.flows.imap.extensions import context
from netmail.flows.imap.pipelining import search_each
from netmail.results.search_result import SearchResult
from netmail.wire.imap.search_program import SearchQuery

# Within the class `list` is a method, and no type.
Uids: TypeAlias = list[int]
Results: TypeAlias = list[SearchResult]


class AsyncImapSearch(AsyncImapExtensions):
    """Finding messages."""

    @overload
    async def search(self, query: SearchQuery | None = None, folder: str | None = None) -> Uids: ...

    @overload
    async def search(
        self,
        query: SearchQuery | None = None,
        folder: str | None = None,
        *,
        result: str | Iterable[str],
        partial: SearchRange | None = None,
    ) -> SearchResult: ...

    @overload
    async def search(
        self,
        query: SearchQuery | None = None,
        folder: str | None = None,
        *,
        result: str | Iterable[str] | None = None,
        partial: SearchRange,
    ) -> SearchResult: ...

    async def search(
        self,
        query: SearchQuery | None = None,
        folder: str | None = None,
        *,
        result: str | Iterable[str] | None = None,
        partial: SearchRange | None = None,
    ) -> Uids | SearchResult:
        """Find messages.

        Args:
            query: A query made by `netmail.search`, or IMAP search keys, such as
                'UNSEEN FROM "ann"', in any characters; empty for NEW.
            folder: The mailbox; `None` for the selected one.
            result: What to return of them, such as "min max count": also "all", and "save", which
                keeps them on the server for `netmail.search.saved()`; "update", after which
                `idle()` and `watch()` report `SearchUpdated` when they are others, and "context",
                which tells the server that there will be more of the same; `None` for a list of
                UIDs.
            partial: Only a part of them: (1, 100) for the first hundred, (-1, -100) for the last.

        Returns:
            Their UIDs, in the server's order; with `result` or `partial`, a `SearchResult`, which
            is computed here where the server has no ESEARCH or PARTIAL.

        Raises:
            CapabilityError: If the query has a key of an extension that the server does not offer,
                or the result is "save" without SEARCHRES, or "update" without CONTEXT=SEARCH.
            UsageError: If a quote or a parenthesis is not closed, a line end is in it, or it asks
                for a response other than UIDs (RETURN); if there is no such result.
            ImapError: If the server does not know a key, or not UTF-8 (code "BADCHARSET").

        RFC 9051 section 6.4.4; RFC 4731, RFC 5182, RFC 5267, RFC 9394.
        """
        return await self._read(
            extended_search.search, self._session, query, folder, result, partial
        )

    async def cancel_update(self, result: SearchResult) -> bool:
        """Let the server report no more on a search; so does selecting another mailbox.

        Args:
            result: What `search(result="... update")` or `sort()` returned.

        Raises:
            ImapError: If the server does not know the search any more.
            UsageError: If it was not asked for updates.

        RFC 5267 section 4.3.5.
        """
        return await self._run(context.cancel_update(self._session, result))

    async def search_each(
        self,
        query: SearchQuery | None,
        folders: Iterable[str],
        result: str | Iterable[str] = "all",
    ) -> dict[str, SearchResult]:
        """Find messages in each of several mailboxes, all in one round trip; the last is selected.

        `search_many()` selects none of them, where the server has MULTISEARCH.

        Args:
            query: As for `search()`.
            folders: Names of mailboxes.
            result: What to return of each: "all", "min", "max", "count".

        Returns:
            The result for each mailbox by its name, in the order of the names.

        Raises:
            UsageError: If the query is wrong.
            ImapError: If the server refuses a mailbox, or the query.
            StateError: If the UIDs of a mailbox have changed since it was selected last.

        RFC 9051 sections 5.5, 6.3.2 and 6.4.4.
        """
        return await self._read(search_each.search_each, self._session, query, folders, result)

    async def search_many(
        self,
        query: SearchQuery | None = None,
        folders: str | Iterable[str] = "personal",
        result: str | Iterable[str] = "all",
    ) -> Results:
        """Find messages in several mailboxes at once; the selected one stays selected.

        Args:
            query: As for `search()`.
            folders: Names of mailboxes; or "personal" for all of the user's own, "subscribed",
                "inboxes" for those that new mail comes to, "selected".
            result: What to return of each: "all", "min", "max", "count".

        Returns:
            A result for each mailbox where something was found, with `mailbox` and `uidvalidity`.

        Raises:
            CapabilityError: If the server has no MULTISEARCH.

        RFC 7377 section 2.
        """
        return await self._read(extended_search.search_many, self._session, query, folders, result)
