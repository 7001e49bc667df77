"""Messages found and sorted by the server: UID SORT.

This file knows the sort keys, and not what a search key means.

RFC 5256 section 3; RFC 5267 section 3 (ESORT); RFC 5957 (SORT=DISPLAY).
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from netmail.errors import UsageError
from netmail.flows.flow import Flow
from netmail.flows.imap.extended_search import (
    CONTEXT,
    SearchRange,
    computed,
    read_result,
    result_options,
    return_options,
    with_part,
)
from netmail.flows.imap.search import require_keys
from netmail.flows.imap.select import ensure_selected
from netmail.flows.imap.session import ImapSession
from netmail.results.search_result import SearchResult
from netmail.wire.imap import quirks
from netmail.wire.imap.encode import Argument, split_at_spaces
from netmail.wire.imap.search import number_list
from netmail.wire.imap.search_program import SearchQuery, search_program

KEYS: Final = {
    **dict.fromkeys(("ARRIVAL", "CC", "DATE", "FROM", "SIZE", "SUBJECT", "TO"), "SORT"),
    "DISPLAYFROM": "SORT=DISPLAY",
    "DISPLAYTO": "SORT=DISPLAY",
    "RELEVANCY": "SEARCH=FUZZY",
}
"""The keys to sort by, and the capability that each needs."""


def sort_uids(
    session: ImapSession,
    criteria: str | Iterable[str],
    query: SearchQuery | None,
    mailbox: str | None,
) -> Flow[list[int]]:
    """Find messages, sorted: UID SORT; an empty query means ALL.

    RFC 5256 section 3.
    """
    # sort = ["UID" SP] "SORT" SP sort-criteria SP search-criteria, search-criteria = charset 1*(SP
    # search-key)
    #
    # C: T1 UID SORT (REVERSE DATE SUBJECT) US-ASCII UNSEEN
    # S: * SORT 5 3 4 1 2
    # S: T1 OK done
    arguments = yield from _prepare(session, criteria, query, mailbox)
    return (yield from _sorted(session, arguments))


def sort(
    session: ImapSession,
    criteria: str | Iterable[str],
    query: SearchQuery | None,
    mailbox: str | None,
    *,
    result: str | Iterable[str] | None = None,
    partial: SearchRange | None = None,
) -> Flow[list[int] | SearchResult]:
    """Find messages, sorted: their UIDs, or what is asked for in their place.

    RFC 5256 section 3.
    """
    if result is None and partial is None:
        return (yield from sort_uids(session, criteria, query, mailbox))
    found = sort_for(session, criteria, query, mailbox, result=result, partial=partial)
    return (yield from found)


def sort_for(
    session: ImapSession,
    criteria: str | Iterable[str],
    query: SearchQuery | None,
    mailbox: str | None,
    *,
    result: str | Iterable[str] | None = None,
    partial: SearchRange | None = None,
) -> Flow[SearchResult]:
    """Sort for what is asked for: UID SORT RETURN; without ESORT it is computed here.

    RFC 5267 section 3.
    """
    # C: T1 UID SORT RETURN (COUNT PARTIAL 1:2) (DATE) US-ASCII UNSEEN
    # S: * ESEARCH (TAG "T1") UID COUNT 23765 PARTIAL (1:2 50,7)
    # S: T1 OK done
    #
    # MIN and MAX are the first and the last in the order that is asked for.
    options = result_options(result, partial)
    if "save" in options:
        raise UsageError("save is the result of a search: use search()")
    arguments = yield from _prepare(session, criteria, query, mailbox)
    if CONTEXT.intersection(options):
        session.require("CONTEXT=SORT", 'sort(result="update")')
        session.keeps_results = True
    elif "ESORT" not in session.capabilities:
        return computed((yield from _sorted(session, arguments)), options, partial)
    # Cyrus, known by SORT=MODSEQ, returns other messages as the first and the last, in which alone
    # nothing shows that they are wrong.
    more = "SORT=MODSEQ" in session.capabilities and partial is None and "all" not in options
    asked = [*options, "all"] if more and {"min", "max"}.intersection(options) else options
    returning, by_server = return_options(session, asked, partial, "CONTEXT=SORT")
    responses = yield from session.command("UID SORT", *returning, *arguments)
    found = _checked(session, read_result(session, responses, asked, partial))
    return found if by_server and asked == options else with_part(found, options, partial)


def _checked(session: ImapSession, found: SearchResult) -> SearchResult:
    """Take the first and the last message from the order, where the server has sent that too."""
    # RFC 5267 section 3.1: MIN is "the lowest sorted message", and not the smallest UID.
    if not found.all:
        return found
    first = None if found.min is None else found.all[0]
    last = None if found.max is None else found.all[-1]
    if (first, last) != (found.min, found.max):
        shown = f"MIN {found.min} MAX {found.max}".encode("ascii")
        quirks.tolerate(quirks.SORT_MIN_MAX, shown, strict=session.strict)
    return replace(found, min=first, max=last)


def _prepare(
    session: ImapSession,
    criteria: str | Iterable[str],
    query: SearchQuery | None,
    mailbox: str | None,
) -> Flow[list[Argument]]:
    """Write the arguments, and select the mailbox.

    Raises:
        CapabilityError: If the server has no SORT, or lacks what a key needs.
    """
    keys = _criteria(criteria)
    if query is None or (isinstance(query, str) and not query.strip()):
        query = "ALL"  # not NEW, as in search(): RFC 5256 section 3 has no default
    program = search_program(query)
    yield from ensure_selected(session, mailbox)
    for key in ("ARRIVAL", *keys):
        if key != "REVERSE":
            session.require(KEYS[key], "sort()")
    require_keys(session, program)
    written = f"({' '.join(keys)})".encode("ascii")
    return [written, program.charset.encode("ascii"), program.keys]


def _sorted(session: ImapSession, arguments: list[Argument]) -> Flow[list[int]]:
    responses = yield from session.command("UID SORT", *arguments)
    found = [number_list(each, strict=session.strict) for each in responses.named("SORT")]
    return [uid for numbers in found for uid in numbers]


def _criteria(criteria: str | Iterable[str]) -> list[str]:
    # sort-criterion = ["REVERSE" SP] sort-key
    keys = [key.upper() for key in split_at_spaces(criteria, "sort keys")]
    if not keys or keys[-1] == "REVERSE":
        raise UsageError("sort() needs a key such as DATE, or REVERSE DATE")
    for key, before in zip(keys, ["", *keys], strict=False):
        if key == before == "REVERSE" or (key not in KEYS and key != "REVERSE"):
            raise UsageError(f"{key!r:.60} is no key to sort by; there are {', '.join(KEYS)}")
    return keys
