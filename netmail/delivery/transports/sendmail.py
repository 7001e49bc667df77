"""The transport that hands messages to a program that is called as sendmail is.

This file must not know what the exit codes of which program mean, nor any manager.
"""

import os
import signal
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from os import PathLike
from typing import IO, Any, Final

from netmail import Envelope, MessageError, MessageResult, Sendable, UsageError, envelope_of
from netmail.delivery.directives import read_directives
from netmail.delivery.errors import MessageFailed, TransportFailed
from netmail.delivery.results import (
    accepted_result,
    check_plain_delivery,
    refused_result,
    uncertain_result,
)
from netmail.delivery.transports.disk import disk_failure, lf_chunks
from netmail.delivery.transports.exit_codes import MTAS, Outcome, meaning, recognised

# What the program prints is for an error's sentence.
_SHOWN_OCTETS: Final = 1000


@dataclass(frozen=True)
class SendmailDirectives:
    """The directives of `sendmail`.

    Attributes:
        path: The program.
        mta: What kind of program it is, since exit codes mean different things: "postfix",
            "sendmail", "exim", "opensmtpd", "msmtp", "nullmailer", or "auto", which looks at the
            program, and takes what it does not recognise for none of them.
        timeout: Seconds for one message.
    """

    path: str | PathLike[str] = "/usr/sbin/sendmail"
    mta: str = "auto"
    timeout: float = 60.0

    def __post_init__(self) -> None:
        if self.mta not in {"auto", *MTAS}:
            raise UsageError(
                f"transport sendmail: mta is {self.mta!r}, not auto, {', '.join(sorted(MTAS))}"
            )


class SendmailTransport:
    """Runs the program once a message: `path -i -f SENDER -- RECIPIENT...`.

    The recipients are never taken from the header, and nothing passes through a shell.
    """

    def __init__(self, config: dict[str, object]) -> None:
        self._directives = read_directives(SendmailDirectives, config, "transport sendmail")
        self._mta = self._directives.mta

    def startup(self) -> None:
        """Find out which program it is."""
        if self._directives.mta == "auto":
            self._mta = recognised(os.fspath(self._directives.path))

    def deliver(self, message: Sendable) -> MessageResult:
        """Hand over one message.

        Raises:
            MessageFailed: If it cannot be written, or an address may not be given to a program.
            TransportFailed: If the program cannot be run, or has not accepted the message.
        """
        envelope = envelope_of(message)
        check_plain_delivery(envelope, "sendmail")
        command = _command(os.fspath(self._directives.path), envelope)
        try:
            # A file, since no side then waits for a pipe: not the program for content that cannot
            # be written, nor netmail for what the program has left in the background.
            with tempfile.TemporaryFile() as content, tempfile.TemporaryFile() as output:
                for chunk in lf_chunks(envelope):
                    content.write(chunk)
                content.seek(0)
                code = self._run(command, content, output)
                return self._result(envelope, code, _shown(output))
        except OSError as error:
            raise disk_failure(error, self._directives.path) from error
        except MessageError as error:
            raise MessageFailed(str(error)) from error

    def _run(self, command: list[bytes], content: IO[bytes], output: IO[bytes]) -> int | None:
        """Return the exit code, or `None` where the time is over."""
        # The command is a list; no shell reads it.
        # In a session of its own, what it has started can be ended with it.
        program = subprocess.Popen(  # noqa: S603
            command, stdin=content, stdout=output, stderr=output, start_new_session=True
        )
        try:
            return program.wait(self._directives.timeout)
        except BaseException as error:
            # One that runs as another user cannot be ended, and is left alone.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(program.pid, signal.SIGKILL)
                program.wait()
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            return None

    def _result(self, envelope: Envelope, code: int | None, text: str) -> MessageResult:
        path = os.fspath(self._directives.path)
        if code is None:
            return uncertain_result(
                envelope, f"{path} has not ended within {self._directives.timeout:g} s"
            )
        # What one recipient was refused for is not known of the others, in several programs.
        outcome = meaning(self._mta, code, len(envelope.recipients))
        if outcome is Outcome.ACCEPTED:
            return accepted_result(envelope, text or f"accepted by {path}")
        reason = f"{path} ended with {code}" + (f": {text}" if text else "")
        if outcome is Outcome.REFUSED:
            return refused_result(envelope, reason)
        if outcome is Outcome.UNCERTAIN:
            return uncertain_result(envelope, reason)
        raise TransportFailed(reason, transient=outcome is Outcome.LATER)

    def shutdown(self) -> None:
        """Need nothing."""


def _command(path: str, envelope: Envelope) -> list[bytes]:
    """Return the command.

    Raises:
        MessageFailed: If an address could be read as an option.
    """
    for address in (envelope.sender, *envelope.recipients):
        # "--" ends the options of most programs, but not of all, and -f takes anything.
        if address.startswith("-") or not address.isprintable():
            raise MessageFailed(f"{address!r} cannot be given to a program: it may be an option")
    words: tuple[Any, ...] = ("-i", "-f", envelope.sender or "<>", "--", *envelope.recipients)
    return [os.fsencode(path), *(word.encode() for word in words)]


def _shown(output: IO[bytes]) -> str:
    output.seek(0)
    return " ".join(output.read(_SHOWN_OCTETS).decode("utf-8", "replace").split())
