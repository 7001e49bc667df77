"""What goes over the wire, for people to read, without secrets.

This file knows where credentials stand in each protocol's lines, and nothing else of them.
"""

import logging
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Final, Literal

from netmail.flows.handshake import TranscriptLine
from netmail.options.options import Options
from netmail.secret import REDACTED_OCTETS, Secret
from netmail.wire.redact import redact
from netmail.wire.sasl import encode

LOGGER = "netmail.wire"
SHOWN = 400
"""Characters of one line that are logged; bodies are not what a protocol log is read for."""

# AUTH PLAIN AGFubgBz..., A1 AUTHENTICATE PLAIN ..., A1 LOGIN ann secret, PASS secret, APOP ann 0f3a
_CREDENTIALS = re.compile(
    rb"(?P<kept>(?:[^ ]+ )??(?:AUTH(?:ENTICATE)? [^ ]+|LOGIN|PASS|APOP))(?: (?P<secret>.*))?",
    re.IGNORECASE,
)
_PROXY_CREDENTIALS = re.compile(
    rb"(?P<kept>proxy-authorization: [^ ]+)(?: (?P<secret>.*))?", re.IGNORECASE
)
_SASL = re.compile(rb"(?:[^ ]+ )??AUTH(?:ENTICATE)? ", re.IGNORECASE)
# A challenge: 334 in SMTP, "+ " in IMAP and POP3. Untagged IMAP lines do not end the exchange.
_CHALLENGE = re.compile(rb"334[ -]|\+(?: |$)|\* ")
# A server could else write lines of its own into the log, or move a terminal's cursor.
CONTROLS: Final = {code: f"\\x{code:02x}" for code in (*range(9), *range(10, 32), 127)}


class WireLog:
    """Write the log of one connection, and keep the lines of its dial.

    The logger `netmail.wire` always hears it, at level DEBUG; with `debug` it is printed to the
    standard error as well.

    Args:
        debug: Whether to print.
        secrets: What is not shown even where the server repeats it.

    Attributes:
        is_on: Whether anything is printed or logged. It is found out with each command: a program
            may turn the log on in the middle of a session.
        lines: The lines of the handshake.
    """

    def __init__(self, *, debug: bool, secrets: Iterable[bytes] = ()) -> None:
        self._logger = logging.getLogger(LOGGER)
        self._print = debug
        self.is_on = self.is_wanted()
        self._secrets = set(secrets)
        self._challenged = False  # between AUTH and its final reply, every line is a secret
        self.lines: list[TranscriptLine] = []

    def log_handshake(self, who: Literal["C", "S"], data: bytes) -> None:
        """Note lines of the dial, which libcurl speaks, without their secrets."""
        for line in data.rstrip(b"\r\n").split(b"\r\n"):
            kept = self._redact(line) if who == "C" else self._hear(line)
            self.lines.append((who, kept))
            self._write(who, kept)

    def sent(self, data: bytes, shown: bytes | None = None) -> None:
        """Note what netmail sent; the conversation says what to show where `data` is secret."""
        if shown is not None:
            self._secrets.update(data.split()[-1:])
        self.is_on = self.is_wanted()
        if self.is_on:
            self._write_lines("C", data if shown is None else shown)

    def received(self, data: bytes | memoryview) -> None:
        """Note what was received."""
        if self.is_on:
            self._write_lines("S", bytes(data))

    def note(self, text: str) -> None:
        """Note a remark of libcurl's, such as which address it tries."""
        if self.is_on:
            self._write("*", text.encode(errors="replace"))

    def redact(self, words: str) -> str:
        """Take out of words what is secret."""
        return redact(words, self._secrets)

    def is_wanted(self) -> bool:
        """Find out whether what goes over the wire is printed or logged now."""
        return self._print or self._logger.isEnabledFor(logging.DEBUG)

    def _redact(self, line: bytes) -> bytes:
        if self._challenged:
            self._secrets.add(line)
            return REDACTED_OCTETS
        self._challenged = _SASL.match(line) is not None
        for pattern in (_CREDENTIALS, _PROXY_CREDENTIALS):
            if found := pattern.fullmatch(line):
                self._secrets.add(found["secret"] or b"")
                return found["kept"] + b" " + REDACTED_OCTETS
        return line

    def _hear(self, line: bytes) -> bytes:
        self._challenged = self._challenged and _CHALLENGE.match(line) is not None
        return line

    def _write_lines(self, who: str, data: bytes) -> None:
        for line in data.removesuffix(b"\r\n").split(b"\r\n"):
            self._write(who, line)

    def _write(self, who: str, line: bytes) -> None:
        if not self.is_on:
            return
        shown = line.decode("utf-8", "backslashreplace")
        if who != "C":
            shown = self.redact(shown)
        if len(shown) > SHOWN:
            shown = f"{shown[:SHOWN]}... ({len(line)} octets)"
        shown = shown.translate(CONTROLS)
        self._logger.debug("%s: %s", who, shown)
        if self._print and sys.stderr is not None:  # windowed programs have none
            sys.stderr.write(f"{who}: {shown}\n")


def secrets_of(options: Options) -> Iterator[bytes]:
    """List what no log may show, whoever sends it; what a callable returns is not known."""
    for secret in (options.password, options.proxy_password, options.oauth2_token):
        if isinstance(secret, Secret):
            plain = secret.reveal().encode()
            yield from (plain, encode(plain))
