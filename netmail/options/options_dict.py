"""The options as a caller writes them: a dictionary, or keywords.

This file must not know what a value may be, nor what follows from it.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import timedelta
from os import PathLike
from typing import TypeAlias, TypedDict

from netmail.options.mechanism import SaslMechanism
from netmail.options.retry import RetryPolicy
from netmail.secret import Secret

TokenSource: TypeAlias = Callable[[], str | Secret | Awaitable[str | Secret]]
"""Returns an OAuth 2.0 access token, or for asyncio clients an awaitable of one."""


class OptionsDict(TypedDict, total=False):
    """The options as a dictionary or as keywords; `Options` describes each.

    `None` means "not given" for every option.
    """

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
    timeout: int | timedelta | str | None
    connect_timeout: int | timedelta | str | None
    deadline: float | timedelta | str | None
    reconnect: RetryPolicy | Mapping[str, int | float | None] | None
    keep_alive: float | timedelta | str | None
    ca: str | None
    ca_file: str | PathLike[str] | None
    ca_data: str | bytes | None
    client_cert: str | PathLike[str] | None
    client_key: str | PathLike[str] | None
    client_key_password: str | Secret | None
    tls_min_version: str | None
    tls_max_version: str | None
    tls_ciphers: str | Iterable[str] | None
    auth: str | type[SaslMechanism] | Iterable[str | type[SaslMechanism]] | None
    oauth2_token: str | Secret | TokenSource | None
    authzid: str | None
    netrc: bool | str | PathLike[str] | None
    local_hostname: str | None
    source_address: str | None
    ip_version: int | None
    unix_socket: str | PathLike[str] | None
    resolve: str | Iterable[str] | Mapping[tuple[str, int], str] | None
    mailbox: str | None
    strict: bool | None
    max_messages: int | None
    pipelining: str | None
    lmtp: bool | None
    chunking: bool | str | None
    window: int | None
    binarymime: bool | None
    utf8: bool | None
