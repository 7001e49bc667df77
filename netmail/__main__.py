"""`python -m netmail check URL`: try a mail server, and say what is found.

This file knows the command line; it must not know a protocol.
"""

import argparse
import getpass
import json
import os
import shlex
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NoReturn
from urllib.parse import urlsplit

import netmail

if TYPE_CHECKING:
    from netmail.results.diagnosis import Diagnosis

OK, WARNING, CRITICAL, UNKNOWN = range(4)
"""The exit status, as monitoring programs have it."""

PASSWORD_VARIABLE: Final = "NETMAIL_PASSWORD"  # noqa: S105 -- the variable's name
COMMAND_SECONDS: Final = 60
"""How long the command for the password may take; some ask a person."""
_ABOUT = "Try a mail server: connect, log in, ask what it offers, and report what is found."
_STATUS = (
    "exit status: 0 OK, 1 warnings, 2 the server failed, 3 wrong usage or internal error. The "
    f"password comes from --password-command, the variable {PASSWORD_VARIABLE}, or a prompt."
)


class _Parser(argparse.ArgumentParser):
    """Ends with status 3 where argparse would end with 2, which means a failed server here."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command line, and exit."""
        self.print_usage(sys.stderr)
        self.exit(UNKNOWN, f"{self.prog}: {message}\n")


def main(arguments: list[str] | None = None) -> int:
    """Try the server of a command line.

    Args:
        arguments: The command line without the program's name; `None` for the real one.

    Returns:
        The exit status: 0 for OK, 1 for warnings, 2 if the server failed, 3 for anything else.
    """
    given = _parser().parse_args(arguments)
    try:
        found = _diagnose(given)
    except (netmail.UsageError, OSError, subprocess.SubprocessError, EOFError) as error:
        # Not the repr of a command's error: it shows the command, and may show what it printed.
        shown = type(error).__name__ if isinstance(error, subprocess.SubprocessError) else error
        print(f"netmail: {shown}", file=sys.stderr)
        return UNKNOWN
    except Exception as error:  # noqa: BLE001 -- Python's own status is 1, a warning here
        print(f"netmail: internal error: {type(error).__name__}", file=sys.stderr)
        return UNKNOWN
    print(json.dumps(found.to_dict(), indent=2) if given.json else found)
    if not found.ok:
        return CRITICAL
    return WARNING if found.warnings else OK


def _parser() -> _Parser:
    parser = _Parser(prog="python -m netmail", description="SMTP, IMAP and POP3.")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)
    check = commands.add_parser("check", help=_ABOUT, description=_ABOUT, epilog=_STATUS)
    check.add_argument("url", help="such as imaps://user@host, without a password")
    check.add_argument("--json", action="store_true", help="print the report as JSON")
    check.add_argument("--password-command", metavar="CMD", help="its first line is the password")
    check.add_argument("--timeout", type=float, metavar="SECONDS", help="of each wait; default 30")
    check.add_argument("--ca-file", metavar="FILE", help="the trusted certificates (PEM)")
    return parser


def _diagnose(given: argparse.Namespace) -> "Diagnosis":
    # Whatever has the list of processes would see it.
    if _has_password(given.url):
        raise netmail.UsageError("the URL has a password, which the list of processes shows")
    make = _MAKERS.get(given.url.partition("://")[0].lower())
    if make is None:
        raise netmail.UsageError(f"the URL must begin with one of {', '.join(_MAKERS)}, and ://")
    parsed = netmail.parse_options(_PROTOCOLS[make], given.url)
    # A password that is known by now is of a .netrc file.
    needed = parsed.username is not None and parsed.password is None
    password = _password(given.password_command) if needed else None
    options: dict[str, object] = {"ca_file": given.ca_file, "password": password}
    if given.timeout is not None:
        try:
            options["timeout"] = timedelta(seconds=given.timeout)
        except (ValueError, OverflowError):
            raise netmail.UsageError(
                f"--timeout: {given.timeout} is no number of seconds"
            ) from None
    found: Diagnosis = getattr(netmail, make)(given.url, **options).diagnose()
    return found


_MAKERS: Final = {
    "imap": "imap",
    "imaps": "imap",
    "pop3": "pop3",
    "pop3s": "pop3",
    "smtp": "smtp",
    "smtps": "smtp",
    "lmtp": "smtp",
    "lmtps": "smtp",
}


_PROTOCOLS: Final = {each.value: each for each in netmail.MailProtocol}


def _has_password(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False  # netmail says what is wrong with it
    named = {each.partition("=")[0] for each in parts.query.split("&")}
    return parts.password is not None or bool(_SECRETS & named)


_SECRETS: Final = frozenset({"password", "oauth2_token", "proxy_password", "client_key_password"})


def _password(command: str | None) -> str | None:
    """Find the password; `None` where there is none, as with a client certificate."""
    if command is None:
        if PASSWORD_VARIABLE in os.environ:
            return os.environ[PASSWORD_VARIABLE]
        return getpass.getpass() if sys.stdin.isatty() else None
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise netmail.UsageError(f"--password-command: {error}") from None
    if not words:
        raise netmail.UsageError("--password-command is empty")
    done = subprocess.run(  # noqa: S603 -- the caller's own command, without a shell
        words, stdout=subprocess.PIPE, text=True, check=True, timeout=COMMAND_SECONDS
    )
    return done.stdout.partition("\n")[0].rstrip("\r")


if __name__ == "__main__":
    sys.exit(main())
