"""What `diagnose()` finds out about a server, for a person and for a program.

This file must not know how it is found out, nor any protocol.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Final

from netmail.errors import NetmailError
from netmail.printable import printable

SHOWN_CHARACTERS: Final = 300
"""Of one line of the report: a server may offer capabilities by the thousand."""
SHOWN_WARNINGS: Final = 8
"""So that the report fits a terminal; `warnings` has all of them."""


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """What a server's certificate says, whether it is trusted or not.

    Attributes:
        subject: Its subject, such as "CN = mail.example.org".
        names: The host names and addresses that it is for.
        issuer: The authority that signed it.
        expires: When it ends, in UTC; `None` where that could not be read.
        days_left: Whole days until then, negative after it; `None` where that is unknown.
    """

    subject: str
    names: tuple[str, ...]
    issuer: str
    expires: datetime | None
    days_left: int | None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What one try of a server has shown; no secret is in it. `str()` of it is a report.

    Attributes:
        url: The server with the options that differ from the defaults, without secrets.
        ip: The address that was tried; the proxy's where there is one; "" if there was none.
        port: Its port; 0 if none was tried.
        seconds: How long the steps took that were reached: "dns", "tcp", "tls", "greeting" and
            "login".
        tls_version: Such as "TLSv1.3"; "" without TLS.
        cipher: The cipher suite; "" without TLS.
        certificate: The server's certificate; `None` if it showed none.
        verified: Whether the certificate was verified, host name included.
        not_verified: Why it was not; "" if it was, or without TLS.
        capabilities_before_tls: What the server offers in clear; `None` if that was not asked.
        capabilities_after_tls: The same within TLS.
        capabilities_after_login: The same after the login.
        mechanisms: The SASL mechanisms that the server offers, within TLS if there is TLS.
        mechanism: The mechanism of the login; `None` if there was none.
        warnings: What works, and should be looked at.
        error: Why the try failed, or `None`.
    """

    url: str
    ip: str = ""
    port: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)
    tls_version: str = ""
    cipher: str = ""
    certificate: ServerCertificate | None = None
    verified: bool = False
    not_verified: str = ""
    capabilities_before_tls: tuple[str, ...] | None = None
    capabilities_after_tls: tuple[str, ...] | None = None
    capabilities_after_login: tuple[str, ...] | None = None
    mechanisms: tuple[str, ...] = ()
    mechanism: str | None = None
    warnings: tuple[str, ...] = ()
    error: NetmailError | None = None

    @property
    def ok(self) -> bool:
        """Whether connecting, the login and NOOP succeeded; there may be warnings."""
        return self.error is None

    @property
    def phase(self) -> str:
        """The step that failed, as in `Phase`; "" if none did."""
        return "" if self.error is None else str(getattr(self.error, "phase", "session"))

    def to_dict(self) -> dict[str, object]:
        """Return all of it as values that JSON can hold, with "ok" and "phase"."""
        values = {name: getattr(self, name) for name in self.__slots__}
        certificate = None
        if self.certificate is not None:
            certificate = asdict(self.certificate)
            if self.certificate.expires is not None:
                certificate["expires"] = self.certificate.expires.isoformat()
            certificate["names"] = list(self.certificate.names)
        error = None
        if self.error is not None:
            error = {"type": type(self.error).__name__, "message": str(self.error)}
        plain = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in values.items()
        }
        special = {"seconds": dict(self.seconds), "certificate": certificate, "error": error}
        return {**plain, **special, "ok": self.ok, "phase": self.phase}

    def __str__(self) -> str:
        return "\n".join(
            f"{name:<13} {_cut(text)}" if name else _cut(text)
            for name, text in self._lines()
            if text
        )

    def _lines(self) -> Iterator[tuple[str, str]]:
        state = "failed" if self.error else f"{len(self.warnings)} warnings"
        yield "", f"{self.url}: {state if self.error or self.warnings else 'OK'}"
        yield "address", f"{self.ip} port {self.port}" if self.port else ""
        yield "seconds", ", ".join(f"{name} {took:.3f}" for name, took in self.seconds.items())
        yield "TLS", f"{self.tls_version} {self.cipher}".strip() or "none"
        if self.certificate is not None:
            yield "certificate", ", ".join(self.certificate.names) or self.certificate.subject
            yield "issuer", self.certificate.issuer
            if self.certificate.expires is not None:
                days = f"{self.certificate.days_left} days left"
                yield "expires", f"{self.certificate.expires:%Y-%m-%d}, {days}"
        if self.tls_version or self.not_verified:
            yield "verified", "yes" if self.verified else f"no: {self.not_verified}"
        yield "before TLS", " | ".join(self.capabilities_before_tls or ())
        yield "after TLS", " | ".join(self.capabilities_after_tls or ())
        yield "after login", " | ".join(self.capabilities_after_login or ())
        yield "mechanisms", " ".join(self.mechanisms)
        yield "logged in by", self.mechanism or ""
        for warning in self.warnings[:SHOWN_WARNINGS]:
            yield "warning", warning
        if (more := len(self.warnings) - SHOWN_WARNINGS) > 0:
            yield "warning", f"and {more} more"
        if self.error is not None:
            yield "error", f"{type(self.error).__name__} ({self.phase}): {self.error}"


def _cut(text: str) -> str:
    """Return one line that moves no terminal's cursor and fills no screen."""
    line = printable(" ".join(text.split()))
    return line if len(line) <= SHOWN_CHARACTERS else f"{line[:SHOWN_CHARACTERS]}..."
