"""The main job, step by step, on embedded servers: `python -m netmail.testing.demo`.

The steps are Python source: what is printed is what is run. This file must not know more of mail
than the steps themselves.
"""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from pprint import pformat
from types import CodeType
from typing import TextIO

from netmail.errors import NetmailError
from netmail.testing.server import MailServer

WIDTH = 96
"""Columns for a value: it is indented by four, on a terminal of a hundred."""

BOLD, GREEN, PLAIN = "\033[1m", "\033[32m", "\033[0m"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the demonstration.

    Attributes:
        title: What is done, in a sentence.
        code: One statement or expression each, run in this order in one namespace.
    """

    title: str
    code: tuple[str, ...]


WORKER = """
import sys
from datetime import timedelta

import netmail
from netmail.delivery.outbox import Outbox

with Outbox(sys.argv[1]) as outbox:
    outbox.work(netmail.Transport(sys.argv[2], window=4), lease=timedelta(seconds=1))
"""
"""The worker process of the outbox's step."""

STEPS = (
    Step(
        "Start SMTP, IMAP and POP3 servers inside this process.",
        (
            "import netmail",
            "from netmail.testing import MailServer",
            "server = MailServer()",
            "server",
        ),
    ),
    Step(
        "Write a message with an attachment.",
        (
            'message = netmail.message().from_("Ann <ann@example.test>").to("user@example.test")',
            'message = message.subject("Quarterly report").text("The numbers are attached.")',
            "message = message.attachment(numbers)",
        ),
    ),
    Step(
        "Send it over SMTP. The report is true if every recipient was accepted.",
        (
            "transport = netmail.smtp(server.smtp_url)",
            "report = transport.add_message(message).send()",
            "bool(report)",
            "[(to.address, to.code, to.text) for sent in report for to in sent.accepted]",
            "transport.quit()",
        ),
    ),
    Step(
        "Find it over IMAP. What comes back are UIDs.",
        (
            "imap = netmail.imap(server.imap_url)",
            """imap.search('SUBJECT "report"', "INBOX")""",
            """(uid,) = imap.search('SUBJECT "report"', "INBOX")""",
        ),
    ),
    Step(
        "Read it.",
        (
            "mail = netmail.parse(imap.fetch(uid))",
            "mail.subject",
            "mail.from_",
            "mail.text",
        ),
    ),
    Step(
        "Save its attachment. The file name is made safe, and no file is overwritten.",
        (
            "saved = mail.attachments[0].save(inbox)",
            "saved.name",
            "saved.read_text()",
        ),
    ),
    Step(
        "Flag it, and move it to a new mailbox.",
        (
            r'imap.store(uid, "+FLAGS", r"\Flagged")',
            'imap.create("Archive")',
            'imap.move(uid, "Archive")',
            'imap.select("Archive")["exists"]',
        ),
    ),
    Step(
        "Delete it there for good, and log out.",
        (
            r'imap.store(imap.search("FLAGGED", "Archive"), "+FLAGS", r"\Deleted")',
            'imap.expunge("Archive")',
            'imap.search("ALL", "Archive")',
            "imap.quit()",
        ),
    ),
    Step(
        "Once more over POP3: send, count, list, read, save.",
        (
            "transport = netmail.smtp(server.smtp_url)",
            "bool(transport.add_message(message).send())",
            "transport.quit()",
            "pop = netmail.pop3(server.pop3_url)",
            "pop.stat()",
            "pop.list()",
            "mail = netmail.parse(pop.retr(1))",
            "mail.subject, mail.attachments[0].save(inbox).name",
        ),
    ),
    Step(
        "Delete it. POP3 deletes when the session ends with QUIT, and not before.",
        (
            "pop.delete(1)",
            "len(server.messages())",
            "pop.quit()",
            "len(server.messages())",
        ),
    ),
    Step(
        "Put messages into an outbox, and kill the process that sends them in the middle.",
        (
            "from netmail.delivery.outbox import Outbox",
            'outbox = Outbox(inbox / "outbox.sqlite")',
            "numbers = [outbox.add(message, key=str(number)) for number in range(30)]",
            'slow = server.fail(content="*", delay=60, after=20, times=1)',
            'program = [sys.executable, "-c", WORKER, outbox.path, server.smtp_url]',
            "worker = subprocess.Popen(program)",
            "while not slow.hits and worker.poll() is None: time.sleep(0.01)",
            "worker.kill()",
            "worker.wait()",
            "outbox.status().sending > 0",
        ),
    ),
    Step(
        "Continue. What may have been sent is not sent again: it is for a person to decide.",
        (
            "transport = netmail.Transport(server.smtp_url)",
            "while outbox.status().sending: outbox.work(transport)",
            "status = outbox.status()",
            "status.sent + status.uncertain",
            "status.queued + status.leased + status.sending",
            '{parked.reason for parked in outbox.messages("uncertain")}',
            "outbox.close()",
        ),
    ),
)


def main(out: TextIO | None = None) -> int:
    """Run the demonstration.

    Args:
        out: Where to print; `None` for standard output.

    Returns:
        0, or 1 if a step failed; the exit status of the process.
    """
    out = sys.stdout if out is None else out
    colour = out.isatty() and not os.environ.get("NO_COLOR")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="netmail-demo-") as folder:
        namespace = _prepare(Path(folder))
        try:
            for number, step in enumerate(STEPS, 1):
                _run(number, step, namespace, out, colour=colour)
        except NetmailError as error:
            out.write(f"\nThis step failed: {error}\n")
            return 1
        finally:
            _close(namespace)
    out.write(f"\nDone in {time.monotonic() - began:.1f} seconds. Nothing is left.\n")
    return 0


def _prepare(folder: Path) -> dict[str, object]:
    numbers = folder / "numbers.csv"
    numbers.write_text("city,visitors\nOslo,12\nLima,30\n", encoding="ascii")
    inbox = folder / "inbox"
    inbox.mkdir()
    outbox = {"WORKER": WORKER, "subprocess": subprocess, "sys": sys, "time": time}
    return {"numbers": numbers, "inbox": inbox, **outbox}


def _run(
    number: int, step: Step, namespace: dict[str, object], out: TextIO, *, colour: bool
) -> None:
    bold, green, plain = (BOLD, GREEN, PLAIN) if colour else ("", "", "")
    out.write(f"\n{bold}{number:2}. {step.title}{plain}\n")
    for line in step.code:
        out.write(f"    {green}>>> {line}{plain}\n")
        out.flush()
        value = eval(_compiled(line), namespace)
        if value is not None:
            shown = pformat(value, width=WIDTH, sort_dicts=False)
            out.write("    " + shown.replace("\n", "\n    ") + "\n")


def _compiled(line: str) -> CodeType:
    """Compile an expression, whose value is shown, or else a statement, which has none."""
    try:
        return compile(line, "<demo>", "eval")
    except SyntaxError:
        return compile(line, "<demo>", "exec")


def _close(namespace: dict[str, object]) -> None:
    worker = namespace.get("worker")
    if isinstance(worker, subprocess.Popen):
        worker.kill()
        worker.wait()
    server = namespace.get("server")
    if isinstance(server, MailServer):
        server.close()


if __name__ == "__main__":
    sys.exit(main())
