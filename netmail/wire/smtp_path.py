"""Addresses as they stand in SMTP commands: checked whole, never passed on as they came.

This file knows the grammar of paths, and neither headers nor display names.
"""

import re
from typing import Final

from netmail.errors import UsageError
from netmail.idna import DOMAIN_LIMIT, to_ascii
from netmail.text import check_text

ADDRESS_LIMIT: Final = 320
"""Octets of an address: 64 + "@" + 255, RFC 5321 section 4.5.3.1; some senders use it up in the
local part alone."""

# Mailbox = Local-part "@" ( Domain / address-literal )                  RFC 5321 section 4.1.2
# Local-part = Dot-string / Quoted-string; UTF-8 in both                 RFC 6531 section 3.3
_ATEXT: Final = r"(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]|[^\x00-\x7f])++"
# Angle brackets are legal within quotes, but a server that cuts at the first ">" would take what
# follows for parameters, or another domain.
_QUOTED: Final = r'"(?:[ !#-;=?-\[\]-~]|[^\x00-\x7f]|\\[ -;=?-~])*+"'
_LOCAL: Final = re.compile(rf"{_ATEXT}(?:\.{_ATEXT})*+|{_QUOTED}")
# sub-domain = Let-dig [Ldh-str], with the underscore that intranets use.
_LABEL: Final = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_DOMAIN: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*+")
_LITERAL: Final = re.compile(r"\[(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|IPv6:[0-9A-Fa-f:.]{2,45})\]")
_ATOM: Final = re.compile(_ATEXT)


def reverse_path(sender: str) -> bytes:
    """Write who sends; "" is the null reverse-path of bounces, `<>`.

    Raises:
        UsageError: If it is no address.

    RFC 5321 section 4.1.2.
    """
    return b"<>" if sender == "" else forward_path(sender, "the sender")


def forward_path(recipient: str, what: str = "a recipient") -> bytes:
    """Write who receives, with angle brackets; it has octets beyond ASCII where SMTPUTF8 is needed.

    Raises:
        UsageError: If it is no address.

    RFC 5321 section 4.1.2.
    """
    # The one address that needs no domain: RFC 5321 section 4.1.1.3.
    if check_text(recipient, what).lower() == "postmaster":
        return b"<" + recipient.encode() + b">"
    return b"<" + _mailbox(recipient, what) + b">"


def mailbox(address: str, what: str = "an address") -> bytes:
    """Write one bare address.

    Its local part stays as given: unquoting `"x@evil y"@host` would send elsewhere. Its domain is
    written with A-labels, so that a name alone never needs SMTPUTF8.

    Raises:
        UsageError: If it is not exactly one address: a display name, a line end, a control
            character, a blank or an angle bracket outside quotes, or a source route stands there.

    RFC 5321 section 4.1.2.
    """
    return _mailbox(check_text(address, what), what)


def string(value: str, what: str) -> bytes:
    """Write what VRFY and EXPN ask for: an address, a name as an atom, or a quoted string.

    Raises:
        UsageError: If it is empty, has control characters, or looks like an address and is none.

    RFC 5321 sections 4.1.1.6, 4.1.2: String = Atom / Quoted-string.
    """
    check_text(value, what)
    if "@" in value:
        return mailbox(value, what)
    if not value or not value.isprintable() or len(value) > ADDRESS_LIMIT:
        raise UsageError(
            f"{what} must be a name of at most {ADDRESS_LIMIT} letters: {value[:80]!r}"
        )
    if _ATOM.fullmatch(value):
        return value.encode()
    if any(mark in value for mark in '<>"\\'):
        raise UsageError(f"{what} must be a bare address or a name: {value!r}")
    return b'"' + value.encode() + b'"'


def _mailbox(address: str, what: str) -> bytes:
    local = _LOCAL.match(address)
    stop = local.end() if local else 0
    if local is None or address[stop : stop + 1] != "@":
        raise _no_address(address, what)
    if not local[0].isascii() and not local[0].isprintable():
        raise UsageError(f"{what} has invisible characters: {address[:80]!a}")
    written = f"{local[0]}@{_domain(address[stop + 1 :], address, what)}".encode()
    if len(written) > ADDRESS_LIMIT:
        raise UsageError(f"{what} is longer than {ADDRESS_LIMIT} octets: {address[:80]!r}...")
    return written


def _domain(text: str, address: str, what: str) -> str:
    if _LITERAL.fullmatch(text):
        return text
    domain = to_ascii(text)
    # Checked after the conversion: IDNA folds a full-width "@" or "/" into the ASCII one.
    if len(domain) > DOMAIN_LIMIT or not _DOMAIN.fullmatch(domain):
        raise _no_address(address, what)
    return domain


def _no_address(address: str, what: str) -> UsageError:
    shown = ascii(address if len(address) <= 80 else address[:77] + "...")
    return UsageError(f"{what} must be a bare address such as user@example.org, not {shown}")
