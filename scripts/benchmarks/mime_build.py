"""Building messages: netmail against the standard library's EmailMessage and BytesGenerator.

Rounds are taken in turns, figures are medians, ratios are of one run. Memory is measured in a
fresh interpreter, as what the peak of the process grows by while the message is written.
"""

import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from email import policy
from email.generator import BytesGenerator
from email.message import EmailMessage
from pathlib import Path

from netmail.mime.writer.message import Message

ROUNDS = 15
MESSAGES = 40
LARGE = 100_000_000
LARGE_ROUNDS = 3
AIM_SMALL = 4.0
AIM_LARGE = 3.0
AIM_MEMORY = 8.0

SUBJECT = "Grüße aus Köln, and the report you asked for"
AUTHOR = "Jürgen Müller <jm@example.org>"
TO = "Ann <ann@example.org>, Bob Smith <bob@example.org>"
TEXT = "Dear all,\n\nhere is the report, with früheren figures.\n" * 10
HTML = "<p>Dear all,</p><p>here is the report, with früheren figures.</p>\n" * 10
FILE = bytes(range(256)) * 80

MEMORY = """
import re, sys
from netmail.mime.writer.message import Message
built = Message("a@example.org", "b@example.org", "s", text="t").attachment(sys.argv[1])
def peak():  # of this program alone: getrusage() counts the parent's too, after a fork
    with open("/proc/self/status") as file:
        return int(re.search(r"VmHWM:\\s+(\\d+)", file.read())[1])
before = peak()
with open(sys.argv[2], "wb") as file:
    built.write_to(file)
print(peak() - before)
"""


def run() -> bool:
    """Measure and print; whether each aim was met."""
    return all([_small(), _large()])


def _small() -> bool:
    ours, theirs = _in_turns(_netmail_small, _standard_small)
    ratio = theirs / ours
    print(f"text+html+20 kB to bytes: netmail {ours * 1e6 / MESSAGES:7.0f} us a message")
    print(f"                 standard library {theirs * 1e6 / MESSAGES:7.0f} us a message")
    return _aim("faster", ratio, AIM_SMALL)


def _large() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "large.bin"), Path(folder, "message.eml")
        source.write_bytes(os.urandom(LARGE // 100) * 100)
        ours, theirs = [], []
        for _ in range(LARGE_ROUNDS):
            ours.append(_time(lambda: _netmail_large(source, target)))
            theirs.append(_time(lambda: _standard_large(source, target)))
        mine, other = statistics.median(ours), statistics.median(theirs)
        print(
            f"100 MB attachment to a file: netmail {mine:5.2f} s, standard library {other:5.2f} s"
        )
        command = [sys.executable, "-c", MEMORY, str(source), str(target)]
        added = int(subprocess.check_output(command)) / 1024
        print(f"memory added by writing it: {added:.1f} MiB (aim: under {AIM_MEMORY:.0f})")
    return _aim("faster", other / mine, AIM_LARGE) and added < AIM_MEMORY


def _in_turns(first: Callable[[], object], second: Callable[[], object]) -> tuple[float, float]:
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for work, kept in zip((first, second), times, strict=True):
            kept.append(_time(lambda work=work: [work() for _ in range(MESSAGES)]))
    return statistics.median(times[0]), statistics.median(times[1])


def _time(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _aim(word: str, ratio: float, aim: float) -> bool:
    print(f"ratio: {ratio:.1f} times {word} (aim: {aim:.0f})")
    return ratio >= aim


def _netmail_small() -> bytes:
    built = Message(AUTHOR, TO, SUBJECT).text(TEXT).html(HTML)
    return built.attachment(FILE, "Übersicht.pdf").as_bytes()


def _standard_small() -> bytes:
    built = EmailMessage(policy=policy.SMTP)
    built["From"], built["To"], built["Subject"] = AUTHOR, TO, SUBJECT
    built.set_content(TEXT)
    built.add_alternative(HTML, subtype="html")
    built.add_attachment(FILE, maintype="application", subtype="pdf", filename="Übersicht.pdf")
    file = io.BytesIO()
    BytesGenerator(file, policy=policy.SMTP).flatten(built)
    return file.getvalue()


def _netmail_large(source: Path, target: Path) -> None:
    with target.open("wb") as file:
        Message(AUTHOR, TO, SUBJECT, text=TEXT).attachment(source).write_to(file)


def _standard_large(source: Path, target: Path) -> None:
    built = EmailMessage(policy=policy.SMTP)
    built["From"], built["To"], built["Subject"] = AUTHOR, TO, SUBJECT
    built.set_content(TEXT)
    built.add_attachment(
        source.read_bytes(), maintype="application", subtype="octet-stream", filename=source.name
    )
    with target.open("wb") as file:
        BytesGenerator(file, policy=policy.SMTP).flatten(built)
