"""Running gpg: what goes in, what comes out, and its status in a pipe of its own.

This file must not know messages, nor what the status means.
"""

import errno
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import IO, Final, NamedTuple

from netmail import Secret, UsageError
from netmail.crypto.errors import CryptoError, KeyUnusable
from netmail.crypto.octets import octets_of_text
from netmail.crypto.pgp.status import Status, status_lines

_OPTIONS: Final = (
    # Not the user's configuration, which may add recipients or accept what is weak.
    "--no-options",
    "--batch",
    "--no-tty",
    "--no-auto-key-locate",
    "--no-auto-key-retrieve",
    "--pinentry-mode=loopback",
)
_READ = 1 << 16
_STATUS: Final = 1 << 24
"""Octets of status lines: some hundred for each signature."""
_PASSPHRASE: Final = 4096
"""Octets, which fit into any pipe: writing them does not wait for gpg."""


class Ran(NamedTuple):
    """What a run of gpg gave.

    Attributes:
        output: Its standard output.
        status: Its status lines.
    """

    output: bytes
    status: tuple[Status, ...]


class Gpg:
    """The program.

    Args:
        home: Its folder of keys; `None` for the user's.
        passphrase: That of the private keys; `None` where an agent knows it.
        program: The name or the path of the program.
        limit: Octets that it may write: a small message may unpack to a large one.
        timeout: Seconds that a run may take.

    Raises:
        KeyUnusable: If the passphrase is none that gpg could read.
        UsageError: If `timeout` is not allowed.
    """

    def __init__(
        self,
        home: str | os.PathLike[str] | None,
        passphrase: bytes | str | None,
        program: str,
        *,
        limit: int,
        timeout: float,
    ) -> None:
        self._home = home
        self._passphrase = None if passphrase is None else _checked_passphrase(passphrase)
        self._program = program
        self._limit = limit
        # `nan` compares as false, and more than the system knows would end the timer at once.
        if not 0 < timeout <= threading.TIMEOUT_MAX:
            raise UsageError(f"timeout: {timeout!r} is no number of seconds above 0")
        self._timeout = timeout

    def run(
        self, *arguments: str, pieces: Iterable[bytes] = (), signature: bytes | None = None
    ) -> Ran:
        """Run the program to its end.

        Args:
            arguments: Options and a command; "{signature}" is the file of the signature.
            pieces: What is written to its standard input.
            signature: A detached signature.

        Raises:
            CryptoError: If it takes too long, writes too much, or is given too much.
            UsageError: If it is not installed, or cannot be run.
        """
        with ExitStack() as stack:
            if signature is not None:
                file = stack.enter_context(tempfile.NamedTemporaryFile(suffix=".asc"))
                file.write(signature)
                file.flush()
                arguments = tuple(
                    file.name if each == "{signature}" else each for each in arguments
                )
            # A pipe of its own: what gpg prints holds texts of the message, which could look
            # like status.
            status_read, status_write = os.pipe()
            status = stack.enter_context(open(status_read, "rb"))  # noqa: PTH123 -- a descriptor
            given = [f"--status-fd={status_write}", *self._secret(stack), *arguments]
            inherited = [int(each.rpartition("=")[2]) for each in given if "-fd=" in each]
            process = self._started(given, inherited, status_write)
            return self._driven(process, pieces, status)

    def _secret(self, stack: ExitStack) -> list[str]:
        """Put the passphrase into a pipe: a command line can be read by every user."""
        if self._passphrase is None:
            return []
        read, write = os.pipe()
        stack.callback(os.close, read)
        with open(write, "wb") as pipe:  # noqa: PTH123 -- a descriptor
            pipe.write(self._passphrase.reveal().encode("latin-1") + b"\n")
        return [f"--passphrase-fd={read}"]

    def _started(
        self, arguments: list[str], inherited: list[int], status_write: int
    ) -> subprocess.Popen[bytes]:
        # The folder is an argument: the environment of the user is not asked for it.
        home = [] if self._home is None else [f"--homedir={os.fspath(self._home)}"]
        try:
            return subprocess.Popen(  # noqa: S603 -- no shell, and every argument is netmail's
                [self._program, *_OPTIONS, *home, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # Its texts are for humans, and differ between versions and languages.
                stderr=subprocess.DEVNULL,
                pass_fds=inherited,
                env={**os.environ, "LC_ALL": "C"},
                # What it starts is ended with it; an agent has a group of its own.
                process_group=0,
            )
        except FileNotFoundError as error:
            raise UsageError(f"{self._program} is missing: PGP needs GnuPG") from error
        # A folder, a file that is no program, more recipients than the system can pass on; NUL.
        except OSError as error:
            kind = CryptoError if error.errno == errno.E2BIG else UsageError
            raise kind(f"{self._program} cannot be run: {error.strerror}") from error
        except ValueError as error:
            raise UsageError(f"{self._program} cannot be run: {error}") from error
        finally:
            # The program has its own; what is left would keep the pipe open for ever.
            os.close(status_write)

    def _driven(
        self, process: subprocess.Popen[bytes], pieces: Iterable[bytes], status: IO[bytes]
    ) -> Ran:
        """Write, read both outputs, and wait, all at once: a full pipe would stop the program."""
        lines: list[bytes] = []
        failed: list[BaseException] = []
        # Three streams at once: gpg stops if any of them is full.
        reader = threading.Thread(target=_read, args=(process, status, lines, failed), daemon=True)
        writer = threading.Thread(target=_write, args=(process, pieces, failed), daemon=True)
        with _ended(process, self._timeout) as timer:
            reader.start()
            writer.start()
            output = self._output(process)
            writer.join()
            reader.join()
            process.wait()
        # The file that could not be read is the cause; what gpg made of half of it is none.
        if failed:
            raise failed[0]
        if output is None:
            raise CryptoError(f"gpg has written more than {self._limit} octets")
        if timer.is_over:
            raise CryptoError(f"gpg has taken more than {self._timeout:g} seconds")
        return Ran(output, status_lines(b"".join(lines)))

    def _output(self, process: subprocess.Popen[bytes]) -> bytes | None:
        """Read what it writes; `None` if that is too much."""
        pieces, size = [], 0
        stream = process.stdout
        while stream is not None and (piece := stream.read(_READ)):
            size += len(piece)
            # gpg unpacks what is compressed: a kilobyte may become a gigabyte.
            if size > self._limit:
                _kill(process)
                return None
            pieces.append(piece)
        return b"".join(pieces)


class _Timer:
    """Whether a run took too long."""

    is_over = False


@contextmanager
def _ended(process: subprocess.Popen[bytes], seconds: float) -> Iterator[_Timer]:
    """See to it that the program ends, and that nothing of it stays open."""
    state = _Timer()

    def end() -> None:
        state.is_over = True
        _kill(process)

    # A smartcard that waits for its reader would wait for ever.
    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield state
    finally:
        timer.cancel()
        if process.returncode is None:
            _kill(process)
            process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the program, and what it has started: any of them keeps the pipes open."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _checked_passphrase(given: bytes | str) -> Secret:
    """Return a passphrase, each octet as a character of Latin-1.

    Raises:
        KeyUnusable: If gpg would read another one.
    """
    octets = octets_of_text(given)
    # gpg reads one line, and a string of C.
    if b"\n" in octets or b"\0" in octets or len(octets) > _PASSPHRASE:
        raise KeyUnusable(f"the passphrase is no line of {_PASSPHRASE} octets at most")
    return Secret(octets.decode("latin-1"))


def _read(
    process: subprocess.Popen[bytes],
    status: IO[bytes],
    lines: list[bytes],
    failed: list[BaseException],
) -> None:
    """Read the status lines, as many as gpg writes of any message."""
    octets = status.read(_STATUS + 1)
    if len(octets) > _STATUS:
        failed.append(CryptoError(f"gpg has written more than {_STATUS} octets of status"))
        _kill(process)
    lines.append(octets)


def _write(
    process: subprocess.Popen[bytes], pieces: Iterable[bytes], failed: list[BaseException]
) -> None:
    """Write everything; the program may end before it has read all."""
    stream = process.stdin
    if stream is None:
        return
    try:
        for piece in pieces:
            stream.write(piece)
    except OSError:
        pass
    except BaseException as error:  # noqa: BLE001 -- raised again in the caller's thread
        failed.append(error)
        _kill(process)
    finally:
        with suppress(OSError):
            stream.close()
