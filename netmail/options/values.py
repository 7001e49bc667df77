"""What value each option takes: a table of names and checks.

This file must not know which options go together, nor any default: it checks one value at a time.
No error repeats a string that it was given: it may be a password in the wrong place.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

from netmail.errors import UsageError
from netmail.options.durations import read_seconds, read_wait, seconds, wait
from netmail.options.hosts import ascii_host, is_address
from netmail.options.mechanism import Supplied
from netmail.options.modes import TlsMode
from netmail.options.retry import check_policy
from netmail.options.uri import host_and_port, split_url
from netmail.secret import Secret
from netmail.text import check_text

MAX_MESSAGES = 2_147_483_647
"""More than any connection carries; a larger number is a mistake."""
MAX_WINDOW = 10_000
"""More messages on the line make nothing faster."""
PROXY_PORTS: Final[Mapping[str, int]] = {
    "http": 1080,
    "https": 443,
    "socks4": 1080,
    "socks4a": 1080,
    "socks5": 1080,
    "socks5h": 1080,
}
"""The kinds of proxy, and the ports that libcurl takes where none is given."""
TLS_VERSIONS = ("1.0", "1.1", "1.2", "1.3")

_NO_HOST = re.compile(r"[\x00-\x20\x7f/\\?#@\[\]]")
# sasl-mech = 1*20mech-char; UPPER-ALPHA / DIGIT / HYPHEN / UNDERSCORE (RFC 4422 section 3.1).
# A plus sign before it is RFC 2384's for what is no SASL: "+APOP", "+LOGIN" (the plain command).
_MECHANISM = re.compile(r"\+?[A-Z0-9_-]{1,20}")
# openssl-ciphers(1): a suite, a group such as HIGH or ECDHE+AESGCM, with ! - + or @ before it.
_CIPHER = re.compile(r"[!+@-]?[A-Za-z0-9][A-Za-z0-9_=.+-]{0,63}")


Check = Callable[[str, object], object]
"""Takes an option's name and value; returns the value to keep, or raises `UsageError`."""
Read = Callable[[str, str], object]
"""Takes an option's name and its text in a URL's query; returns the value, not yet checked."""


def _flag(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise UsageError(f"{name} is True or False, not {_kind(value)}")


def _within(low: int, high: int, unit: str) -> Check:
    def check(name: str, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise UsageError(f"{name} is an int ({unit}), not {_kind(value)}")
        if not low <= value <= high:
            raise UsageError(f"{name} is {unit} from {low} to {high}, not {_shown(value)}")
        return int(value)

    return check


def _tls(name: str, value: object) -> TlsMode:
    if isinstance(value, int) and not isinstance(value, bool) and value in _TLS_NUMBERS:
        return TlsMode(value)
    raise UsageError(f"{name} is one of TLS_NONE, TLS_TRY, TLS_CONTROL, TLS_ALL (0 to 3)")


def _ip_version(name: str, value: object) -> int:
    if isinstance(value, int) and value in {4, 6}:
        return int(value)
    raise UsageError(f"{name} is 4 or 6, or None for both")


def _pipelining(name: str, value: object) -> str:
    if isinstance(value, str) and value in {"full", "envelope", "off"}:
        return str(value)
    raise UsageError(f'{name} is "full", "envelope" or "off"')


def _chunking(name: str, value: object) -> bool | str:
    if isinstance(value, bool) or value == "auto":
        return value if isinstance(value, bool) else "auto"
    raise UsageError(f'{name} is True, False or "auto"')


def _read_chunking(name: str, text: str) -> bool | str:
    return "auto" if text == "auto" else _truth(name, text)


def _any_text(name: str, value: object) -> str:
    return str(check_text(value, name))  # a str: a subclass could print itself as something else


def _text(name: str, value: object) -> str:
    text = _any_text(name, value)
    if not text:
        raise UsageError(f"{name} is empty: leave it out")
    return text


def _word(name: str, value: object) -> str:
    text = _text(name, value)
    if text.isascii() and text.isprintable() and " " not in text:
        return text
    raise UsageError(f"{name} is printable ASCII without spaces")


def _secret(name: str, value: object) -> Secret:
    return Secret(_any_text(name, value.reveal() if isinstance(value, Secret) else value))


def _token(name: str, value: object) -> object:
    if callable(value):
        return value
    if not isinstance(value, str | Secret):
        raise UsageError(f"{name} is a str or a callable that returns one, not {_kind(value)}")
    return Secret(_word(name, value.reveal() if isinstance(value, Secret) else value))


def _path(name: str, value: object) -> str:
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    return _text(name, value)


def _netrc(name: str, value: object) -> str:
    return "~/.netrc" if value is True else _path(name, value)


def _pem(name: str, value: object) -> bytes:
    if not isinstance(value, str | bytes):
        raise UsageError(f"{name} is PEM text, as str or bytes, not {_kind(value)}")
    data = value.encode("utf-8", "replace") if isinstance(value, str) else value
    if b"-----BEGIN " in data and b"\0" not in data:
        return data
    raise UsageError(f"{name} holds no PEM certificate; pass a file's path as ca_file")


def _host(name: str, value: object) -> str:
    host = _text(name, value)
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    if "://" in host:
        raise UsageError(f"{name} is a name or address; pass a URL as the first argument")
    # Converted before the checks: UTS 46 maps a full-width "/" or digit to the ASCII one.
    if not host.isascii() and ":" not in host:
        host = ascii_host(name, host)
    if _NO_HOST.search(host):
        raise UsageError(f"{name} is a name or address without spaces, / ? # @ or brackets inside")
    if host.count(":") == 1:
        raise UsageError(f"{name} holds a port: pass it as port=")
    if ":" in host and not is_address(host):
        raise UsageError(f"{name} holds colons and is no IPv6 address")
    return host


def _proxy(name: str, value: object) -> str:
    proxy, username, password = split_proxy(name, value)
    if username is not None or password is not None:
        raise UsageError(f"{name} here is without credentials: pass proxy_username, proxy_password")
    return proxy


def split_proxy(name: str, value: object) -> tuple[str, str | None, Secret | None]:
    """Split a proxy's URL, or its "host:port", into the address and the credentials.

    Returns:
        The proxy as "scheme://host:port", the user name and the password.

    Raises:
        UsageError: If the kind of proxy is unknown, or the URL has more than credentials, host
            and port.
    """
    text = _text(name, value)
    url = split_url(text if "://" in text else f"http://{text}")
    if url.scheme not in PROXY_PORTS:
        raise UsageError(f"{name} is one of {', '.join(PROXY_PORTS)}, as in socks5h://host:1080")
    if url.path or url.query or url.auth:
        raise UsageError(f"{name} is scheme://user:password@host:port and nothing more")
    port = PROXY_PORTS[url.scheme] if url.port is None else url.port
    _port(name, port)
    address = f"{url.scheme}://{host_and_port(_host(name, url.host), port)}"
    return address, url.username, url.password


def _mechanisms(name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = _any_text(name, value).replace(",", " ").split()
    # A class of the caller's can be called, and so is no list.
    items = (value,) if callable(value) else _listed(name, value)
    names = tuple(map(_mechanism, items))
    # "*" is RFC 5092's "any": the client chooses.
    if names == ("*",):
        return ()
    if not all(_MECHANISM.fullmatch(item) for item in names):
        raise UsageError(f"{name} holds SASL mechanisms, such as PLAIN or SCRAM-SHA-256")
    # APOP is no SASL mechanism; RFC 2384 writes it so, and libcurl too.
    return tuple("+APOP" if item == "APOP" else item for item in dict.fromkeys(names))


def _mechanism(item: object) -> str:
    if callable(item):
        return Supplied.of(item)
    return item if isinstance(item, Supplied) else _text("auth", item).upper()


def _overrides(name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, Mapping):
        return tuple(_override_of(name, key, address) for key, address in value.items())
    items = (value,) if isinstance(value, str) else _listed(name, value)
    return tuple(_override(name, item) for item in items)


def _override_of(name: str, key: object, address: object) -> str:
    if not (isinstance(key, tuple) and len(key) == 2):
        raise UsageError(f"{name} as a mapping is {{(host, port): address}}")
    return _override(name, f"{_host(name, key[0])}:{_port(name, key[1])}:{_text(name, address)}")


def _override(name: str, value: object) -> str:
    """Check "host:port:address": libcurl ends the host at the first colon."""
    host, _, rest = _word(name, value).partition(":")
    port, _, addresses = rest.partition(":")
    _host(name, host)
    _port(name, _whole(name, port))
    if all(is_address(item.removeprefix("[").removesuffix("]")) for item in addresses.split(",")):
        return f"{host}:{int(port)}:{addresses}"
    raise UsageError(f"{name} is host:port:address, the address in numbers")


def _listed(name: str, value: object) -> tuple[object, ...]:
    if isinstance(value, Iterable) and not isinstance(value, bytes | Mapping):
        return tuple(value)
    raise UsageError(f"{name} is a str or a list of str, not {_kind(value)}")


def _version(name: str, value: object) -> str:
    if value in TLS_VERSIONS:
        return str(value)
    raise UsageError(f'{name} is one of the strings {", ".join(TLS_VERSIONS)}, as in "1.2"')


def _authorities(name: str, value: object) -> str:
    if isinstance(value, str) and value in {"certifi", "system"}:
        return str(value)
    raise UsageError(
        f'{name} is "system" or "certifi"; pass a file as ca_file, PEM text as ca_data'
    )


def _ciphers(name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = _any_text(name, value).replace(":", " ").replace(",", " ").split()
    names = tuple(_text(name, item) for item in _listed(name, value))
    if all(_CIPHER.fullmatch(item) for item in names):
        return names
    raise UsageError(f"{name} holds names of cipher suites, such as TLS_AES_256_GCM_SHA384")


def _kind(value: object) -> str:
    return "None" if value is None else type(value).__name__


def _shown(value: int) -> str:
    # int's own limit on decimal digits would raise a ValueError that is not netmail's.
    return str(value) if abs(value) < 10**12 else "that"


def _as_is(name: str, text: str) -> object:
    _ = name
    return text


def _whole(name: str, text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 10:
        return int(text)
    raise UsageError(f"{name} is a number in digits")


def _truth(name: str, text: str) -> bool:
    if text.lower() in _TRUTHS:
        return _TRUTHS[text.lower()]
    raise UsageError(f"{name} in a URL is one of {', '.join(_TRUTHS)}")


def _mode(name: str, text: str) -> int:
    modes = {mode.name.removeprefix("TLS_").lower(): mode.value for mode in TlsMode}
    found = modes.get(text.lower().removeprefix("tls_"))
    return _whole(name, text) if found is None else found


_TLS_NUMBERS = frozenset(TlsMode)
_TRUTHS: Final[Mapping[str, bool]] = {
    "true": True,
    "false": False,
    "yes": True,
    "no": False,
    "on": True,
    "off": False,
    "1": True,
    "0": False,
}
_port = _within(1, 65535, "a port")


class Option(NamedTuple):
    """How one option is checked and read.

    Attributes:
        check: Checks a value and returns the one to keep.
        read: Reads it from a URL's query; `None` if a URL cannot have it.
        secret: Whether it is left out of everything that is printed.
    """

    check: Check
    read: Read | None = _as_is
    secret: bool = False


OPTIONS: Final[Mapping[str, Option]] = {
    "host": Option(_host, None),
    "port": Option(_port, None),
    "username": Option(_text),
    "password": Option(_secret, secret=True),
    "tls": Option(_tls, _mode),
    "tls_implicit": Option(_flag, _truth),
    "debug": Option(_flag, _truth),
    "verify_peer": Option(_flag, _truth),
    "verify_host": Option(_flag, _truth),
    "proxy": Option(_proxy),
    "proxy_username": Option(_text),
    "proxy_password": Option(_secret, secret=True),
    "verify_proxy_peer": Option(_flag, _truth),
    "verify_proxy_host": Option(_flag, _truth),
    "timeout": Option(wait, read_wait),
    "connect_timeout": Option(wait, read_wait),
    "deadline": Option(seconds, read_seconds),
    "reconnect": Option(check_policy, None),
    "keep_alive": Option(seconds, read_seconds),
    "ca": Option(_authorities),
    "ca_file": Option(_path),
    "ca_data": Option(_pem, None),
    "client_cert": Option(_path),
    "client_key": Option(_path),
    "client_key_password": Option(_secret, secret=True),
    "tls_min_version": Option(_version),
    "tls_max_version": Option(_version),
    "tls_ciphers": Option(_ciphers),
    "auth": Option(_mechanisms),
    "oauth2_token": Option(_token, secret=True),
    "authzid": Option(_text),
    "netrc": Option(_netrc),
    "local_hostname": Option(_word),
    "source_address": Option(_word),
    "ip_version": Option(_ip_version, _whole),
    "unix_socket": Option(_path),
    "resolve": Option(_overrides, None),
    "mailbox": Option(_text, None),
    "strict": Option(_flag, _truth),
    "max_messages": Option(_within(1, MAX_MESSAGES, "a number of messages"), _whole),
    "pipelining": Option(_pipelining),
    "lmtp": Option(_flag, _truth),
    "chunking": Option(_chunking, _read_chunking),
    "window": Option(_within(1, MAX_WINDOW, "a number of messages"), _whole),
    "binarymime": Option(_flag, _truth),
    "utf8": Option(_flag, _truth),
}
"""Every option, in the order in which they are documented and printed."""
