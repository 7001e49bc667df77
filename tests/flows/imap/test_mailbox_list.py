"""LIST and LSUB, exactly as they go over the wire."""

import pytest

from netmail.flows.imap.mailbox_list import get_dirs, get_subscribed_dirs, list_mailboxes, lsub
from support.imap_sessions import logged_in, run
from support.replay import replay


def listed(name, delimiter="/", *attributes):
    """A mailbox as list() returns it."""
    return {"name": name, "delimiter": delimiter, "attributes": list(attributes)}


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
    "literal, extended": (
        '* LIST () "/" {5}\\r\\nInbox (CHILDINFO ("SUBSCRIBED"))',
        listed("Inbox"),
    ),
    "old name as a literal": (
        '* LIST () "/" x ("OLDNAME" ({1}\\r\\ny))',
        listed("x"),
    ),
    "both as literals": (
        '* LIST () "/" {1}\\r\\nx (OLDNAME ({1}\\r\\ny))',
        listed("x"),
    ),
    "extended, quoted name": (
        '* LIST (\\Subscribed) "/" "a b" (OLDNAME ({3}\\r\\n"y"))',
        listed("a b", "/", "\\Subscribed"),
    ),
    "root": ('* LIST (\\Noselect) "/" ""', listed("", "/", "\\Noselect")),
    "lower case": ('* list () "/" x', listed("x")),
}


@pytest.mark.parametrize("name", LISTS)
def test_list(name):
    """One response, in every form that a name can have."""
    line, expected = LISTS[name]
    escaped = line.replace("\\", "\\\\").replace("\\\\r\\\\n", "\\r\\n")
    transcript = f'C: T1 LIST "" "*"\nS! {escaped.encode().decode("latin-1")}\\r\\n\nS: T1 OK done'

    assert run(lambda imap: list_mailboxes(imap, "", "*"), transcript) == [expected]


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
    transcript = f'C: T1 LIST "" "*"\nS: {line}\nS: * LIST () "/" y\nS: T1 OK done'

    assert replay(list_mailboxes(imap, "", "*"), imap.reader, transcript) == [listed("y")]
    assert [raw.data.decode() for raw in imap.unparsed] == [line]


@pytest.mark.parametrize(
    ("name", "pattern", "sent"),
    [
        ("", "*", '"" "*"'),
        ("", "", '"" ""'),
        ("a b/", "%", '"a b/" "%"'),
        ("~x", "ä*", '"~x" "&AOQ-*"'),
        ("", "%/x y", '"" "%/x y"'),
    ],
)
def test_list_arguments(name, pattern, sent):
    """Names and wildcards go out in quotes: Courier ends a bare one at "~"."""
    assert (
        run(
            lambda i: list_mailboxes(i, name, pattern),
            f"C: T1 LIST {sent}\nS: T1 OK done",
        )
        == []
    )


def test_lsub():
    """LSUB reads as LIST does."""
    transcript = 'C: T1 LSUB "" "*"\nS: * LSUB () "/" x\nS: * LIST () "/" y\nS: T1 OK done'

    assert run(lambda i: lsub(i, "", "*"), transcript) == [listed("x")]


def test_get_dirs():
    """The names, of all mailboxes or of those below one."""
    responses = 'S: * LIST () "/" a\nS: * LIST () "/" a/b\nS: * LIST () "/" ab\nS: T1 OK done'

    assert run(lambda i: get_dirs(i, None), f'C: T1 LIST "" "*"\n{responses}') == [
        "a",
        "a/b",
        "ab",
    ]
    assert run(lambda i: get_dirs(i, "a"), f'C: T1 LIST "" "a*"\n{responses}') == ["a/b"]
    assert run(lambda i: get_dirs(i, "a/"), f'C: T1 LIST "" "a/*"\n{responses}') == ["a/b"]


def test_unselectable():
    """What cannot be selected is listed on demand only, however the attribute is written."""
    attributes = [r"\Noselect", r"\HasChildren \NOSELECT", r"\NonExistent", r"\Sent", ""]
    listing = [f'S: * LIST ({each}) "/" a{at}' for at, each in enumerate(attributes)]
    transcript = "\n".join(['C: T1 LIST "" "*"', *listing, "S: T1 OK done"])

    assert run(lambda i: get_dirs(i, None), transcript) == ["a3", "a4"]
    assert len(run(lambda i: get_dirs(i, None, unselectable=True), transcript)) == 5


def test_get_subscribed_dirs():
    """The names that the user subscribes to."""
    transcript = 'C: T1 LSUB "" "*"\nS: * LSUB () "/" x\nS: T1 OK done'

    assert run(get_subscribed_dirs, transcript) == ["x"]
