"""No argument of any method becomes a command of its own, Security 4."""

import pytest

from netmail.errors import UsageError
from netmail.flows.flow import Send
from netmail.flows.imap import (
    append,
    copy,
    exec,
    expunge,
    fetch,
    mailbox_list,
    mailboxes,
    move,
    search,
    select,
    status,
    store,
)
from support.imap_sessions import selected

ATTACKS = {
    "CRLF": "x\r\nT9 DELETE INBOX",
    "LF": "x\nT9 DELETE INBOX",
    "CR": "x\rT9 DELETE INBOX",
    "NUL": "x\0y",
    "quote": 'x" (\\Deleted) "',
    "backslash": "x\\",
    "literal": "x {5}",
    "eager literal": "{99+}",
    "literal8": "~{3}",
    "parentheses": "x) (y",
    "blank": "x \\Deleted",
    "wildcards": "x*%",
    "surrogate": "x\ud800",
    "not ASCII": "ü\u2028\u0085x",
    "atom": "NIL",
}
CALLS = {
    "select": select.select,
    "examine": select.examine,
    "create": mailboxes.create,
    "delete": mailboxes.delete,
    "rename from": lambda imap, text: mailboxes.rename(imap, text, "y"),
    "rename to": lambda imap, text: mailboxes.rename(imap, "y", text),
    "subscribe": mailboxes.subscribe,
    "unsubscribe": mailboxes.unsubscribe,
    "list name": lambda imap, text: mailbox_list.list_mailboxes(imap, text, "*"),
    "list pattern": lambda imap, text: mailbox_list.list_mailboxes(imap, "", text),
    "lsub name": lambda imap, text: mailbox_list.lsub(imap, text, "*"),
    "lsub pattern": lambda imap, text: mailbox_list.lsub(imap, "", text),
    "get_dirs": mailbox_list.get_dirs,
    "status name": lambda imap, text: status.status(imap, text, "UNSEEN"),
    "status attrs": lambda imap, text: status.status(imap, "x", [text]),
    "append folder": lambda imap, text: append.append(imap, text, b"x", (), None),
    "append flag": lambda imap, text: append.append(imap, "x", b"x", [text], None),
    "expunge path": lambda imap, text: expunge.expunge(imap, text, None),
    "expunge uids": lambda imap, text: expunge.expunge(imap, None, text),
    "search query": lambda imap, text: search.search(imap, f'SUBJECT "{text}"', None),
    "search bare": lambda imap, text: search.search(imap, f"SUBJECT {text}", None),
    "search folder": lambda imap, text: search.search(imap, "ALL", text),
    "fetch uids": lambda imap, text: fetch.fetch(imap, text, None),
    "fetch path": lambda imap, text: fetch.fetch(imap, 1, text),
    "copy uids": lambda imap, text: copy.copy(imap, text, "x", None),
    "copy destination": lambda imap, text: copy.copy(imap, 1, text, None),
    "copy path": lambda imap, text: copy.copy(imap, 1, "x", text),
    "move uids": lambda imap, text: move.move(imap, text, "x", None),
    "move destination": lambda imap, text: move.move(imap, 1, text, None),
    "move path": lambda imap, text: move.move(imap, 1, "x", text),
    "store uids": lambda imap, text: store.store(imap, text, "FLAGS", "x", None),
    "store command": lambda imap, text: store.store(imap, 1, text, "x", None),
    "store flag": lambda imap, text: store.store(imap, 1, "FLAGS", [text], None),
    "store path": lambda imap, text: store.store(imap, 1, "FLAGS", "x", text),
    "exec": lambda imap, text: exec.execute(imap, f"NOOP {text}", None),
    "exec path": lambda imap, text: exec.execute(imap, "NOOP", text),
}


def sent_by(flow):
    """Return what a flow sends before it waits for the server."""
    sent = []
    for want in flow:
        if isinstance(want, Send):
            sent.append(want.data)
        elif sent:
            break
    flow.close()
    return b"".join(sent)


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("call", CALLS)
def test_injection(call, attack):
    """An argument is refused before anything is sent, or stays one argument on one line."""
    imap = selected("IMAP4rev1 UIDPLUS MOVE")
    try:
        sent = sent_by(CALLS[call](imap, ATTACKS[attack]))
    except UsageError:
        sent = b""

    assert sent in {b"", command_of(sent)}
    assert sent.isascii() or call == "exec"
    assert not sent or sent.startswith(b"T1 ")


def command_of(sent):
    """Return what a server would take for the first command of what was sent, literals asked for.

    A literal that waits ends the line with its length; then nothing more may have been sent.
    """
    line = sent.split(b"\n")[0] + b"\n"
    quotes = line.replace(b"\\\\", b"").replace(b'\\"', b"").count(b'"')
    harmless = b"\0" not in line and b"\r" not in line[:-2] and quotes % 2 == 0
    return line if harmless and not line.endswith(b"+}\r\n") else None


@pytest.mark.parametrize("attack", ["CRLF", "LF", "CR", "NUL", "surrogate"])
@pytest.mark.parametrize("call", CALLS)
def test_line_ends_are_refused(call, attack):
    """A line end, a NUL or a lone surrogate is refused wherever it stands."""
    imap = selected("IMAP4rev1 UIDPLUS MOVE")

    with pytest.raises(UsageError):
        sent_by(CALLS[call](imap, ATTACKS[attack]))


@pytest.mark.parametrize("wrong", [None, 5, b"x", ["x"], object()], ids=type)
@pytest.mark.parametrize("call", ["select", "create", "delete", "rename to", "subscribe"])
def test_names_are_text(call, wrong):
    """A mailbox is named by a str, and by nothing else."""
    with pytest.raises(UsageError, match="mailbox name must be a str"):
        sent_by(CALLS[call](selected(), wrong))


@pytest.mark.parametrize(
    "wrong",
    [
        0,
        -1,
        2**32,
        True,
        "0",
        "1:",
        "a",
        "",
        "1,,2",
        "5000000000",
        b"5",
        None,
        1.5,
        [0],
        ["1"],
        [1.0],
    ],
    ids=repr,
)
@pytest.mark.parametrize("call", ["fetch uids", "store uids", "copy uids", "move uids"])
def test_uids_are_numbers(call, wrong):
    """UIDs are numbers from 1 to 4294967295; octets are no iterable of them."""
    with pytest.raises(UsageError):
        sent_by(CALLS[call](selected("IMAP4rev1 MOVE"), wrong))
