"""2,000 messages of 2 kB to Postfix with TLS and a login, from a new process to the last reply.

Against smtplib, which does the same in a process of its own; Dovecot checks the password.
"""

import statistics
import subprocess
import sys
import time

from benchmarks.smtp import octets

MESSAGES = 2_000
ROUNDS = 3
AIM = 1.5
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
    whole = b"".join(octets(12_000)[10_000:][:MESSAGES])
    times: dict[str, list[float]] = {"netmail": [], "smtplib": []}
    with (
        open_folder("bench") as folder,
        Dovecot.start(folder) as dovecot,
        Postfix.start(folder, dovecot) as postfix,
    ):
        given = [postfix.url("submission", ALICE), str(postfix.ca_file), str(MESSAGES)]
        for _ in range(ROUNDS):
            for name, program in (("netmail", NETMAIL), ("smtplib", SMTPLIB)):
                command = [sys.executable, "-c", program, *given, SENDER, RECIPIENT]
                begun = time.perf_counter()
                subprocess.run(command, input=whole, check=True, timeout=300)
                times[name].append(time.perf_counter() - begun)
    for name, took in times.items():
        spread = f"[{min(took):.1f} to {max(took):.1f}]"
        print(f"  {name:8} {statistics.median(took):5.1f} s  {spread}")
    pairs = zip(times["netmail"], times["smtplib"], strict=True)
    ratio = statistics.median(other / ours for ours, other in pairs)
    print(f"  x{ratio:.2f} the speed of smtplib; the aim is x{AIM}")
    return ratio >= AIM
