"""CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE, exactly as they go over the wire."""

import pytest

from netmail.errors import ImapError, StateError, UsageError
from netmail.flows.imap.mailboxes import create, delete, rename, subscribe, unsubscribe
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


LEFT = "C: T1 UNSELECT\nS: T1 OK done\n"
OPENED = "S: * 3 EXISTS\nS: {} OK done\n"


def changing(conversation, transcript, name="x", capabilities="UNSELECT", **state):
    """Run a conversation with a mailbox selected; return the session."""
    imap = selected(capabilities, name=name)
    for key, value in state.items():
        setattr(imap.mailbox, key, value)
    replay(conversation(imap), imap.reader, transcript)
    return imap


def test_deleting_the_selected():
    """The selected mailbox is left before it is deleted, and none is selected then."""
    imap = changing(lambda i: delete(i, "x"), LEFT + 'C: T2 DELETE "x"\nS: T2 OK done')

    assert (imap.selected, imap.state) == (None, "authenticated")


def test_deleting_another():
    """Another mailbox is deleted while one is selected."""
    assert changing(lambda i: delete(i, "y"), 'C: T1 DELETE "y"\nS: T1 OK x').selected == "x"


@pytest.mark.parametrize(
    ("verb", "conversation"),
    [('DELETE "x"', lambda i: delete(i, "x")), ('RENAME "x" "y"', lambda i: rename(i, "x", "y"))],
    ids=["delete", "rename"],
)
def test_refused(verb, conversation):
    """After a refusal the same mailbox is selected, as it was before."""
    imap = selected("UNSELECT", name="x")
    imap.mailbox.examined = True
    refused = f'{LEFT}C: T2 {verb}\nS: T2 NO never\nC: T3 EXAMINE "x"\n{OPENED.format("T3")}'

    with pytest.raises(ImapError, match="never"):
        replay(conversation(imap), imap.reader, refused)
    assert imap.mailbox.examined
    assert (imap.selected, imap.state) == ("x", "selected")


@pytest.mark.parametrize(
    ("name", "old", "asked", "expected"),
    [
        ("x", "x", "", "y"),
        ("x/deep/er", "x", "/", "y/deep/er"),
        ("x.deep", "x", ".", "y.deep"),
        ("inbox", "Inbox", "", "inbox"),
        ("INBOX/deep", "inbox", "", "INBOX/deep"),
    ],
    ids=["itself", "above", "another delimiter", "INBOX", "below INBOX"],
)
def test_renaming_the_selected(name, old, asked, expected):
    """It is left before, and selected again under its new name; INBOX is emptied instead."""
    tags = iter(range(1, 9))
    lines = f'C: T1 LIST "{old}" ""\nS: * LIST () "{asked}" ""\nS: T1 OK x\n' if asked else ""
    first = next(tags) + bool(asked)
    lines += f"C: T{first} UNSELECT\nS: T{first} OK done\n"
    lines += f'C: T{first + 1} RENAME "{old}" "y"\nS: T{first + 1} OK done\n'
    lines += f'C: T{first + 2} SELECT "{expected}"\n' + OPENED.format(f"T{first + 2}")

    assert changing(lambda i: rename(i, old, "y"), lines, name).selected == expected


@pytest.mark.parametrize(
    ("name", "listed"),
    [("z", None), ("xy", '"/" ""'), ("x/deep", 'NIL ""'), ("x/deep", None)],
    ids=["another", "begins alike", "flat", "delimiter not sent"],
)
def test_renaming_another(name, listed):
    """A mailbox that RENAME does not concern stays selected meanwhile."""
    asks = name.startswith("x")
    answer = f"S: * LIST () {listed}\n" if listed else ""
    lines = f'C: T1 LIST "x" ""\n{answer}S: T1 OK x\n' if asks else ""
    tag = "T2" if asks else "T1"
    lines += f'C: {tag} RENAME "x" "y"\nS: {tag} OK done'

    assert changing(lambda i: rename(i, "x", "y"), lines, name).selected == name


@pytest.mark.parametrize("examined", [False, True])
def test_leaving_without_unselect(examined):
    r"""EXAMINE comes before CLOSE, so that CLOSE deletes nothing that is flagged \Deleted."""
    reopened = f'C: T1 EXAMINE "x"\n{OPENED.format("T1")}'
    first = 1 if examined else 2
    close, rest = f"T{first}", f"T{first + 1}"
    lines = "" if examined else reopened
    lines += f'C: {close} CLOSE\nS: {close} OK x\nC: {rest} DELETE "x"\nS: {rest} OK x'

    imap = changing(lambda i: delete(i, "x"), lines, capabilities="IMAP4rev1", examined=examined)
    assert imap.selected is None


def test_other_uids_after_rename():
    """If the server gives the messages other UIDs, that is an error, and not a wrong message."""
    imap = selected("UNSELECT", name="x")
    imap.uidvalidities["x"] = 5
    again = 'C: T3 SELECT "y"\nS: * 3 EXISTS\nS: * OK [UIDVALIDITY 6] x\nS: T3 OK done'
    lines = f'{LEFT}C: T2 RENAME "x" "y"\nS: T2 OK done\n{again}'

    with pytest.raises(StateError, match="the UIDs of y have changed"):
        replay(rename(imap, "x", "y"), imap.reader, lines)
    assert imap.selected is None


@pytest.mark.parametrize(("old", "new"), [("x", ""), ("", "y"), ("x", "a\nb")])
def test_no_name(old, new):
    """What is no name is refused before the mailbox is left."""
    imap = selected("UNSELECT", name="x")

    with pytest.raises(UsageError):
        replay(rename(imap, old, new), imap.reader, "")
    assert imap.selected == "x"
