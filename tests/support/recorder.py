"""Record a client's session with a server, as `support.transcripts` writes it.

This file knows neither the servers nor where a transcript is kept.
"""

import contextlib
import re
import socket
from collections.abc import Iterator
from typing import Literal

import pycurl

from netmail import Imap, NetmailError, SendReport, ServerLimits
from netmail.curl import stream
from netmail.curl.wire_log import WireLog
from support.player import CLIENTS, evaluate, name_tags, recipients_of
from support.transcripts import Block, Step, Transcript

CLIENT_NAME = "client.example.test"
"""What is written for this machine's name."""
_HOST = socket.gethostname()


class Kept(list):
    """The lines of connecting, which a connection would forget once they are read."""

    def clear(self) -> None:
        """Forget nothing."""


class Recording(WireLog):
    """A wire log that keeps every octet of both sides in their order."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        self.lines = Kept()
        self._turns: list[tuple[str, bytearray]] = []

    def is_wanted(self) -> bool:
        """Have every octet handed over."""
        return True

    def sent(self, data: bytes, shown: bytes | None = None) -> None:
        """Keep what netmail sent, secrets too: they are those of a test's account."""
        super().sent(data, shown)
        self._keep("C", data)

    def received(self, data: bytes | memoryview) -> None:
        """Keep what the server sent."""
        super().received(data)
        self._keep("S", data)

    def _keep(self, side: str, data: bytes | memoryview) -> None:
        if not self._turns or self._turns[-1][0] != side:
            self._turns.append((side, bytearray()))
        self._turns[-1][1].extend(data)

    def take(self) -> str:
        """Return what has gone over the wire since the last time, as lines of a transcript."""
        pieces = [(side, re.findall(rb"(?s).*?\r\n|.+", bytes(data))) for side, data in self._turns]
        self._turns.clear()
        return "".join(line(side, octets) for side, lines in pieces for octets in lines)


def line(side: Literal["C", "S"], octets: bytes) -> str:
    """Write a line as it is, or with escapes where its end or a character would not be seen."""
    octets = re.sub(rb"\b%b\b" % re.escape(_HOST.encode()), CLIENT_NAME.encode(), octets)
    with contextlib.suppress(UnicodeDecodeError):
        text = octets.removesuffix(b"\r\n").decode()
        if octets.endswith(b"\r\n") and text.isprintable() and text == text.rstrip():
            return f"{side}: {text}".rstrip() + "\n"
    return f"{side}! {str(octets)[2:-1]}\n"


def record(
    transcript: Transcript, server: dict[str, object], mailbox: dict[str, object] | None = None
) -> str:
    """Make a transcript's calls; return the file.

    The transcript's lines and results, if it has any, are not looked at.

    Args:
        transcript: The calls.
        server: Options that reach the server, beside the transcript's own.
        mailbox: Options that reach its mailboxes by IMAP, to prepare them; `None` for `server`.
    """
    options = {**server, "tls": 0, **transcript.keywords("options")}
    make = CLIENTS[transcript.protocol]
    if prepare := transcript.head.get("prepare"):
        with Imap(**{**(mailbox or server), "tls": 0}) as client:
            evaluate(prepare.value, client)
    client = make(limits=ServerLimits(**transcript.keywords("limits")), **options)
    name_tags(client)
    used, stream.WireLog = stream.WireLog, Recording
    try:
        client.connect()
        own = {key: options[key] for key in options if key not in {"host", "port", "ca_file"}}
        value = ", ".join(f"{key}={value!r}" for key, value in own.items())
        transcript.head["options"] = Block("options", value, 0)
        return "".join(_pieces(transcript, client))
    finally:
        stream.WireLog = used
        client.abort()


def _pieces(transcript: Transcript, client: object) -> Iterator[str]:
    log = client._connection.stream.wire_log
    yield transcript.about
    for key in ("server", "options", "limits", "prepare"):
        if key in transcript.head:
            yield f"{key}: {transcript.head[key].value}\n"
    encrypted = client.get_handle().getinfo(pycurl.APPCONNECT_TIME) > 0
    yield f"connect:{' TLS' if encrypted else ''}\n"
    yield from (line(side, octets + b"\r\n") for side, octets in log.lines)
    if opening := log.take():
        yield f"open:\n{opening}"
    for step in transcript.steps:
        yield f"\ncall: {step.call.value}\n"
        yield from _outcome(step, client)
        yield log.take()


def _outcome(step: Step, client: object) -> Iterator[str]:
    try:
        result = evaluate(step.call.value, client)
    except NetmailError as error:
        # A refusal's text is the server's; the sentence around it is netmail's.
        text = getattr(error, "text", "") or str(error)
        yield f"raises: {type(error).__name__}: {' '.join(text.split())}\n"
        return
    if isinstance(result, SendReport):
        for what, recipients in recipients_of(result).items():
            yield f"{what}: {recipients}\n" if recipients else ""
    elif result is not None:
        yield f"result: {result!r}\n"
    yield from (f"then: {fact.value}\n" for fact in step.facts if fact.key == "then")
