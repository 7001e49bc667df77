"""The options as libcurl's options: what to set on a handle before it connects.

This file must not know what follows: it knows libcurl's names, `netmail.options.options` the
meaning of the values.
"""

from collections.abc import Iterator
from math import ceil
from typing import Final, TypeAlias

import pycurl

from netmail.curl.authorities import Store, certifi_store, system_store
from netmail.errors import CapabilityError
from netmail.flows.login import left_to_libcurl
from netmail.options.durations import milliseconds
from netmail.options.options import MailProtocol, Options

Setting: TypeAlias = tuple[int, object]

TLS_VERSIONS = {
    None: pycurl.SSLVERSION_DEFAULT,
    "1.0": pycurl.SSLVERSION_TLSv1_0,
    "1.1": pycurl.SSLVERSION_TLSv1_1,
    "1.2": pycurl.SSLVERSION_TLSv1_2,
    "1.3": pycurl.SSLVERSION_TLSv1_3,
}
MAX_TLS_VERSIONS = {
    None: 0,
    "1.0": pycurl.SSLVERSION_MAX_TLSv1_0,
    "1.1": pycurl.SSLVERSION_MAX_TLSv1_1,
    "1.2": pycurl.SSLVERSION_MAX_TLSv1_2,
    "1.3": pycurl.SSLVERSION_MAX_TLSv1_3,
}
IP_VERSIONS = {
    None: pycurl.IPRESOLVE_WHATEVER,
    4: pycurl.IPRESOLVE_V4,
    6: pycurl.IPRESOLVE_V6,
}
_FEATURES: Final = {"GSSAPI": pycurl.VERSION_KERBEROS5, "NTLM": pycurl.VERSION_NTLM}
"""What a build of libcurl may lack; DIGEST-MD5 is in the usual ones, and no number shows it."""


def settings(options: Options, seconds: float | None = None) -> Iterator[Setting]:
    """List what to set on a handle so that it connects as `options` demand.

    Args:
        options: The options.
        seconds: How long the whole call may still take; `None` for no limit.
    """
    for option, value in _all(options, seconds):
        # pycurl refuses a str that is not ASCII; names and passwords are sent in UTF-8, RFC 4616.
        yield option, value.encode() if isinstance(value, str) else value


def _all(options: Options, seconds: float | None) -> Iterator[Setting]:
    yield from _place(options)
    yield from _deadlines(options, seconds)
    yield from _tls(options)
    # Without a user name libcurl stops before the login, which is netmail's.
    if options.needs_login and left_to_libcurl(options):
        yield from _login(options)
    yield from _proxy(options)


def dial_url(options: Options) -> str:
    """Write the URL to connect to; its path is the name that SMTP's EHLO gets."""
    # libcurl has no LMTP. For an HTTP URL it connects, with TLS or without, and sends nothing.
    protocol = "http" if options.lmtp else options.protocol.value
    scheme = protocol + ("s" if options.tls_implicit else "")
    host = f"[{options.host}]" if ":" in options.host else options.host
    greets = options.protocol is MailProtocol.SMTP and not options.lmtp
    name = options.local_hostname if greets else None
    path = _quoted(name) if name else ""
    return f"{scheme}://{host}:{options.port}/{path}"


def _quoted(name: str) -> str:
    """Write a name as the path of a URL."""
    # Its import costs 2 ms, and few programs set local_hostname.
    from urllib.parse import quote  # noqa: PLC0415

    return quote(name, safe="")


def _place(options: Options) -> Iterator[Setting]:
    yield pycurl.URL, dial_url(options)
    # perform() returns after greeting, TLS and login; then send() and recv() have the connection.
    yield pycurl.CONNECT_ONLY, 1
    # Else libcurl may set handlers of SIGALRM and SIGPIPE, which only the main thread can do.
    yield pycurl.NOSIGNAL, 1
    # A firewall forgets a connection that is idle for long, and drops its next segment silently.
    yield pycurl.TCP_KEEPALIVE, 1
    if options.keep_alive is not None:
        # From the first octet of silence, and as often; the system counts whole seconds.
        yield pycurl.TCP_KEEPIDLE, ceil(options.keep_alive)
        yield pycurl.TCP_KEEPINTVL, ceil(options.keep_alive)
    if options.lmtp:
        # Else TLS would offer HTTP/2 to a server that speaks LMTP.
        yield pycurl.SSL_ENABLE_ALPN, 0
    yield pycurl.IPRESOLVE, IP_VERSIONS[options.ip_version]
    if options.source_address:
        # "host!" keeps libcurl from taking the address for the name of a network interface.
        yield pycurl.INTERFACE, f"host!{options.source_address}"
    if options.unix_socket:
        yield pycurl.UNIX_SOCKET_PATH, options.unix_socket
    if options.resolve:
        yield pycurl.RESOLVE, list(options.resolve)
    else:
        # Connections of one event loop would share it; a server that has moved is found at once.
        yield pycurl.DNS_CACHE_TIMEOUT, 0


def _deadlines(options: Options, seconds: float | None) -> Iterator[Setting]:
    # libcurl's connect timeout covers all from the name's resolution to the login.
    whole = milliseconds(options.connect_timeout or options.timeout)
    if seconds is not None:
        whole = min(whole, int(seconds * 1000) + 1)  # 0 would be a wait without end
    yield pycurl.CONNECTTIMEOUT_MS, whole
    yield pycurl.TIMEOUT_MS, whole


def _tls(options: Options) -> Iterator[Setting]:
    yield pycurl.USE_SSL, int(options.tls)
    # Each handshake is whole, and shows the certificate: no session of another connection is
    # resumed.
    yield pycurl.SSL_SESSIONID_CACHE, 0
    yield pycurl.SSL_VERIFYPEER, int(options.verify_peer)
    # 2 is on. 1 was once a weaker check, then an error.
    yield pycurl.SSL_VERIFYHOST, 2 if options.verify_host else 0
    if options.password is not None:
        # SCRAM binds a login to the certificate, and libcurl keeps it only on request.
        yield pycurl.OPT_CERTINFO, 1
    if options.ca_data:
        yield pycurl.CAINFO_BLOB, options.ca_data
    else:
        store = _store(options)
        # Both are set: what is not would be a path of the machine that built libcurl.
        yield pycurl.CAINFO, store.file
        yield pycurl.CAPATH, store.folder
    if options.tls_min_version or options.tls_max_version:
        # libcurl takes both in one number.
        yield (
            pycurl.SSLVERSION,
            (TLS_VERSIONS[options.tls_min_version] | MAX_TLS_VERSIONS[options.tls_max_version]),
        )
    yield from _ciphers(options)
    if options.client_cert:
        yield pycurl.SSLCERT, options.client_cert
        yield pycurl.SSLKEY, options.client_key or options.client_cert  # one file may hold both
    if options.client_key_password:
        yield pycurl.KEYPASSWD, options.client_key_password


def _ciphers(options: Options) -> Iterator[Setting]:
    # OpenSSL keeps the suites of TLS 1.3 in a list of their own; their names are
    # TLS_AES_128_GCM_SHA256 and the like. "TLS_..._WITH_..." is the name of an older one.
    modern = [name for name in options.tls_ciphers if is_tls13_cipher(name)]
    older = [name for name in options.tls_ciphers if not is_tls13_cipher(name)]
    if modern:
        yield pycurl.TLS13_CIPHERS, ":".join(modern)
    if older:
        yield pycurl.SSL_CIPHER_LIST, ":".join(older)


def is_tls13_cipher(name: str) -> bool:
    """Return whether a cipher suite is one of TLS 1.3."""
    return name.startswith("TLS_") and "_WITH_" not in name


def _login(options: Options) -> Iterator[Setting]:
    _require_built_in(*options.auth)
    yield pycurl.USERNAME, options.username or ""
    if options.password is not None:
        yield pycurl.PASSWORD, options.password
    for name in options.auth:
        yield pycurl.LOGIN_OPTIONS, f"AUTH={name}"


def _require_built_in(name: str) -> None:
    """Check that this libcurl has a mechanism: without it, it would connect and not log in.

    Raises:
        CapabilityError: If it was built without.
    """
    features = pycurl.version_info()
    needed = _FEATURES.get(name)
    if needed is not None and not features[4] & needed:
        text = (
            f"libcurl {features[1]} is built without {name}; leave auth out, or name others in it"
        )
        raise CapabilityError(text, name)


def _proxy(options: Options) -> Iterator[Setting]:
    # An empty string, since without the option libcurl obeys ALL_PROXY and the like.
    yield pycurl.PROXY, options.proxy or ""
    if not options.proxy:
        return
    yield pycurl.NOPROXY, ""  # the same of NO_PROXY
    # CONNECT, RFC 9110 section 9.3.6: the tunnel carries any protocol.
    yield pycurl.HTTPPROXYTUNNEL, 1
    yield pycurl.PROXY_SSL_VERIFYPEER, int(options.verify_proxy_peer)
    yield pycurl.PROXY_SSL_VERIFYHOST, 2 if options.verify_proxy_host else 0
    if options.ca_data:
        yield pycurl.PROXY_CAINFO_BLOB, options.ca_data
    else:
        store = _store(options)
        yield pycurl.PROXY_CAINFO, store.file
        yield pycurl.PROXY_CAPATH, store.folder
    if options.proxy_username is not None:
        yield pycurl.PROXYUSERNAME, options.proxy_username
    if options.proxy_password is not None:
        yield pycurl.PROXYPASSWORD, options.proxy_password


def _store(options: Options) -> Store:
    if options.ca_file:
        return Store(options.ca_file)
    return system_store() if options.ca == "system" else certifi_store()
