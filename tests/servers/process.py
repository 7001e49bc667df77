"""A server process: its program, its ports, its start, its end.

This file knows no protocol. Whatever starts here ends by its own pid. The kernel is asked to end it
also when the thread that started it dies, which covers a killed test run.
"""

import contextlib
import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

LOOPBACK = "127.0.0.1"
START_SECONDS = 20.0
"""A server that does not listen by then never will; a busy machine needs about one second."""
STOP_SECONDS = 10.0
POLL_SECONDS = 0.01
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 4
PORTS = range(20_000 + 3_000 * _WORKER, 23_000 + 3_000 * _WORKER)
"""Below Linux's ephemeral range, so that no outgoing connection takes a port between looking and
the server's binding; tests that run at the same time have ports of their own."""
LOG_LINES_SHOWN = 30
SERVICE_USER = "nobody"


class ServerMissing(Exception):
    """A program, or a right, that the server needs is not there; the sentence says which."""


class ServerFailed(Exception):
    """The server ended or did not listen in time; its log is in the message."""


def am_root() -> bool:
    """Tell whether this process may change users."""
    return os.geteuid() == 0


def find_program(name: str, package: str) -> str:
    """Return the program's path, looking where Debian keeps daemons too.

    Raises:
        ServerMissing: If it is not installed; the sentence names Debian's package.
    """
    places = [os.environ.get("PATH", ""), "/usr/sbin", "/usr/lib/postfix/sbin"]
    path = shutil.which(name, path=os.pathsep.join(places))
    if path is None:
        raise ServerMissing(f"{name} is missing: install Debian's package {package}")
    return path


def free_ports(count: int) -> list[int]:
    """Choose ports of the loopback that nobody listens on, all different."""
    chosen: list[int] = []
    with contextlib.ExitStack() as held:
        while len(chosen) < count:
            port = random.choice(PORTS)
            probe = held.enter_context(socket.socket())
            # REUSEADDR forgives TIME_WAIT of an earlier run, as servers do, but no listener.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind((LOOPBACK, port))
                # Until a socket listens, REUSEADDR lets the same port be bound twice.
                probe.listen()
                chosen.append(port)
    return chosen


@contextlib.contextmanager
def open_folder(name: str) -> Iterator[Path]:
    """Make a temporary folder that service users may enter, and remove it afterwards.

    pytest's own temporary folders are closed to everybody but their owner, and Dovecot and Postfix
    give up root. The path is short because a Unix socket's must fit into 108 octets.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"netmail-{name}-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Process:
    """A running server, stopped by its pid.

    Args:
        command: The program, by path, and its arguments. It must stay in the foreground.
        log: Where its standard output and error go.
        user: The user that it runs as where we are root; `None` for a server that gives up root by
            itself.
        env: Its whole environment; `None` for this process's.
    """

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        user: str | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.log = log
        self.extra_logs: list[Path] = []
        with log.open("ab") as output:
            self._popen = subprocess.Popen(
                [*_guard(user), *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=env,
                # Ctrl-C is for pytest: its fixtures then stop us in order.
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._popen.pid

    @property
    def running(self) -> bool:
        """Whether the process still lives."""
        return self._popen.poll() is None

    def wait_for(self, ports: Sequence[int]) -> None:
        """Return when every port accepts connections.

        Raises:
            ServerFailed: If the process ends, or `START_SECONDS` pass.
        """
        deadline = time.monotonic() + START_SECONDS
        for port in ports:
            while not _accepts(port):
                if self._ended_within(POLL_SECONDS):
                    self._fail(f"ended with {self._popen.returncode}")
                if time.monotonic() > deadline:
                    self.stop()
                    self._fail(f"did not listen on port {port} within {START_SECONDS:.0f} s")

    def stop(self) -> None:
        """Ask the process to end, and make it where it does not."""
        if not self.running:
            return
        self._popen.terminate()
        if not self._ended_within(STOP_SECONDS):
            self._popen.kill()
            self._popen.wait()

    def last_server_line(self) -> str:
        """Return the end of the log."""
        lines = []
        for log in [self.log, *self.extra_logs]:
            if log.exists():
                lines += log.read_text("utf-8", "replace").splitlines()[-LOG_LINES_SHOWN:]
        return "\n".join(lines)

    def _ended_within(self, seconds: float) -> bool:
        try:
            self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _fail(self, what: str) -> None:
        program = next(part for part in self._popen.args if "/" in str(part))
        raise ServerFailed(f"{program} {what}:\n{self.last_server_line()}")


class Server:
    """What all our servers can: say their pid and their log, stop, and be a `with` block.

    Attributes:
        host: Where they listen.
    """

    host = LOOPBACK
    _process: Process

    @property
    def pid(self) -> int:
        """The process, or the master process of several."""
        return self._process.pid

    def log(self) -> str:
        """Return the end of the log, to put into a failure."""
        return self._process.last_server_line()

    def stop(self) -> None:
        """End it; a second call does nothing."""
        self._process.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _guard(user: str | None) -> list[str]:
    """Return the command prefix that ties the process to our life and gives up root."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return []
    prefix = [Path(setpriv).name, "--pdeathsig", "TERM"]
    if user is not None and am_root():
        prefix += [f"--reuid={user}", "--regid=nogroup", "--clear-groups"]
    return [*prefix, "--"]


def _accepts(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
        return True
    return False
