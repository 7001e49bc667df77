"""Typed FETCH from Dovecot, message by message: netmail, a bare socket, IMAPClient.

The bare socket sends the same command and reads until the tagged OK, no more. All run by turns in
one process, so that the machine's load affects them alike. Every value that is asked for is used.
"""

import resource
from collections.abc import Callable
from pathlib import Path

from benchmarks import imap as raw

BODIES = raw.MESSAGES
FLAGS = 100_000
LARGE = 200_000_000
TYPED = "UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE"


def imapclient_of(server, user):
    """Return an IMAPClient that is logged in, or `None` where the package is missing."""
    try:
        import imapclient
    except ImportError:
        print("  IMAPClient is not installed: that column is left out")
        return None
    client = imapclient.IMAPClient(server.host, server.ports.imap, ssl=False)
    client.login(user.name, user.password)
    client.select_folder("INBOX")
    return client


def by_thousands(client, count: int, items: list[object]) -> None:
    """Fetch from an IMAPClient, which writes each UID out: Dovecot refuses all at once."""
    for first in range(1, count + 1, 1_000):
        client.fetch(range(first, min(first + 1_000, count + 1)), items)


def used(messages, *names: str) -> int:
    """Use attributes of every message; return how many messages there were."""
    count = 0
    for message in messages:
        for name in names:
            getattr(message, name)
        count += 1
    return count


def compared(
    title: str,
    count: int,
    works: dict[str, Callable[[], object]],
    at_most: float | None,
    at_least: float,
) -> bool:
    """Run all by turns, print them, and tell whether both aims are met."""
    found = {name: took for name, (took, _) in raw.by_turns(works).items()}
    print(title)
    for name, took in found.items():
        ratio = took / found["bare socket"]
        print(f"  {name:<12}{took * 1000:6.0f} ms {count / took:10,.0f}/s  x{ratio:.2f}")
    met = True
    if at_most is not None:
        ratio = found["netmail"] / found["bare socket"]
        print(f"  netmail / bare socket: {ratio:.2f} (at most {at_most})")
        met = ratio <= at_most
    if "IMAPClient" in found:
        ratio = found["IMAPClient"] / found["netmail"]
        print(f"  IMAPClient / netmail:  {ratio:.2f} (at least {at_least})")
        met &= ratio >= at_least
    return met


def many_messages(server) -> bool:
    """Bodies and flags of 20,000 messages, then everything typed."""
    import netmail

    user = server.fresh_user()
    server.deliver_many(user, raw.messages())
    bare = raw.BareSocket((server.host, server.ports.imap), user)
    other = imapclient_of(server, user)
    with netmail.Imap(server.url("imap", user, server.host), tls=netmail.TLS_NONE) as client:
        client.select("INBOX")

        def bodies() -> None:
            messages = client.fetch_many("1:*", "FLAGS BODY.PEEK[]")
            if used(messages, "uid", "flags", "body") != BODIES:
                raise AssertionError("not every message came")

        def typed() -> None:
            names = ("flags", "internal_date", "size", "envelope", "body_structure")
            if used(client.fetch_many("1:*", TYPED), *names) != BODIES:
                raise AssertionError("not every message came")

        works = {
            "bare socket": lambda: bare.command("UID FETCH 1:* (UID FLAGS BODY.PEEK[])"),
            "netmail": bodies,
        }
        if other:
            works["IMAPClient"] = lambda: by_thousands(other, BODIES, ["FLAGS", "BODY.PEEK[]"])
        met = compared(f"{BODIES:,} x UID FLAGS BODY[], typed, one by one", BODIES, works, 1.35, 2)
        works = {
            "bare socket": lambda: bare.command(f"UID FETCH 1:* ({TYPED})"),
            "netmail": typed,
        }
        if other:
            names = TYPED.encode().split()
            works["IMAPClient"] = lambda: by_thousands(other, BODIES, names)
        met &= compared(f"{BODIES:,} x {TYPED}, decoded", BODIES, works, None, 3)
    bare.close()
    return met


def many_flags(server) -> bool:
    """Flags of 100,000 messages."""
    import netmail

    user = server.fresh_user()
    server.deliver_many(user, (b"Subject: %d\r\n\r\n" % number for number in range(FLAGS)))
    bare = raw.BareSocket((server.host, server.ports.imap), user)
    other = imapclient_of(server, user)
    with netmail.Imap(server.url("imap", user, server.host), tls=netmail.TLS_NONE) as client:
        client.select("INBOX")

        def flags() -> None:
            if used(client.fetch_many("1:*", "FLAGS"), "uid", "flags") != FLAGS:
                raise AssertionError("not every message came")

        works = {
            "bare socket": lambda: bare.command("UID FETCH 1:* (UID FLAGS)"),
            "netmail": flags,
        }
        if other:
            works["IMAPClient"] = lambda: by_thousands(other, FLAGS, ["FLAGS"])
        met = compared(f"{FLAGS:,} x UID FLAGS", FLAGS, works, None, 2)
    bare.close()
    return met


class SinkSocket(raw.BareSocket):
    """Writes what it reads to a file, and looks for the tagged OK alone."""

    def download(self, line: str, path: Path) -> None:
        """Send a command, and write all of its responses."""
        self.connection.sendall(f"b {line}\r\n".encode())
        tail = b""
        view = memoryview(self.buffer)
        with path.open("wb") as file:
            while not raw.TAG.search(tail):
                got = self.connection.recv_into(self.buffer)
                if not got:
                    raise ConnectionError("the server closed")
                file.write(view[:got])
                tail = (tail + bytes(view[max(0, got - raw.LINE) : got]))[-raw.LINE :]


def one_large(server, folder: Path) -> bool:
    """One message of 200 MB into a file, and the memory that it adds."""
    import netmail

    user = server.fresh_user()
    line = b"0123456789abcdef" * 4 + b"\r\n"
    server.deliver_many(user, [b"Subject: large\r\n\r\n" + line * (LARGE // len(line))])
    bare = SinkSocket((server.host, server.ports.imap), user)
    with netmail.Imap(server.url("imap", user, server.host), tls=netmail.TLS_NONE) as client:
        client.select("INBOX")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        client.download(1, folder / "netmail")
        added = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        works = {
            "bare socket": lambda: bare.download("UID FETCH 1 (BODY.PEEK[])", folder / "bare"),
            "netmail": lambda: client.download(1, folder / "netmail"),
        }
        met = compared(f"one body of {LARGE // 10**6} MB into a file", 1, works, 1.3, 0)
    bare.close()
    print(f"  memory added: {added:.1f} MiB (at most 32)")
    return met and added < 32


def run() -> bool:
    """Measure and print; tell whether the aims are met."""
    from servers.dovecot import Dovecot
    from servers.process import open_folder

    with open_folder("bench") as folder, Dovecot.start(folder) as server:
        # First, before anything else has raised the peak of memory.
        met = one_large(server, Path(folder))
        met &= many_messages(server)
        met &= many_flags(server)
    return met
