"""Options as a URL: "imaps://user@host/INBOX?timeout=5000" to names and values, and back.

This file must not know the syntax, which `uri` has, but which part of a URL is which option. No
error repeats its input: a URL that is split at the wrong place shows its password.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from netmail.errors import UsageError
from netmail.options.durations import written
from netmail.options.modes import MailProtocol, TlsMode
from netmail.options.rules import LMTP_PORT
from netmail.options.suggestions import nearest_name
from netmail.options.uri import Url, join_url, split_url
from netmail.options.values import OPTIONS
from netmail.secret import Secret

_SCHEMES: Final[Mapping[str, tuple[MailProtocol, bool, int]]] = {
    "smtp": (MailProtocol.SMTP, False, 587),
    "smtps": (MailProtocol.SMTP, True, 465),
    "lmtp": (MailProtocol.SMTP, False, LMTP_PORT),
    "lmtps": (MailProtocol.SMTP, True, LMTP_PORT),
    "imap": (MailProtocol.IMAP, False, 143),
    "imaps": (MailProtocol.IMAP, True, 993),
    "pop3": (MailProtocol.POP3, False, 110),
    "pop3s": (MailProtocol.POP3, True, 995),
}
"""Each scheme's protocol, whether TLS begins before the greeting, and its port."""

_LMTP: Final = frozenset({"lmtp", "lmtps"})
_BEFORE_QUERY: Final = frozenset({"host", "port", "username", "password", "mailbox", "lmtp"})


def read_url(protocol: MailProtocol, text: str) -> dict[str, object]:
    """Read a URL as options.

    Args:
        protocol: The protocol of the session.
        text: Such as "imaps://user;AUTH=PLAIN:p%40ss@mail.example/INBOX?timeout=5000".

    Returns:
        The options that the URL states, not yet checked.

    Raises:
        UsageError: If it is no URL, is for another protocol, or has an option twice.

    RFC 5092 section 3 (imap), RFC 2384 section 3 (pop), RFC 8314 section 7 (the ports).
    """
    url = split_url(text)
    if url.scheme not in _SCHEMES:
        raise UsageError(f"the URL's scheme is none of {', '.join(_SCHEMES)}")
    meant, implicit, port = _SCHEMES[url.scheme]
    if meant is not protocol:
        raise UsageError(f"the URL's scheme is for {meant}; pass {protocol}:// or {protocol}s://")
    if not url.host:
        raise UsageError("the URL has no host: write localhost if it is meant")
    if url.path and protocol is not MailProtocol.IMAP:
        raise UsageError(f"a {protocol} URL has no path: it ends with the host or the port")
    stated: dict[str, object] = {
        "host": url.host,
        "port": port if url.port is None else url.port,
        "username": url.username,
        "password": url.password,
        "auth": url.auth,
        "mailbox": url.path or None,
        "tls_implicit": True if implicit else None,
        "lmtp": True if url.scheme in _LMTP else None,
    }
    stated = {name: value for name, value in stated.items() if value is not None}
    asked = _read_query(url.query)
    twice = [name for name in asked if name in stated and name != "tls_implicit"]
    if twice:
        raise UsageError(f"the URL has {twice[0]} twice, in its query and before it")
    return {**stated, **asked}


def _read_query(query: Iterable[tuple[str, str]]) -> dict[str, object]:
    """Read a URL's query as options."""
    values: dict[str, object] = {}
    for name, text in query:
        # An unknown name is not shown: it may be the rest of a password.
        if name not in OPTIONS:
            raise UsageError(
                f"the URL's query has no such option; the nearest is {nearest_name(name, OPTIONS)}"
            )
        read = OPTIONS[name].read
        if read is None:
            raise UsageError(f"{name} has no form in a URL's query: pass it as {name}=")
        if name in values:
            raise UsageError(f"the URL's query has {name} twice")
        values[name] = read(name, text)
    return values


def refuse_late_tls(text: str) -> None:
    """Refuse a URL whose scheme means implicit TLS, together with tls_implicit=False.

    Raises:
        UsageError: If the scheme is smtps, lmtps, imaps or pop3s.
    """
    scheme = text.partition(":")[0].lower()
    if scheme in _SCHEMES and _SCHEMES[scheme][1]:
        raise UsageError(
            f"{scheme}:// begins with TLS, so tls_implicit is not False: pass "
            f"{scheme.removesuffix('s')}:// for STARTTLS"
        )


def write_url(
    protocol: MailProtocol,
    values: Mapping[str, object],
    usual: Mapping[str, object],
    *,
    reveal: bool,
) -> str:
    """Write options as a URL: the common parts, and a query for what is not as usual.

    Args:
        protocol: The protocol of the session.
        values: Every option.
        usual: The value of each, except `tls_implicit`, where the URL does not have it.
        reveal: Whether secrets are written, in clear.
    """
    implicit = values["tls_implicit"] is True
    usual = {**usual, "tls_implicit": True} if implicit else usual
    query = tuple(
        (name, _written(values[name]))
        for name, option in OPTIONS.items()
        if option.read and name not in _BEFORE_QUERY and values[name] != usual[name]
        if not option.secret or (reveal and isinstance(values[name], Secret))
    )
    password, port = values["password"], values["port"]
    scheme = "lmtp" if values["lmtp"] else protocol.value
    return join_url(
        Url(
            scheme=f"{scheme}{'s' if implicit else ''}",
            username=_text_of(values["username"]),
            password=password if reveal and isinstance(password, Secret) else None,
            host=str(values["host"]),
            port=port if isinstance(port, int) else None,
            path=_text_of(values["mailbox"]) or "",
            query=query,
        )
    )


def _text_of(value: object) -> str | None:
    return None if value is None else str(value)


def _written(value: object) -> str:
    """Write a value as `_read_query` reads it."""
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, timedelta):
        return written(value)
    if isinstance(value, TlsMode):
        return value.name.removeprefix("TLS_").lower()
    return value.reveal() if isinstance(value, Secret) else str(value)
