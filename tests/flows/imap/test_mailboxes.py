"""CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE, exactly as they go over the wire."""

import pytest

from netmail.errors import ImapError
from netmail.flows.imap.mailboxes import create, delete, rename, subscribe, unsubscribe
from netmail.flows.imap.search import search
from support.imap_sessions import run, selected
from support.replay import replay


@pytest.mark.parametrize(
    ("conversation", "verb", "expected"),
    [
        (lambda i: create(i, "a b"), 'CREATE "a b"', ["a b"]),
        (lambda i: delete(i, "Entwürfe"), 'DELETE "Entw&APw-rfe"', ["Entwürfe"]),
        (lambda i: rename(i, "a", 'b"\\'), 'RENAME "a" "b\\"\\\\"', ['b"\\']),
        (lambda i: subscribe(i, "NIL"), 'SUBSCRIBE "NIL"', True),
        (lambda i: unsubscribe(i, "x%*"), 'UNSUBSCRIBE "x%*"', True),
    ],
    ids=["create", "delete", "rename", "subscribe", "unsubscribe"],
)
def test_commands(conversation, verb, expected):
    """Names go out in quotes, in modified UTF-7."""
    assert run(conversation, f"C: T1 {verb}\nS: T1 OK done") == expected


def test_deleting_the_selected():
    """A deleted mailbox is not selected any more."""
    imap = selected(name="x")
    replay(delete(imap, "x"), imap.reader, 'C: T1 DELETE "x"\nS: T1 OK done')

    assert imap.selected is None


@pytest.mark.parametrize(
    ("old", "selected_name", "expected"),
    [("x", "x", "y"), ("x", "z", "z"), ("x", "x/deep", None), ("inbox", "inbox", "inbox")],
)
def test_renaming_the_selected(old, selected_name, expected):
    """A renamed mailbox stays selected under its new name; INBOX is emptied instead."""
    imap = selected(name=selected_name)
    replay(rename(imap, old, "y"), imap.reader, f'C: T1 RENAME "{old}" "y"\nS: T1 OK done')

    assert imap.selected == expected


def test_renamed_above_the_selected():
    """A mailbox below a renamed one stays selected without a name; a name selects again."""
    imap = selected(name="x/deep")
    replay(rename(imap, "x", "y"), imap.reader, 'C: T1 RENAME "x" "y"\nS: T1 OK done')
    replay(
        search(imap, "ALL", None),
        imap.reader,
        "C: T2 UID SEARCH ALL\nS: * SEARCH\nS: T2 OK x",
    )
    transcript = """
        C: T3 SELECT "x/deep"
        S: T3 NO no such mailbox
    """

    with pytest.raises(ImapError):
        replay(search(imap, "ALL", "x/deep"), imap.reader, transcript)
