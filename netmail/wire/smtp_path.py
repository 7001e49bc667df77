"""Addresses in SMTP commands: reverse-path, forward-path, and the argument of VRFY and EXPN.

This file must not know headers and display names, nor which command an address is for.
"""

import re
from typing import Final

from netmail.address import ADDRESS_LIMIT, ATOM, addr_spec
from netmail.errors import UsageError
from netmail.text import check_text

# String = Atom / Quoted-string                               RFC 5321 section 4.1.2
_ATOM: Final = re.compile(ATOM)


def reverse_path(sender: str) -> bytes:
    """Write the sender; "" is the null reverse-path of bounces, `<>`.

    Raises:
        UsageError: If it is no address.

    RFC 5321 section 4.1.2: Reverse-path = Path / "<>".
    """
    # Only RCPT has "<Postmaster>" without domain: RFC 5321 section 4.1.1.3.
    return b"<>" if sender == "" else b"<" + mailbox(sender, "the sender") + b">"


def forward_path(recipient: str) -> bytes:
    """Write a recipient in angle brackets; octets beyond ASCII in it need SMTPUTF8.

    Raises:
        UsageError: If it is no address.

    RFC 5321 section 4.1.2: Forward-path = Path; Path = "<" [ A-d-l ":" ] Mailbox ">".
    """
    # "The reserved mailbox name \"postmaster\" may be used in a RCPT command without domain
    # qualification": RFC 5321 section 4.1.1.3.
    if "@" not in str(recipient) and check_text(recipient, "a recipient").lower() == "postmaster":
        return b"<" + recipient.encode() + b">"
    return b"<" + mailbox(recipient, "a recipient") + b">"


def mailbox(address: str, what: str = "an address") -> bytes:
    """Write one bare address, its domain with A-labels.

    Raises:
        UsageError: If it is not exactly one address, or has an angle bracket within its quotes.

    RFC 5321 section 4.1.2.
    """
    written = addr_spec(address, what)
    # They are legal within quotes. But a server that cuts the path at the first ">" would take
    # what follows for parameters of MAIL or RCPT, or for another domain.
    if "<" in written or ">" in written:
        raise UsageError(f"{what}: {address!r} has angle brackets, which some servers misread")
    return written.encode()


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
