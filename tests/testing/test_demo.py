"""The demonstration: it does what it shows, in time, and prints what a person likes to read."""

import io
import re
import subprocess
import sys

import pytest

from netmail.testing import demo
from netmail.testing.demo import STEPS, Step, main


class Terminal(io.StringIO):
    """An output that says it is a terminal."""

    def isatty(self):
        return True


@pytest.fixture(scope="module")
def printed():
    """What the demonstration prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "netmail.testing.demo"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_every_step_is_shown(printed):
    """Each step has its number, its sentence and its code."""
    for number, step in enumerate(STEPS, 1):
        assert f"{number:2}. {step.title}\n    >>> {step.code[0]}\n" in printed


@pytest.mark.parametrize(
    ("code", "value"),
    [
        (r"bool\(report\)", "True"),
        (r"\[\(to\.address.*", r"\[\('user@example\.test', 250, 'Delivered'\)\]"),
        (r"mail\.subject", "'Quarterly report'"),
        (r"saved\.name", r"'numbers\.csv'"),
        (r"saved\.read_text\(\)", r"'city,visitors\\nOslo,12\\nLima,30\\n'"),
        (r'imap\.select\("Archive"\)\["exists"\]', "1"),
        (r"""imap\.search\('SUBJECT "report"', "INBOX"\)""", r"\[\d+\]"),
        (r"""imap\.search\("ALL", "Archive"\)""", r"\[\]"),
        (r"pop\.stat\(\)", r"\{.*'count': 1.*\}"),
        (r"worker\.wait\(\)", "-9"),
        (r"outbox\.status\(\)\.sending > 0", "True"),
        (r"status\.sent \+ status\.uncertain", "30"),
        (r"status\.queued \+ status\.leased \+ status\.sending", "0"),
        (r"\{parked\.reason.*", r"\{'its worker ended while it was being sent'\}"),
    ],
)
def test_what_comes_back(printed, code, value):
    """The values are those of a mail that was sent, found, read and removed."""
    assert re.search(rf">>> {code}\n    {value}\n", printed)


def test_pop3_deletes_at_quit(printed):
    """The mailbox shows one message before QUIT, and none after."""
    assert re.findall(r">>> len\(server\.messages\(\)\)\n    (\d)\n", printed) == ["1", "0"]


def test_no_colour_unless_on_a_terminal(printed):
    """Output that goes to a file is plain."""
    assert "\033" not in printed


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_colour_on_a_terminal(monkeypatch, no_color, coloured):
    """A terminal gets colours unless NO_COLOR is set and not empty."""
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setattr(demo, "STEPS", (Step("Nothing.", ("1 + 1",)),))
    out = Terminal()

    assert main(out) == 0
    assert ("\033" in out.getvalue()) == coloured


def test_a_failed_step_is_printed(monkeypatch):
    """A step that fails ends the demonstration with the error's sentence and status 1."""
    code = ("from netmail.testing import MailServer", "server = MailServer()", "server.deliver(1)")
    monkeypatch.setattr(demo, "STEPS", (Step("Wrong.", code),))
    out = io.StringIO()

    assert main(out) == 1
    assert "This step failed: a message is bytes, a str, or has as_bytes()" in out.getvalue()
