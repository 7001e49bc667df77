"""20,000 messages of 1.5 kB as raw bodies from Dovecot: netmail, a bare socket, imaplib.

The bare socket sends the same command and reads until the tagged OK, no more: what any client must
at least wait. All run by turns in one process, so that the machine's load affects them alike. The
second line is the client's own share: the same octets from a loopback server that has them ready.
"""

import gc
import imaplib
import multiprocessing
import re
import resource
import socket
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

MESSAGES = 20_000
SIZE = 1_500
ROUNDS = 5
LINE = 2_000
"""Octets that the last line has at most."""
TARGET = 1.25
COMMAND = "UID FETCH 1:* (UID BODY.PEEK[])"
TAG = re.compile(rb"^b OK [^\r\n]*\r\n\Z", re.MULTILINE)


def messages() -> Iterator[bytes]:
    """Make the messages."""
    line = b"0123456789abcdef" * 4
    for number in range(MESSAGES):
        head = b"Subject: message %d\r\nFrom: a@example.test\r\n\r\n" % number
        lines = (line + b"\r\n") * ((SIZE - len(head)) // 66 - 1)
        yield head + lines + b"x" * (SIZE - len(head) - len(lines) - 2) + b"\r\n"


class BareSocket:
    """Reads until the tagged OK, and looks at nothing."""

    def __init__(self, address: tuple[str, int], user, *, canned: bool = False) -> None:
        self.connection = socket.create_connection(address, 60)
        self.buffer = bytearray(256 * 1024)
        if canned:
            return
        self.connection.recv(4096)
        self.command(f"LOGIN {user.name} {user.password}")
        self.command("SELECT INBOX")

    def command(self, line: str) -> int:
        """Send a command; return how many octets came."""
        self.connection.sendall(f"b {line}\r\n".encode())
        count, tail = 0, b""
        while not TAG.search(tail):
            got = self.connection.recv_into(self.buffer)
            if not got:
                raise ConnectionError("the server closed")
            count += got
            tail = (tail + bytes(self.buffer[max(0, got - LINE) : got]))[-LINE:]
        return count

    def close(self) -> None:
        self.connection.close()


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return seconds and our own CPU seconds."""
    gc.collect()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    begun = time.perf_counter()
    work()
    took = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - usage.ru_utime - usage.ru_stime
    return took, cpu


def by_turns(works: dict[str, Callable[[], object]]) -> dict[str, tuple[float, float]]:
    """Run all by turns; return each one's medians."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            found[name].append(timed(work))
    return {
        name: tuple(statistics.median(column) for column in zip(*rows, strict=True))
        for name, rows in found.items()
    }


def show(title: str, found: dict[str, tuple[float, float]], bare: str) -> None:
    """Print medians, and ratios to the bare socket."""
    print(title)
    for name, (took, cpu) in found.items():
        ratio = took / found[bare][0]
        rate = MESSAGES / took
        shown = f"{took * 1000:6.0f} ms {rate:10,.0f}/s  x{ratio:.2f}  CPU {cpu * 1000:.0f} ms"
        print(f"  {name:<12}{shown}")


def from_dovecot() -> bool:
    """Measure against Dovecot; tell whether the aim is met."""
    import netmail
    from servers.dovecot import Dovecot
    from servers.process import open_folder

    with open_folder("bench") as folder, Dovecot.start(folder) as server:
        user = server.fresh_user()
        server.deliver_many(user, messages())
        bare = BareSocket((server.host, server.ports.imap), user)
        standard = imaplib.IMAP4(server.host, server.ports.imap)
        standard.login(user.name, user.password)
        standard.select("INBOX")
        with netmail.Imap(server.url("imap", user, server.host), tls=netmail.TLS_NONE) as client:
            client.select("INBOX")
            check(client.fetch("1:*"))
            found = by_turns(
                {
                    "bare socket": lambda: bare.command(COMMAND),
                    "netmail": lambda: client.fetch("1:*"),
                    "imaplib": lambda: standard.uid("FETCH", "1:*", "(UID BODY.PEEK[])"),
                }
            )
        bare.close()
        standard.logout()
    show(f"{MESSAGES:,} messages of {SIZE} octets from Dovecot", found, "bare socket")
    ratio = found["netmail"][0] / found["bare socket"][0]
    print(f"  netmail / bare socket: {ratio:.2f} (at most {TARGET})")
    print(f"  netmail / imaplib:     {found['netmail'][0] / found['imaplib'][0]:.2f}")
    return ratio <= TARGET


def check(bodies: dict[int, bytes]) -> None:
    """See that every message came, and each whole."""
    if len(bodies) != MESSAGES or any(len(body) != SIZE for body in bodies.values()):
        raise AssertionError("not every message came whole")


@contextmanager
def canned() -> Iterator[tuple[str, int]]:
    """Serve every client the same response to its fourth command and those after it."""
    lines = [
        b"* %d FETCH (UID %d BODY[] {%d}\r\n%b)\r\n" % (number, number, len(body), body)
        for number, body in enumerate(messages(), 1)
    ]
    fetched = b"".join(lines)
    listener = socket.create_server(("127.0.0.1", 0))
    # Processes of their own, so that our CPU seconds are the client's alone.
    fork = multiprocessing.get_context("fork")
    servers = [fork.Process(target=serve, args=(listener, fetched), daemon=True) for _ in range(3)]
    for server in servers:
        server.start()
    yield listener.getsockname()
    for server in servers:
        server.join(10)
    listener.close()


def serve(listener: socket.socket, fetched: bytes) -> None:
    """Serve one client."""
    connection, _ = listener.accept()
    connection.sendall(b"* PREAUTH [CAPABILITY IMAP4rev1] ready\r\n")
    with connection, connection.makefile("rb") as lines:
        for line in lines:
            tag, verb = line.split()[:2]
            untagged = {
                b"SELECT": b"* %d EXISTS\r\n" % MESSAGES,
                b"UID": fetched,
                b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n",
            }
            connection.sendall(untagged.get(verb.upper(), b"") + tag + b" OK done\r\n")


def from_memory() -> None:
    """Measure the client alone: its CPU time is what counts."""
    import netmail

    with canned() as (host, port):
        bare = BareSocket((host, port), None, canned=True)
        bare.connection.recv(4096)
        standard = imaplib.IMAP4(host, port)
        standard.select("INBOX")
        with netmail.Imap(host=host, port=port, tls=netmail.TLS_NONE) as client:
            client.select("INBOX")
            check(client.fetch("1:*"))
            found = by_turns(
                {
                    "bare socket": lambda: bare.command(COMMAND),
                    "netmail": lambda: client.fetch("1:*"),
                    "imaplib": lambda: standard.uid("FETCH", "1:*", "(UID BODY.PEEK[])"),
                }
            )
        bare.close()
        standard.logout()
    show("the same from memory on loopback", found, "bare socket")


def run() -> bool:
    """Measure and print; tell whether the aim is met."""
    met = from_dovecot()
    from_memory()
    return met
