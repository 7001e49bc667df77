"""Which options contradict each other, and which ones are derived from others.

This file must not know where the values came from: it has checked values by name. An option is
given if it is neither `None` nor an empty tuple.
"""

from collections.abc import Callable, Mapping
from typing import Final

from netmail.errors import UsageError
from netmail.options.hosts import is_loopback
from netmail.options.mechanism import Supplied
from netmail.options.modes import TLS_ALL, TLS_CONTROL, TLS_NONE, TLS_TRY, MailProtocol

Values = Mapping[str, object]

PORTS: Final[Mapping[MailProtocol, int]] = {
    MailProtocol.SMTP: 465,
    MailProtocol.POP3: 110,
    MailProtocol.IMAP: 143,
}
"""The ports where neither a port nor a URL is given; a URL's scheme has its own."""
LMTP_PORT: Final = 24
"""For any private mail system; RFC 2033 section 3 forbids 25, and no other is assigned."""
IMPLICIT_PORTS = frozenset({465, 993, 995})
"""The ports where TLS begins before the greeting: SMTP, IMAP, POP3 (RFC 8314 sections 3, 7.3)."""

_TLS_REQUIRED = frozenset({TLS_CONTROL, TLS_ALL})
_WITHOUT_USER = frozenset({"EXTERNAL", "ANONYMOUS", "GSSAPI"})
OAUTH_MECHANISMS = frozenset({"XOAUTH2", "OAUTHBEARER"})
"""The mechanisms that take an OAuth 2 token: Google's, and RFC 7628's."""

_NEEDS: Final[tuple[tuple[str, tuple[str, ...], str], ...]] = (
    ("password", ("username",), "pass username too"),
    ("authzid", ("username", "oauth2_token", "auth"), "pass the credentials that act for it"),
    ("proxy_username", ("proxy",), "pass proxy too"),
    ("proxy_password", ("proxy",), "pass proxy too"),
    ("proxy_password", ("proxy_username",), "pass proxy_username too"),
    ("client_key", ("client_cert",), "pass the certificate that belongs to the key"),
    ("client_key_password", ("client_cert",), "pass the certificate and its key"),
)
"""An option, the options of which one must be given with it, and the advice."""

_EXCLUDES: Final[tuple[tuple[str, str, str], ...]] = (
    ("oauth2_token", "password", "log in by one of them"),
    ("ca", "ca_file", "name the certificates once"),
    ("ca", "ca_data", "name the certificates once"),
    ("ca_file", "ca_data", "put the certificates into one of them"),
    ("unix_socket", "proxy", "a local socket is reached without a proxy"),
    ("unix_socket", "source_address", "a local socket has no source address"),
    ("unix_socket", "ip_version", "a local socket has no IP version"),
    ("unix_socket", "resolve", "a local socket is not resolved"),
)
"""Two options that exclude each other, and the advice or the reason."""


def derive(protocol: MailProtocol, values: Values) -> dict[str, object]:
    """Derive the options that depend on others, for where they are not given themselves.

    Args:
        protocol: The protocol of the session.
        values: The options that were given, checked.

    Returns:
        Values for `port`, `tls`, `tls_implicit`, `verify_proxy_peer` and `verify_proxy_host`.
    """
    port = values.get("port", LMTP_PORT if values.get("lmtp") else PORTS[protocol])
    return {
        "port": port,
        "tls": TLS_ALL if _has_login(values) and not _stays_here(values) else TLS_TRY,
        "tls_implicit": port in IMPLICIT_PORTS,
        "verify_proxy_peer": values.get("verify_peer", True),
        "verify_proxy_host": values.get("verify_host", True),
    }


def _has_login(values: Values) -> bool:
    return any(values.get(name) is not None for name in ("username", "oauth2_token"))


def _stays_here(values: Values) -> bool:
    """Return whether no octet leaves this machine, as far as the names show."""
    if values.get("unix_socket") is not None:
        return True
    # A proxy resolves "localhost" to itself, and `resolve` may map it to any address.
    if values.get("proxy") is not None or values.get("resolve"):
        return False
    return is_loopback(str(values.get("host", "localhost")))


def refuse_contradictions(values: Values) -> None:
    """Refuse options that contradict each other.

    Args:
        values: Every option, checked and resolved, and `protocol`.

    Raises:
        UsageError: If two of them exclude each other; the sentence says what to pass instead.
    """
    given = {name for name, value in values.items() if value is not None and value != ()}
    for name, others, advice in _NEEDS:
        if name in given and not given.intersection(others):
            raise UsageError(f"{name} without {' or '.join(others)}: {advice}")
    for name, other, advice in _EXCLUDES:
        if name in given and other in given:
            raise UsageError(f"{name} and {other} together: {advice}")
    for refuse in _REFUSALS:
        refuse(values)


def _plain_and_implicit(values: Values) -> None:
    if values["tls"] is TLS_NONE and values["tls_implicit"]:
        raise UsageError(
            f"tls=TLS_NONE, but TLS comes first on port {values['port']}: leave tls out, or, to "
            "connect in clear, pass the port for that, or tls_implicit=False"
        )


def _plain_and_tls_options(values: Values) -> None:
    if values["tls"] is not TLS_NONE:
        return
    for name in ("client_cert", "tls_min_version", "tls_max_version", "tls_ciphers"):
        if values[name] is not None and values[name] != ():
            raise UsageError(f"tls=TLS_NONE and {name} together: pass tls=TLS_ALL to use it")


def _no_version_left(values: Values) -> None:
    least, most = values["tls_min_version"], values["tls_max_version"]
    if least is not None and most is not None and str(least) > str(most):
        raise UsageError(f"tls_min_version={least} is above tls_max_version={most}: no version is "
                         "left")  # fmt: skip


def _authority_unused(values: Values) -> None:
    verifies = values["verify_peer"] or values["verify_proxy_peer"]
    if verifies:
        return
    for name in ("ca", "ca_file", "ca_data"):
        if values[name] is not None:
            raise UsageError(f"{name} with verify_peer=False: nothing would be verified; leave "
                             "one of them out")  # fmt: skip


def _mechanisms_fit(values: Values) -> None:
    auth, token = values["auth"], values["oauth2_token"]
    if not isinstance(auth, tuple) or not auth:
        return
    # What a mechanism of the caller's needs is unknown.
    if any(isinstance(name, Supplied) for name in auth):
        return
    if not _has_login(values) and not _WITHOUT_USER.issuperset(auth):
        raise UsageError("auth without username: pass username, or leave auth out")
    if token is not None and not OAUTH_MECHANISMS.intersection(auth):
        raise UsageError("oauth2_token fits auth XOAUTH2 or OAUTHBEARER: leave auth out, or "
                         "pass one of them")  # fmt: skip
    if token is None and OAUTH_MECHANISMS.issuperset(auth):
        raise UsageError("auth XOAUTH2 or OAUTHBEARER takes oauth2_token: pass it for password")


def _ticket_alone(values: Values) -> None:
    # The ticket has the user. libcurl ignores a name in Kerberos's form, and finds no mechanism
    # with any other; a password would never be sent.
    given = [name for name in ("username", "password") if values[name] is not None]
    if values["auth"] == ("GSSAPI",) and given:
        raise UsageError(
            f"auth GSSAPI with {' and '.join(given)}: it logs in the user of the Kerberos ticket; "
            "leave them out"
        )


def _socks4_password(values: Values) -> None:
    if values["proxy_password"] is not None and str(values["proxy"]).startswith("socks4"):
        raise UsageError("SOCKS4 has no password: pass a socks5h proxy, or only proxy_username")


def _mailbox_elsewhere(values: Values) -> None:
    if values["mailbox"] is not None and values["protocol"] is not MailProtocol.IMAP:
        raise UsageError("only IMAP has mailboxes: leave out mailbox, or the path of the URL")


def _utf8_elsewhere(values: Values) -> None:
    if values["utf8"] and values["protocol"] is not MailProtocol.POP3:
        raise UsageError("utf8 is for POP3: IMAP has enable('UTF8=ACCEPT'), and SMTP uses SMTPUTF8 "
                         "by itself")  # fmt: skip


def _lmtp_elsewhere(values: Values) -> None:
    if values["lmtp"] and values["protocol"] is not MailProtocol.SMTP:
        raise UsageError("only Transport delivers by LMTP: leave lmtp out")


def _lmtp_late_tls(values: Values) -> None:
    # libcurl, which does STARTTLS, does not speak LMTP.
    if values["lmtp"] and values["tls"] in _TLS_REQUIRED and not values["tls_implicit"]:
        raise UsageError(
            "LMTP without implicit TLS would be in clear: pass an lmtps:// URL or "
            "tls_implicit=True, or tls=TLS_NONE to send in clear"
        )


def _address_family(values: Values) -> None:
    if values["ip_version"] == 4 and ":" in str(values["host"]) and values["proxy"] is None:
        raise UsageError("ip_version=4, but host is an IPv6 address: leave ip_version out")


_REFUSALS: Final[tuple[Callable[[Values], None], ...]] = (
    _plain_and_implicit,
    _plain_and_tls_options,
    _no_version_left,
    _authority_unused,
    _mechanisms_fit,
    _ticket_alone,
    _socks4_password,
    _mailbox_elsewhere,
    _utf8_elsewhere,
    _lmtp_elsewhere,
    _lmtp_late_tls,
    _address_family,
)
