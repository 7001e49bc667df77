"""5,000 messages of 1.5 kB through Postfix's smtp-sink, against smtplib on one connection."""

import gc
import smtplib
import statistics
import time
from collections.abc import Callable

MESSAGES = 5_000
ROUNDS = 7
AIM = 1.0
"""At least smtplib's speed."""

SENDER = "ann@example.test"
RECIPIENT = "bob@example.test"
LINE = b"A line of the usual length, as people and programs write them day by day.\r\n"
HEADER = (
    b"From: ann@example.test\r\nTo: bob@example.test\r\nSubject: number %d\r\n"
    b"Message-ID: <%d@example.test>\r\nDate: Fri, 20 Nov 2026 12:00:00 +0000\r\n\r\n"
)


def run() -> bool:
    """Send with both, interleaved in one run, and print messages a second and their ratio."""
    from servers.process import open_folder
    from servers.smtp_sink import SmtpSink

    body = LINE * ((1500 - len(HEADER)) // len(LINE))
    contents = [HEADER % (number, number) + body for number in range(MESSAGES)]
    clients: dict[str, Callable[[int, list[bytes]], None]] = {
        "netmail": _netmail,
        "smtplib": _smtplib,
    }
    rates: dict[str, list[float]] = {name: [] for name in clients}
    with open_folder("bench") as folder, SmtpSink.start(folder) as sink:
        for client in clients.values():
            client(sink.port, contents[:200])
        for turn in range(ROUNDS):
            for name in sorted(clients, reverse=turn % 2 == 0):
                rates[name].append(MESSAGES / _seconds(clients[name], sink.port, contents))
    for name, measured in rates.items():
        low, middle, high = min(measured), statistics.median(measured), max(measured)
        print(f"{name:8} {middle:7.0f} messages/s  [{low:.0f} to {high:.0f}]")
    # Both of one round ran under the same load, so their ratio says more than either rate.
    pairs = zip(rates["netmail"], rates["smtplib"], strict=True)
    ratio = statistics.median(netmail / other for netmail, other in pairs)
    print(f"netmail sends {ratio:.2f} times as fast as smtplib; the aim is {AIM:.2f}")
    return ratio >= AIM


def _seconds(client: Callable[[int, list[bytes]], None], port: int, contents: list[bytes]) -> float:
    gc.collect()
    start = time.perf_counter()
    client(port, contents)
    return time.perf_counter() - start


def _netmail(port: int, contents: list[bytes]) -> None:
    import netmail

    with netmail.Transport(f"smtp://localhost:{port}") as transport:
        for content in contents:
            transport.add_message(netmail.Envelope(SENDER, (RECIPIENT,), content))
        report = transport.send()
    if not report:
        raise SystemExit(str(report))


def _smtplib(port: int, contents: list[bytes]) -> None:
    with smtplib.SMTP("localhost", port) as server:
        for content in contents:
            server.sendmail(SENDER, [RECIPIENT], content)
