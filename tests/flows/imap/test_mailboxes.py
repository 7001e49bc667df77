"""Mailboxes as a whole."""

import pytest

from netmail.errors import ImapError, ProtocolError, UsageError
from netmail.flows.imap import mailbox_list, mailboxes, search, status
from support.imap_sessions import logged_in, run, selected
from support.replay import replay


def listed(name, delimiter="/", *attributes):
    """A mailbox as list() tells it."""
    return {"name": name, "delimiter": delimiter, "attributes": list(attributes)}


@pytest.mark.parametrize(
    ("talk", "verb", "expected"),
    [
        (lambda i: mailboxes.create(i, "a b"), 'CREATE "a b"', ["a b"]),
        (lambda i: mailboxes.delete(i, "Entwürfe"), "DELETE Entw&APw-rfe", ["Entwürfe"]),
        (lambda i: mailboxes.rename(i, "a", 'b"\\'), 'RENAME a "b\\"\\\\"', ['b"\\']),
        (lambda i: mailboxes.subscribe(i, "NIL"), 'SUBSCRIBE "NIL"', True),
        (lambda i: mailboxes.unsubscribe(i, "x%*"), 'UNSUBSCRIBE "x%*"', True),
    ],
    ids=["create", "delete", "rename", "subscribe", "unsubscribe"],
)
def test_commands(talk, verb, expected):
    """Names go out as atoms or in quotes, in modified UTF-7."""
    assert run(talk, f"C: T1 {verb}\nS: T1 OK done") == expected


def test_deleting_the_selected():
    """A deleted mailbox is not selected any more."""
    imap = selected(name="x")
    replay(mailboxes.delete(imap, "x"), imap.reader, "C: T1 DELETE x\nS: T1 OK done")

    assert imap.selected is None


@pytest.mark.parametrize(
    ("old", "selected_name", "expected"),
    [("x", "x", "y"), ("x", "z", "z"), ("x", "x/deep", None), ("inbox", "inbox", "inbox")],
)
def test_renaming_the_selected(old, selected_name, expected):
    """A renamed mailbox stays selected under its new name; INBOX is emptied instead."""
    imap = selected(name=selected_name)
    replay(mailboxes.rename(imap, old, "y"), imap.reader, f"C: T1 RENAME {old} y\nS: T1 OK done")

    assert imap.selected == expected


def test_renamed_above_the_selected():
    """A mailbox below a renamed one goes on without a name, and is selected again by one."""
    imap = selected(name="x/deep")
    replay(mailboxes.rename(imap, "x", "y"), imap.reader, "C: T1 RENAME x y\nS: T1 OK done")
    replay(
        search.search(imap, "ALL", None),
        imap.reader,
        "C: T2 UID SEARCH ALL\nS: * SEARCH\nS: T2 OK x",
    )
    transcript = """
        C: T3 SELECT x/deep
        S: T3 NO no such mailbox
    """

    with pytest.raises(ImapError):
        replay(search.search(imap, "ALL", "x/deep"), imap.reader, transcript)


LISTS = {
    "quoted": (
        '* LIST (\\HasChildren \\Noselect) "/" "a b"',
        listed("a b", "/", "\\HasChildren", "\\Noselect"),
    ),
    "atom": ('* LIST () "." INBOX.a', listed("INBOX.a", ".")),
    "flat": ("* LIST () NIL x", listed("x", None)),
    "called NIL": ("* LIST () nil NIL", listed("NIL", None)),
    "empty delimiter": ('* LIST () "" x', listed("x", None)),
    "escaped": ('* LIST () "\\\\" "a\\\\b\\"c"', listed('a\\b"c', "\\")),
    "unescaped delimiter": ('* LIST () "\\" x', listed("x", "\\")),
    "literal": ('* LIST () "/" {9}\\r\\nHell"oh)(', listed('Hell"oh)(')),
    "literal with lines": ('* LIST () "/" {7}\\r\\na\\r\\n* OK', listed("a\r\n* OK")),
    "utf-7": ('* LIST () "/" &ZeVnLIqe-/&-', listed("日本語/&")),
    "bracket": ('* LIST () "/" a[b', listed("a[b")),
    "brackets": ('* LIST () "/" [Gmail]/x', listed("[Gmail]/x")),
    "plus": ('* LIST () "/" +x', listed("+x")),
    "extended": ('* LIST () "/" x ("CHILDINFO" ("SUBSCRIBED"))', listed("x")),
    "extended quoted": ('* LIST () "/" "x y" ("OLDNAME" ("z"))', listed("x y")),
    "root": ('* LIST (\\Noselect) "/" ""', listed("", "/", "\\Noselect")),
    "lower case": ('* list () "/" x', listed("x")),
}


@pytest.mark.parametrize("name", LISTS)
def test_list(name):
    """One response, in every form that a name can have."""
    line, expected = LISTS[name]
    escaped = line.replace("\\", "\\\\").replace("\\\\r\\\\n", "\\r\\n")
    transcript = f'C: T1 LIST "" *\nS! {escaped.encode().decode("latin-1")}\\r\\n\nS: T1 OK done'

    assert run(lambda imap: mailbox_list.list_mailboxes(imap, "", "*"), transcript) == [expected]


@pytest.mark.parametrize(
    "line",
    [
        "* LIST",
        "* LIST x",
        '* LIST () "/"',
        "* LIST () / x",
        '* LIST ("/" x',
        '* LIST () "/" "x',
        '* LIST () "/" "x" y',
        '* LIST () "/" (x)',
        '* LIST () "//" x',
        '* LIST () "/" ""x"',
    ],
)
def test_list_unreadable(line):
    """What is no mailbox is kept aside, and costs no other."""
    imap = logged_in()
    transcript = f'C: T1 LIST "" *\nS: {line}\nS: * LIST () "/" y\nS: T1 OK done'

    assert replay(mailbox_list.list_mailboxes(imap, "", "*"), imap.reader, transcript) == [
        listed("y")
    ]
    assert [raw.data.decode() for raw in imap.unparsed] == [line]


@pytest.mark.parametrize(
    ("name", "pattern", "sent"),
    [
        ("", "*", '"" *'),
        ("", "", '"" ""'),
        ("a b/", "%", '"a b/" %'),
        ("~x", "ä*", "~x &AOQ-*"),
        ("", "%/x y", '"" "%/x y"'),
    ],
)
def test_list_arguments(name, pattern, sent):
    """Wildcards stand bare, names in the form that carries them."""
    assert (
        run(
            lambda i: mailbox_list.list_mailboxes(i, name, pattern),
            f"C: T1 LIST {sent}\nS: T1 OK done",
        )
        == []
    )


def test_lsub():
    """LSUB reads as LIST does."""
    transcript = 'C: T1 LSUB "" *\nS: * LSUB () "/" x\nS: * LIST () "/" y\nS: T1 OK done'

    assert run(lambda i: mailbox_list.lsub(i, "", "*"), transcript) == [listed("x")]


def test_get_dirs():
    """The names, of all mailboxes or of those below one."""
    answer = 'S: * LIST () "/" a\nS: * LIST () "/" a/b\nS: * LIST () "/" ab\nS: T1 OK done'

    assert run(lambda i: mailbox_list.get_dirs(i, None), f'C: T1 LIST "" *\n{answer}') == [
        "a",
        "a/b",
        "ab",
    ]
    assert run(lambda i: mailbox_list.get_dirs(i, "a"), f'C: T1 LIST "" a*\n{answer}') == ["a/b"]
    assert run(lambda i: mailbox_list.get_dirs(i, "a/"), f'C: T1 LIST "" a/*\n{answer}') == ["a/b"]


def test_get_subscribed_dirs():
    """The names that the user subscribes to."""
    transcript = 'C: T1 LSUB "" *\nS: * LSUB () "/" x\nS: T1 OK done'

    assert run(mailbox_list.get_subscribed_dirs, transcript) == ["x"]


@pytest.mark.parametrize(
    "line",
    [
        '* STATUS "a b" (MESSAGES 3 UIDNEXT 9)',
        "* STATUS {3}\\r\\na b (messages 3 UIDNEXT 9)",
        '* STATUS "a b" (UIDNEXT 9)\\r\\n* STATUS "a b" (MESSAGES 3)',
        '* STATUS "a b" (MESSAGES 3 UIDNEXT 9)\\r\\n* STATUS other (MESSAGES 4)',
    ],
)
def test_status(line):
    """The numbers of the mailbox that was asked for, its name in any form."""
    transcript = f'C: T1 STATUS "a b" (MESSAGES UIDNEXT)\nS! {line}\\r\\n\nS: T1 OK done'

    counts = run(lambda imap: status.status(imap, "a b", "messages uidnext"), transcript)
    assert counts == {"MESSAGES": 3, "UIDNEXT": 9}


@pytest.mark.parametrize(
    "lines",
    [
        "",
        "S: * STATUS x\n",
        "S: * STATUS x ()y\n",
        "S: * STATUS x (MESSAGES)\n",
        "S: * STATUS x (MESSAGES a)\n",
        "S: * STATUS x (MESSAGES 1 2 3)\n",
        "S: * STATUS x (MESSAGES 99999999999999999999)\n",
        "S: * STATUS x (MESSAGES ٣)\n",
        "S: * STATUS y (MESSAGES 1)\nS: * STATUS z (MESSAGES 2)\n",
    ],
)
def test_status_unreadable(lines):
    """No number is made up where none could be read."""
    with pytest.raises(ProtocolError):
        run(
            lambda imap: status.status(imap, "x", ["MESSAGES"]),
            f"C: T1 STATUS x (MESSAGES)\n{lines}S: T1 OK done",
        )


@pytest.mark.parametrize("attrs", ["", [], "MESSAGES)", "A\r\nB", ["UNSEEN SIZE"], [5, "é"]])
def test_status_of_nothing(attrs):
    """At least one word, and words only."""
    with pytest.raises(UsageError):
        run(lambda imap: status.status(imap, "x", attrs), "")
