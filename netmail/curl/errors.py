"""libcurl's error numbers as netmail's errors, each with its phase and with what to do.

This file knows libcurl's numbers and sentences, and no protocol.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from netmail.errors import (
    AuthenticationError,
    ConnectError,
    ConnectionLost,
    MailTimeout,
    NetmailError,
    Phase,
    ProxyError,
    TlsError,
    TransportError,
)
from netmail.flows.handshake import TranscriptLine, after_proxy_connect, verb
from netmail.options.options import Options
from netmail.secret import REDACTED_OCTETS
from netmail.wire.sasl import decode

_CA_ADVICE = (
    "pass ca_file=... (or ca_data=...) with the CA that signed it, or verify_peer=False to accept "
    "anybody"
)
_NEXT = "try again later, or look whether host and port are right"


class CurlError(NamedTuple):
    """What one of libcurl's errors means while dialling."""

    kind: type[TransportError]
    phase: Phase
    advice: str


# https://curl.se/libcurl/c/libcurl-errors.html has the numbers; those that a dial can end in:
MEANINGS = {
    1: CurlError(TransportError, Phase.CONNECT, "this libcurl was built without the protocol"),
    2: CurlError(
        TransportError, Phase.CONNECT, "libcurl could not start; is its installation whole"
    ),
    3: CurlError(TransportError, Phase.CONNECT, "the host or the port cannot stand in a URL"),
    4: CurlError(TransportError, Phase.CONNECT, "this libcurl was built without the feature"),
    5: CurlError(ProxyError, Phase.PROXY, "the proxy's name was not found; look at proxy=..."),
    6: CurlError(ConnectError, Phase.RESOLVE, "look at host=..., or pass resolve=..."),
    7: CurlError(
        ConnectError, Phase.CONNECT, "nobody listens there; look at host=... and port=..."
    ),
    8: CurlError(
        ConnectError, Phase.GREETING, "the server does not speak this protocol, or refuses"
    ),
    9: CurlError(ConnectError, Phase.GREETING, "the server refuses this client"),
    16: CurlError(ConnectError, Phase.CONNECT, _NEXT),
    27: CurlError(TransportError, Phase.CONNECT, "libcurl ran out of memory"),
    28: CurlError(MailTimeout, Phase.CONNECT, "raise timeout=... (ms) if the server is only slow"),
    35: CurlError(TlsError, Phase.TLS, "does the port speak TLS at once? see tls_implicit=..."),
    42: CurlError(TransportError, Phase.CONNECT, "the dial was cancelled"),
    43: CurlError(TransportError, Phase.CONNECT, "libcurl refused an option"),
    45: CurlError(ConnectError, Phase.CONNECT, "source_address=... is no address of this machine"),
    48: CurlError(TransportError, Phase.CONNECT, "this libcurl lacks an option; update pycurl"),
    49: CurlError(TransportError, Phase.CONNECT, "an option has a form that libcurl does not take"),
    52: CurlError(ConnectionLost, Phase.GREETING, _NEXT),
    53: CurlError(TlsError, Phase.TLS, "the TLS engine was not found"),
    54: CurlError(TlsError, Phase.TLS, "the TLS engine could not be used"),
    55: CurlError(ConnectionLost, Phase.GREETING, _NEXT),
    56: CurlError(ConnectionLost, Phase.GREETING, _NEXT),
    58: CurlError(TlsError, Phase.TLS, "look at client_cert, client_key and client_key_password"),
    59: CurlError(TlsError, Phase.TLS, "no cipher in common with the server"),
    60: CurlError(TlsError, Phase.TLS, _CA_ADVICE),
    64: CurlError(TlsError, Phase.TLS, "no TLS to be had here; tls=TLS_TRY would go on without"),
    66: CurlError(TlsError, Phase.TLS, "the TLS engine could not start"),
    67: CurlError(TransportError, Phase.LOGIN, "look at username, password and auth"),
    77: CurlError(
        TlsError, Phase.TLS, "ca_file=... could not be read, or holds no PEM certificate"
    ),
    82: CurlError(TlsError, Phase.TLS, "the certificate revocation list could not be read"),
    83: CurlError(TlsError, Phase.TLS, "the certificate's issuer is another one; " + _CA_ADVICE),
    90: CurlError(TlsError, Phase.TLS, "the server's key is not the pinned one"),
    91: CurlError(TlsError, Phase.TLS, "the certificate's status is invalid"),
    94: CurlError(TransportError, Phase.LOGIN, "authentication failed; look at auth=..."),
    97: CurlError(ProxyError, Phase.PROXY, "look at proxy, proxy_username and proxy_password"),
    98: CurlError(
        TlsError, Phase.TLS, "the server wants a client certificate; pass client_cert=..."
    ),
}
_UNKNOWN = CurlError(TransportError, Phase.CONNECT, _NEXT)

_LOGINS = frozenset({b"AUTH", b"AUTHENTICATE", b"LOGIN", b"USER", b"PASS", b"APOP"})
_CHALLENGES = (b"334 ", b"+ ")
_TUNNEL = re.compile(r"CONNECT tunnel failed, response (\d+)|HTTP code (\d+) from proxy")
_UNREACHED = (
    "the proxy did not reach the server, or may not; look at host=... and port=..., and try "
    "socks5h:// if it is the proxy that knows the host's name or address"
)
_HEARD = "the server greets otherwise than this protocol does; look at port=..."
_UNHEARD = (
    "if the port speaks TLS at once, pass tls_implicit=True; if it is slow, raise timeout=..."
)
_HOST_ADVICE = (
    "the certificate is for another host name; connect by the name it has, or pass "
    "verify_host=False"
)
_DATE_ADVICE = (
    "the server needs another certificate, or the clock here is wrong; verify_peer=False accepts "
    "anybody"
)
# Where libcurl's sentence says more than its number does.
_REFINEMENTS = (
    (60, re.compile(r"does not match|no alternative certificate", re.IGNORECASE), _HOST_ADVICE),
    (60, re.compile(r"has expired|not yet valid", re.IGNORECASE), _DATE_ADVICE),
    (97, re.compile(r"cannot complete SOCKS"), _UNREACHED),
)

_PROXY_ADVICE = (
    "it is the proxy's TLS: pass ca_file=... with the CA that signed its certificate, or "
    "verify_proxy_peer=False and verify_proxy_host=False to accept any"
)


class Failure(NamedTuple):
    """A dial that failed, as libcurl tells it.

    Attributes:
        code: libcurl's number.
        message: libcurl's sentence.
        remark: The last remark of libcurl's about the login, where its sentence says little.
        lines: What both sides had said.
        words: What the server said last, where it spoke last; without our secrets.
        resolved: Whether the host name had been found.
        connected: Whether TCP (and the proxy's tunnel) stood.
        secured: Whether a TLS handshake was done.
    """

    code: int
    message: str
    remark: str
    lines: Sequence[TranscriptLine]
    words: str
    resolved: bool
    connected: bool
    secured: bool


def explain(failure: Failure, options: Options) -> NetmailError:
    """Turn a failed dial into the error that says whose fault it was and what to do."""
    if failure.code in {67, 94}:
        return _login_error(failure)
    if failure.code == 3 and options.auth:
        names = ", ".join(options.auth)
        text = (
            f"auth={names} is no mechanism of {options.protocol} that libcurl knows; look at auth"
        )
        return AuthenticationError("login", text)
    # libcurl reports a locked key as a bad argument.
    code = 58 if failure.code == 43 and options.client_cert else failure.code
    meaning = MEANINGS.get(code, _UNKNOWN)
    kind, phase, advice = meaning.kind, _phase(failure, options, meaning.phase), meaning.advice
    if found := _TUNNEL.search(failure.message):
        kind, phase = ProxyError, Phase.PROXY
        # tinyproxy answers a wrong password with 401.
        wants_login = bool({"401", "407"} & set(found.groups()))
        advice = "look at proxy_username and proxy_password" if wants_login else _UNREACHED
    elif options.proxy and failure.code == 7:
        kind, phase, advice = ProxyError, Phase.PROXY, "is the proxy running? look at proxy=..."
    elif kind is TlsError and (options.proxy or "").startswith("https") and not failure.lines:
        phase, advice = Phase.PROXY, _PROXY_ADVICE
    elif failure.code == 28 and phase is Phase.GREETING and not options.tls_implicit:
        advice = _HEARD if failure.words else _UNHEARD
    else:
        advice = _closer_advice(failure) or advice
    scheme = f"{options.protocol}s" if options.tls_implicit else options.protocol
    where = f"{scheme}://{options.host}:{options.port} ({phase})"
    said = f"; the server said: {words}" if (words := failure.words) else ""
    return kind(f"{where}: {failure.message}{said}; {advice}", curl_code=failure.code, phase=phase)


def _closer_advice(failure: Failure) -> str:
    """Find what libcurl's sentence asks for, where its number alone does not tell."""
    for code, pattern, advice in _REFINEMENTS:
        if failure.code == code and pattern.search(failure.message):
            return advice
    return ""


def _login_error(failure: Failure) -> AuthenticationError:
    asked = any(who == "C" and _is_login(line) for who, line in failure.lines)
    words = failure.words if asked else ""
    said = f"the server refused: {words}" if words else failure.remark or failure.message
    transient = words.startswith("4") or "[UNAVAILABLE]" in words or "[SYS/TEMP]" in words
    advice = MEANINGS[67].advice
    return AuthenticationError("login", f"{said}; {advice}", transient=transient)


def last_server_line(lines: Sequence[TranscriptLine]) -> str:
    """Say what the server said last, and in brackets why it refused a token, if it spoke last."""
    if not lines or lines[-1][0] != "S":
        return ""
    words = lines[-1][1].decode("utf-8", "backslashreplace")
    # The servers that take XOAUTH2 give their reason, JSON, in the challenge before the refusal.
    challenges = [line for who, line in lines if who == "S" and line.startswith(_CHALLENGES)]
    reason = decode(challenges[-1].partition(b" ")[2]) if challenges else b""
    if reason.startswith(b"{"):
        words += f" ({reason.decode('utf-8', 'backslashreplace')})"
    return words[:400]


def _phase(failure: Failure, options: Options, otherwise: Phase) -> Phase:
    """Find where a time-out or a lost connection happened, from what had been done."""
    if failure.code not in {28, 35, 52, 55, 56}:
        return otherwise
    lines = after_proxy_connect(failure.lines)
    said = [line.upper() for who, line in lines if who == "C"]
    if options.proxy and any(verb(line) == b"CONNECT" for line in said):
        return Phase.PROXY
    if said:
        return _phase_by_command(said[-1])
    if not failure.resolved and not options.proxy and not options.unix_socket:
        return Phase.RESOLVE
    if not failure.connected:
        return Phase.PROXY if options.proxy else Phase.CONNECT
    waits_for_tls = options.tls_implicit and not failure.secured and not lines
    return Phase.TLS if waits_for_tls or failure.code == 35 else Phase.GREETING


def _phase_by_command(command: bytes) -> Phase:
    if _is_login(command):
        return Phase.LOGIN
    if command.split()[-1:] in ([b"STARTTLS"], [b"STLS"]):
        return Phase.TLS
    return Phase.GREETING


def _is_login(line: bytes) -> bool:
    return line == REDACTED_OCTETS or verb(line) in _LOGINS
