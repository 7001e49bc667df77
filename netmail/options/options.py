"""The options of a connection, as one frozen value, and how a caller's input becomes one.

This file must not know libcurl. What one option may be is in `values`, which options contradict
each other in `rules`, and how a URL writes them in `url`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Final, TypeAlias, cast

from netmail.errors import UsageError
from netmail.options.durations import milliseconds, written
from netmail.options.modes import TLS_ALL, TLS_CONTROL, TLS_NONE, TLS_TRY, MailProtocol, TlsMode
from netmail.options.netrc_file import credentials
from netmail.options.options_dict import OptionsDict, TokenSource
from netmail.options.retry import RetryPolicy, plain_policy
from netmail.options.rules import derive, refuse_contradictions
from netmail.options.suggestions import nearest_name
from netmail.options.url import read_url, refuse_late_tls, write_url
from netmail.options.values import OPTIONS, split_proxy
from netmail.secret import Secret

__all__ = [
    "TLS_ALL",
    "TLS_CONTROL",
    "TLS_NONE",
    "TLS_TRY",
    "MailProtocol",
    "Options",
    "OptionsDict",
    "OptionsSource",
    "Secret",
    "TlsMode",
    "TokenSource",
    "parse_options",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Everything that a connection is made with, checked and resolved.

    `parse_options()` makes one of a dictionary, a URL or keywords. It derives the options without
    a default from the others.

    Attributes:
        protocol: The protocol of the session.
        host: The server's name or address; a name beyond ASCII is kept as A-labels.
        port: The server's port; without one: 465 for SMTP, 24 for LMTP, 110 for POP3, 143 for IMAP.
        username: The login name; `None` for no login, but with a token.
        password: The password.
        tls: `TLS_NONE`, `TLS_TRY`, or `TLS_ALL` (`TLS_CONTROL` is the same), which is derived
            where credentials would leave the machine.
        tls_implicit: Whether TLS begins before the greeting; if false, by STARTTLS or STLS.
        debug: Whether to print what is sent and received, without secrets.
        verify_peer: Whether the server's certificate is verified.
        verify_host: Whether the certificate must be for `host`.
        proxy: A proxy's URL, such as "socks5h://host:1080"; `None` for a direct connection.
        proxy_username: The login name at the proxy.
        proxy_password: The password at the proxy.
        verify_proxy_peer: As `verify_peer`, for an "https" proxy.
        verify_proxy_host: As `verify_host`, for an "https" proxy.
        timeout: Milliseconds from 1,000 that one wait for the server may last; a `timedelta` where
            it is shorter than a second.
        connect_timeout: The same for connecting as a whole; `None` for `timeout`.
        deadline: Seconds that each call may last as a whole; `None` for no limit but those of its
            waits.
        reconnect: How often a call connects again by itself after the connection was lost; `None`
            for not at all.
        keep_alive: Seconds after which an idle connection is kept alive: by TCP, and by NOOP, which
            asyncio clients send meanwhile; `None` for libcurl's default of TCP.
        ca: "system" for the certificates that the system trusts, "certifi" for Mozilla's; `None`
            is as "certifi" unless `ca_file` or `ca_data` is given.
        ca_file: Path of the trusted certificates (PEM).
        ca_data: The trusted certificates themselves (PEM).
        client_cert: Path of the client's certificate (PEM).
        client_key: Path of its key (PEM); `None` if it is in `client_cert`.
        client_key_password: The passphrase of that key.
        tls_min_version: "1.0", "1.1", "1.2" or "1.3"; `None` for libcurl's choice.
        tls_max_version: The same at most.
        tls_ciphers: Names of cipher suites as OpenSSL has them; empty for libcurl's choice. Those
            of TLS 1.3 and those of older versions are two lists, each its default unless named.
        auth: SASL mechanisms in order of preference; empty to choose from what is offered. A class
            of your own may be among them, as `SaslMechanism` describes it.
        oauth2_token: An OAuth 2.0 access token, or a callable that returns one: called before each
            login, and once more after a refusal. An asyncio client awaits what it returns.
        authzid: The identity to act as, if it is not the one that logs in.
        netrc: Path of the .netrc file that has `username` and `password` for `host`, read by
            `parse_options()` where no password or token is given; true for "~/.netrc".
        local_hostname: The name in EHLO; `None` for libcurl's choice, and "localhost" in LHLO.
        source_address: The local address to connect from.
        ip_version: 4 or 6; `None` for both.
        unix_socket: Path of a local socket to connect to instead of `host`.
        resolve: Addresses to use instead of DNS, each as "host:port:address".
        mailbox: The IMAP mailbox that calls without one work on.
        strict: Whether IMAP responses must follow the grammar, without tolerance for known servers.
        max_messages: How many messages one SMTP connection carries, before `send()` reconnects;
            `None` for no limit but the server's.
        pipelining: How much SMTP sends without waiting, where the server offers PIPELINING: "full"
            for a message's content and the next one's commands, "envelope" for MAIL and RCPT,
            "off" for one command at a time. In POP3, all but "off" let commands be in flight
            together.
        lmtp: Whether the server speaks LMTP instead of SMTP: a mail store such as Dovecot's.
        chunking: Whether `send()` sends many messages without waiting, where the server offers
            CHUNKING and `pipelining` is "full": a bool, or "auto" for where it is worthwhile.
        window: How many messages may be on the line then.
        binarymime: Whether the attachments of a `Message` are sent without an encoding, where the
            server offers BINARYMIME and CHUNKING and `pipelining` is "full".
        utf8: Whether POP3 sends UTF8 before the login, where the server offers it: messages then
            come with UTF-8 in their headers, and are refused or rewritten without it.
        derived: The names that were derived; they are derived again when other options are put
            over these.

    Raises:
        UsageError: If a value is of the wrong kind, or two options contradict each other.
    """

    protocol: MailProtocol
    host: str = "localhost"
    port: int
    username: str | None = None
    password: Secret | None = None
    tls: TlsMode
    tls_implicit: bool
    debug: bool = False
    verify_peer: bool = True
    verify_host: bool = True
    proxy: str | None = None
    proxy_username: str | None = None
    proxy_password: Secret | None = None
    verify_proxy_peer: bool
    verify_proxy_host: bool
    timeout: int | timedelta = 30_000
    connect_timeout: int | timedelta | None = None
    deadline: float | None = None
    reconnect: RetryPolicy | None = None
    keep_alive: float | None = None
    ca: str | None = None
    ca_file: str | None = None
    ca_data: bytes | None = field(default=None, repr=False)
    client_cert: str | None = None
    client_key: str | None = None
    client_key_password: Secret | None = None
    tls_min_version: str | None = None
    tls_max_version: str | None = None
    tls_ciphers: tuple[str, ...] = ()
    auth: tuple[str, ...] = ()
    # Not shown at all: a callable's repr (functools.partial) shows its arguments.
    oauth2_token: Secret | TokenSource | None = field(default=None, repr=False)
    authzid: str | None = None
    netrc: str | None = None
    local_hostname: str | None = None
    source_address: str | None = None
    ip_version: int | None = None
    unix_socket: str | None = None
    resolve: tuple[str, ...] = ()
    mailbox: str | None = None
    strict: bool = False
    max_messages: int | None = None
    pipelining: str = "full"
    lmtp: bool = False
    chunking: bool | str = False
    window: int = 64
    binarymime: bool = False
    utf8: bool = False
    derived: frozenset[str] = field(default=frozenset(), repr=False, compare=False)

    def __post_init__(self) -> None:
        values = _values(self)
        checked = _check(values)
        for name in OPTIONS:
            if values[name] is None and name not in _NULLABLE:
                raise UsageError(f"{name} must not be None here: parse_options() derives it")
            if name in checked:
                object.__setattr__(self, name, checked[name])
        refuse_contradictions({**values, **checked, "protocol": self.protocol})

    @property
    def timeout_seconds(self) -> float:
        """How long one wait may last, in seconds."""
        return milliseconds(self.timeout) / 1000

    @property
    def needs_login(self) -> bool:
        """Whether the session begins with a login."""
        return self.username is not None or self.oauth2_token is not None or bool(self.auth)

    @property
    def url(self) -> str:
        """The options as a URL that may be shown: without secrets, `ca_data` and `resolve`.

        Its query has what differs from the defaults; `parse_options()` reads it.
        """
        return _url_of(self, reveal=False)

    def reveal_url(self) -> str:
        """Return `url` with the password and the other secrets in clear.

        A token that is a callable is left out: it has no value yet.
        """
        return _url_of(self, reveal=True)

    def to_dict(self) -> OptionsDict:
        """Return the options that are set, without secrets, as values that JSON can hold.

        `parse_options(options.protocol, options.to_dict())` reads it.
        """
        shown = {
            name: _plain(value)
            for name, value in _values(self).items()
            if value is not None and not OPTIONS[name].secret
        }
        return cast("OptionsDict", shown)


def check_token(value: object) -> Secret:
    """Return the OAuth 2.0 token that a callable has returned.

    Raises:
        UsageError: If it is no usable token.
    """
    token = OPTIONS["oauth2_token"].check("oauth2_token's result", value)
    if isinstance(token, Secret):
        return token
    raise UsageError("oauth2_token's result is a callable again: return the token")


OptionsSource: TypeAlias = Options | Mapping[str, object] | str | None
"""Where options come from: a dictionary, a URL, `Options`, or `None` for keywords alone."""

_NULLABLE: Final = frozenset(item.name for item in fields(Options) if item.default is None)


def parse_options(
    protocol: MailProtocol,
    source: OptionsSource = None,
    /,
    **keywords: object,
) -> Options:
    """Make one checked value of what a caller wrote.

    Args:
        protocol: The protocol of the session; a URL's scheme must be of the same.
        source: A dictionary, a URL such as "imaps://user@host/INBOX", or `Options`.
        **keywords: Options by name; they take precedence over the source. `None` means "not given".

    Returns:
        The options; those that were not given are derived from the others, or have their default.

    Raises:
        UsageError: If an option is unknown, of the wrong kind or out of range, or contradicts
            another.
    """
    protocol = MailProtocol(protocol)
    over = _known(keywords)
    under = _read_source(protocol, source)
    if isinstance(source, str) and False in (under.get("tls_implicit"), over.get("tls_implicit")):
        refuse_late_tls(source)
    if "proxy" in over:
        # The credentials of the source's proxy are not for another proxy.
        under = {name: value for name, value in under.items() if not name.startswith("proxy")}
    values = _check({**under, **over})
    values.update(credentials(values))
    follow = {name: value for name, value in derive(protocol, values).items() if name not in values}
    derived = frozenset(follow)
    return Options(protocol=protocol, **values, **follow, derived=derived)  # type: ignore[arg-type] # by _check


def _read_source(protocol: MailProtocol, source: OptionsSource) -> dict[str, object]:
    """Read a source of any form as names and values, not yet checked."""
    if source is None:
        return {}
    if isinstance(source, str):
        return _known(read_url(protocol, source))
    if isinstance(source, Options):
        if source.protocol is not protocol:
            raise UsageError(f"these Options are for {source.protocol}, not for {protocol}")
        return _stated(source)
    if isinstance(source, Mapping):
        return _known(source)
    raise UsageError(f"options are a dict, a URL or keywords, not {type(source).__name__}")


def _stated(options: Options) -> dict[str, object]:
    """Return the options that were not derived, and those that `replace()` has changed since."""
    values = _values(options)
    stated = {name: value for name, value in values.items() if name not in options.derived}
    follow = derive(options.protocol, stated)
    return {name: v for name, v in values.items() if name in stated or v != follow[name]}


def _known(given: Mapping[str, object]) -> dict[str, object]:
    """Refuse unknown names, drop `None`, and take the credentials out of the proxy's URL."""
    for name in given:
        if name not in OPTIONS:
            nearest = nearest_name(name, OPTIONS)
            raise UsageError(f"there is no option {name!r:.60}; the nearest is {nearest!r}")
    values = {name: value for name, value in given.items() if value is not None}
    if "proxy" in values:
        address, username, password = split_proxy("proxy", values["proxy"])
        parts = {"proxy": address, "proxy_username": username, "proxy_password": password}
        named = {name: value for name, value in parts.items() if value is not None}
        values = {**named, **values, "proxy": address}
    return values


def _check(values: Mapping[str, object]) -> dict[str, object]:
    """Check each value that is given."""
    return {n: OPTIONS[n].check(n, value) for n, value in values.items() if value is not None}


def _values(options: Options) -> dict[str, object]:
    return {name: getattr(options, name) for name in OPTIONS}


def _url_of(options: Options, *, reveal: bool) -> str:
    values = _values(options)
    plain = {name: value for name, value in values.items() if name not in _DERIVED}
    usual = _DEFAULTS | derive(options.protocol, plain | {"port": options.port})
    return write_url(options.protocol, values, usual, reveal=reveal)


def _plain(value: object) -> object:
    """Write a value as one that JSON can hold."""
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, bytes):
        return value.decode("ascii", "replace")
    if isinstance(value, timedelta):
        return written(value)
    if isinstance(value, RetryPolicy):
        return plain_policy(value)
    return int(value) if isinstance(value, TlsMode) else value


_DEFAULTS: Final = {item.name: item.default for item in fields(Options)}
_DERIVED: Final = frozenset(derive(MailProtocol.IMAP, {}))
