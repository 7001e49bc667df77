"""What all commands with a set of UIDs have in common."""

import pytest

from netmail.errors import StateError
from netmail.flows.imap.copy import copy
from netmail.flows.imap.expunge import expunge
from netmail.flows.imap.fetch import fetch
from netmail.flows.imap.move import move
from netmail.flows.imap.store import store
from netmail.results.imap import CopyResult
from support.imap_sessions import logged_in, run, selected
from support.replay import replay

MOVE = "IMAP4rev1 UIDPLUS MOVE"


@pytest.mark.parametrize("uids", [[], set(), iter(())])
def test_empty_sets_cost_nothing(uids):
    """No UIDs, no round trip: not even the mailbox is selected."""
    uids = list(uids)
    conversations = [
        lambda imap: fetch(imap, uids, "X"),
        lambda imap: store(imap, uids, "FLAGS", "x", "X"),
        lambda imap: copy(imap, uids, "Y", "X"),
        lambda imap: move(imap, uids, "Y", "X"),
        lambda imap: expunge(imap, "X", uids),
    ]

    results = [
        run(conversation, "", logged_in, capabilities=MOVE) for conversation in conversations
    ]
    assert results == [{}, True, CopyResult(), CopyResult(), True]


@pytest.mark.parametrize(
    "change",
    [
        lambda imap: store(imap, 1, "FLAGS", "x", None),
        lambda imap: move(imap, 1, "Archive", None),
        lambda imap: expunge(imap, None, None),
        lambda imap: expunge(imap, "INBOX", [1]),
    ],
    ids=["store", "move", "expunge", "expunge some"],
)
def test_examined_mailbox_is_safe(change):
    """What examine() opened is not changed without the caller's knowledge."""
    imap = selected(MOVE)
    assert imap.mailbox is not None
    imap.mailbox.examined = True

    with pytest.raises(StateError, match=r"examine\(\) opened"):
        replay(change(imap), imap.reader, "")
