"""The lines that go over the wire, written to a log without secrets.

This file must not know what a line means: only where credentials are in each protocol's lines.
"""

import logging
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Literal

from netmail.flows.handshake import TranscriptLine
from netmail.options.options import Options
from netmail.printable import printable
from netmail.secret import REDACTED_OCTETS, Secret
from netmail.wire.redact import redact, unfinished
from netmail.wire.sasl import decode as decode_response
from netmail.wire.sasl import encode
from netmail.wire.server_text import decode

LOGGER = "netmail.wire"
SHOWN = 400
"""Characters of one line that are logged: a protocol log is read for commands, not for bodies."""

# The commands that carry credentials, after an IMAP tag or without: AUTH PLAIN AGFubgBz (RFC 4954
# section 4), A1 AUTHENTICATE PLAIN AGFubgBz (RFC 4959 section 3), A1 LOGIN ann secret (RFC 9051
# section 6.2.3), PASS secret and APOP ann 0f3a (RFC 1939 section 7).
_CREDENTIALS = re.compile(
    rb"(?P<kept>(?:[^ ]+ )??(?:AUTH(?:ENTICATE)? [^ ]+|LOGIN|PASS|APOP))(?: (?P<secret>.*))?",
    re.IGNORECASE,
)
# Proxy-Authorization: Basic YW5uOnNlY3JldA==, RFC 9110 section 11.7.2
_PROXY_CREDENTIALS = re.compile(
    rb"(?P<kept>proxy-authorization: [^ ]+)(?: (?P<secret>.*))?", re.IGNORECASE
)
_HIDDEN_END = REDACTED_OCTETS + b"\r\n"
_BEARER = b"auth=Bearer "
_DIGEST = re.compile(rb"[0-9a-f]{32}")
# A command after which lines of the client respond to challenges, until the final reply.
_SASL = re.compile(rb"(?:[^ ]+ )??AUTH(?:ENTICATE)? ", re.IGNORECASE)
# A challenge: 334 in SMTP, "+ " in IMAP and POP3. Untagged IMAP lines do not end the exchange.
_CHALLENGE = re.compile(rb"334[ -]|\+(?: |$)|\* ")


class WireLog:
    """Write the log of one connection, and keep the lines of its handshake.

    It goes to the logger `netmail.wire` at level DEBUG; with `debug` to the standard error too.

    Args:
        debug: Whether to print.
        secrets: What is not shown even if the server repeats it.

    Attributes:
        is_on: Whether lines are printed or logged; looked up with each command, since a program
            may turn the log on during a session.
        lines: The lines of the handshake.
    """

    def __init__(self, *, debug: bool, secrets: Iterable[bytes] = ()) -> None:
        self._logger = logging.getLogger(LOGGER)
        self._print = debug
        self.is_on = self.is_wanted()
        self._secrets = set(secrets)
        self._held = b""  # the end of a segment that may be the beginning of a secret
        self._challenged = False  # between AUTH and its final reply each line is a secret
        self.lines: list[TranscriptLine] = []

    def log_handshake(self, side: Literal["C", "S"], data: bytes) -> None:
        """Log and keep lines that libcurl sent or received, without their secrets."""
        for line in data.rstrip(b"\r\n").split(b"\r\n"):
            kept = self._redact(line) if side == "C" else line
            if side == "S":
                self._challenged = self._challenged and _CHALLENGE.match(line) is not None
            self.lines.append((side, kept))
            self._write(side, kept)

    def sent(self, data: bytes, shown: bytes | None = None) -> None:
        """Log what netmail sends.

        Args:
            data: The octets.
            shown: What the log shows instead of a secret, or of a long content.
        """
        # Contents are not shown either, and are no secret: a word of one may be in any reply.
        if shown is not None and shown.endswith(_HIDDEN_END):
            # The secret is the last argument of every login command: a server may repeat it.
            for argument in data.split()[-1:]:
                self.add_secrets(credentials_in(argument))
        self.is_on = self.is_wanted()
        if self.is_on:
            self._write_lines("C", data if shown is None else shown)

    def received(self, data: bytes | memoryview) -> None:
        """Log what was received.

        A server may repeat a secret in two segments: an end that may be the beginning of a secret
        is logged with the next segment, or by `flush()`.
        """
        if not self.is_on:
            return
        whole = self._held + bytes(data)
        kept = len(whole) - unfinished(whole, self._secrets)
        self._held = whole[kept:]
        if kept:
            self._write_lines("S", whole[:kept])

    def flush(self) -> None:
        """Log what was held back."""
        held, self._held = self._held, b""
        if held:
            # The beginning of a secret, and its end was never sent: hidden as well.
            self._write("S", REDACTED_OCTETS)

    def add_secrets(self, secrets: Iterable[bytes]) -> None:
        """Hide more texts from now on."""
        self._secrets.update(secrets)

    def note(self, text: str) -> None:
        """Log a remark of libcurl's, such as which address it tries."""
        if self.is_on:
            self._write("*", text.encode(errors="surrogateescape"))

    def redact(self, text: str) -> str:
        """Replace each known secret in a text."""
        return redact(text, self._secrets)

    def is_wanted(self) -> bool:
        """Look up whether lines are printed or logged now."""
        # `logging` remembers the result until a level changes.
        return self._print or self._logger.isEnabledFor(logging.DEBUG)

    def _redact(self, line: bytes) -> bytes:
        if self._challenged:
            self.add_secrets(credentials_in(line))
            return REDACTED_OCTETS
        self._challenged = _SASL.match(line) is not None
        for pattern in (_CREDENTIALS, _PROXY_CREDENTIALS):
            if found := pattern.fullmatch(line):
                secret = found["secret"] or b""
                self.add_secrets(
                    [
                        secret,
                        *(each for part in secret.split()[-1:] for each in credentials_in(part)),
                    ]
                )
                return found["kept"] + b" " + REDACTED_OCTETS
        return line

    def _write_lines(self, side: str, data: bytes) -> None:
        for line in data.removesuffix(b"\r\n").split(b"\r\n"):
            self._write(side, line)

    def _write(self, side: str, line: bytes) -> None:
        if not self.is_on:
            return
        shown = decode(line)
        # Before the line is cut: a secret across the cut is found only as a whole.
        if side != "C":
            shown = self.redact(shown)
        if len(shown) > SHOWN:
            shown = f"{shown[:SHOWN]}... ({len(line)} octets)"
        # A line end or ESC could forge a line of the log, or move a terminal's cursor.
        shown = printable(shown)
        self._logger.debug("%s: %s", side, shown)
        if self._print and sys.stderr is not None:  # a program without a console has none
            sys.stderr.write(f"{side}: {shown}\n")


def secrets_of(options: Options) -> Iterator[bytes]:
    """List what no log may show, in clear and in base64; what a callable returns is not known."""
    for secret in (options.password, options.proxy_password, options.oauth2_token):
        if isinstance(secret, Secret):
            yield from forms_of(secret)


def forms_of(secret: Secret) -> tuple[bytes, bytes, bytes]:
    """Return a secret as it is sent: in clear, as in quotes, and in base64."""
    clear = secret.reveal().encode()
    # quoted = DQUOTE *QUOTED-CHAR DQUOTE; "\" quoted-specials            RFC 9051 section 9
    return clear, clear.replace(b"\\", b"\\\\").replace(b'"', b'\\"'), encode(clear)


def credentials_in(response: bytes) -> Iterator[bytes]:
    """List what a response of a login shows: itself, and the secret within its base64."""
    yield response
    whole = decode_response(response)
    # message = [authzid] UTF8NUL authcid UTF8NUL passwd                    RFC 4616 section 2
    if b"\0" in whole:
        yield from (whole, whole.rpartition(b"\0")[2])
    # user name SP digest                                                   RFC 2195 section 2
    if _DIGEST.fullmatch(digest := whole.rpartition(b" ")[2]):
        yield digest
    # kvpair = key "=" value kvsep; auth=Bearer and the token               RFC 7628 section 3.1
    for pair in whole.split(b"\1")[1:]:
        if pair.startswith(_BEARER):
            yield from (whole, pair.removeprefix(_BEARER))
