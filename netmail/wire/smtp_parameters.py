"""Parameters of MAIL and RCPT, and XCLIENT's attributes: values to octets.

This file must not know which extensions a server offers, nor which parameters are wanted.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from netmail.delivery_options import ADDRESS_TYPE

# xtext   = *( xchar / hexchar )                                    RFC 3461 section 4
# xchar   = any ASCII CHAR between "!" (33) and "~" (126) inclusive, except for "+" and "="
# hexchar = ASCII "+" immediately followed by two upper case hexadecimal digits
_NOT_XCHAR: Final = re.compile(rb"[^!-*,-<>-~]")

# utf-8-addr-xtext    = 1*(QCHAR / EmbeddedUnicodeChar)             RFC 6533 section 3
# QCHAR               = %x21-2a / %x2c-3c / %x3e-5b / %x5d-7e
# EmbeddedUnicodeChar = %x5C.78 "{" HEXPOINT "}"
_NOT_QCHAR: Final = re.compile(r"[^!-*,-<>-\[\]-~]")

# min-by-time, max-future-release-interval: 1*9DIGIT                RFC 2852 section 2, RFC 4865
_DIGITS: Final = re.compile(r"[0-9]{1,9}")


def xtext(text: str) -> bytes:
    """Write a text so that it fits into a parameter: a space is "+20".

    RFC 3461 section 4.
    """
    return _NOT_XCHAR.sub(lambda octet: b"+%02X" % octet[0][0], text.encode())


def ret(value: str) -> bytes:
    """Write RET.

    RFC 3461 section 4.3: "RET=" ("FULL" / "HDRS").
    """
    return b" RET=" + value.encode()


def envid(value: str) -> bytes:
    """Write ENVID.

    RFC 3461 section 4.4: "ENVID=" xtext.
    """
    return b" ENVID=" + xtext(value)


def notify(conditions: Iterable[str]) -> bytes:
    """Write NOTIFY.

    RFC 3461 section 4.1: "NOTIFY=" ("NEVER" / 1#notify-list-element).
    """
    return b" NOTIFY=" + ",".join(conditions).encode()


def orcpt(value: str) -> bytes:
    """Write ORCPT, for an address beyond ASCII with the address type "utf-8".

    RFC 3461 section 4.2: "ORCPT=" addr-type ";" xtext; RFC 6533 section 3.
    """
    # The caller's own type stays; what has none is an address of the Internet, "rfc822".
    typed = ADDRESS_TYPE.fullmatch(value)
    kind, address = (typed["type"], typed["address"]) if typed else ("rfc822", value)
    if address.isascii():
        return b" ORCPT=%s;%s" % (kind.encode(), xtext(address))
    # This form passes servers without SMTPUTF8 too.
    written = _NOT_QCHAR.sub(lambda found: f"\\x{{{ord(found[0]):02X}}}", address)
    return b" ORCPT=utf-8;" + written.encode()


def by(seconds: int, mode: str, *, trace: bool) -> bytes:
    """Write BY.

    RFC 2852 section 4: by-value = by-time ";" by-mode [by-trace]; by-trace = "T".
    """
    return b" BY=%d;%s%s" % (seconds, mode.encode(), b"T" if trace else b"")


def hold_for(seconds: int) -> bytes:
    """Write HOLDFOR.

    RFC 4865 section 5: "HOLDFOR=" future-release-integer.
    """
    return b" HOLDFOR=%d" % seconds


def hold_until(time: datetime) -> bytes:
    """Write HOLDUNTIL, in UTC.

    RFC 4865 section 5: "HOLDUNTIL=" Internet-style-date-time-UTC.
    """
    return b" HOLDUNTIL=" + _date_time(time)


def mt_priority(value: int) -> bytes:
    """Write MT-PRIORITY.

    RFC 6710 section 3: "MT-PRIORITY=" ["-"] NZDIGIT / "0".
    """
    return b" MT-PRIORITY=%d" % value


def auth(mailbox: bytes) -> bytes:
    """Write AUTH; an empty mailbox is "<>", for a user that is not known.

    RFC 4954 section 5: "AUTH=" xtext, whose decoded form is a mailbox or "<>".
    """
    return b" AUTH=" + (xtext(mailbox.decode()) if mailbox else b"<>")


def rrvs(time: datetime, action: str | None) -> bytes:
    """Write RRVS, in UTC.

    RFC 7293 section 3.1: "RRVS=" date-time [ ";" ( "C" / "R" ) ].
    """
    return b" RRVS=" + _date_time(time) + (b";" + action.encode() if action else b"")


def _date_time(time: datetime) -> bytes:
    """Write a time as RFC 3339 does, to the second."""
    # date-time = full-date "T" full-time; "Z" is UTC                  RFC 3339 section 5.6
    # isoformat() and not strftime(), which writes years before 1000 with fewer than four digits.
    utc = time.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    return f"{utc.isoformat()}Z".encode()


def read_seconds(parameters: Sequence[str]) -> int | None:
    """Read the first parameter of DELIVERBY or FUTURERELEASE; `None` if it has no number."""
    # deliverby-keyword = "DELIVERBY" [SP min-by-time]; a server may leave the limit out
    if not parameters or not _DIGITS.fullmatch(parameters[0]):
        return None
    return int(parameters[0])


def read_latest(parameters: Sequence[str]) -> datetime | None:
    """Read the second parameter of FUTURERELEASE; `None` if it is no time.

    RFC 4865 section 3: future-release-max-datetime = Internet-style-date-time-UTC.
    """
    try:
        found = datetime.fromisoformat(parameters[1]) if len(parameters) > 1 else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def limit(parameters: Iterable[str], name: str) -> int | None:
    """Read one limit of LIMITS; `None` if the server names none.

    RFC 9422 section 3: limit-name-value = limit-name [ "=" limit-value ]; the limits that are
    registered have 1*6DIGIT, and 0 is none.
    """
    # Names of limits "are not case sensitive"; one that is not known is no error.
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.upper() == name and value.isascii() and value.isdigit() and len(value) <= 6:
            return int(value) or None
    return None
