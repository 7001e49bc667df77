"""asyncio: 1,000 connections in IDLE, dials side by side, and one connection beside a blocking one.

Dovecot learns of a delivery by inotify, of which a user has 128 instances by default; other
connections look every 30 s. So it says what a connection costs, and a server in this process how
soon all are woken.
"""

import asyncio
import contextlib
import gc
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

CONNECTIONS = 1_000
EACH = 25_000
WOKEN = 1.0
DIALS = 0.5
RATIO = 0.85
ROUNDS = 5


def run() -> bool:
    """Measure, print, and tell whether every aim is met."""
    from servers.dovecot import Dovecot
    from servers.process import open_folder

    resource.setrlimit(resource.RLIMIT_NOFILE, (8 * CONNECTIONS,) * 2)
    with open_folder("bench") as folder, Dovecot.start(folder) as server:
        # First: what others have given back would be counted as free.
        met = memory(server, "plain TCP", server.host, {"tls": 0}, EACH)
        tls = {"tls": 3, "ca_file": server.certificates.ca_file}
        memory(server, "TLS", "localhost", tls, None)
        met &= fetch(server)
    met &= asyncio.run(woken())
    return met & smtp()


def resident() -> int:
    """Return the octets that this process has written to."""
    gc.collect()
    text = Path("/proc/self/smaps_rollup").read_text()
    return int(text.partition("Private_Dirty:")[2].split()[0]) * 1024


async def event(client) -> float:
    """Wait in IDLE for an event; return when it came."""
    async with contextlib.aclosing(client.idle("INBOX")) as events:
        await anext(events)
        return time.perf_counter()


async def connected(clients, at_once: int = 100) -> float:
    """Connect and log in; return the seconds."""
    limit = asyncio.Semaphore(at_once)

    async def one(client) -> None:
        async with limit:
            await client.connect()

    begun = time.perf_counter()
    await asyncio.gather(*(one(client) for client in clients))
    return time.perf_counter() - begun


def memory(server, name: str, host: str, options, aim: int | None) -> bool:
    """Connections to Dovecot in IDLE: the memory of each."""
    import netmail

    url = server.url("imap", server.fresh_user(), host)

    async def work() -> bool:
        async with netmail.AsyncImap(url, **options) as first:
            await first.select("INBOX")
        before = resident()
        clients = [netmail.AsyncImap(url, **options) for _ in range(CONNECTIONS)]
        took = await connected(clients)
        tasks = [asyncio.create_task(event(client)) for client in clients]
        while sum(client.mailbox is not None for client in clients) < CONNECTIONS:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        await asyncio.sleep(1)
        each = (resident() - before) / CONNECTIONS
        goal = "" if aim is None else f" (at most {aim / 1000:.0f} kB)"
        print(f"{CONNECTIONS:,} in IDLE over {name}: {each / 1000:.1f} kB each{goal}; ", end="")
        print(f"connected and logged in in {took:.1f} s")
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for client in clients:
            await client.abort()
        return aim is None or each < aim

    return asyncio.run(work())


async def woken() -> bool:
    """Connections to a server in this loop: how long dials and an event for each take."""
    import netmail

    writers: list[asyncio.StreamWriter] = []
    idle: list[bytes] = []

    async def serve(reader, writer) -> None:
        # The end of the loop cancels what is left: asyncio would print each of a thousand.
        with contextlib.suppress(asyncio.CancelledError):
            await converse(reader, writer)

    async def converse(reader, writer) -> None:
        await asyncio.sleep(0.1)
        writers.append(writer)
        writer.write(b"* PREAUTH [CAPABILITY IMAP4rev1 IDLE] hi\r\n")
        while line := await reader.readline():
            tag, _, verb = line.rstrip().partition(b" ")
            if verb == b"IDLE":
                writer.write(b"+ idling\r\n")
                idle.append(tag)
                await reader.readline()  # DONE
                writer.write(tag + b" OK done\r\n")
            elif verb.startswith(b"SELECT"):
                writer.write(b"* 0 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n" + tag + b" OK done\r\n")
            elif verb == b"CAPABILITY":
                writer.write(b"* CAPABILITY IMAP4rev1 IDLE\r\n" + tag + b" OK done\r\n")

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=CONNECTIONS)
    options = {"host": "127.0.0.1", "port": server.sockets[0].getsockname()[1], "tls": 0}
    some = [netmail.AsyncImap(**options) for _ in range(200)]
    dials = await connected(some, len(some))
    more = [netmail.AsyncImap(**options) for _ in range(CONNECTIONS - len(some))]
    await connected(more, len(more))
    tasks = [asyncio.create_task(event(client)) for client in some + more]
    while len(idle) < CONNECTIONS:  # noqa: ASYNC110 -- there is no event
        await asyncio.sleep(0.1)
    await asyncio.sleep(1)
    begun = time.perf_counter()
    for writer in writers:
        writer.write(b"* 1 EXISTS\r\n")
    last = max(await asyncio.gather(*tasks)) - begun
    for client in some + more:
        await client.abort()
    server.close()
    print(f"200 dials, greeting after 0.1 s: {dials:.2f} s (at most {DIALS} s)")
    print(f"{CONNECTIONS:,} woken by an event for each: {last:.2f} s (at most {WOKEN} s)")
    return dials < DIALS and last < WOKEN


def compared(name: str, blocking: Callable[[], object], by_asyncio: Callable[[], object]) -> bool:
    """Run both by turns; asyncio's share of the blocking client's speed."""
    ratios = []
    for turn in range(ROUNDS):
        took = {}
        for work in (blocking, by_asyncio) if turn % 2 else (by_asyncio, blocking):
            gc.collect()
            begun = time.perf_counter()
            work()
            took[work] = time.perf_counter() - begun
        ratios.append(took[blocking] / took[by_asyncio])
    ratio = statistics.median(ratios)
    print(f"{name}: {ratio:.2f} of the blocking client's speed (at least {RATIO})")
    return ratio >= RATIO


def fetch(server) -> bool:
    """20,000 bodies over one connection."""
    from benchmarks import imap as raw

    import netmail

    user = server.fresh_user()
    server.deliver_many(user, list(raw.messages()))
    url = server.url("imap", user, server.host)
    items = "FLAGS BODY.PEEK[]"
    with asyncio.Runner() as runner, netmail.Imap(url, tls=0) as one:
        one.select("INBOX")
        other = netmail.AsyncImap(url, tls=0)
        runner.run(other.select("INBOX"))
        uids = one.search("ALL")

        async def by_asyncio() -> int:
            return sum([len(message.body) async for message in other.fetch_many(uids, items)])

        def blocking() -> int:
            return sum([len(message.body) for message in one.fetch_many(uids, items)])

        met = compared("FETCH", blocking, lambda: runner.run(by_asyncio()))
        runner.run(other.abort())
    return met


def smtp() -> bool:
    """5,000 messages over one connection."""
    from benchmarks import smtp as batch

    import netmail
    from servers.process import open_folder
    from servers.smtp_sink import SmtpSink

    messages = [batch.envelope(content) for content in batch.octets(5_000)]

    async def by_asyncio(port: int) -> None:
        async with netmail.AsyncTransport(f"smtp://localhost:{port}") as transport:
            report = await transport.send(*messages)
        if not report:
            raise SystemExit(str(report))

    with open_folder("bench") as folder, SmtpSink.start(folder) as sink:
        return compared(
            "SMTP",
            lambda: batch.send_by_netmail(sink.port, messages),
            lambda: asyncio.run(by_asyncio(sink.port)),
        )
