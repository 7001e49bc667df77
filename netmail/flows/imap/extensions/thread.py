"""Messages found, with the replies to each: UID THREAD.

This file knows when the server may be asked, and no grammar.

RFC 5256 section 3.
"""

from netmail.flows.flow import Flow
from netmail.flows.imap.search import require_keys
from netmail.flows.imap.select import ensure_selected
from netmail.flows.imap.session import ImapSession
from netmail.results.thread import Thread
from netmail.wire.imap import encode
from netmail.wire.imap.data.thread import thread_data
from netmail.wire.imap.search_program import SearchQuery, search_program


def thread(
    session: ImapSession, algorithm: str, query: SearchQuery | None, mailbox: str | None
) -> Flow[list[Thread]]:
    """Find messages, by thread: UID THREAD; an empty query means ALL.

    RFC 5256 section 3.
    """
    # thread = ["UID" SP] "THREAD" SP thread-alg SP search-criteria
    #
    # C: T1 UID THREAD REFERENCES US-ASCII ALL
    # S: * THREAD (2)(3 6 (4 23)(44 7 96))
    # S: T1 OK done
    name = encode.atom(algorithm, "the algorithm of threads").upper()
    if query is None or (isinstance(query, str) and not query.strip()):
        query = "ALL"  # not NEW, as in search(): RFC 5256 section 3 has no default
    program = search_program(query)
    yield from ensure_selected(session, mailbox)
    # "A server that supports the THREAD extension indicates this with one or more capability names
    # consisting of "THREAD=" followed by a supported threading algorithm name", RFC 5256 section 1.
    session.require(f"THREAD={name.decode('ascii')}", "thread()")
    require_keys(session, program)
    responses = yield from session.command(
        "UID THREAD", name, program.charset.encode("ascii"), program.keys
    )
    found = session.read_each(thread_data, responses.named("THREAD"), "* THREAD (2)(3 6)")
    return [each for threads in found for each in threads]
