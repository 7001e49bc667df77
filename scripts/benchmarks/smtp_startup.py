"""2,000 messages of 2 kB to Postfix with TLS and a login, from a new process to the last reply.

Against smtplib, which does the same in a process of its own; Dovecot checks the password.
"""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.smtp import octets

MESSAGES = 2_000
ROUNDS = 3
AIM = 1.5
NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
SENDER = "alice@example.test"
RECIPIENT = "bob@example.test"

NETMAIL = """
import sys, netmail
url, ca, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
whole = sys.stdin.buffer.read()
size = len(whole) // count
contents = [whole[n * size : (n + 1) * size] for n in range(count)]
with netmail.Transport(url, tls=netmail.TLS_ALL, ca_file=ca) as transport:
    sent = [netmail.Envelope(sys.argv[4], (sys.argv[5],), content) for content in contents]
    report = transport.send(*sent)
assert report and len(report) == count, report
"""
SMTPLIB = """
import smtplib, ssl, sys, urllib.parse
url, count = urllib.parse.urlsplit(sys.argv[1]), int(sys.argv[3])
whole = sys.stdin.buffer.read()
size = len(whole) // count
contents = [whole[n * size : (n + 1) * size] for n in range(count)]
with smtplib.SMTP(url.hostname, url.port) as server:
    server.starttls(context=ssl.create_default_context(cafile=sys.argv[2]))
    server.login(urllib.parse.unquote(url.username), urllib.parse.unquote(url.password))
    for content in contents:
        server.sendmail(sys.argv[4], [sys.argv[5]], content)
"""


def run() -> bool:
    """Run both, interleaved, and print their times and the ratio."""
    from servers.accounts import ALICE
    from servers.dovecot import Dovecot
    from servers.postfix import Postfix
    from servers.process import open_folder

    # All of one length: numbers of as many digits.
    contents = octets(10_000 + MESSAGES)[10_000:]
    times: dict[str, list[float]] = {"netmail": [], "smtplib": []}
    with (
        open_folder("bench") as folder,
        Dovecot.start(folder) as dovecot,
        Postfix.start(folder, dovecot) as postfix,
    ):
        place = [postfix.url("submission", ALICE), str(postfix.ca_file)]
        for turn in range(ROUNDS + 1):
            for name, program in (("netmail", NETMAIL), ("smtplib", SMTPLIB)):
                # First a single message: it compiles netmail, as an installer does.
                sent = contents if turn else contents[:1]
                took = _seconds(program, place, sent, folder / "bytecode")
                times[name] += [took] if turn else []
    for name, took_each in times.items():
        spread = f"[{min(took_each):.1f} to {max(took_each):.1f}]"
        print(f"  {name:8} {statistics.median(took_each):5.1f} s  {spread}")
    pairs = zip(times["netmail"], times["smtplib"], strict=True)
    ratio = statistics.median(other / ours for ours, other in pairs)
    print(f"  x{ratio:.2f} the speed of smtplib; the aim is x{AIM}")
    return ratio >= AIM


def _seconds(program: str, place: list[str], contents: list[bytes], bytecode: Path) -> float:
    """Return how long a process took that sends these messages."""
    kept = {name: value for name, value in os.environ.items() if name != NO_BYTECODE}
    command = [sys.executable, "-c", program, *place, str(len(contents)), SENDER, RECIPIENT]
    begun = time.perf_counter()
    subprocess.run(
        command,
        input=b"".join(contents),
        check=True,
        timeout=300,
        env=kept | {"PYTHONPYCACHEPREFIX": str(bytecode)},
    )
    return time.perf_counter() - begun
