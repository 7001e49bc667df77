"""Single IMAP commands on loopback, one after the other: netmail beside imaplib.

Elapsed time has Dovecot's and the machine's load in it, and the bare socket, which sends the same
line and reads once, shows how much. CPU time is the client's alone.
"""

from contextlib import ExitStack
from pathlib import Path

from benchmarks import commands
from benchmarks.commands import CONTENT, Pair
from benchmarks.imap import BareSocket


def run() -> bool:
    """Measure and print; tell whether the aim is met."""
    from servers.process import open_folder

    with open_folder("bench") as folder, ExitStack() as stack:
        return commands.compared(_pairs(folder, stack))


def _pairs(folder: Path, stack: ExitStack) -> list[Pair]:
    import imaplib

    import netmail
    from servers.dovecot import Dovecot

    server = stack.enter_context(Dovecot.start(folder))
    user = server.fresh_user()
    server.deliver_many(user, [CONTENT] * 20)
    own = stack.enter_context(netmail.Imap(server.url("imap", user), tls=netmail.TLS_NONE))
    own.create("Work")
    own.select("INBOX")
    other = imaplib.IMAP4(server.host, server.ports.imap)
    stack.callback(other.logout)
    other.login(user.name, user.password)
    other.select("INBOX")
    bare = BareSocket((server.host, server.ports.imap), user)
    stack.callback(bare.close)
    return [
        Pair("a bare socket's NOOP", lambda: bare.command("NOOP"), other.noop),
        Pair("NOOP", own.noop, other.noop),
        Pair(
            "STATUS",
            lambda: own.status("Work", "MESSAGES UNSEEN"),
            lambda: other.status("Work", "(MESSAGES UNSEEN)"),
        ),
        Pair(
            "UID SEARCH",
            lambda: own.search("UNSEEN"),
            lambda: other.uid("SEARCH", "UNSEEN"),
        ),
        Pair(
            "UID STORE of one",
            lambda: own.store(5, "+FLAGS", r"\Seen"),
            lambda: other.uid("STORE", "5", "+FLAGS", r"(\Seen)"),
        ),
        Pair(
            "UID FETCH of one",
            lambda: own.fetch(7),
            lambda: other.uid("FETCH", "7", "(UID BODY.PEEK[])"),
        ),
    ]
