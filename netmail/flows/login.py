"""The login of every protocol: which mechanisms are tried, in which order, and when to stop.

This file must not know how a mechanism works, nor how a protocol carries it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final, TypeAlias

from netmail.errors import AuthenticationError, ConnectionLost, Phase, TransportError
from netmail.flows.flow import PEEK, Flow, TokenNeeded
from netmail.flows.handshake import Handshake
from netmail.flows.sasl import Refusal
from netmail.options.mechanism import Supplied
from netmail.options.options import MailProtocol, Options
from netmail.options.rules import OAUTH_MECHANISMS
from netmail.secret import Secret
from netmail.wire import sasl
from netmail.wire.sasl import Credentials

Attempt: TypeAlias = Callable[[str, Credentials], Flow[Refusal | None]]
"""Log in with one mechanism; return the refusal, or `None` after success."""

MAX_ATTEMPTS: Final = 4
"""Mechanisms that are tried over one connection: many servers, and the programs that watch their
logs, lock an address or an account out after five failures."""

COMMAND: Final = "+LOGIN"
"""IMAP's command LOGIN, POP3's USER and PASS; RFC 2384 writes it with a plus, as libcurl does."""
APOP: Final = "+APOP"
"""POP3's command APOP, as RFC 2384 section 4 writes it."""

_COMMANDS: Final = {
    MailProtocol.IMAP: frozenset({COMMAND}),
    MailProtocol.POP3: frozenset({COMMAND, APOP, "USER"}),
    MailProtocol.SMTP: frozenset[str](),
}
# Without a reason to prefer another one: a proof by a secret that is not sent comes first, and a
# SASL mechanism before the protocol's own command, since it says how its octets are encoded.
_STRONGEST_FIRST: Final = (
    *("SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", APOP, "PLAIN", "LOGIN", COMMAND),
    *("OAUTHBEARER", "XOAUTH2"),
    "EXTERNAL",
)
# An eavesdropper on a connection in clear learns nothing that lets it in later: the response is of
# use for one challenge only, RFC 5802 section 9, RFC 2195 section 5, RFC 1939 section 7.
_HIDES_SECRET: Final = sasl.MUTUAL | {"CRAM-MD5", APOP, "EXTERNAL"}
# XOAUTH2, LOGIN, CRAM-MD5 and the commands have no place for an authorization identity.
_WITH_AUTHZID: Final = sasl.MUTUAL | {"PLAIN", "OAUTHBEARER", "EXTERNAL"}


def left_to_libcurl(options: Options) -> bool:
    """Tell whether libcurl logs in: where the one mechanism that is named is none of netmail's.

    A refusal ends the connection then: no other mechanism could be tried.
    """
    if len(options.auth) != 1 or options.authzid is not None:
        return False
    return not _is_known(options.auth[0], options.protocol)


def reject_skipped_login(options: Options) -> None:
    """Check that the login is left to netmail, where libcurl has not logged in.

    Raises:
        AuthenticationError: If it was left to libcurl.
    """
    # libcurl connects without a login if the server does not offer the mechanism.
    if left_to_libcurl(options):
        text = f"the server does not offer {options.auth[0]}, or libcurl does not know it"
        raise AuthenticationError("login", f"{text}; look at auth")


def log_in(
    options: Options,
    offered: Collection[str],
    attempt: Attempt,
    settle: Callable[[], object],
    handshake: Handshake,
) -> Flow[str]:
    """Log in with the mechanisms of `options.auth` in its order, else with the strongest offered.

    Args:
        options: The credentials and the mechanisms to try.
        offered: What the server announced, in upper case; `COMMAND` and `APOP` among it.
        attempt: How to log in with one mechanism.
        settle: Raises an error if the server has sent something unsolicited, or closed.
        handshake: How the connection was made.

    Returns:
        The mechanism.

    Raises:
        AuthenticationError: If the server refuses, or offers none of the mechanisms; it lists those
            that were tried, and the others with the reason.
        ConnectionLost: If the server closes the connection before it has refused a mechanism.

    RFC 4422 section 3.2.
    """
    reject_skipped_login(options)
    credentials = _credentials(options, (yield from _token(options)))._replace(
        end_point=handshake.end_point,
        plus_offered=any(name in sasl.BINDING for name in offered),
    )
    log = _Attempts(encrypted=handshake.encrypted)
    names = list(_candidates(options, offered))
    may_renew = not isinstance(options.oauth2_token, Secret)
    while names:
        name = names.pop(0)
        reason = _obstacle(name, options, credentials, offered) or log.obstacle(name)
        if reason:
            log.not_tried[name] = reason
            continue
        try:
            yield PEEK
            settle()
            refusal = yield from attempt(name, credentials)
        except TransportError as error:
            error.phase = Phase.LOGIN
            # The refusals before are the reason that helps.
            if not isinstance(error, ConnectionLost) or not log.tried:
                raise
            refusal = Refusal(str(error), transient=False, final=True)
        if refusal is None:
            return name
        log.add(name, refusal)
        # The token may have expired, or been revoked; a new one is worth a second attempt.
        if name in OAUTH_MECHANISMS and may_renew and not refusal.final:
            may_renew = False
            token = yield from _token(options, fresh=True)
            if token != credentials.token:
                credentials = credentials._replace(token=token)
                names.insert(0, name)
    raise log.error(options, offered)


def _token(options: Options, *, fresh: bool = False) -> Flow[Secret | None]:
    """Return the OAuth 2.0 token; the driver asks a callable for it."""
    token = options.oauth2_token
    if token is None or isinstance(token, Secret):
        return token
    needed = TokenNeeded(fresh=fresh)
    yield needed
    if needed.error is not None:
        raise needed.error
    return needed.token


class _Attempts:
    """What came of the attempts so far.

    Attributes:
        tried: The mechanisms that were refused, and the server's text.
        not_tried: The others, and the reason.
    """

    def __init__(self, *, encrypted: bool) -> None:
        self.tried: dict[str, str] = {}
        self.not_tried: dict[str, str] = {}
        self._encrypted = encrypted
        self._transient = False
        self._final = False

    def add(self, name: str, refusal: Refusal) -> None:
        """Note that the server has refused a mechanism."""
        self.tried[name] = refusal.text
        self._transient, self._final = refusal.transient, refusal.final

    def obstacle(self, name: str) -> str:
        """Return why a mechanism must not be tried after those that were refused; else ""."""
        # RFC 4422 section 3.6: after a negative outcome the client may start another exchange; an
        # account that is locked stays locked, and each attempt counts.
        if self._final:
            return "no other mechanism changes that refusal"
        if len(self.tried) >= MAX_ATTEMPTS:
            return f"{MAX_ATTEMPTS} attempts are enough for one connection"
        # An attacker in the middle needs only to refuse the mechanism that hides the password.
        if not self._encrypted and name not in _HIDES_SECRET and _HIDES_SECRET & self.tried.keys():
            return "it shows the secret, and the connection is not encrypted"
        return ""

    def error(self, options: Options, offered: Collection[str]) -> AuthenticationError:
        """Make the error that lists the attempts."""
        if self.tried:
            parts = [f"{name}: {text}" for name, text in self.tried.items()]
            if self.not_tried:
                parts.append(f"not tried: {_listed(self.not_tried)}")
            text = "; ".join([*parts, "look at username, password and auth"])
        elif not offered:
            text = (
                "credentials were given, but the server offers no login; some offer one only "
                "within TLS, or on another port"
            )
        else:
            text = f"the server offers {' '.join(sorted(offered))}"
            asked = f"; auth asks for {list(options.auth)}" if options.auth else ""
            text += f"{asked}; not tried: {_listed(self.not_tried)}"
        return AuthenticationError(
            "login",
            text,
            transient=self._transient,
            tried=self.tried,
            not_tried=self.not_tried,
        )


def _listed(reasons: dict[str, str]) -> str:
    return ", ".join(f"{name} ({reason})" for name, reason in reasons.items())


def _candidates(options: Options, offered: Iterable[str]) -> Iterator[str]:
    """List the mechanisms to look at, in their order."""
    # The caller's order counts, not the server's: RFC 4422 section 3.2 lets the client choose.
    if options.auth:
        yield from dict.fromkeys(COMMAND if name == "USER" else name for name in options.auth)
        return
    ranks = {name: rank for rank, name in enumerate(_STRONGEST_FIRST)}
    names = sorted(set(offered), key=lambda name: (ranks.get(name, len(ranks)), name))
    # The last attempt is for a mechanism that shows the password to the server: that one works with
    # every form in which a server may store it.
    hides = _HIDES_SECRET - sasl.BINDING
    late = [name for name in names if name in hides][MAX_ATTEMPTS - 1 :]
    yield from [name for name in names if name not in late]
    yield from late


def _obstacle(
    name: str, options: Options, credentials: Credentials, offered: Collection[str]
) -> str:
    """Return why a mechanism cannot be tried at all; else ""."""
    # RFC 4422 section 3.2: the client chooses from the server's list. One that is not in it is
    # refused anyway, and the attempt counts.
    if name not in offered:
        return "not offered"
    if isinstance(name, Supplied):
        return ""
    # libcurl's mechanisms are among those: pycurl cannot pass an authorization identity to them.
    if options.authzid is not None and name not in _WITH_AUTHZID:
        return "it has no place for authzid"
    if not _is_known(name, options.protocol):
        return f"not netmail's; auth={name!r} alone leaves the login to libcurl"
    # Cyrus binds to "tls-unique" alone, and a list of mechanisms does not say to what: the attempt
    # would fail, take seconds, and count towards a lockout.
    if name in sasl.BINDING and name not in options.auth:
        return "only where auth names it"
    if name in sasl.BINDING and not credentials.end_point:
        return "it needs TLS, and a certificate that it can bind to"
    if name in OAUTH_MECHANISMS:
        return "" if credentials.token is not None else "it needs oauth2_token"
    if name == "EXTERNAL":
        # The client certificate proves the identity; a password is not looked at.
        wanted = options.auth or options.client_cert
        return "" if wanted or not credentials.has_secret else "it needs client_cert"
    return "" if credentials.password is not None else "it needs a password"


def _is_known(name: str, protocol: MailProtocol) -> bool:
    own = isinstance(name, Supplied) or name in sasl.MECHANISMS
    return own or name in _COMMANDS[protocol]


def _credentials(options: Options, token: Secret | None) -> Credentials:
    return Credentials(
        options.username or "",
        options.password,
        token,
        options.authzid or "",
        options.host,
        options.port,
    )
