"""What connecting shows beside its result: times, addresses, TLS, and the server's certificate.

This file must not know a protocol, nor judge what it has seen.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import Final

import pycurl

from netmail.flows.handshake import TranscriptLine
from netmail.results.diagnosis import ServerCertificate
from netmail.wire.server_text import decode

# libcurl's remarks: "SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384 / x25519 / RSASSA-PSS",
# "Trying [::1]:143...", "CONNECT tunnel established, response 200".
_TLS: Final = "SSL connection using "
_TRYING: Final = "Trying "
_TUNNEL: Final = "CONNECT tunnel established"
_SECONDS_A_DAY: Final = 86_400


class Witness:
    """Watch libcurl connect once.

    Attributes:
        ip: The address that was tried last, or is connected.
        port: Its port.
        tls_version: Such as "TLSv1.3"; "" without TLS to the mail server.
        cipher: The cipher suite.
        certificate: The server's certificate, or `None`.
        failure: libcurl's message; "" if it has connected.
        ended_at: When that had ended, on the clock of `monotonic()`.
        seconds: How long each step took that was reached.
        lines: What both sides have sent, without secrets.
    """

    def __init__(self) -> None:
        self.ip, self.port = "", 0
        self.tls_version, self.cipher = "", ""
        self.certificate: ServerCertificate | None = None
        self.failure = ""
        self.ended_at = 0.0
        self.seconds: dict[str, float] = {}
        self.lines: tuple[TranscriptLine, ...] = ()
        self._begun = monotonic()
        self._first_line: float | None = None
        self._line_before_tls: float | None = None
        self._last_line: float | None = None

    def prepare(self, handle: pycurl.Curl) -> None:
        """Let libcurl keep the certificate, and begin to count."""
        handle.setopt(pycurl.OPT_CERTINFO, 1)
        self._begun = monotonic()

    def note(self, kind: int, data: bytes) -> None:
        """Note what libcurl's debug callback gets: a remark (0), or what was received (1)."""
        if kind == 0:
            self._remark(decode(data).strip())
        elif kind == 1:
            self._last_line = monotonic()
            if self._first_line is None:
                self._first_line = self._last_line

    def _remark(self, text: str) -> None:
        if text.startswith(_TLS):
            self.tls_version, _, rest = text.removeprefix(_TLS).partition(" / ")
            self.cipher = rest.partition(" / ")[0]
            self._line_before_tls = self._last_line
        elif text.startswith(_TRYING):
            address, _, port = text.removeprefix(_TRYING).rstrip(".").rpartition(":")
            if port.isdecimal():
                self.ip, self.port = address.strip("[]"), int(port)
        elif text.startswith(_TUNNEL):
            # What came before is the proxy's: its lines, and its TLS.
            self.tls_version = self.cipher = ""
            self._first_line = self._last_line = None

    def end(
        self,
        handle: pycurl.Curl,
        failure: tuple[int, str] | None,
        lines: Iterable[TranscriptLine],
    ) -> None:
        """Look at the handle while it is open, and keep the lines, which the stream does not."""
        self.lines = tuple(lines)
        self.ended_at = monotonic()
        self.failure = failure[1] if failure else ""
        if address := handle.getinfo(pycurl.PRIMARY_IP):
            self.ip, self.port = address, handle.getinfo(pycurl.PRIMARY_PORT)
        self._measure(handle)
        self.certificate = certificate_of(handle) if self.tls_version else None

    def _measure(self, handle: pycurl.Curl) -> None:
        found, connected, secured = (
            handle.getinfo(each)
            for each in (pycurl.NAMELOOKUP_TIME, pycurl.CONNECT_TIME, pycurl.APPCONNECT_TIME)
        )
        if found > 0:
            self.seconds["dns"] = found
        if connected > 0:
            self.seconds["tcp"] = max(0.0, connected - found)
        opened = self._begun + connected
        if secured > 0 and self.tls_version:
            # After STARTTLS the handshake begins with the server's reply to it.
            since = self._line_before_tls or opened
            self.seconds["tls"] = max(0.0, self._begun + secured - since)
            if self._line_before_tls is None:
                opened = self._begun + secured
        if self._first_line is not None:
            self.seconds["greeting"] = max(0.0, self._first_line - opened)


def certificate_of(handle: pycurl.Curl) -> ServerCertificate | None:
    """Return what the server's certificate says; `None` if libcurl has kept none."""
    # pycurl's other reading takes ASCII only.
    chain: Sequence[Sequence[tuple[bytes, bytes]]] = handle.getinfo_raw(pycurl.INFO_CERTINFO)
    if not chain:
        return None
    # The server's own is the first.
    fields = {decode(name).lower(): decode(value).strip() for name, value in chain[0]}
    expires = _date(fields.get("expire date", ""))
    left = None
    if expires is not None:
        left = int((expires - datetime.now(UTC)).total_seconds() // _SECONDS_A_DAY)
    return ServerCertificate(
        subject=fields.get("subject", ""),
        names=_names(fields.get("x509v3 subject alternative name", "")),
        issuer=fields.get("issuer", ""),
        expires=expires,
        days_left=left,
    )


def _names(text: str) -> tuple[str, ...]:
    """Read OpenSSL's form of the names: "DNS:localhost, IP Address:127.0.0.1"."""
    return tuple(each.partition(":")[2].strip() for each in text.split(",") if ":" in each)


def _date(text: str) -> datetime | None:
    """Read OpenSSL's form of a date: "Jan  1 00:00:00 2030 GMT"."""
    # Its import costs 10 ms. It knows the months' names in each locale, which strptime() does not.
    import ssl  # noqa: PLC0415

    try:
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None
