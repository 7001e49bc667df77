"""5,000 messages of 2 kB to aiosmtpd, without PIPELINING, against smtplib on one connection."""

import asyncio
import multiprocessing
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import smtp

MESSAGES = 5_000
AIMS = {"smtplib": 1.0}


def run() -> bool | None:
    """Send with both, interleaved in one run, and print what a message takes."""
    try:
        import aiosmtpd  # noqa: F401 -- the process that is forked imports its parts
    except ImportError:
        print("left out: aiosmtpd is not installed")
        return None
    contents = smtp.octets(MESSAGES)
    with _server() as port:
        sides = {
            "netmail": lambda: smtp.send_by_netmail(port, map(smtp.envelope, contents)),
            "smtplib": lambda: smtp.send_by_smtplib(port, contents),
        }
        return smtp.compare(sides, MESSAGES, AIMS)


@contextmanager
def _server() -> Iterator[int]:
    """Run aiosmtpd in a process of its own; it forgets every message."""
    listener = socket.create_server(("127.0.0.1", 0))
    # Forked, so that its processor time is not that of the clients.
    process = multiprocessing.get_context("fork").Process(
        target=_serve, args=(listener,), daemon=True
    )
    process.start()
    try:
        yield listener.getsockname()[1]
    finally:
        process.terminate()
        process.join(10)
        listener.close()


def _serve(listener: socket.socket) -> None:
    from aiosmtpd.handlers import Sink
    from aiosmtpd.smtp import SMTP

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(Sink(), loop=loop), sock=listener)
        await server.serve_forever()

    asyncio.run(serve())
