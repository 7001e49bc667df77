"""One search in each of several mailboxes: SELECT and UID SEARCH of all of them, sent together.

This file knows that each response belongs to the mailbox that was selected last, and no search key.

RFC 9051 sections 5.5, 6.3.2 and 6.4.4.
"""

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from netmail.errors import ImapError, NetmailError, ProtocolError, StateError, UsageError
from netmail.flows.flow import Flow, Send
from netmail.flows.imap import extended_search
from netmail.flows.imap.open_mailbox import OpenMailbox
from netmail.flows.imap.pipelining.ambiguity import read_by
from netmail.flows.imap.responses import Responses, raise_unless_ok
from netmail.flows.imap.search import arguments, found_uids, require_keys
from netmail.flows.imap.select import opened, require_same_uids
from netmail.flows.imap.session import ImapSession
from netmail.results.imap import ImapState
from netmail.results.search_result import SearchResult
from netmail.text import strings
from netmail.wire.imap import encode
from netmail.wire.imap.encode import Argument
from netmail.wire.imap.search_program import SearchQuery, search_program

MAX_MAILBOXES: Final = 100
"""Mailboxes of which the commands are in flight together."""

MAX_OCTETS: Final = 32 * 1024
"""Octets of them: less than a socket takes while the server does not read."""

Pair: TypeAlias = tuple[str, bytes, bytes, bytes]
"""A mailbox, the tags of its SELECT and of its UID SEARCH, and both commands."""


def search_each(
    session: ImapSession,
    query: SearchQuery | None,
    mailboxes: Iterable[str],
    result: str | Iterable[str],
) -> Flow[dict[str, SearchResult]]:
    """Search several mailboxes, one after the other: SELECT, UID SEARCH.

    Raises:
        UsageError: If the query is wrong, or its result is of one mailbox only.
        ImapError: If the server refuses a mailbox or the query, the first refusal in order.
        StateError: If the UIDs of a mailbox have lost their meaning since it was selected last.

    RFC 9051 section 6.4.4.
    """
    # C: T1 SELECT "a"
    # C: T2 UID SEARCH RETURN (COUNT) UNSEEN
    # C: T3 SELECT "b"
    # C: T4 UID SEARCH RETURN (COUNT) UNSEEN
    # S: * 3 EXISTS
    # S: T1 OK [READ-WRITE] done
    # S: * ESEARCH (TAG "T2") UID COUNT 1
    # S: T2 OK done
    # S: * 0 EXISTS
    options = extended_search.result_options(result, None)
    if not {"min", "max", "count", "all"}.issuperset(options):
        raise UsageError("save, update and context are of one mailbox's search: use search()")
    program = search_program("" if query is None else query)
    names = list(dict.fromkeys(strings(mailboxes, "mailboxes")))
    session.require_state(ImapState.AUTHENTICATED, ImapState.SELECTED)
    require_keys(session, program)
    keys = arguments(session, program)
    if session.offers("ESEARCH"):
        returning, _ = extended_search.return_options(session, options, None, "")
        keys = [*returning, *keys]
    found: dict[str, SearchResult] = {}
    for begin in range(0, len(names), MAX_MAILBOXES):
        batch: list[Pair] = []
        for name in names[begin : begin + MAX_MAILBOXES]:
            pair = _pair(session, name, keys)
            if pair is None or sum(len(each[3]) for each in batch) > MAX_OCTETS:
                found |= yield from _together(session, batch, options)
                batch = []
            if pair is None:
                each = yield from extended_search.search_for(session, query, name, options)
                found[name] = each
            else:
                batch.append(pair)
        found |= yield from _together(session, batch, options)
    return found


def _pair(session: ImapSession, name: str, keys: list[Argument]) -> Pair | None:
    """Write the commands for a mailbox; `None` if a literal has to wait for the server."""
    first, second = session.next_tag(), session.next_tag()
    selecting = _written(session, first, b"SELECT", [session.mailbox_argument(name)])
    searching = _written(session, second, b"UID SEARCH", keys)
    whole = len(selecting) == len(searching) == 1
    return (name, first, second, selecting[0] + searching[0]) if whole else None


def _written(
    session: ImapSession, tag: bytes, name: bytes, given: Iterable[Argument]
) -> list[bytes]:
    chunks: Iterator[Iterable[bytes | encode.Pieces]]
    chunks = encode.command(tag, name, encode.parts_of(given), session.capabilities)
    return [b"".join(encode.octets_of(chunk)) for chunk in chunks]


def _together(
    session: ImapSession, batch: list[Pair], options: list[str]
) -> Flow[dict[str, SearchResult]]:
    """Send the commands of a batch, and read the responses to all of them."""
    if not batch:
        return {}
    # What is unsolicited up to here is about the mailbox selected so far.
    yield from session.settle()
    yield Send(b"".join(octets for *_, octets in batch))
    found: dict[str, SearchResult] = {}
    errors: list[NetmailError] = []
    for name, selecting, searching, _ in batch:
        # "If the server detects a possible ambiguity, it MUST execute commands to completion in the
        # order given by the client", RFC 9051 section 5.5: what comes from one SELECT to the next
        # is about one mailbox.
        session.deselect()
        mailbox = session.mailbox = OpenMailbox(name)
        state = yield from _read(session, selecting, "SELECT")
        responses = yield from _read(session, searching, "UID SEARCH")
        # The responses to the others are read, whatever is wrong with these.
        try:
            found[name] = _result(session, mailbox, state, responses, options)
        except (ImapError, StateError, ProtocolError) as error:
            session.deselect()
            errors.append(error)
    if errors:
        raise errors[0]
    return found


def _read(session: ImapSession, tag: bytes, name: str) -> Flow[Responses]:
    limits = session.reader.limits
    responses = Responses(nesting=limits.nesting, utf8=session.is_utf8, kinds=read_by(name))
    responses.tagged = yield from session.read_until_tagged(tag, responses)
    return responses


def _result(
    session: ImapSession,
    mailbox: OpenMailbox,
    state: Responses,
    responses: Responses,
    options: list[str],
) -> SearchResult:
    """Read what the server has sent of one mailbox."""
    # Where SELECT is refused "no mailbox is selected", RFC 9051 section 6.3.2, so that the search
    # is refused as well: it is not made in another mailbox.
    raise_unless_ok(state.tagged, "SELECT")
    known = session.uidvalidities.get(mailbox.name)
    opened(session, mailbox, state)
    require_same_uids(session, mailbox.name, known)
    raise_unless_ok(responses.tagged, "UID SEARCH")
    if session.offers("ESEARCH"):
        return extended_search.read_result(session, responses, options, None)
    every = sorted(set(found_uids(session, responses)))
    return extended_search.computed(every, options, None)
