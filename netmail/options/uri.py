"""The syntax of a server's or proxy's URL: a text to its parts, and back.

This file must not know any option, scheme or default: it has RFC 3986's syntax and RFC 5092's
`;AUTH=`. No error repeats its input: a URL that is split at the wrong place shows its password.
"""

import re
from dataclasses import dataclass, field

from netmail.errors import UsageError
from netmail.secret import Secret

# RFC 3986 section 2: a URL has neither spaces nor control characters.
_SPACE_OR_CONTROL = re.compile(r"[\x00-\x20\x7f]")
# iauth = ";AUTH=" ( "*" / enc-auth-type )                    RFC 5092 section 3
# It ends the user part; curl accepts it after the password too.
_AUTH = re.compile(r";AUTH=([^:;]*)", re.IGNORECASE)
# pct-encoded = "%" HEXDIG HEXDIG                             RFC 3986 section 2.1
# A "%" without them is found too, to be refused.
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})?")
# unreserved = ALPHA / DIGIT / "-" / "." / "_" / "~"          RFC 3986 section 2.3
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


@dataclass(frozen=True, slots=True, kw_only=True)
class Url:
    """A URL's parts, percent-decoded.

    Attributes:
        scheme: In lower case.
        username: `None` where there is none.
        password: `None` where there is none; an empty one is a password.
        auth: What `;AUTH=` names, or `None`.
        host: Without brackets; "" where there is none.
        port: `None` where there is none; its range is not checked here.
        path: Without its first slash.
        query: Names and values in their order; `+` is a plus sign.
    """

    scheme: str
    host: str
    username: str | None = None
    password: Secret | None = None
    auth: str | None = None
    port: int | None = None
    path: str = ""
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)


def split_url(text: str) -> Url:
    """Split a URL into its parts.

    Args:
        text: Such as "imaps://user:p%40ss@mail.example:993/INBOX?timeout=5000".

    Raises:
        UsageError: If it is no URL, has a fragment, or a character that must be percent-encoded.

    RFC 3986 section 3; RFC 5092 section 3.
    """
    scheme, colon, rest = text.partition("://")
    if not colon or not (scheme.isascii() and scheme.isalnum()):
        raise UsageError("a URL begins with a scheme, as in imaps://user@host; pass a name as host")
    if _SPACE_OR_CONTROL.search(rest):
        raise UsageError("a URL has no spaces and no control characters: percent-encode them")
    hierarchy, hash_sign, _ = rest.partition("#")
    if hash_sign:
        raise UsageError("a mail server's URL has no fragment: write a # in a password as %23")
    hierarchy, _, query = hierarchy.partition("?")
    authority, _, path = hierarchy.partition("/")
    if "@" not in authority and "@" in path + query:
        raise UsageError(
            "the URL has an @ after its host: write / ? @ in a password as %2F %3F %40"
        )
    if ";" in path:
        raise UsageError("the URL's path has parameters; it may name a mailbox only (; is %3B)")
    user, at, server = authority.rpartition("@")
    username, password, auth = _split_user(user) if at else (None, None, None)
    host, port = _split_host(server)
    return Url(
        scheme=scheme.lower(),
        username=username,
        password=password,
        auth=auth,
        host=_decode(host),
        port=port,
        path=_decode(path),
        query=_split_query(query),
    )


def _split_user(text: str) -> tuple[str | None, Secret | None, str | None]:
    """Split "user;AUTH=MECHANISM:password" into user, password and mechanism."""
    auths = _AUTH.findall(text)
    if len(auths) > 1:
        raise UsageError("the URL names AUTH twice: pass several mechanisms as auth=")
    user, colon, password = _AUTH.sub("", text).partition(":")
    return (
        _decode(user) or None,
        Secret(_decode(password)) if colon else None,
        _decode(auths[0]) if auths else None,
    )


def _split_host(text: str) -> tuple[str, int | None]:
    """Split "host", "host:port" or "[address]:port" (RFC 3986 section 3.2.2)."""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or not (rest == "" or rest.startswith(":")):
            raise UsageError("an IPv6 address must be in brackets, as in [::1]:993")
        port = rest[1:]
    else:
        host, _, port = text.partition(":")
    if port and not (port.isascii() and port.isdigit() and len(port) <= 5):
        raise UsageError(
            "the port is no number from 1 to 65535 (a password's : / ? # @ are percent-encoded, "
            "and an IPv6 address must be in brackets)"
        )
    return host, int(port) if port else None


def _split_query(text: str) -> tuple[tuple[str, str], ...]:
    """Split "a=1&b=2" into pairs."""
    pairs = (item.partition("=") for item in text.split("&") if item)
    return tuple((_decode(name), _decode(value)) for name, _, value in pairs)


def join_url(url: Url) -> str:
    """Write a URL's parts as a text, percent-encoded; a password is in clear.

    RFC 3986 section 5.3.
    """
    password = f":{_encode(url.password.reveal())}" if url.password else ""
    auth = f";AUTH={_encode(url.auth)}" if url.auth else ""
    user = f"{_encode(url.username or '')}{auth}{password}"
    path = f"/{_encode(url.path, b'/')}" if url.path else ""
    query = "&".join(f"{name}={_encode(value, b'/:')}" for name, value in url.query)
    return (
        f"{url.scheme}://{user}{'@' if user else ''}{host_and_port(url.host, url.port)}{path}"
        f"{'?' if query else ''}{query}"
    )


def host_and_port(host: str, port: int | None) -> str:
    """Write "host:port", an IPv6 address in brackets."""
    name = f"[{_encode(host, b':')}]" if ":" in host else _encode(host)
    return name if port is None else f"{name}:{port}"


def _decode(text: str) -> str:
    """Undo percent-encoding, of UTF-8 only."""
    if "%" not in text:
        return text
    try:
        return _PERCENT.sub(_octet, text.encode()).decode()
    except UnicodeError:
        pass
    # Raised outside the handler: an exception in the chain would have the octets.
    raise UsageError("a percent code in the URL is not UTF-8")


def _octet(code: re.Match[bytes]) -> bytes:
    if code[1] is None:
        raise UsageError("a URL has a % that begins no percent code: write it as %25")
    return bytes([int(code[1], 16)])


def _encode(text: str, safe: bytes = b"") -> str:
    """Percent-encode everything that is neither unreserved nor `safe`."""
    kept = _UNRESERVED.union(safe)
    return "".join(chr(o) if o in kept else f"%{o:02X}" for o in text.encode("utf-8"))
