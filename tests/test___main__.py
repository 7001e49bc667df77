"""`python -m netmail check`: what it prints, and with which exit status it ends."""

import contextlib
import json
import os
import pty
import shlex
import subprocess
import sys

import pytest

from netmail.testing import MailServer

SECRET = "hunter22-secret"


def check(*arguments, password=None, **more):
    """Run the program; return it when it has ended. The secret is never in what it prints."""
    variables = {name: value for name, value in os.environ.items() if name != "NETMAIL_PASSWORD"}
    variables |= more
    if password is not None:
        variables["NETMAIL_PASSWORD"] = password
    done = subprocess.run(
        [sys.executable, "-m", "netmail", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=variables,
        timeout=60,
        check=False,
    )
    assert SECRET not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def server():
    """An embedded server with TLS at once, whose user has the secret for a password."""
    with MailServer(tls=True, users={"ann@example.test": SECRET}) as running:
        yield running


@pytest.fixture(scope="module")
def url(server):
    """Its URL, without the password."""
    return f"imaps://ann%40example.test@127.0.0.1:{server.imap_url.rpartition(':')[2]}"


def test_ok(server, url):
    """Status 0; the report is printed."""
    done = check("check", url, "--ca-file", str(server.ca_file), password=SECRET)

    assert done.returncode == 0, done
    assert done.stdout.startswith(url)
    assert "logged in by  PLAIN" in done.stdout


def test_json(server, url):
    """The same for a program."""
    done = check("check", url, "--json", "--ca-file", str(server.ca_file), password=SECRET)
    values = json.loads(done.stdout)

    assert done.returncode == 0
    assert values["ok"] is True
    assert values["tls_version"] == "TLSv1.3"
    assert values["certificate"]["names"] == ["localhost", "127.0.0.1"]


def test_password_command(server, url):
    """The first line that a command prints is the password."""
    program = f"print({SECRET!r}); print('a second line')"
    command = shlex.join([sys.executable, "-c", program])
    arguments = ("--ca-file", str(server.ca_file), "--password-command", command)

    assert check("check", url, *arguments, "--timeout", "20").returncode == 0


def test_warning():
    """Status 1: it works, and the password could be sent in clear."""
    with MailServer() as server:
        done = check("check", f"smtp://127.0.0.1:{server.smtp_url.rpartition(':')[2]}")

    assert done.returncode == 1, done
    assert "warning       the server does not offer STARTTLS" in done.stdout


@pytest.mark.parametrize("extra", [(), ("--json",)])
def test_critical(server, url, extra):
    """Status 2: the server refuses the password."""
    arguments = ("--ca-file", str(server.ca_file), *extra)
    done = check("check", url, *arguments, password=f"{SECRET}-wrong")

    assert done.returncode == 2, done
    assert "AuthenticationError" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("check",),
        ("check", "http://localhost"),
        ("check", "localhost"),
        ("check", "imap://["),
        ("check", f"imap://ann:{SECRET}@localhost"),
        ("check", f"imap://ann@localhost?proxy_password={SECRET}"),
        ("check", f"imap://localhost?proxy=http://ann:{SECRET}@localhost:1"),
        ("check", "imap://localhost?no_such_option=1"),
        ("check", "imap://localhost", "--timeout", "-1"),
        ("check", "imap://localhost", "--timeout", "soon"),
        ("check", "imap://localhost", "--timeout", "nan"),
        ("check", "imap://ann@localhost", "--password-command", "/no/such/program"),
        ("check", "imap://ann@localhost", "--password-command", "false"),
        ("check", "imap://ann@localhost", "--password-command", "'"),
        ("check", "imap://ann@localhost", "--password-command", ""),
    ],
)
def test_wrong_usage(arguments):
    """Status 3, with a sentence on the standard error; a password in the URL is refused."""
    done = check(*arguments)

    assert done.returncode == 3, done
    assert done.stdout == ""
    assert done.stderr
    assert "internal error" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", f"imap://ann:{SECRET}@localhost"),
        ("check", "imap://ann:@localhost"),
        ("check", f"imaps://ann@localhost?password={SECRET}"),
        ("check", f"imaps://ann@localhost?oauth2_token={SECRET}", "--json"),
    ],
)
def test_password_in_the_url(arguments):
    """It is refused with the reason, before a connection: the list of processes shows it."""
    done = check(*arguments, password=SECRET)

    assert done.returncode == 3, done
    assert done.stderr == "netmail: the URL has a password, which the list of processes shows\n"


@pytest.mark.parametrize(
    ("url", "status"),
    [("imap://localhost:1", 2), ("pop3://127.0.0.1:1", 2), ("smtp://127.0.0.1:1", 2),
     ("lmtp://127.0.0.1:1", 2), ("smtps://no-such-host.invalid", 2)],
)  # fmt: skip
def test_unreachable(url, status):
    """Status 2 by each protocol; without a user there is no prompt, and the report is printed."""
    done = check("check", url)

    assert done.returncode == status, done
    assert "error         ConnectError" in done.stdout


@pytest.mark.parametrize(("typed", "status"), [(SECRET, 0), ("wrong", 2)])
def test_prompt(server, url, typed, status):
    """Where a terminal is the standard input, the password is asked for, and not shown."""
    variables = {name: value for name, value in os.environ.items() if name != "NETMAIL_PASSWORD"}
    terminal, end = pty.openpty()
    program = subprocess.Popen(
        [sys.executable, "-m", "netmail", "check", url, "--ca-file", str(server.ca_file)],
        **dict.fromkeys(("stdin", "stdout", "stderr"), end),
        env=variables,
        # Without a terminal of its own it has this one alone.
        start_new_session=True,
    )
    os.close(end)
    shown = b""
    with program, contextlib.suppress(OSError):  # EIO, at the end of the program
        while part := os.read(terminal, 4096):
            if b"Password: " not in shown and b"Password: " in shown + part:
                os.write(terminal, f"{typed}\n".encode())
            shown += part
    os.close(terminal)

    assert program.returncode == status, shown
    assert shown.count(b"Password: ") == 1
    assert typed.encode() not in shown


def test_internal_error(server, url, tmp_path):
    """Status 3, not Python's own 1, which would be a warning."""
    (tmp_path / "sitecustomize.py").write_text(
        "import netmail\n\n"
        "def broken(imap):\n    raise RuntimeError\n\n"
        "netmail.Imap.diagnose = broken\n"
    )
    done = check("check", url, password=SECRET, PYTHONPATH=str(tmp_path))

    assert done.returncode == 3, done
    assert done.stderr == "netmail: internal error: RuntimeError\n"


def test_help_ends_with_status_0():
    """It says what each status means."""
    done = check("check", "--help")

    assert done.returncode == 0
    assert "exit status" in done.stdout
