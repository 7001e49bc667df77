"""Many small commands to a server that is 50 ms away: netmail's pipelines, and imaplib.

A proxy on loopback between the clients and Dovecot hands on what it gets 25 ms later, in each
direction, so that a round trip takes 50 ms and the bandwidth is that of the machine. imaplib sends
one command after the other; a part of its work is measured, and its time counted for all of it.
"""

import asyncio
import imaplib
import multiprocessing
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

DELAY = 0.025
"""Seconds in one direction."""
APPENDS, FOLDERS = 1_000, 200
IMAPLIB_APPENDS, IMAPLIB_FOLDERS = 40, 40
"""How many of them imaplib does: all would take two minutes, each of them the same time."""
SIZE = 2_000
APPEND_AIM, STATUS_AIM = 80, 50


async def hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Write what comes, each piece `DELAY` after it came."""
    loop = asyncio.get_running_loop()
    pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def write() -> None:
        while (piece := await pieces.get())[1]:
            await asyncio.sleep(max(0, piece[0] - loop.time()))
            writer.write(piece[1])
            await writer.drain()
        writer.close()

    writing = asyncio.create_task(write())
    data = b" "
    while data:
        data = await reader.read(1 << 20)
        pieces.put_nowait((loop.time() + DELAY, data))
    await writing


def proxy(listener: socket.socket, address: tuple[str, int]) -> None:
    """Serve clients until the process is ended."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        others = await asyncio.open_connection(*address)
        for each in (writer, others[1]):
            connection = each.get_extra_info("socket")
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.gather(hand_on(reader, others[1]), hand_on(others[0], writer))

    async def serve() -> None:
        server = await asyncio.start_server(meet, sock=listener)
        await server.serve_forever()

    asyncio.run(serve())


@contextmanager
def delayed(address: tuple[str, int]) -> Iterator[tuple[str, int]]:
    """Run the proxy in a process of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    # Forked, so that its processor time is not that of the clients.
    process = multiprocessing.get_context("fork").Process(
        target=proxy, args=(listener, address), daemon=True
    )
    process.start()
    try:
        yield listener.getsockname()
    finally:
        process.terminate()
        process.join(10)
        listener.close()


def seconds(work: Callable[[], object]) -> float:
    """Return how long it took."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def shown(title: str, ours: float, each: float, count: int, aim: int) -> bool:
    """Print one line; tell whether the aim is met."""
    ratio = each * count / ours
    print(f"  {title:<34}{ours * 1000:7.0f} ms, imaplib {each * 1000:4.0f} ms each: x{ratio:.0f}")
    print(f"  {'':<34}at least x{aim}", flush=True)
    return ratio >= aim


def appends(client, standard: imaplib.IMAP4) -> bool:
    """1,000 messages of 2 kB."""
    messages = [b"Subject: %4d\r\n\r\n" % n + b"x" * (SIZE - 21) + b"\r\n" for n in range(APPENDS)]

    def ours() -> None:
        if not all(one.result().uid for one in client.append_many("Work", messages)):
            raise AssertionError("not every message was appended")

    def others() -> None:
        for message in messages[:IMAPLIB_APPENDS]:
            if standard.append("Work", "", "", message)[0] != "OK":
                raise AssertionError("imaplib's message was refused")

    each = seconds(others) / IMAPLIB_APPENDS
    return shown(f"{APPENDS} APPENDs of {SIZE} octets", seconds(ours), each, APPENDS, APPEND_AIM)


def numbers(client, standard: imaplib.IMAP4) -> bool:
    """STATUS of 200 mailboxes."""
    names = [f"folder{number}" for number in range(FOLDERS)]
    with client.pipeline() as p:
        made = [p.create(name) for name in names]
    if not all(one.result() for one in made):
        raise AssertionError("not every mailbox was made")

    def ours() -> None:
        with client.pipeline() as p:
            found = [p.status(name, "MESSAGES UNSEEN") for name in names]
        if not all(one.result()["MESSAGES"] == 0 for one in found):
            raise AssertionError("not every mailbox was counted")

    def others() -> None:
        for name in names[:IMAPLIB_FOLDERS]:
            standard.status(name, "(MESSAGES UNSEEN)")

    each = seconds(others) / IMAPLIB_FOLDERS
    return shown(f"STATUS of {FOLDERS} mailboxes", seconds(ours), each, FOLDERS, STATUS_AIM)


def run() -> bool:
    """Measure and print; tell whether the aims are met."""
    import netmail
    from servers.dovecot import Dovecot
    from servers.process import open_folder

    with open_folder("bench") as folder, Dovecot.start(folder) as server:
        user = server.fresh_user()
        with delayed((server.host, server.ports.imap)) as (host, port):
            standard = imaplib.IMAP4(host, port)
            standard.login(user.name, user.password)
            options = {"username": user.name, "password": user.password, "tls": netmail.TLS_NONE}
            with netmail.Imap(host=host, port=port, timeout=120_000, **options) as client:
                client.create("Work")
                met = [appends(client, standard), numbers(client, standard)]
            standard.logout()
    return all(met)
