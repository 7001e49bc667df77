"""What a search that asks for more than UIDs returns: ESEARCH.

This file knows no grammar: `wire` reads the value.
"""

from dataclasses import dataclass


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
        added: Positions and numbers that a search in progress has found since (CONTEXT).
        removed: Positions and numbers that it no longer finds.
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
    added: tuple[tuple[int, tuple[int, ...]], ...] = ()
    removed: tuple[tuple[int, tuple[int, ...]], ...] = ()
    tag: str = ""
    mailbox: str | None = None
    uidvalidity: int | None = None
