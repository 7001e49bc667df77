"""20,000 messages of 2 kB through smtp-sink, against smtplib and smtp-source on one connection.

Each side sends the same octets, and netmail makes its results. In the first row they are ready; in
the second they are written from a `Message` while they are sent, by netmail for both sides.
smtp-source, Postfix's generator in C, makes messages of the same size itself.
"""

import gc
import os
import smtplib
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

MESSAGES = 20_000
BUILT = 5_000
SIZE = 2_000
ROUNDS = 3
AIMS = {"smtplib": 3.0, "smtp-source": 1.5}

SENDER = "ann@example.test"
RECIPIENT = "bob@example.test"
LINE = b"A line of the usual length, as people and programs write them day by day.\r\n"
HEADER = (
    b"From: ann@example.test\r\nTo: bob@example.test\r\nSubject: number %d\r\n"
    b"Message-ID: <%d@example.test>\r\nDate: Fri, 20 Nov 2026 12:00:00 +0000\r\n\r\n"
)


class Cost(NamedTuple):
    """What a message took, in microseconds: by the clock, and of the process and its children."""

    wall: float
    cpu: float


def run() -> bool:
    """Send with all of them, interleaved in one run, and print what a message takes."""
    from servers.process import find_program, open_folder
    from servers.smtp_sink import SmtpSink

    source = find_program("smtp-source", "postfix")
    contents = octets(MESSAGES)
    messages = _messages()
    with open_folder("bench") as folder, SmtpSink.start(folder) as sink:
        port = sink.port
        raw = {
            "netmail": lambda: send_by_netmail(port, map(envelope, contents)),
            "smtplib": lambda: send_by_smtplib(port, contents),
            "smtp-source": lambda: _generate(source, port),
        }
        built = {
            "netmail": lambda: send_by_netmail(port, messages),
            "smtplib": lambda: send_by_smtplib(port, (each.as_bytes() for each in messages)),
        }
        print(f" {MESSAGES} messages, octets:")
        met = compare(raw, MESSAGES, AIMS)
        print(f" {BUILT} messages, each a Message that is written while it is sent:")
        compare(built, BUILT, {})
    return met


def octets(count: int) -> list[bytes]:
    """Return so many messages."""
    body = LINE * ((SIZE - len(HEADER)) // len(LINE))
    return [HEADER % (number, number) + body for number in range(count)]


def compare(sides: dict[str, Callable[[], object]], count: int, aims: dict[str, float]) -> bool:
    """Run each side in turn, print what a message takes it, and tell whether the aims are met."""
    costs: dict[str, list[Cost]] = {name: [] for name in sides}
    for turn in range(ROUNDS):
        for name in sorted(sides, reverse=turn % 2 == 0):
            costs[name].append(_cost(sides[name], count))
    for name, measured in costs.items():
        walls, cpu = [each.wall for each in measured], [each.cpu for each in measured]
        spread = f"[{min(walls):.0f} to {max(walls):.0f}]"
        wall = statistics.median(walls)
        print(
            f"  {name:11} {wall:5.0f} us, {statistics.median(cpu):4.0f} us of processor  {spread}"
        )
    met = True
    for name in list(sides)[1:]:
        # Both of one round ran under the same load, so their ratio says more than either time.
        pairs = list(zip(costs["netmail"], costs[name], strict=True))
        ratio = statistics.median(other.wall / ours.wall for ours, other in pairs)
        share = statistics.median(ours.cpu / other.cpu for ours, other in pairs)
        aim = f"; the aim is x{aims[name]}" if name in aims else ""
        print(
            f"  x{ratio:.2f} the speed of {name}, {share:.2f} of its processor time{aim}",
            flush=True,
        )
        met &= ratio >= aims.get(name, 0)
    return met


def send_by_netmail(port: int, messages: Iterable[object]) -> None:
    """Send with netmail, and look at its report."""
    import netmail

    with netmail.Transport(f"smtp://localhost:{port}") as transport:
        report = transport.send(*messages)
    if not report:
        raise SystemExit(str(report)[:2000])


def send_by_smtplib(port: int, contents: Iterable[bytes]) -> None:
    """Send with smtplib."""
    with smtplib.SMTP("localhost", port) as server:
        for content in contents:
            server.sendmail(SENDER, [RECIPIENT], content)


def envelope(content: bytes) -> object:
    import netmail

    return netmail.Envelope(SENDER, (RECIPIENT,), content)


def _messages() -> list[object]:
    import netmail

    text = LINE.decode() * ((SIZE - len(HEADER)) // len(LINE))
    begun = [netmail.message().from_(SENDER).to(RECIPIENT) for _ in range(BUILT)]
    return [each.subject(f"number {number}").text(text) for number, each in enumerate(begun)]


def _generate(program: str, port: int) -> None:
    length = SIZE - len(HEADER)  # of the body; its header is as long as the others'
    options = ["-s", "1", "-m", str(MESSAGES), "-l", str(length), "-f", SENDER, "-t", RECIPIENT]
    subprocess.run([program, *options, f"127.0.0.1:{port}"], check=True, timeout=300)


def _cost(side: Callable[[], object], count: int) -> Cost:
    gc.collect()
    before, begun = os.times(), time.perf_counter()
    side()
    wall, after = time.perf_counter() - begun, os.times()
    cpu = sum(after[:4]) - sum(before[:4])
    return Cost(wall / count * 1e6, cpu / count * 1e6)
