"""What a connection is made with: Blade's options and netmail's own, as one frozen value.

This file knows no libcurl and opens nothing. What one option may be stands in `option_values.py`,
which of them contradict each other in `option_rules.py`, how a URL says them in `option_url.py`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from os import PathLike
from typing import Final, TypeAlias, TypedDict, cast

from netmail.errors import UsageError
from netmail.options.rules import derive, refuse_contradictions
from netmail.options.suggestions import nearest_name
from netmail.options.url import read_url, refuse_late_tls, write_url
from netmail.options.values import (
    OPTIONS,
    TLS_ALL,
    TLS_CONTROL,
    TLS_NONE,
    TLS_TRY,
    MailProtocol,
    TlsMode,
    split_proxy,
)
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
    "parse_options",
]


class OptionsDict(TypedDict, total=False):
    """The options as a dictionary or as keywords; `None` means "not given" for each of them."""

    host: str | None
    port: int | None
    username: str | None
    password: str | Secret | None
    tls: int | None
    tls_implicit: bool | None
    debug: bool | None
    verify_peer: bool | None
    verify_host: bool | None
    proxy: str | None
    proxy_username: str | None
    proxy_password: str | Secret | None
    verify_proxy_peer: bool | None
    verify_proxy_host: bool | None
    timeout: int | None
    connect_timeout: int | None
    ca_file: str | PathLike[str] | None
    ca_data: str | bytes | None
    client_cert: str | PathLike[str] | None
    client_key: str | PathLike[str] | None
    client_key_password: str | Secret | None
    tls_min_version: str | None
    auth: str | Iterable[str] | None
    oauth2_token: str | Secret | Callable[[], str] | None
    authzid: str | None
    local_hostname: str | None
    source_address: str | None
    ip_version: int | None
    unix_socket: str | PathLike[str] | None
    resolve: str | Iterable[str] | Mapping[tuple[str, int], str] | None
    mailbox: str | None
    strict: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Everything a connection is made with, checked and resolved.

    `parse_options()` makes one from what people write. The attributes that have no default are
    those that follow from others; `parse_options()` fills them in. docs/topics/options.md says
    what each option means.

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
    timeout: int = 30_000
    connect_timeout: int | None = None
    ca_file: str | None = None
    ca_data: bytes | None = field(default=None, repr=False)
    client_cert: str | None = None
    client_key: str | None = None
    client_key_password: Secret | None = None
    tls_min_version: str | None = None
    auth: tuple[str, ...] = ()
    # Not shown at all: a callable's repr (functools.partial) shows its arguments.
    oauth2_token: Secret | Callable[[], str] | None = field(default=None, repr=False)
    authzid: str | None = None
    local_hostname: str | None = None
    source_address: str | None = None
    ip_version: int | None = None
    unix_socket: str | None = None
    resolve: tuple[str, ...] = ()
    mailbox: str | None = None
    strict: bool = False
    derived: frozenset[str] = field(
        init=False, default_factory=frozenset, repr=False, compare=False
    )
    """The names that were filled in: they follow again when other options are put over these."""

    def __post_init__(self) -> None:
        values = _values(self)
        checked = _check(values)
        for name in OPTIONS:
            if values[name] is None and name not in _NULLABLE:
                raise UsageError(f"{name} is not None here: parse_options() fills it in")
            if name in checked:
                object.__setattr__(self, name, checked[name])
        refuse_contradictions({**values, **checked, "protocol": self.protocol})

    @property
    def timeout_seconds(self) -> float:
        """How long one wait may last, in seconds."""
        return self.timeout / 1000

    @property
    def connect_timeout_seconds(self) -> float:
        """How long connecting may last, in seconds: `connect_timeout`, else `timeout`."""
        return (self.connect_timeout or self.timeout) / 1000

    @property
    def needs_login(self) -> bool:
        """Whether the session begins with a login."""
        return self.username is not None or self.oauth2_token is not None or bool(self.auth)

    @property
    def url(self) -> str:
        """The connection as a URL, to be shown: without secrets, `ca_data` and `resolve`.

        What differs from the defaults stands in its query, so that `parse_options()` reads it.
        """
        return _url_of(self, reveal=False)

    def reveal_url(self) -> str:
        """Return `url` with the password and the other secrets in clear, to be handed on.

        A token that is a callable is left out: it has no value yet.
        """
        return _url_of(self, reveal=True)

    def to_dict(self) -> OptionsDict:
        """Return the options that are set, without secrets, as JSON can hold them.

        `parse_options(options.protocol, options.to_dict())` reads it.
        """
        shown = {
            name: _plain(value)
            for name, value in _values(self).items()
            if value is not None and not OPTIONS[name].secret
        }
        return cast("OptionsDict", shown)

    def access_token(self) -> Secret | None:
        """Return the OAuth 2.0 token for one login, asking the callable where it is one.

        Raises:
            UsageError: If the callable returns no usable token.
        """
        token = self.oauth2_token
        if callable(token):
            token = cast("Secret", OPTIONS["oauth2_token"].check("oauth2_token's result", token()))
        if callable(token):
            raise UsageError("oauth2_token's result is a callable again: return the token")
        return token


OptionsSource: TypeAlias = Options | Mapping[str, object] | str | None
"""Where options come from: Blade's dictionary, a URL, `Options`, or `None` for keywords alone."""

_NULLABLE: Final = frozenset(item.name for item in fields(Options) if item.default is None)


def parse_options(
    protocol: MailProtocol,
    source: OptionsSource = None,
    /,
    **keywords: object,
) -> Options:
    """Bring what a caller wrote into one checked value.

    Args:
        protocol: What will be spoken; a URL's scheme must fit it.
        source: Blade's dictionary, a URL such as "imaps://user@host/INBOX", or `Options`.
        **keywords: Options by name; they win over the source. `None` means "not given".

    Returns:
        The options, with everything resolved that follows from others.

    Raises:
        UsageError: If an option is unknown, of the wrong kind or out of range, or contradicts
            another.
    """
    protocol = MailProtocol(protocol)
    over = _known(keywords)
    under = _read_source(protocol, source)
    if isinstance(source, str) and over.get("tls_implicit") is False:
        refuse_late_tls(source)
    if "proxy" in over:
        # The old proxy's credentials are not for the new one.
        under = {name: value for name, value in under.items() if not name.startswith("proxy")}
    values = _check({**under, **over})
    filled = {name: value for name, value in derive(protocol, values).items() if name not in values}
    options = Options(protocol=protocol, **values, **filled)  # type: ignore[arg-type] # by _check
    object.__setattr__(options, "derived", frozenset(filled))
    return options


def _read_source(protocol: MailProtocol, source: OptionsSource) -> dict[str, object]:
    """Bring a source of any form to names and values, not yet checked."""
    if source is None:
        return {}
    if isinstance(source, str):
        return _known(read_url(protocol, source))
    if isinstance(source, Options):
        if source.protocol is not protocol:
            raise UsageError(f"these Options are for {source.protocol}, not for {protocol}")
        return {name: v for name, v in _values(source).items() if name not in source.derived}
    if isinstance(source, Mapping):
        return _known(source)
    raise UsageError(f"options are a dict, a URL or keywords, not {type(source).__name__}")


def _known(given: Mapping[str, object]) -> dict[str, object]:
    """Drop what is `None`, refuse what is unknown, take the credentials out of the proxy."""
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
    plain = {name: value for name, value in values.items() if name not in _FOLLOWING}
    usual = _DEFAULTS | derive(options.protocol, plain | {"port": options.port})
    return write_url(options.protocol, values, usual, reveal=reveal)


def _plain(value: object) -> object:
    """Bring a value to what JSON can hold."""
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, bytes):
        return value.decode("ascii", "replace")
    return int(value) if isinstance(value, TlsMode) else value


_DEFAULTS: Final = {item.name: item.default for item in fields(Options)}
_FOLLOWING: Final = frozenset(derive(MailProtocol.IMAP, {}))
