"""Addresses: their values, and the strict grammar of an address that a caller gives.

This file must not know how addresses are read from a received header, nor how they are written
into a header or a command.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Final, NamedTuple

from netmail.errors import NetmailError, UsageError
from netmail.text import check_text

ADDRESS_LIMIT: Final = 320
"""Octets of an address: 64 + "@" + 255, RFC 5321 section 4.5.3.1; some senders use it up in the
local part alone."""

DOMAIN_LIMIT: Final = 253
"""Octets of a domain name: RFC 1035 section 2.3.4 without the root's dot."""

# Atom = 1*atext                                              RFC 5322 section 3.2.3
# atext =/ UTF8-non-ascii                                     RFC 6531 section 3.3
ATOM: Final = r"(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]|[^\x00-\x7f])++"

# Local-part    = Dot-string / Quoted-string                  RFC 5321 section 4.1.2
# Dot-string    = Atom *("." Atom)
# Quoted-string = DQUOTE *QcontentSMTP DQUOTE
# QcontentSMTP  = qtextSMTP / quoted-pairSMTP;  qtextSMTP =/ UTF8-non-ascii (RFC 6531 section 3.3)
# qtextSMTP     = %d32-33 / %d35-91 / %d93-126
# quoted-pairSMTP = %d92 %d32-126
# This pattern and the next are strings, which `re` compiles at their first use: reading mail loads
# this module for its values, and never needs them.
_LOCAL_PART: Final = rf'{ATOM}(?:\.{ATOM})*+|"(?:[ !#-\[\]-~]|[^\x00-\x7f]|\\[ -~])*+"'

# Domain     = sub-domain *("." sub-domain)                   RFC 5321 section 4.1.2
# sub-domain = Let-dig [Ldh-str], at most 63 octets (RFC 1035 section 2.3.4); and the underscore
# that hosts of intranets have in their names.
_SUB_DOMAIN: Final = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_DOMAIN: Final = rf"{_SUB_DOMAIN}(?:\.{_SUB_DOMAIN})*+"

# address-literal = "[" ( IPv4-address-literal / IPv6-address-literal /
#                   General-address-literal ) "]"             RFC 5321 section 4.1.3
# IPv4-address-literal = Snum 3("."  Snum); Snum = 1*3DIGIT, from 0 to 255
# IPv6-address-literal = "IPv6:" IPv6-addr
# General-address-literal = Standardized-tag ":" 1*dcontent; dcontent = %d33-90 / %d94-126.
# An "@", a comma or a quote in it would be another address for some readers, and "2001:" no tag.
_SNUM: Final = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4: Final = rf"{_SNUM}(?:\.{_SNUM}){{3}}"
_TAGGED: Final = r"(?P<tag>[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?):(?P<content>[A-Za-z0-9._:/-]+)"

# Nearly every address: a Dot-string of letters, digits and three marks, "@", and a domain. What
# this accepts, `addr_spec()` returns as it is given.
_USUAL: Final = rf"[A-Za-z0-9_+-]++(?:\.[A-Za-z0-9_+-]++)*+@{_DOMAIN}"


class Address(NamedTuple):
    """One mailbox: a display name and an addr-spec.

    Attributes:
        name: The display name, decoded; "" where there is none.
        address: The addr-spec, such as "user@example.org", as written; "" for an empty one.

    RFC 5322 section 3.4.
    """

    name: str
    address: str

    @property
    def local(self) -> str:
        """The part before the last "@", with its quotes."""
        return self.address.rpartition("@")[0] if "@" in self.address else self.address

    @property
    def domain(self) -> str:
        """The part after the last "@"; "" where there is none."""
        return self.address.rpartition("@")[2] if "@" in self.address else ""

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


class Group(NamedTuple):
    """A named list of mailboxes.

    Attributes:
        name: The group's display name, decoded.
        mailboxes: Its members; often none, as in "undisclosed-recipients:;".

    RFC 5322 section 3.4.
    """

    name: str
    mailboxes: tuple[Address, ...] = ()


def mailboxes(addresses: Iterable[Address | Group]) -> list[Address]:
    """List the mailboxes in their order, those in groups included."""
    found: list[Address] = []
    for item in addresses:
        if isinstance(item, Group):
            found.extend(item.mailboxes)
        else:
            found.append(item)
    return found


def addr_spec(text: str, what: str = "address", error: type[NetmailError] = UsageError) -> str:
    """Check one bare address, and write its domain with A-labels.

    The local part stays as given: without its quotes, `"x@evil y"@host` would be another address.
    The domain has A-labels, so a domain alone never needs SMTPUTF8.

    Args:
        text: Such as "user@example.org"; nothing is stripped and nothing repaired.
        what: What it is for; the error's sentence begins with it.
        error: The class to raise for what is no address.

    Raises:
        UsageError: If it is no str, or its domain needs the package `idna`, which is not installed.
        error: If it is not exactly one address: it has a display name, a source route, a space or
            control character, or an angle bracket outside quotes; or its domain is not valid.

    RFC 5321 section 4.1.2: Mailbox = Local-part "@" ( Domain / address-literal ).
    """
    # A batch has as many addresses as messages: one search instead of four.
    if type(text) is str and len(text) <= DOMAIN_LIMIT and _usual().fullmatch(text):
        return text
    return thorough_addr_spec(text, what, error)


@cache
def _usual() -> re.Pattern[str]:
    """Compile the pattern at its first use; `re` takes as long as a match to find it again."""
    return re.compile(_USUAL)


def thorough_addr_spec(text: str, what: str, error: type[NetmailError]) -> str:
    """Do the same for any text, one rule after another."""
    check_text(text, what, error)
    local = re.match(_LOCAL_PART, text)
    at = local.end() if local else 0
    if local is None or text[at : at + 1] != "@":
        raise error(f"{what}: {_shown(text)} is not a bare address such as user@example.org")
    if not local[0].isascii() and not local[0].isprintable():
        raise error(f"{what}: {_shown(text)} has invisible characters")
    try:
        address = f"{local[0]}@{_domain(text[at + 1 :], error)}"
    except error as reason:
        raise error(f"{what}: {_shown(text)} has no valid domain: {reason}") from reason
    if len(address.encode()) > ADDRESS_LIMIT:
        raise error(f"{what}: {_shown(text)} is longer than {ADDRESS_LIMIT} octets")
    return address


def _domain(text: str, error: type[NetmailError]) -> str:
    if text.startswith("["):
        return _address_literal(text, error)
    domain = domain_to_ascii(text, error)
    if len(domain) > DOMAIN_LIMIT:
        raise error(f"it is longer than {DOMAIN_LIMIT} octets")
    if not re.fullmatch(_DOMAIN, domain):
        raise error("it is not labels of letters, digits and hyphens, separated by dots")
    return domain


def _address_literal(text: str, error: type[NetmailError]) -> str:
    """Check an address literal: what no server can read the same as another is refused.

    RFC 5321 section 4.1.3.
    """
    # "Snum = 1*3DIGIT ; representing a decimal integer value in the range 0 through 255". With a
    # zero in front of it some read it as octal: [010.0.0.1] is 10.0.0.1 or 8.0.0.1.
    inner = text[1:-1]
    if text.endswith("]") and len(text) <= DOMAIN_LIMIT:
        if re.fullmatch(_IPV4, inner):
            return text
        tagged = re.fullmatch(_TAGGED, inner)
        # "Standardized-tag MUST be specified in a Standards-Track RFC and registered with IANA";
        # IPv6 is the only one so far, and its content is an address.
        if tagged and (tagged["tag"].lower() != "ipv6" or _is_ipv6(tagged["content"])):
            return text
    raise error("it is no address literal such as [192.0.2.1] or [IPv6:2001:db8::1]")


def _is_ipv6(text: str) -> bool:
    from ipaddress import IPv6Address  # noqa: PLC0415 -- half a millisecond, and seldom needed

    # Python knows a zone too, as in "fe80::1%eth0", which is local and no part of IPv6-addr.
    try:
        return IPv6Address(text).scope_id is None
    except ValueError:
        return False


def domain_to_ascii(domain: str, error: type[NetmailError] = UsageError) -> str:
    """Write a domain name in ASCII, as DNS, certificates and mail servers have it.

    A name beyond ASCII is mapped by Unicode Technical Standard 46, without its transitional rules,
    and each label is checked by IDNA 2008. So "Faß.example" is "xn--fa-hia.example", and not
    "fass.example", which belongs to somebody else.

    Args:
        domain: A domain name, or a host's.
        error: The class to raise for a name that is not valid.

    Returns:
        The name with A-labels; a name in ASCII as it is, unchecked.

    Raises:
        UsageError: If the package `idna` is not installed.
        error: If the name is longer than 253 characters, or not valid. The sentence does not
            repeat the name, which may be a password in the wrong place; its cause may.

    RFC 5891 section 4.
    """
    if domain.isascii():
        return domain
    # Bounded first: not every version of every rule takes linear time.
    if len(domain) > DOMAIN_LIMIT:
        raise error(f"it is longer than {DOMAIN_LIMIT} characters")
    try:
        import idna  # noqa: PLC0415 -- an extra; its tables take 10 ms, and few names need them
    except ImportError:
        advice = "pip install netmail[idn]"
        raise UsageError(f"a domain beyond ASCII needs the package idna: {advice}") from None
    try:
        # STD 3: after the mapping, no ASCII but letters, digits, hyphens and dots. A full-width
        # "@" or "/" is mapped to the ASCII one, and must not come to mean anything.
        return idna.encode(domain, uts46=True, std3_rules=True).decode("ascii")
    except UnicodeError as reason:
        raise error("it is no internationalized domain name (IDNA 2008)") from reason


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:77]}...")
