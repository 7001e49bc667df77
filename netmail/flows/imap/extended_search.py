"""Searches that return more than UIDs, or less: UID SEARCH RETURN, and ESEARCH of many mailboxes.

This file knows what each result option means, and how a client finds it out by itself; it knows
neither a search key nor how a response is written.

RFC 9051 sections 6.4.4 and 7.3.4; RFC 4731, RFC 5182, RFC 5267, RFC 7377, RFC 9394.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial as bound
from typing import Final, TypeAlias

from netmail.errors import ProtocolError, UsageError
from netmail.flows.flow import Flow
from netmail.flows.imap import search as uid_search
from netmail.flows.imap.responses import Responses
from netmail.flows.imap.search import arguments, found_uids, require_keys
from netmail.flows.imap.select import ensure_selected
from netmail.flows.imap.session import ImapSession
from netmail.results.imap import ImapState
from netmail.results.search_result import SearchResult
from netmail.text import strings
from netmail.wire.imap import encode
from netmail.wire.imap.data.esearch import esearch_response
from netmail.wire.imap.data.response_code import code_value
from netmail.wire.imap.encode import Argument, Literal
from netmail.wire.imap.search_program import SearchQuery, search_program
from netmail.wire.number import number

OPTIONS: Final = ("min", "max", "count", "all", "save", "update", "context")
"""What a search can return: RFC 9051 section 6.4.4, search-return-opt; RFC 5267 section 5."""

CONTEXT: Final = frozenset({"update", "context"})
"""Those of a search that is to be reported on, or asked again, RFC 5267 sections 4.2 and 4.3."""

SCOPES: Final = frozenset({"selected", "inboxes", "personal", "subscribed"})
"""Mailboxes by what they are: RFC 5465 section 6, filter-mailboxes-other."""

SearchRange: TypeAlias = tuple[int, int]
"""A part of what was found: (1, 100) for the first hundred, (-1, -100) for the last."""


def search(
    session: ImapSession,
    query: SearchQuery | None,
    mailbox: str | None,
    result: str | Iterable[str] | None,
    partial: SearchRange | None,
) -> Flow[list[int] | SearchResult]:
    """Find messages: their UIDs, or what is asked for in their place.

    RFC 9051 section 6.4.4.
    """
    if result is None and partial is None:
        return (yield from uid_search.search(session, query, mailbox))
    return (yield from search_for(session, query, mailbox, result, partial))


def search_for(
    session: ImapSession,
    query: SearchQuery | None,
    mailbox: str | None,
    result: str | Iterable[str] | None,
    partial: SearchRange | None = None,
) -> Flow[SearchResult]:
    """Search for what is asked for: UID SEARCH RETURN; without ESEARCH it is computed here.

    RFC 9051 section 6.4.4; RFC 4731 section 3.1.
    """
    # search = "SEARCH" [search-return-opts] SP search-program, search-return-opts = SP "RETURN" SP
    # "(" [search-return-opt *(SP search-return-opt)] ")"
    #
    # C: T1 UID SEARCH RETURN (MIN COUNT) UNSEEN
    # S: * ESEARCH (TAG "T1") UID MIN 7 COUNT 12
    # S: T1 OK done
    options = result_options(result, partial)
    program = search_program("" if query is None else query)
    yield from ensure_selected(session, mailbox)
    require_keys(session, program)
    if "save" in options:
        # RFC 5182 section 2: SAVE is what SEARCHRES adds to ESEARCH.
        session.require("SEARCHRES", 'search(result="save")')
        session.keeps_results = True
    if CONTEXT.intersection(options):
        # "In the case of CONTEXT=SEARCH, the server supports the extended SEARCH command syntax".
        session.require("CONTEXT=SEARCH", 'search(result="update")')
        session.keeps_results = True
    elif not session.offers("ESEARCH"):
        responses = yield from session.command("UID SEARCH", *arguments(session, program))
        # RFC 9394 section 3.1: parts are of the messages in the order of the mailbox.
        every = sorted(set(found_uids(session, responses)))
        return computed(every, options, partial)
    asked, by_server = return_options(session, options, partial, "CONTEXT=SEARCH")
    responses = yield from session.command("UID SEARCH", *asked, *arguments(session, program))
    read = read_result(session, responses, options, partial)
    if by_server:
        return read
    return with_part(replace(read, all=tuple(sorted(read.all or ()))), options, partial)


def search_many(
    session: ImapSession,
    query: SearchQuery | None,
    mailboxes: str | Iterable[str],
    result: str | Iterable[str] = "all",
) -> Flow[list[SearchResult]]:
    """Search several mailboxes, of which none needs to be selected: ESEARCH.

    RFC 7377 section 2.
    """
    # esearch = "ESEARCH" [SP esearch-source-opts] [SP search-return-opts] SP search-program,
    # esearch-source-opts = "IN" SP "(" source-mbox [SP "(" scope-options ")"] ")"
    #
    # C: T1 ESEARCH IN (subtree "folder1" personal) RETURN (COUNT) UNSEEN
    # S: * ESEARCH (TAG "T1" MAILBOX "folder1" UIDVALIDITY 1) UID COUNT 5
    # S: T1 OK done
    options = result_options(result, None)
    if "save" in options or CONTEXT.intersection(options):
        raise UsageError("save, update and context are of one mailbox's search: use search()")
    program = search_program("" if query is None else query)
    source = _source(session, mailboxes)
    session.require_state(ImapState.AUTHENTICATED, ImapState.SELECTED)
    session.require("MULTISEARCH", "search_many()")
    require_keys(session, program)
    returning = b"RETURN (" + b" ".join(_written(options)) + b")"
    responses = yield from session.command(
        "ESEARCH", source, returning, *arguments(session, program)
    )
    # RFC 7377 section 2.1: "an ESEARCH response MUST NOT be returned for mailboxes that contain no
    # matching messages", not even with COUNT.
    return [_filled(each, options) for each in _responses(session, responses)]


def result_options(result: str | Iterable[str] | None, partial: SearchRange | None) -> list[str]:
    """Read the names of what is wanted, each once, in the order of the grammar.

    Raises:
        UsageError: If there is none, or one that does not exist.
    """
    names = [] if result is None else encode.split_at_spaces(result, "results of a search")
    wanted = {name.lower() for name in names}
    unknown = wanted.difference(OPTIONS)
    if unknown or not (wanted or partial):
        known = ", ".join(OPTIONS)
        raise UsageError(f"the results of a search are {known}, not {result!r:.60}")
    if partial is not None:
        _check_range(partial)
        # RFC 9394 section 3.1: "either one PARTIAL, one ALL, or neither PARTIAL nor ALL is
        # allowed".
        if "all" in wanted:
            raise UsageError("a search returns all, or a part of it (partial)")
    return [option for option in OPTIONS if option in wanted]


def _check_range(part: object) -> None:
    # partial-range = partial-range-first / partial-range-last: both ends from the same side.
    match part:
        case (int() as first, int() as last) if (first < 0) == (last < 0):
            for end in part:
                number(end if isinstance(end, bool) else abs(end), "the end of a part")
        case _:
            raise UsageError(f"a part is (1, 100), or (-1, -100) from the end, not {part!r:.60}")


def return_options(
    session: ImapSession, options: list[str], partial: SearchRange | None, context: str
) -> tuple[list[Argument], bool]:
    """Write RETURN; tell whether the server counts off the part by itself.

    Args:
        session: The session.
        options: What is wanted.
        partial: The part that is wanted.
        context: The capability of RFC 5267 with which it counts off parts from the beginning.
    """
    written = _written(options)
    # RFC 5267 section 4.4 has parts from the beginning only; from the end too has RFC 9394.
    by_server = partial is None or (
        "PARTIAL" in session.capabilities or (partial[0] > 0 and context in session.capabilities)
    )
    if partial is not None:
        written.append(b"PARTIAL %d:%d" % partial if by_server else b"ALL")
    return [b"RETURN (" + b" ".join(written) + b")"], by_server


def _written(options: Iterable[str]) -> list[bytes]:
    return [option.upper().encode("ascii") for option in options]


def read_result(
    session: ImapSession, responses: Responses, options: list[str], partial: SearchRange | None
) -> SearchResult:
    """Find the response to this search, and read it.

    Raises:
        ProtocolError: If there is none, or it lacks the count.
    """
    found = _responses(session, responses)
    tag = responses.tagged.tag.decode("ascii")
    is_updated = "update" in options and not _is_refused(responses, tag)
    if found:
        return replace(_filled(found[-1], options, partial), tag=tag, is_updated=is_updated)
    # "In absence of any other SEARCH result option, the SAVE result option also suppresses any
    # ESEARCH response", RFC 9051 section 6.4.4; otherwise one comes even if nothing is found.
    if {"save", *CONTEXT}.issuperset(options) and partial is None:
        return SearchResult(uid=True, tag=tag if is_updated else "", is_updated=is_updated)
    message = "a search with RETURN ended without an ESEARCH response"
    raise ProtocolError(message, b"", '* ESEARCH (TAG "x") UID')


def _is_refused(responses: Responses, tag: str) -> bool:
    """Tell whether the server reports no changes of a search, although it was to."""
    # "An untagged NO is generated during processing of the command with a response-code of
    # NOUPDATE. The response-code contains, as argument, the tag of the search command", RFC 5267
    # section 4.3.1.
    return any(code.name == "NOUPDATE" and code_value(code) == tag for code in responses.codes)


def _responses(session: ImapSession, responses: Responses) -> list[SearchResult]:
    # The correlator names the command, RFC 4731 section 3.1: an update of another search, which may
    # come at any time (RFC 5267 section 4.3), is not taken for the result.
    tag = responses.tagged.tag.decode("ascii")
    read = bound(esearch_response, strict=session.strict)
    found = session.read_each(read, responses.named("ESEARCH"), '* ESEARCH (TAG "x") UID')
    return [each for each in found if each.tag in {tag, ""} and not each.changes]


def _filled(
    result: SearchResult, options: list[str], partial: SearchRange | None = None
) -> SearchResult:
    """Write nothing found as nothing, where the server leaves that out."""
    # "If the SEARCH results in no matches, the server MUST NOT include the ALL result option", RFC
    # 4731 section 3.1.
    if result.all is None and "all" in options:
        result = replace(result, all=())
    if result.partial is None and partial is not None:
        result = replace(result, partial=())
    if result.count is None and "count" in options:
        raise ProtocolError("an ESEARCH response has no COUNT", b"", "COUNT n")
    return result


def computed(every: list[int], options: list[str], partial: SearchRange | None) -> SearchResult:
    """Compute what ESEARCH returns from what was found, in its order."""
    result = SearchResult(
        uid=True,
        min=every[0] if every and "min" in options else None,
        max=every[-1] if every and "max" in options else None,
        count=len(every) if "count" in options else None,
        all=tuple(every),
    )
    return with_part(result, options, partial)


def with_part(
    result: SearchResult, options: list[str], partial: SearchRange | None
) -> SearchResult:
    """Count off the part that is wanted of `all`, and leave out `all` if it is not."""
    if partial is None:
        return result if "all" in options else replace(result, all=None)
    every = result.all or ()
    low, high = sorted(map(abs, partial))
    # 1:100 are the first hundred, -1:-100 the last hundred, in the same order in either.
    count = len(every)
    begin, end = (low - 1, high) if partial[0] > 0 else (count - high, count - low + 1)
    part = every[max(begin, 0) : max(end, 0)]
    return replace(result, all=None, partial=part, partial_range=f"{partial[0]}:{partial[1]}")


def _source(session: ImapSession, mailboxes: str | Iterable[str]) -> tuple[bytes | Literal, ...]:
    """Write where to search: a scope, or mailboxes by name.

    Raises:
        UsageError: If there is no mailbox.
    """
    # source-mbox = filter-mailboxes *(SP filter-mailboxes), filter-mailboxes = "selected" /
    # "inboxes" / "personal" / "subscribed" / ("subtree" SP one-or-more-mailbox) / ("mailboxes" SP
    # one-or-more-mailbox) (RFC 5465 section 8)
    if isinstance(mailboxes, str) and mailboxes in SCOPES:
        return (b"IN (" + mailboxes.encode("ascii") + b")",)
    names = strings(mailboxes, "mailboxes")
    if not names:
        raise UsageError("search_many() needs a mailbox")
    parts: list[bytes | Literal] = [b"IN (mailboxes ("]
    for name in names:
        written: Argument = session.mailbox_argument(name)
        parts += [*(written if isinstance(written, tuple) else (written,)), b" "]
    return (*parts[:-1], b"))")
