"""smtp-sink: Postfix's own bottomless mail server, for measuring how fast a client sends.

This file knows no SMTP; it only says how the program is started.
"""

from collections.abc import Sequence
from pathlib import Path

from servers.process import LOOPBACK, SERVICE_USER, Process, Server, find_program, free_ports

BACKLOG = "100"


class SmtpSink(Server):
    """A running smtp-sink: takes every message and forgets it.

    Attributes:
        host: 127.0.0.1.
        port: The port; in clear, no AUTH.
    """

    def __init__(self, folder: Path, port: int, options: Sequence[str]) -> None:
        self.port = port
        command = [find_program("smtp-sink", "postfix"), *options, f"{LOOPBACK}:{port}", BACKLOG]
        self._process = Process(command, folder / f"smtp-sink-{port}", SERVICE_USER)

    @classmethod
    def start(cls, folder: Path, options: Sequence[str] = ()) -> "SmtpSink":
        """Start it and wait until it listens.

        Args:
            folder: Where its output goes.
            options: As in smtp-sink(1): `-p` offers no PIPELINING, `-8` no 8BITMIME, `-e` no
                ESMTP, `-r rcpt` refuses a command with 5yz, `-s data` with 4yz, `-q mail`
                disconnects at it.

        Raises:
            ServerMissing: If Debian's package postfix is missing.
            ServerFailed: If it does not start.
        """
        server = cls(folder, free_ports(1)[0], options)
        server._process.wait_for([server.port])
        return server

    @property
    def url(self) -> str:
        """The `smtp:` URL."""
        return f"smtp://localhost:{self.port}"
