"""Address fields: read in their usual form, and written as text to be displayed.

This file knows a plain list of mailboxes; `lenient_addresses.py` reads everything else, and is
loaded with the first field that needs it.
"""

import re

from netmail.address import Address, Group
from netmail.limits import DEFAULT_LIMITS, MessageLimits
from netmail.mime.defects import DefectHandler, DefectKind, ignore
from netmail.mime.fields.encoded_words import decode_encoded_words

# address-list = (address *("," address)) / obs-addr-list     RFC 5322 section 3.4
# address      = mailbox / group
# mailbox      = name-addr / addr-spec
# name-addr    = [display-name] angle-addr
# angle-addr   = [CFWS] "<" addr-spec ">" [CFWS] / obs-angle-addr
# display-name = phrase
# phrase       = 1*word / obs-phrase                          RFC 5322 section 3.2.5
# word         = atom / quoted-string
# addr-spec    = local-part "@" domain                        RFC 5322 section 3.4.1
# local-part   = dot-atom / quoted-string / obs-local-part
# domain       = dot-atom / domain-literal / obs-domain
#
# One mailbox and its comma, without comments, escapes, groups, domain literals and quoted local
# parts. A display name is one quoted string, or atoms with the dots of obs-phrase ("Dr. No").
# Commas may be doubled or at the ends, as obs-addr-list allows. UTF-8 may be anywhere (RFC 6532
# section 3.2), and any character but specials counts as atext, as mailers have it.
_MAILBOX = re.compile(
    r"[ \t,]*+(?:\"([^\"\\\0]*)\"[ \t]*+|([^\"<>()\[\]\\,;:@\0]*+))"
    r"(?:<([^\s<>()\[\]\\,;:@\"\0]++@[^\s<>()\[\]\\,;:@\"\0]++)>[ \t]*+)(?:,|\Z)"
    r"|[ \t,]*+([^\s<>()\[\]\\,;:@\"\0]++@[^\s<>()\[\]\\,;:@\"\0]++)[ \t]*+(?:,|\Z)"
)

# phrase = 1*word, of characters but specials                 RFC 5322 sections 3.2.3 and 3.2.5
# A name that needs no quotes to be read again as one name.
_PLAIN_NAME = r"[^\"(),:;<>@\[\\\]]*+\Z"


def address_list(
    text: str, limits: MessageLimits = DEFAULT_LIMITS, *, report: DefectHandler = ignore
) -> list[Address | Group]:
    """Read mailboxes and groups.

    Args:
        text: An unfolded header value, encoded words not decoded.
        limits: Longest value, most addresses, deepest nesting.
        report: Called with BAD_ADDRESS, VALUE_TOO_LONG and TOO_MANY_ADDRESSES.

    Returns:
        `Address` and `Group` values in order. Text that is no address gives an `Address`
        with a name and the empty address; an empty value gives nothing.

    RFC 5322 section 3.4.
    """
    if len(text) > limits.header_value:
        report(DefectKind.VALUE_TOO_LONG)
        # A cut must not make a shorter address: the last element, which was cut, is dropped.
        text = text[: limits.header_value].rpartition(",")[0]
    elements: list[Address | Group] = []
    position = 0
    while (match := _MAILBOX.match(text, position)) is not None:
        if len(elements) >= limits.addresses:
            break
        quoted, name, angle, bare = match.groups()
        if bare:
            elements.append(Address("", bare))
        else:
            # RFC 2047 section 5 (3): encoded words are decoded in the phrase only, after the
            # value was cut, so that they can add neither a mailbox nor an address.
            text_name = quoted if name is None else name
            if "=?" in text_name:
                text_name = decode_encoded_words(text_name)
            elements.append(Address(" ".join(text_name.split()), angle))
        position = match.end()
    if position < len(text):
        from netmail.mime.fields.lenient_addresses import (  # noqa: PLC0415 - most mail is plain
            AddressScanner,
        )

        AddressScanner(text, position, elements, limits, report).run()
    return elements


def format_address(address: Address) -> str:
    """Write one mailbox as text to be displayed, its name quoted if it could be misread."""
    if not address.address:
        return _quote(address.name)
    return f"{_quote(address.name)} <{address.address}>" if address.name else address.address


def format_list(elements: list[Address | Group]) -> str:
    """Write mailboxes and groups as text to be displayed; read again, they are the same."""
    return ", ".join(
        f"{_quote(element.name)}: {', '.join(map(format_address, element.mailboxes))};"
        if isinstance(element, Group)
        else format_address(element)
        for element in elements
    )


def _quote(name: str) -> str:
    if re.match(_PLAIN_NAME, name):
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
