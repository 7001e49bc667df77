"""Typed FETCH from Dovecot, message by message: netmail, a bare socket, IMAPClient.

The bare socket sends the same command and reads until the tagged OK, no more. All run by turns in
one process, so that the machine's load affects them alike. Every value that is asked for is used.
"""

import re
from collections.abc import Callable
from pathlib import Path

from benchmarks import imap as raw
from benchmarks.imap_mail import varied_messages

BODIES = raw.MESSAGES
FLAGS = 100_000
LARGE = 200_000_000
TYPED = "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE"


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
    found = raw.by_turns(works)
    print(title)
    for name, (took, cpu) in found.items():
        ratio = took / found["bare socket"][0]
        shown = f"{took * 1000:6.0f} ms {count / took:10,.0f}/s  x{ratio:.2f}"
        print(f"  {name:<12}{shown}  CPU {cpu * 1000:.0f} ms")
    met = True
    if at_most is not None:
        ratio = found["netmail"][0] / found["bare socket"][0]
        print(f"  netmail / bare socket: {ratio:.2f} (at most {at_most})")
        met = ratio <= at_most
    if "IMAPClient" in found:
        ratio, cpu = (
            other / own for other, own in zip(found["IMAPClient"], found["netmail"], strict=True)
        )
        print(f"  IMAPClient / netmail:  {ratio:.2f} (at least {at_least}), of CPU {cpu:.2f}")
        met &= ratio >= at_least
    return met


def bodies(server) -> bool:
    """Bodies and flags of 20,000 messages."""
    return of_messages(
        server,
        raw.messages(),
        f"{BODIES:,} x UID FLAGS BODY[], typed, one by one",
        "FLAGS BODY.PEEK[]",
        names=("uid", "flags", "body"),
        aims=(1.35, 2),
    )


def typed(server) -> bool:
    """Everything else of 20,000 messages, each item decoded."""
    return of_messages(
        server,
        varied_messages(BODIES),
        f"{BODIES:,} x {TYPED}, decoded",
        TYPED,
        names=("flags", "internal_date", "size", "envelope", "body_structure"),
        aims=(None, 3),
    )


def many_flags(server) -> bool:
    """Flags of 100,000 messages."""
    messages = [b"Subject: %d\r\n\r\n" % number for number in range(FLAGS)]
    title = f"{FLAGS:,} x UID FLAGS"
    names = ("uid", "flags")
    return of_messages(server, messages, title, "FLAGS", names=names, aims=(None, 2))


def of_messages(server, messages, title, items, *, names, aims) -> bool:
    """Deliver messages, and fetch items of all of them; the attributes `names` are used."""
    import netmail

    user = server.fresh_user()
    messages = list(messages)
    count = len(messages)
    server.deliver_many(user, messages)
    bare = raw.BareSocket((server.host, server.ports.imap), user)
    other = imapclient_of(server, user)
    with netmail.Imap(server.url("imap", user, server.host), tls=netmail.TLS_NONE) as client:
        client.select("INBOX")

        def fetch() -> None:
            if used(client.fetch_many("1:*", items), *names) != count:
                raise AssertionError("not every message came")

        works = {
            "bare socket": lambda: bare.command(f"UID FETCH 1:* (UID {items})"),
            "netmail": fetch,
        }
        if other:
            works["IMAPClient"] = lambda: by_thousands(other, count, items.encode().split())
        met = compared(title, count, works, *aims)
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
        added = memory_added(lambda: client.download(1, folder / "netmail"))
        works = {
            "bare socket": lambda: bare.download("UID FETCH 1 (BODY.PEEK[])", folder / "bare"),
            "netmail": lambda: client.download(1, folder / "netmail"),
        }
        met = compared(f"one body of {LARGE // 10**6} MB into a file", 1, works, 1.3, 0)
    bare.close()
    print(f"  memory added: {added:.1f} MiB (at most 32)")
    return met and added < 32


def memory_added(work: Callable[[], object]) -> float:
    """Return by how many MiB work raises the memory of this process at its peak.

    Linux alone counts the peak of a part: 5 sets it back to what is resident now (proc(5)).
    """
    Path("/proc/self/clear_refs").write_text("5")
    before = resident("VmRSS")
    work()
    return (resident("VmHWM") - before) / 1024


def resident(name: str) -> int:
    """Return a number of kB of this process's memory."""
    found = re.search(rf"^{name}:\s*(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(found[1]) if found else 0


def run() -> bool:
    """Measure and print; tell whether the aims are met."""
    from servers.dovecot import Dovecot
    from servers.process import open_folder

    with open_folder("bench") as folder, Dovecot.start(folder) as server:
        met = one_large(server, Path(folder))
        for row in (bodies, typed, many_flags):
            met &= row(server)
    return met
