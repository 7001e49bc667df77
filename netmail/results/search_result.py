"""What a search that asks for more than UIDs returns: ESEARCH.

This file knows no grammar: `wire` reads the value.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Self

_FEW: Final = 32
"""Messages that are put into a result one by one; more of them are merged at once."""


@dataclass(frozen=True, slots=True)
class SearchChange:
    """Messages that a search finds now, or no longer.

    Attributes:
        uids: Their UIDs, in the server's order.
        position: The place of the first of them in the result, from 1; 0 for those of its order.
        is_removed: Whether they are no longer found.

    RFC 5267 sections 4.3.3 and 4.3.4.
    """

    uids: tuple[int, ...]
    position: int = 0
    is_removed: bool = False


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The data of one ESEARCH response; `None` for what the server did not send.

    Attributes:
        uid: Whether the numbers are UIDs; message sequence numbers otherwise.
        min: The smallest number that was found.
        max: The largest.
        count: How many were found.
        all: All of them, in the server's order; `()` or `None` if there are none.
        partial: Those of the part that was asked for; `()` if it is empty.
        partial_range: Which part that is, such as "1:100", or "-1:-100" from the end.
        modseq: The highest mod-sequence of what was found.
        relevancy: From 1 to 100 for each of `all`, of a fuzzy search.
        changes: What has changed since, in the order in which it counts (CONTEXT).
        is_updated: Whether the server reports changes from now on, as "update" asks for.
        tag: The tag of the command that it belongs to.
        mailbox: The mailbox that was searched, if several were (MULTISEARCH).
        uidvalidity: Its UIDVALIDITY.

    RFC 9051 section 7.3.4; RFC 4731; RFC 5267; RFC 6203; RFC 7377; RFC 9394.
    """

    uid: bool = False
    min: int | None = None
    max: int | None = None
    count: int | None = None
    all: tuple[int, ...] | None = None
    partial: tuple[int, ...] | None = None
    partial_range: str = ""
    modseq: int | None = None
    relevancy: tuple[int, ...] | None = None
    changes: tuple[SearchChange, ...] = ()
    is_updated: bool = False
    tag: str = ""
    mailbox: str | None = None
    uidvalidity: int | None = None

    def apply(self, changes: Iterable[SearchChange]) -> Self:
        """Return the result as it is after changes, with `all` and the count brought up to date.

        Args:
            changes: Those of a `SearchUpdated`, each of them once and in their order; the result
                is one of "all".

        RFC 5267 section 4.3.2.
        """
        found = list(self.all or ())
        for change in changes:
            if change.is_removed:
                _remove(found, change)
            elif change.position:
                # "The result update is inserted at the given context position".
                found[change.position - 1 : change.position - 1] = change.uids
            else:
                _add(found, change.uids)
        count = None if self.count is None else len(found)
        return replace(self, all=tuple(found), count=count, changes=())


def _add(found: list[int], uids: tuple[int, ...]) -> None:
    """Put messages where they belong in the order of the mailbox."""
    # "Where the context position is zero, the client MAY insert the message numbers or UIDs in the
    # result list such that the result list is maintained in mailbox order."
    if len(uids) > _FEW:
        found[:] = sorted({*found, *uids})
        return
    for uid in uids:
        at = bisect_left(found, uid)
        if found[at : at + 1] != [uid]:
            found.insert(at, uid)


def _remove(found: list[int], change: SearchChange) -> None:
    """Take messages away from where they are."""
    begin = change.position - 1
    if change.position and tuple(found[begin : begin + len(change.uids)]) == change.uids:
        del found[begin : begin + len(change.uids)]
        return
    # "Where the context position is zero, the client removes the message numbers or UIDs in the
    # result list wherever they occur".
    gone = {*change.uids}
    found[:] = [uid for uid in found if uid not in gone]
