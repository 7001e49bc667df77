"""POP3 from Dovecot: netmail beside poplib, and beside a bare socket that sends the same commands.

All run by turns in one process, so that the machine's load affects them alike; each has a maildrop
of its own, since a server lets one session have it. At 50 ms a proxy on loopback delays both ways.
"""

import multiprocessing
import poplib
import socket
import statistics
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks import imap as raw
from benchmarks.imap_fetch import LARGE, memory_added
from benchmarks.imap_pipeline import delayed, seconds

AIM_SINGLE, AIM_MANY, AIM_FAR, AIM_MEMORY = 1.0, 2.0, 30.0, 16.0
SINGLE = 1_000
"""Messages of one turn, one RETR after the other; the turns are many, because each is short."""
TURNS = 15
FAR = 500
OF_POPLIB = 20
"""Messages that poplib is measured with at 50 ms; each takes it the same time."""
IN_FLIGHT = 300
"""Commands that the bare socket has in flight."""


def run() -> bool:
    """Measure and print; tell whether the aims are met."""
    from servers.dovecot import Dovecot
    from servers.process import open_folder

    with open_folder("bench") as folder, Dovecot.start(folder) as server, ExitStack() as stack:
        users = [server.fresh_user() for _ in range(3)]
        for user in users:
            server.deliver_many(user, raw.messages())
        met = one_by_one(server, users, stack)
        met &= many(server, users)
        met &= far(server, users)
        return one_large(server, Path(folder)) and met


def netmail_of(server, user, port: int | None = None, host: str | None = None):
    """Return netmail's client, logged in."""
    import netmail

    options = {"username": user.name, "password": user.password, "tls": netmail.TLS_NONE}
    client = netmail.pop3(
        host=host or server.host, port=port or server.ports.pop3, timeout=120_000, **options
    )
    return client.connect()


def poplib_of(server, user, port: int | None = None, host: str | None = None) -> poplib.POP3:
    """Return poplib's client, logged in."""
    client = poplib.POP3(host or server.host, port or server.ports.pop3)
    client.user(user.name)
    client.pass_(user.password)
    return client


def one_by_one(server, users, stack: ExitStack) -> bool:
    """One RETR after the other."""
    ours = stack.enter_context(netmail_of(server, users[0]))
    standard = poplib_of(server, users[1])
    ratios = []
    works = {
        "netmail": lambda: [ours.retr(number) for number in range(1, SINGLE + 1)],
        "poplib": lambda: [standard.retr(number) for number in range(1, SINGLE + 1)],
    }
    found: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(TURNS):
        for name in sorted(works, reverse=turn % 2 == 0):
            found[name].append(raw.timed(works[name])[0])
        ratios.append(found["poplib"][-1] / found["netmail"][-1])
    ours.quit()
    standard.quit()
    each = {name: statistics.median(rows) / SINGLE * 1e6 for name, rows in found.items()}
    shown = ", ".join(f"{name} {micros:.0f} us" for name, micros in each.items())
    return verdict(f"one RETR after the other: {shown}", statistics.median(ratios), AIM_SINGLE)


def many(server, users) -> bool:
    """20,000 messages of 1.5 kB."""

    def ours() -> None:
        with netmail_of(server, users[0]) as client:
            sizes = [len(each.content) for each in client.retr_many(range(1, raw.MESSAGES + 1))]
        if sizes != [raw.SIZE] * raw.MESSAGES:
            raise AssertionError("not every message came whole")

    def standard() -> None:
        client = poplib_of(server, users[1])
        for number in range(1, raw.MESSAGES + 1):
            client.retr(number)
        client.quit()

    found = {"netmail": [], "poplib": [], "bare socket": []}
    for _ in range(3):
        found["netmail"].append(raw.timed(ours)[0])
        found["poplib"].append(raw.timed(standard)[0])
        found["bare socket"].append(raw.timed(lambda: bare(server, users[2]))[0])
    took = {name: statistics.median(rows) for name, rows in found.items()}
    for name, each in took.items():
        print(f"  {name:<12}{each * 1000:6.0f} ms {raw.MESSAGES / each:10,.0f}/s")
    title = f"{raw.MESSAGES:,} messages of {raw.SIZE} octets, pipelined"
    return verdict(title, took["poplib"] / took["netmail"], AIM_MANY)


def bare(server, user) -> None:
    """Send the commands, and count the ends of bodies."""
    with socket.create_connection((server.host, server.ports.pop3), 60) as connection:
        for line in (f"USER {user.name}", f"PASS {user.password}"):
            connection.recv(4096)
            connection.sendall(line.encode() + b"\r\n")
        connection.recv(4096)
        sent = done = 0
        tail = b""
        while done < raw.MESSAGES:
            if sent - done < IN_FLIGHT // 2 and sent < raw.MESSAGES:
                until = min(raw.MESSAGES, done + IN_FLIGHT)
                commands = [b"RETR %d\r\n" % number for number in range(sent + 1, until + 1)]
                connection.sendall(b"".join(commands))
                sent = until
            octets = tail + connection.recv(65536)
            done += octets.count(b"\r\n.\r\n")
            tail = octets[-4:]


def far(server, users) -> bool:
    """500 messages from a server that is 50 ms away."""
    with delayed((server.host, server.ports.pop3)) as (host, port):
        standard = poplib_of(server, users[1], port, host)
        each = seconds(lambda: [standard.retr(n) for n in range(1, OF_POPLIB + 1)]) / OF_POPLIB
        standard.quit()
        with netmail_of(server, users[0], port, host) as client:
            took = seconds(lambda: [one.content for one in client.retr_many(range(1, FAR + 1))])
    shown = f"{took * 1000:.0f} ms, poplib {each * 1000:.0f} ms each"
    return verdict(f"{FAR} messages at 50 ms: {shown}", each * FAR / took, AIM_FAR)


def one_large(server, folder: Path) -> bool:
    """One message of 200 MB into a file, and the memory that it adds."""
    user = server.fresh_user()
    line = b"0123456789abcdef" * 4 + b"\r\n"
    server.deliver_many(user, [b"Subject: large\r\n\r\n" + line * (LARGE // len(line))])
    # A new process: this one has memory that it could take again.
    context = multiprocessing.get_context("spawn")
    results = context.SimpleQueue()
    url = server.url("pop3", user, server.host)
    process = context.Process(target=_large, args=(url, str(folder / "large"), results))
    process.start()
    added, took, size = results.get()
    process.join()
    if size != (folder / "large").stat().st_size or size < LARGE - len(line):
        raise AssertionError("the message did not come whole")
    print(f"  one message of {LARGE // 10**6} MB into a file: {took:.2f} s", flush=True)
    print(f"  {'memory added':<34}{added:.1f} MiB, at most {AIM_MEMORY:.0f}", flush=True)
    return added < AIM_MEMORY


def _large(url: str, path: str, results) -> None:
    import netmail

    with netmail.pop3(url, tls=netmail.TLS_NONE, timeout=120_000) as client:
        client.noop()
        sizes: list[int] = []
        begun = time.perf_counter()
        added = memory_added(lambda: sizes.append(client.retr(1, path)))
        results.put((added, time.perf_counter() - begun, sizes[0]))


def verdict(title: str, ratio: float, aim: float) -> bool:
    """Print one line; tell whether the aim is met."""
    print(f"  {title}")
    print(f"  {'':<34}x{ratio:.2f} of poplib, at least x{aim}", flush=True)
    return ratio >= aim
