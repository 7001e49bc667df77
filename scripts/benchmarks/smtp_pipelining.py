"""Batches to Postfix at 50 ms, against smtplib on one connection."""

import smtplib
import socket
import threading
from collections.abc import Callable
from typing import BinaryIO

from benchmarks.imap_pipeline import delayed, seconds

MESSAGES = 500
RECIPIENTS = 1_000
OF_SMTPLIB = 10
"""Messages that smtplib is measured with; each takes it four round trips."""
AIMS = {"chunking": 100.0, "full": 3.7, "recipients": 60.0}
SENDER = "alice@example.test"
RECIPIENT = "bob@example.test"
CONTENT = (b"Subject: hello\r\n\r\n" + b"A line of a usual message.\r\n" * 80)[:1998] + b"\r\n"


def run() -> bool:
    """Send with both in one run, and print messages a second and their ratios."""
    from servers.dovecot import Dovecot
    from servers.postfix import Postfix
    from servers.process import open_folder

    with (
        open_folder("bench") as folder,
        Dovecot.start(folder) as dovecot,
        Postfix.start(folder, dovecot) as postfix,
        delayed((postfix.host, postfix.ports.smtp)) as (host, port),
    ):
        return _compare(host, port)


def _compare(host: str, port: int) -> bool:
    import netmail

    with smtplib.SMTP(host, port) as standard:
        standard.ehlo()
        each = seconds(lambda: _smtplib(standard)) / OF_SMTPLIB
    print(f"  smtplib                       {1 / each:7.1f} messages/s")
    bare = MESSAGES / _bare(host, port)
    print(
        f"  a bare socket, all by BDAT    {bare:7.1f} /s: x{bare * each:.1f}, Postfix's own limit"
    )
    message = netmail.Envelope(SENDER, (RECIPIENT,), CONTENT)
    met = True
    for name, options in {"full": {}, "chunking": {"chunking": True, "window": 256}}.items():
        with netmail.Transport(f"smtp://{host}:{port}", tls=netmail.TLS_NONE, **options) as client:
            client.connect()
            took = seconds(_checked(lambda c=client: c.send(*[message] * MESSAGES)))
        met &= _show(name, MESSAGES / took, each * MESSAGES / took)
    return _compare_recipients(host, port) and met


def _bare(host: str, port: int) -> float:
    """Return how long Postfix takes for messages that are all sent at once, unchecked."""
    commands = f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<{RECIPIENT}>\r\nBDAT {len(CONTENT)} LAST\r\n"
    whole = (commands.encode() + CONTENT) * MESSAGES
    with socket.create_connection((host, port)) as connection, connection.makefile("rb") as lines:
        _skip(lines, 1)
        connection.sendall(b"EHLO localhost\r\n")
        _skip(lines, 1)

        def work() -> None:
            # Postfix writes while it reads: who only writes would wait for it for ever.
            writer = threading.Thread(target=connection.sendall, args=(whole,))
            writer.start()
            _skip(lines, 3 * MESSAGES)
            writer.join()

        return seconds(work)


def _skip(lines: BinaryIO, replies: int) -> None:
    """Read so many positive replies."""
    while replies:
        line = lines.readline()
        if not line.startswith(b"2"):
            raise SystemExit(repr(line))
        replies -= line[3:4] == b" "


def _compare_recipients(host: str, port: int) -> bool:
    """One message for 1,000 recipients, all of them real for the server."""
    import netmail

    many = tuple(f"bob+{number}@example.test" for number in range(RECIPIENTS))
    with netmail.Transport(f"smtp://{host}:{port}", tls=netmail.TLS_NONE) as client:
        client.connect()
        took = seconds(_checked(lambda: client.send(netmail.Envelope(SENDER, many, CONTENT))))
    with smtplib.SMTP(host, port) as standard:
        other = seconds(lambda: standard.sendmail(SENDER, many, CONTENT))
    print(f"  smtplib, recipients           {RECIPIENTS / other:7.1f} /s")
    return _show("recipients", RECIPIENTS / took, other / took)


def _smtplib(standard: smtplib.SMTP) -> None:
    for _ in range(OF_SMTPLIB):
        standard.sendmail(SENDER, [RECIPIENT], CONTENT)


def _checked(send: Callable[[], object]) -> Callable[[], None]:
    def work() -> None:
        report = send()
        if not report:
            raise SystemExit(str(report)[:2000])

    return work


def _show(name: str, rate: float, ratio: float) -> bool:
    aim = AIMS[name]
    print(f"  netmail, {name:<20} {rate:7.1f} /s: x{ratio:.1f}, at least x{aim}", flush=True)
    return ratio >= aim
