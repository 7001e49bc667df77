"""libcurl's error numbers as netmail's errors, each with its phase and with advice.

This file must not know a protocol's replies: only libcurl's numbers and messages.
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
    'pass ca_file=... (or ca_data=...) with the CA that signed it, ca="system" if this system '
    "trusts it, or verify_peer=False to accept any certificate"
)
_NEXT = "try again later, or check host and port"


class CurlError(NamedTuple):
    """What one of libcurl's errors means while connecting.

    Attributes:
        kind: The class of the error.
        phase: Where it happens, unless more is known.
        advice: What the caller can do.
    """

    kind: type[TransportError]
    phase: Phase
    advice: str


# The numbers are those of https://curl.se/libcurl/c/libcurl-errors.html: all that connecting can
# end with. libcurl's own message says what happened, so the advice only says what to do about it.
MEANINGS = {
    1: CurlError(TransportError, Phase.CONNECT, "this libcurl was built without the protocol"),
    2: CurlError(
        TransportError, Phase.CONNECT, "libcurl could not start; is its installation complete"
    ),
    3: CurlError(TransportError, Phase.CONNECT, "the host or the port cannot be part of a URL"),
    4: CurlError(TransportError, Phase.CONNECT, "this libcurl was built without the feature"),
    5: CurlError(ProxyError, Phase.PROXY, "the proxy's name was not found; look at proxy=..."),
    6: CurlError(ConnectError, Phase.RESOLVE, "look at host=..., or pass resolve=..."),
    7: CurlError(
        ConnectError, Phase.CONNECT, "no server listens there; look at host=... and port=..."
    ),
    8: CurlError(
        ConnectError, Phase.GREETING, "the server does not speak this protocol, or refuses"
    ),
    9: CurlError(ConnectError, Phase.GREETING, "the server refuses this client"),
    16: CurlError(ConnectError, Phase.CONNECT, _NEXT),
    27: CurlError(TransportError, Phase.CONNECT, "libcurl ran out of memory"),
    28: CurlError(MailTimeout, Phase.CONNECT, "raise timeout=... (ms) if the server is only slow"),
    35: CurlError(TlsError, Phase.TLS, "does the port speak TLS at once? see tls_implicit=..."),
    42: CurlError(TransportError, Phase.CONNECT, "connecting was cancelled"),
    43: CurlError(TransportError, Phase.CONNECT, "libcurl refused an option"),
    45: CurlError(ConnectError, Phase.CONNECT, "source_address=... is no address of this machine"),
    48: CurlError(TransportError, Phase.CONNECT, "this libcurl lacks an option; update pycurl"),
    49: CurlError(TransportError, Phase.CONNECT, "an option has a form that libcurl refuses"),
    52: CurlError(ConnectionLost, Phase.GREETING, _NEXT),
    53: CurlError(TlsError, Phase.TLS, "the TLS engine was not found"),
    54: CurlError(TlsError, Phase.TLS, "the TLS engine could not be used"),
    55: CurlError(ConnectionLost, Phase.GREETING, _NEXT),
    56: CurlError(ConnectionLost, Phase.GREETING, _NEXT),
    58: CurlError(TlsError, Phase.TLS, "look at client_cert, client_key and client_key_password"),
    59: CurlError(TlsError, Phase.TLS, "no cipher in common with the server; look at tls_ciphers"),
    60: CurlError(TlsError, Phase.TLS, _CA_ADVICE),
    64: CurlError(
        TlsError, Phase.TLS, "the server offers no TLS here; tls=TLS_TRY would connect without"
    ),
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

# What the client sends at a login: a lost connection after one of these was lost in the login.
_LOGINS = frozenset({b"AUTH", b"AUTHENTICATE", b"LOGIN", b"USER", b"PASS", b"APOP"})
# A SASL challenge: 334 in SMTP (RFC 4954 section 4), "+ " in IMAP and POP3.
_CHALLENGES = (b"334 ", b"+ ")
# libcurl's two messages about an HTTP proxy's status, the second of older versions.
_TUNNEL = re.compile(r"CONNECT tunnel failed, response (\d+)|HTTP code (\d+) from proxy")
_UNREACHED = (
    "the proxy could not reach the server, or must not; look at host=... and port=..., and try "
    "socks5h:// if only the proxy can resolve the host's name"
)
_OTHER_GREETING = "the server's greeting is not of this protocol; look at port=..."
_NO_GREETING = (
    "if the port speaks TLS at once, pass tls_implicit=True; if it is slow, raise timeout=..."
)
_HOST_ADVICE = (
    "the certificate is for another host name; connect to a name that it has, or pass "
    "verify_host=False"
)
_DATE_ADVICE = (
    "the server needs another certificate, or the local clock is wrong; verify_peer=False accepts "
    "any"
)
# Numbers that mean several things, and what of OpenSSL's and libcurl's messages says which of them.
# If nothing matches, the number's advice remains.
_REFINEMENTS = (
    (60, re.compile(r"does not match|no alternative certificate", re.IGNORECASE), _HOST_ADVICE),
    (60, re.compile(r"has expired|not yet valid", re.IGNORECASE), _DATE_ADVICE),
    (97, re.compile(r"cannot complete SOCKS"), _UNREACHED),
)

# The service that the ticket is for is "imap@" and the host's name, RFC 4752 section 3.1.
_TICKET_ADVICE = (
    "get a ticket with kinit, look at it with klist, and name the host as the server's Kerberos "
    "principal does"
)
_PROXY_ADVICE = (
    "it is the proxy's TLS: pass ca_file=... with the CA that signed its certificate, or "
    "verify_proxy_peer=False and verify_proxy_host=False to accept any"
)


class Failure(NamedTuple):
    """A connection that could not be made, as libcurl reports it. No secret is in it.

    Attributes:
        code: libcurl's number.
        message: libcurl's message.
        remark: libcurl's last remark about the login; its message says little about that.
        lines: What both sides had sent.
        last_line: The server's last line, if the server sent the last one; else "".
        resolved: Whether the host name was found.
        connected: Whether TCP (and the SOCKS proxy's tunnel) was open.
        secured: Whether a TLS handshake was done.
    """

    code: int
    message: str
    remark: str
    lines: Sequence[TranscriptLine]
    last_line: str
    resolved: bool
    connected: bool
    secured: bool


def explain(failure: Failure, options: Options) -> NetmailError:
    """Make the error that says where connecting failed, why, and what to do."""
    if failure.code in {67, 94}:
        return _login_error(failure, options)
    if failure.code == 3 and options.auth:
        names = ", ".join(options.auth)
        text = (
            f"auth={names} is no mechanism of {options.protocol} that libcurl knows; look at auth"
        )
        return AuthenticationError("login", text)
    # libcurl reports a key that it cannot decrypt as a bad argument.
    code = 58 if failure.code == 43 and options.client_cert else failure.code
    meaning = MEANINGS.get(code, _UNKNOWN)
    kind, phase, advice = meaning.kind, _phase(failure, options, meaning.phase), meaning.advice
    if found := _TUNNEL.search(failure.message):
        kind, phase = ProxyError, Phase.PROXY
        # 407 is the status for a proxy's password, RFC 9110 section 15.5.8; tinyproxy sends 401.
        wants_login = bool({"401", "407"} & set(found.groups()))
        advice = "look at proxy_username and proxy_password" if wants_login else _UNREACHED
    elif options.proxy and failure.code == 7:
        kind, phase, advice = ProxyError, Phase.PROXY, "is the proxy running? look at proxy=..."
    elif kind is TlsError and (options.proxy or "").startswith("https") and not failure.lines:
        phase, advice = Phase.PROXY, _PROXY_ADVICE
    elif failure.code == 28 and phase is Phase.GREETING and not options.tls_implicit:
        advice = _OTHER_GREETING if failure.last_line else _NO_GREETING
    else:
        advice = _refined_advice(failure) or advice
    scheme = f"{options.protocol}s" if options.tls_implicit else options.protocol
    where = f"{scheme}://{options.host}:{options.port} ({phase})"
    reply = f"; the server sent: {line}" if (line := failure.last_line) else ""
    error = kind(
        f"{where}: {failure.message}{reply}; {advice}", curl_code=failure.code, phase=phase
    )
    if isinstance(error, MailTimeout) and options.connect_timeout is not None:
        error.limit = "connect_timeout"
    return error


def _refined_advice(failure: Failure) -> str:
    """Return the advice that libcurl's message allows, if it says more than its number."""
    for code, pattern, advice in _REFINEMENTS:
        if failure.code == code and pattern.search(failure.message):
            return advice
    return ""


def _login_error(failure: Failure, options: Options) -> AuthenticationError:
    # Without a login command the last line is about something else, such as CAPABILITY.
    tried = any(side == "C" and _is_login(line) for side, line in failure.lines)
    # After a challenge it is libcurl that gave up: it cannot respond, as without a ticket.
    challenged = failure.last_line.split(" ")[0] in {"334", "+"}
    refusal = failure.last_line if tried and not challenged else ""
    reason = f"the server refused: {refusal}" if refusal else failure.remark or failure.message
    # 4yz, RFC 5321 section 4.2.1; UNAVAILABLE, RFC 9051 section 7.1; SYS/TEMP, RFC 3206 section 4.
    transient = refusal.startswith("4") or "[UNAVAILABLE]" in refusal or "[SYS/TEMP]" in refusal
    advice = _TICKET_ADVICE if options.auth == ("GSSAPI",) else MEANINGS[67].advice
    if not refusal or not options.auth:
        return AuthenticationError("login", f"{reason}; {advice}", transient=transient)
    # libcurl logs in with one mechanism that `auth` names, and gives the connection up then.
    name = options.auth[0]
    advice = f"{name} is libcurl's, and its refusal ends the connection; {advice}"
    return AuthenticationError(
        "login", f"{reason}; {advice}", transient=transient, tried={name: refusal}
    )


def last_server_line(lines: Sequence[TranscriptLine]) -> str:
    """Return the server's last line; "" if the client sent the last one.

    The reason for which a token was refused follows in brackets.
    """
    if not lines or lines[-1][0] != "S":
        return ""
    text = lines[-1][1].decode("utf-8", "backslashreplace")
    # With XOAUTH2 the reason is JSON in the challenge before the refusal: '{"status":"401",...}'.
    challenges = [line for side, line in lines if side == "S" and line.startswith(_CHALLENGES)]
    reason = decode(challenges[-1].partition(b" ")[2]) if challenges else b""
    if reason.startswith(b"{"):
        text += f" ({reason.decode('utf-8', 'backslashreplace')})"
    return text[:400]


def _phase(failure: Failure, options: Options, otherwise: Phase) -> Phase:
    """Find where a timeout or a loss happened, from what was done before it.

    libcurl has one number for each, whatever it was doing.
    """
    if failure.code not in {28, 35, 52, 55, 56}:
        return otherwise
    lines = after_proxy_connect(failure.lines)
    commands = [line.upper() for side, line in lines if side == "C"]
    if options.proxy and any(verb(line) == b"CONNECT" for line in commands):
        return Phase.PROXY
    if commands:
        return _phase_by_command(commands[-1])
    if not failure.resolved and not options.proxy and not options.unix_socket:
        return Phase.RESOLVE
    if not failure.connected:
        return Phase.PROXY if options.proxy else Phase.CONNECT
    # With implicit TLS nothing is received before the handshake: silence is the handshake's.
    waits_for_tls = options.tls_implicit and not failure.secured and not lines
    return Phase.TLS if waits_for_tls or failure.code == 35 else Phase.GREETING


def _phase_by_command(command: bytes) -> Phase:
    if _is_login(command):
        return Phase.LOGIN
    # After STARTTLS (IMAP, SMTP) and STLS (POP3) the TLS handshake follows.
    if command.split()[-1:] in ([b"STARTTLS"], [b"STLS"]):
        return Phase.TLS
    return Phase.GREETING


def _is_login(line: bytes) -> bool:
    # A line that is all secret responds to a challenge.
    return line == REDACTED_OCTETS or verb(line) in _LOGINS
