"""What known servers do against the grammar: taken, and refused by `strict`."""

import pytest

from netmail.errors import ProtocolError
from netmail.flows.imap import copy, fetch, mailbox_list, search, select, status
from netmail.results.imap import CopyResult
from netmail.wire.imap.quirks import QUIRKS
from support.imap_sessions import logged_in, run, selected
from support.replay import saved


def noop(imap):
    """NOOP."""
    return (yield from imap.noop())


def fetching(uids):
    """Fetch messages."""
    return lambda imap: fetch.fetch(imap, uids, None)


def selecting(imap):
    """Select, and tell what was made of the numbers."""
    state = yield from select.select(imap, "x")
    return state["exists"], state["highestmodseq"]


def count_and_search(imap):
    """STATUS, then SEARCH."""
    counts = yield from status.status(imap, "x", "MESSAGES")
    return counts, (yield from search.search(imap, None, None))


def copy_twice(imap):
    """Copy twice."""
    first = yield from copy.copy(imap, [1, 2], "x", None)
    return first, (yield from copy.copy(imap, [1, 2], "x", None))


def list_and_select(imap):
    """List, and select what was listed."""
    names = yield from mailbox_list.get_dirs(imap, None)
    found = []
    for name in names:
        state = yield from select.select(imap, name)
        found.append((name, state["exists"]))
    return found


TALKS = {
    "cut-first-line": (noop, True),
    "not-understood": (fetching("1:2"), {2: b"b"}),
    "stray-continuation": (noop, True),
    "no-text": (selecting, (4, 7192)),
    "zero-number": (fetching(5), b"a"),
    "extra-parentheses": (fetching(5), b"a"),
    "trailing-space": (count_and_search, ({"MESSAGES": 3}, [1, 2])),
    "no-search-response": (lambda imap: search.search(imap, None, None), []),
    "esearch-for-search": (lambda imap: search.search(imap, None, None), [2, 5, 6, 7]),
    "unfit-copyuid": (copy_twice, (CopyResult(), CopyResult())),
    "negative-number": (selecting, (4, None)),
    "foreign-name": (list_and_select, [("Entwürfe", 4), ("R&D", 5)]),
    "unquoted-name": (
        lambda imap: mailbox_list.get_dirs(imap, None),
        ["INBOX/My Folder", 'Hell"oh'],
    ),
    "other-name": (lambda imap: status.status(imap, "Café", "MESSAGES"), {"MESSAGES": 3}),
}


BEFORE_COMMANDS = {"cut-first-line", "stray-continuation"}
WORDS = {"not-understood": "a list is not closed"}


def transcript(name):
    """The transcript of a quirk."""
    return saved("imap", "quirks", name)


def test_every_quirk_is_tested():
    """Each tolerance has its transcript."""
    assert sorted(TALKS) == sorted(quirk.name for quirk in QUIRKS)


@pytest.mark.parametrize("name", TALKS)
def test_tolerated(name):
    """Known servers are understood."""
    talk, expected = TALKS[name]

    assert run(talk, transcript(name), selected) == expected


@pytest.mark.parametrize("name", TALKS)
def test_strict(name):
    """With `strict` the same is a ProtocolError that says which rule is broken."""
    quirk = next(quirk for quirk in QUIRKS if quirk.name == name)
    talk, _ = TALKS[name]
    # Nothing is sent after the first broken rule.
    heard, _, _ = transcript(name).partition("C: T1" if name in BEFORE_COMMANDS else "C: T2")

    with pytest.raises(ProtocolError) as caught:
        run(talk, heard, selected, strict=True)
    assert WORDS.get(name, quirk.what) in str(caught.value)


def test_exchange_tabs():
    """Exchange lists a name with tabs as it is; it goes back the same way."""
    lines = 'C: T1 LIST "" *\nS: * LIST () "/" INBOX/Da\tOggetto\t\nS: T1 OK done\n'
    again = 'C: T2 SELECT "INBOX/Da\tOggetto\t"\nS: * 4 EXISTS\nS: T2 OK done'

    assert run(list_and_select, lines + again, logged_in) == [("INBOX/Da\tOggetto\t", 4)]
