"""An SMTP server that limits a session: messages, or recipients of one message.

This file knows what such servers send, and no client.
"""

import socketserver
import threading
from dataclasses import dataclass, field
from typing import Self

from servers.process import LOOPBACK


@dataclass
class Limits:
    """What the server does.

    Attributes:
        messages: Messages of one session; `None` for any number.
        full: The reply to MAIL above that; one of 421 is followed by the end of the session.
        recipients: Recipients of one message; `None` for any number.
        drop: Whether the session ends without a reply instead of `full`.
        lose: Whether the session ends in place of the final reply to each second message.
    """

    messages: int | None = None
    full: str = "421 4.7.0 too many messages in this connection"
    recipients: int | None = None
    drop: bool = False
    lose: bool = False


@dataclass
class Seen:
    """What the server saw: a list of sessions, each with its messages as tuples of recipients."""

    sessions: list[list[tuple[str, ...]]] = field(default_factory=list)


class LimitedServer(socketserver.ThreadingTCPServer):
    """The server; use it in `with`."""

    daemon_threads = True

    def __init__(self, limits: Limits) -> None:
        super().__init__((LOOPBACK, 0), _Session)
        self.limits = limits
        self.seen = Seen()

    @property
    def port(self) -> int:
        """The port."""
        return int(self.server_address[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.shutdown()
        self.server_close()


class _Session(socketserver.StreamRequestHandler):
    server: LimitedServer

    def handle(self) -> None:
        self._done: list[tuple[str, ...]] = []
        self.server.seen.sessions.append(self._done)
        self._recipients: list[str] = []
        self._has_sender = False
        self._reply("220 mx")
        for line in self.rfile:
            verb = line[:4].decode().upper()
            reply = getattr(self, f"_{verb.lower().strip()}", lambda _line: "250 Ok")(line)
            if reply is None:
                return
            self._reply(reply)
            if reply[:3] in {"421", "221"}:
                return

    def _reply(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def _ehlo(self, _line: bytes) -> str:
        return "250-mx\r\n250 PIPELINING"

    def _mail(self, _line: bytes) -> str | None:
        self._recipients = []
        limits = self.server.limits
        self._has_sender = limits.messages is None or len(self._done) < limits.messages
        if self._has_sender:
            return "250 Ok"
        return None if limits.drop else limits.full

    def _rcpt(self, line: bytes) -> str:
        if not self._has_sender:
            return "503 MAIL first"
        most = self.server.limits.recipients
        if most is not None and len(self._recipients) >= most:
            return "452 too many recipients"
        self._recipients.append(line.decode().split("<")[1].split(">")[0])
        return "250 Ok"

    def _data(self, _line: bytes) -> str | None:
        if not self._recipients:
            return "503 RCPT first"
        self._reply("354 go")
        while (each := self.rfile.readline()) != b".\r\n":
            if not each:
                return None
        self._done.append(tuple(self._recipients))
        return None if self.server.limits.lose and len(self._done) == 2 else "250 Ok"

    def _quit(self, _line: bytes) -> str:
        return "221 bye"
