"""One hop of a message's path: the Received field.

This file knows the clauses as servers write them, which is not quite as RFC 5321 has them; it
knows no message.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from netmail.mime.fields.comments import without_comments
from netmail.mime.fields.dates import parse_date

# Time-stamp-line = "Received:" FWS Stamp <CRLF>              RFC 5321 section 4.4
# Stamp           = From-domain By-domain Opt-info [CFWS] ";" FWS date-time
# From-domain     = "FROM" FWS Extended-Domain
# By-domain       = CFWS "BY" FWS Extended-Domain
# Extended-Domain = Domain / ( Domain FWS "(" TCP-info ")" ) /
#                   ( address-literal FWS "(" TCP-info ")" )
# Opt-info        = [Via] [With] [ID] [For] [Additional-Registered-Clauses]
# Via             = CFWS "VIA" FWS Link
# With            = CFWS "WITH" FWS Protocol
# ID              = CFWS "ID" FWS ( Atom / msg-id )
# For             = CFWS "FOR" FWS ( Path / Mailbox )
#
# Servers write the clauses in any order, and anything between them. So the value is read as tokens
# between spaces: one that names a clause begins it, and the token after it counts.
_CLAUSES = frozenset(["from", "by", "with", "id", "for", "via"])
"""The tokens that begin a clause."""

# TCP-info        = address-literal / ( Domain FWS address-literal )  RFC 5321 section 4.4
# address-literal = "[" ( IPv4-address-literal / IPv6-address-literal / ... ) "]"
#                                                             RFC 5321 section 4.1.3
# "(mx.example.net [192.0.2.1])", "([IPv6:2001:db8::1])"; Exchange leaves the brackets out.
_IP = re.compile(
    r"\[?(?:IPv6:)?((?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})\]?",
    re.IGNORECASE,
)

# Postfix "(using TLSv1.3 with cipher ...)", Exchange "(version=TLS1_2, ...)", Exim "(TLS1.3)".
_TLS = re.compile(r"\b((?:TLS|SSL)v?_?\d[\d._]*)", re.IGNORECASE)

_LONGEST = 8192
"""Characters of a field that are read; real ones stay below 1,000."""


@dataclass(frozen=True, slots=True)
class Received:
    """One hop.

    Attributes:
        from_: The name that the client gave; "" if it is missing.
        by: The server that wrote the field.
        with_: The protocol, such as "ESMTPS".
        id: The server's identifier of the message.
        for_: The recipient, without angle brackets.
        via: The physical connection, seldom given.
        ip: The client's address as the server saw it; "" if it is missing.
        tls: The TLS version, such as "TLSv1.3"; "" if it is missing.
        date: The time of reception, aware; `None` if it cannot be read.

    RFC 5321 section 4.4.
    """

    from_: str = ""
    by: str = ""
    with_: str = ""
    id: str = ""
    for_: str = ""
    via: str = ""
    ip: str = ""
    tls: str = ""
    date: datetime | None = None


def received(text: str) -> Received:
    """Read one Received field.

    Args:
        text: The unfolded value.

    RFC 5321 section 4.4.
    """
    text = text[:_LONGEST]
    # Stamp = From-domain By-domain Opt-info [CFWS] ";" FWS date-time
    clauses, semicolon, date = text.rpartition(";")
    if not semicolon:
        clauses, date = text, ""
    plain, comments = without_comments(clauses)
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for word in plain.split():
        # A clause counts once: "by with.example.net with SMTP" names a host "with..." only.
        if word.lower() in _CLAUSES and word.lower() not in found:
            current = found.setdefault(word.lower(), [])
        else:
            current.append(word)
    values = {name: words[0] if words else "" for name, words in found.items()}
    # Exchange names protocol and link in several parts: "with Microsoft SMTP Server (version=...)
    # id 15.20 via Frontend Transport".
    values |= {name: " ".join(found[name]) for name in ("with", "via") if _is_exchange(found, name)}
    return Received(
        from_=values.get("from", ""),
        by=values.get("by", ""),
        with_=values.get("with", ""),
        id=values.get("id", "").strip("<>"),
        for_=values.get("for", "").strip("<>"),
        via=values.get("via", ""),
        ip=_client_ip(values.get("from", ""), clauses, comments),
        tls=_first(_TLS, [clauses]),
        date=parse_date(date) if date else None,
    )


def _is_exchange(found: dict[str, list[str]], name: str) -> bool:
    return found.get(name, [])[:1] in (["Microsoft"], ["Frontend"], ["Mailbox"])


def _client_ip(name: str, clauses: str, comments: list[str]) -> str:
    # The first comment belongs to "from", unless Exchange describes the server only: "from a by b
    # (2603:10a6::1)". Without one, the client may have given a literal.
    before = clauses.lower().partition(" by ")[0]
    return _first(_IP, [*(comments[:1] if "(" in before else []), name])


def _first(pattern: "re.Pattern[str]", texts: list[str]) -> str:
    for text in texts:
        match = pattern.search(text)
        if match is not None:
            return match[1]
    return ""
