"""`diagnose()`: one connection from the look-up of the name to QUIT, and what it has shown.

This file must not know a protocol: `netmail.flows.offers` reads what a server offers.
"""

from collections.abc import Callable
from dataclasses import replace
from time import monotonic
from typing import Final

from netmail.curl.calls import Dial, Steps, call, disconnect, open_stream
from netmail.curl.connection import Connection
from netmail.curl.diagnosing.witness import Witness
from netmail.curl.stream import CurlStream
from netmail.errors import (
    AuthenticationError,
    NetmailError,
    Phase,
    ProtocolError,
    TlsError,
    UsageError,
)
from netmail.flows import offers
from netmail.options.options import Options
from netmail.results.diagnosis import Diagnosis, ServerCertificate

FEW_DAYS: Final = 14
"""Days of a certificate from which on somebody should look after it: ACME renews 30 days before."""
# RFC 8996: "TLS 1.0 MUST NOT be used. TLS 1.1 MUST NOT be used."
WEAK_VERSIONS: Final = frozenset({"SSLv3", "TLSv1", "TLSv1.0", "TLSv1.1"})
_NOT_TRUSTED: Final = 60
"""libcurl's number for a certificate that is not verified."""


class _Try:
    """What one try has shown so far."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.witness = Witness()
        self.stream: CurlStream | None = None
        self.mechanism: str | None = None
        self.after_login: offers.Offers | None = None
        self.login_seconds: float | None = None
        self.warnings: list[str] = []
        self.error: NetmailError | None = None


def diagnose(connection: Connection) -> Steps[Diagnosis]:
    """Connect, log in, ask what is offered, send NOOP and disconnect; return what was found.

    Args:
        connection: A connection of its own, which is not open.

    Raises:
        UsageError: If the options cannot be used.
    """
    attempt = _Try(connection)
    try:
        yield from _connect(attempt)
        yield from _ask(attempt)
        yield from disconnect(connection, graceful=True)
    except UsageError:
        raise
    except NetmailError as error:
        attempt.error = error
    finally:
        connection.end_by_caller()
    first = attempt.witness
    if _is_untrusted(attempt.error):
        yield from _look_unverified(attempt)
    return _diagnosis(attempt, first)


def _connect(attempt: _Try) -> Steps[None]:
    connection, witness = attempt.connection, attempt.witness
    connection.acquire()
    try:
        stream = attempt.stream = CurlStream(connection.options, connection.session.reader.limits)
        stream.witness = witness
        attempt.mechanism = yield from open_stream(connection, stream)
        if attempt.mechanism is not None:
            attempt.login_seconds = monotonic() - witness.ended_at
    except AuthenticationError:
        if not witness.failure:
            attempt.login_seconds = monotonic() - witness.ended_at
        raise
    finally:
        connection.release()


def _ask(attempt: _Try) -> Steps[None]:
    """Ask what is offered now, and send NOOP, both by the grammar alone."""
    connection, session = attempt.connection, attempt.connection.session
    offers.require_grammar(session)
    try:
        if attempt.mechanism is not None:
            attempt.after_login = yield from call(connection, offers.ask_again(session))
        yield from call(connection, session.noop())
    except ProtocolError as error:
        if connection.options.strict:
            raise
        attempt.warnings.append(f"against the grammar: {error}")
        # The rest of the report holds; only this connection is lost.
        connection.discard()
        return
    attempt.warnings += offers.deviations(session)


def _is_untrusted(error: NetmailError | None) -> bool:
    return (
        isinstance(error, TlsError) and error.curl_code == _NOT_TRUSTED and error.phase is Phase.TLS
    )


def _look_unverified(attempt: _Try) -> Steps[None]:
    """Connect once more to read a certificate that is not trusted; no credentials are sent."""
    connection = attempt.connection
    stream = CurlStream(_without_credentials(connection.options))
    stream.witness = witness = Witness()
    stream.seconds = connection.deadline.left("the connection")
    try:
        yield Dial(stream)
    except NetmailError:
        return
    finally:
        stream.close()
    attempt.stream, attempt.witness = stream, witness


def _without_credentials(options: Options) -> Options:
    return replace(
        options,
        verify_peer=False,
        verify_host=False,
        username=None,
        password=None,
        oauth2_token=None,
        authzid=None,
        netrc=None,
        auth=(),
        client_cert=None,
        client_key=None,
        client_key_password=None,
    )


def _diagnosis(attempt: _Try, first: Witness) -> Diagnosis:
    options, witness = attempt.connection.options, attempt.witness
    before, after = _capabilities(attempt)
    seconds = dict(first.seconds or witness.seconds)
    if attempt.login_seconds is not None:
        seconds["login"] = attempt.login_seconds
    verified, reason = _verified(attempt, first)
    found = Diagnosis(
        url=options.url,
        ip=witness.ip,
        port=witness.port,
        seconds=seconds,
        tls_version=witness.tls_version,
        cipher=witness.cipher,
        certificate=witness.certificate or first.certificate,
        verified=verified,
        not_verified=reason,
        capabilities_before_tls=before,
        capabilities_after_tls=after,
        capabilities_after_login=attempt.after_login,
        mechanisms=offers.mechanisms_in(after or before or ()),
        mechanism=attempt.mechanism,
        error=attempt.error,
    )
    found = replace(found, warnings=(*warnings_of(found, options), *attempt.warnings))
    return found if attempt.stream is None else _redacted(found, attempt.stream.wire_log.redact)


def _redacted(found: Diagnosis, redact: Callable[[str], str]) -> Diagnosis:
    """Take out the secrets that a server may repeat wherever it writes something."""

    def hide(texts: offers.Offers | None) -> offers.Offers | None:
        return None if texts is None else tuple(map(redact, texts))

    return replace(
        found,
        capabilities_before_tls=hide(found.capabilities_before_tls),
        capabilities_after_tls=hide(found.capabilities_after_tls),
        capabilities_after_login=hide(found.capabilities_after_login),
        mechanisms=hide(found.mechanisms) or (),
        warnings=hide(found.warnings) or (),
    )


def _capabilities(attempt: _Try) -> tuple[offers.Offers | None, offers.Offers | None]:
    """Return what was offered in clear, and within TLS."""
    options = attempt.connection.options
    before, after = offers.around_tls(options.protocol, attempt.witness.lines)
    if before is None and after is None:
        # libcurl speaks no LMTP: only the session knows.
        before = offers.listed_by(attempt.connection.session)
    return (None, before) if options.tls_implicit else (before, after)


def _verified(attempt: _Try, first: Witness) -> tuple[bool, str]:
    options = attempt.connection.options
    if _is_untrusted(attempt.error):
        return False, first.failure
    if not first.tls_version:
        return False, ""
    off = [f"{name}=False" for name in ("verify_peer", "verify_host") if not getattr(options, name)]
    if off:
        return False, f"{' and '.join(off)} was given"
    # A handshake that has failed for another reason says nothing of the certificate.
    return ("tls" in first.seconds), "" if "tls" in first.seconds else "the handshake failed"


def warnings_of(found: Diagnosis, options: Options) -> list[str]:
    """List what works and should be looked at."""
    warnings = []
    start_tls = offers.START_TLS[options.protocol]
    clear = found.capabilities_before_tls
    if clear is not None:
        if offers.offers_clear_login(options.protocol, clear):
            warnings.append("the server offers a login that sends the password in clear")
        if start_tls not in {each.split()[0] for each in clear}:
            warnings.append(f"the server does not offer {start_tls}")
        elif not found.tls_version and found.ok:
            warnings.append(f"the connection is not encrypted, though {start_tls} is offered")
    if found.tls_version in WEAK_VERSIONS:
        warnings.append(f"{found.tls_version} is weak: RFC 8996 forbids it")
    if found.tls_version and not found.verified and found.ok:
        warnings.append(f"the certificate is not verified: {found.not_verified}")
    if found.certificate is not None:
        warnings += _age(found.certificate)
    for gone, when in (
        (offers.withdrawn(clear, found.capabilities_after_tls), "after TLS"),
        (
            offers.withdrawn(found.capabilities_after_tls, found.capabilities_after_login),
            "after login",
        ),
    ):
        if gone:
            warnings.append(f"capabilities that are gone {when}: {' '.join(gone)}")
    return warnings


def _age(certificate: ServerCertificate) -> list[str]:
    days = certificate.days_left
    if days is None or days >= FEW_DAYS:
        return []
    return ["the certificate has ended" if days < 0 else f"the certificate ends in {days} days"]
