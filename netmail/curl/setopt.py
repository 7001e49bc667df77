"""Options as libcurl wants them: a table of what to set.

This file knows libcurl's names; what the values mean is said in `netmail.options.options`.
"""

from collections.abc import Iterator
from typing import TypeAlias

import pycurl

from netmail.options.options import MailProtocol, Options
from netmail.wire.sasl import MUTUAL

Setting: TypeAlias = tuple[int, object]

TLS_VERSIONS = {
    "1.0": pycurl.SSLVERSION_TLSv1_0,
    "1.1": pycurl.SSLVERSION_TLSv1_1,
    "1.2": pycurl.SSLVERSION_TLSv1_2,
    "1.3": pycurl.SSLVERSION_TLSv1_3,
}
IP_VERSIONS = {
    None: pycurl.IPRESOLVE_WHATEVER,
    4: pycurl.IPRESOLVE_V4,
    6: pycurl.IPRESOLVE_V6,
}
# libcurl cannot be told to use POP3's USER and PASS, only that it may not use SASL.
_OURS = {
    MailProtocol.POP3: MUTUAL | {"USER", "+LOGIN"},
    MailProtocol.IMAP: MUTUAL,
    MailProtocol.SMTP: MUTUAL,
}


def settings(options: Options) -> Iterator[Setting]:
    """List what to set on a handle so that it dials as `options` say."""
    for option, value in _all(options):
        # pycurl refuses a str that is not ASCII; names and passwords go out in UTF-8 (RFC 4616).
        yield option, value.encode() if isinstance(value, str) else value


def _all(options: Options) -> Iterator[Setting]:
    yield from _place(options)
    yield from _deadlines(options)
    yield from _tls(options)
    if options.needs_login and not speaks_sasl(options):
        yield from _login(options)
    yield from _proxy(options)


def speaks_sasl(options: Options) -> bool:
    """Tell whether netmail logs in by itself.

    libcurl logs in, except with SCRAM, which the wheel's libcurl lacks, with POP3's USER, with
    `authzid`, which pycurl cannot hand on, and where several mechanisms are named: libcurl would
    choose among them in an order of its own.
    """
    if len(options.auth) > 1 or options.authzid is not None:
        return True
    return not _OURS[options.protocol].isdisjoint(options.auth)


def dial_url(options: Options) -> str:
    """Write the URL to dial; SMTP's path is the EHLO name."""
    scheme = options.protocol.value + ("s" if options.tls_implicit else "")
    host = f"[{options.host}]" if ":" in options.host else options.host
    name = options.local_hostname if options.protocol is MailProtocol.SMTP else None
    path = _quoted(name) if name else ""
    return f"{scheme}://{host}:{options.port}/{path}"


def _quoted(name: str) -> str:
    """Write a name as the path of a URL."""
    # Its import costs 2 ms, and few programs name themselves.
    from urllib.parse import quote  # noqa: PLC0415

    return quote(name, safe="")


def _place(options: Options) -> Iterator[Setting]:
    yield pycurl.URL, dial_url(options)
    yield pycurl.CONNECT_ONLY, 1
    yield pycurl.NOSIGNAL, 1  # libcurl must not touch signal handlers outside the main thread
    yield pycurl.TCP_KEEPALIVE, 1
    yield pycurl.IPRESOLVE, IP_VERSIONS[options.ip_version]
    if options.source_address:
        yield pycurl.INTERFACE, f"host!{options.source_address}"
    if options.unix_socket:
        yield pycurl.UNIX_SOCKET_PATH, options.unix_socket
    if options.resolve:
        yield pycurl.RESOLVE, list(options.resolve)


def _deadlines(options: Options) -> Iterator[Setting]:
    # libcurl's connect timeout covers the dial as a whole, from name look-up to login.
    whole = options.connect_timeout or options.timeout
    yield pycurl.CONNECTTIMEOUT_MS, whole
    yield pycurl.TIMEOUT_MS, whole


def _tls(options: Options) -> Iterator[Setting]:
    yield pycurl.USE_SSL, int(options.tls)
    yield pycurl.SSL_VERIFYPEER, int(options.verify_peer)
    yield pycurl.SSL_VERIFYHOST, 2 if options.verify_host else 0
    if options.ca_data:
        yield pycurl.CAINFO_BLOB, options.ca_data
    else:
        yield pycurl.CAINFO, options.ca_file or _bundle()
    if options.tls_min_version:
        yield pycurl.SSLVERSION, TLS_VERSIONS[options.tls_min_version]
    if options.client_cert:
        yield pycurl.SSLCERT, options.client_cert
        yield pycurl.SSLKEY, options.client_key or options.client_cert
    if options.client_key_password:
        yield pycurl.KEYPASSWD, options.client_key_password.reveal()


def _login(options: Options) -> Iterator[Setting]:
    yield pycurl.USERNAME, options.username or ""
    if options.password is not None:
        yield pycurl.PASSWORD, options.password.reveal()
    if (token := options.access_token()) is not None:
        yield pycurl.XOAUTH2_BEARER, token.reveal()
    for name in options.auth:
        yield pycurl.LOGIN_OPTIONS, f"AUTH={name}"


def _proxy(options: Options) -> Iterator[Setting]:
    # Without this, libcurl would obey ALL_PROXY and the like: nobody asked for that.
    yield pycurl.PROXY, options.proxy or ""
    if not options.proxy:
        return
    yield pycurl.NOPROXY, ""
    yield pycurl.HTTPPROXYTUNNEL, 1
    yield pycurl.PROXY_SSL_VERIFYPEER, int(options.verify_proxy_peer)
    yield pycurl.PROXY_SSL_VERIFYHOST, 2 if options.verify_proxy_host else 0
    if options.ca_data:
        yield pycurl.PROXY_CAINFO_BLOB, options.ca_data
    else:
        yield pycurl.PROXY_CAINFO, options.ca_file or _bundle()
    if options.proxy_username is not None:
        yield pycurl.PROXYUSERNAME, options.proxy_username
    if options.proxy_password is not None:
        yield pycurl.PROXYPASSWORD, options.proxy_password.reveal()


def _bundle() -> str:
    """Return the file with the authorities that Mozilla trusts."""
    import certifi  # noqa: PLC0415 -- its import takes longer than the rest of this layer

    return certifi.where()
