"""Mailboxes listed: LIST and LSUB.

This file knows which names are sent back as the server wrote them, and no grammar.

RFC 9051 section 6.3.9; RFC 3501 section 6.3.9 (LSUB).
"""

from functools import partial
from typing import Final

from netmail.flows.flow import Flow
from netmail.flows.imap.session import ImapSession
from netmail.results.imap import ImapState, ListEntry
from netmail.text import check_text
from netmail.wire.imap import encode, mailbox_list
from netmail.wire.imap.encode import Argument

_UNSELECTABLE: Final = frozenset({r"\NOSELECT", r"\NONEXISTENT"})


def list_mailboxes(session: ImapSession, reference: str, pattern: str) -> Flow[list[ListEntry]]:
    """List mailboxes: LIST.

    RFC 9051 section 6.3.9.
    """
    return (yield from _list(session, "LIST", reference, pattern))


def lsub(session: ImapSession, reference: str, pattern: str) -> Flow[list[ListEntry]]:
    """List the subscribed mailboxes: LSUB.

    RFC 3501 section 6.3.9.
    """
    return (yield from _list(session, "LSUB", reference, pattern))


def get_dirs(
    session: ImapSession, parent: str | None, *, unselectable: bool = False
) -> Flow[list[str]]:
    """List the names of mailboxes, of all levels or of those below `parent`: LIST.

    Args:
        session: The session.
        parent: The mailbox above; `None` for none.
        unselectable: Whether names that cannot be selected are listed too.

    RFC 9051 section 6.3.9.
    """
    # The delimiter is not known before the response: the pattern asks for "ab" below "a" too.
    pattern = check_text(parent, "a mailbox name") + "*" if parent else "*"
    entries = yield from _list(session, "LIST", "", pattern)
    return [
        entry["name"]
        for entry in entries
        if (unselectable or _is_selectable(entry)) and (not parent or _is_below(entry, parent))
    ]


def get_subscribed_dirs(session: ImapSession) -> Flow[list[str]]:
    """List the names of the subscribed mailboxes: LSUB.

    RFC 3501 section 6.3.9.
    """
    return [entry["name"] for entry in (yield from _list(session, "LSUB", "", "*"))]


def _list(session: ImapSession, verb: str, reference: str, pattern: str) -> Flow[list[ListEntry]]:
    # list = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat [SP list-return-opts]
    #
    # C: T1 LIST "" "*"
    # S: * LIST (\HasNoChildren \Sent) "/" Sent
    # S: T1 OK done
    #
    # "An empty ("" string) mailbox name argument is a special request to return the hierarchy
    # delimiter and the root name", so an empty one is sent too.
    arguments: list[Argument] = [
        encode.mailbox_pattern(text, utf8=session.is_utf8) if text else b'""'
        for text in (reference, pattern)
    ]
    session.require_state(ImapState.AUTHENTICATED, ImapState.SELECTED)
    # "LSUB" is not in RFC 9051, whose appendix E has LIST (SUBSCRIBED) for it.
    if verb == "LSUB" and session.is_rev2:
        verb = "LIST"
        arguments.insert(0, b"(SUBSCRIBED)")
    responses = yield from session.command(verb, *arguments)
    read = partial(mailbox_list.mailbox_list, strict=session.strict)
    listed = session.read_each(read, responses.named(verb), f'* {verb} () "/" name')
    for entry, written in listed:
        session.remember_name(entry["name"], written)
    return [entry for entry, _ in listed]


def _is_selectable(entry: ListEntry) -> bool:
    # "\\NonExistent": the name "does not refer to an existing mailbox", which "implies \\NoSelect";
    # "\\Noselect": "It is not possible to use this name as a selectable mailbox", RFC 9051 section
    # 7.3.1. Attributes are in any case.
    return _UNSELECTABLE.isdisjoint(map(str.upper, entry["attributes"]))


def _is_below(entry: ListEntry, parent: str) -> bool:
    # mailbox-list = ... (DQUOTE QUOTED-CHAR DQUOTE / nil) ...: NIL means that names have no levels.
    delimiter = entry["delimiter"]
    if not delimiter:
        return False
    return entry["name"].startswith(parent.removesuffix(delimiter) + delimiter)
