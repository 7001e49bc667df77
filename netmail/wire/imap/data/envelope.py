"""ENVELOPE: the header fields that a server parses.

This file knows their order and the form of an address, and no FETCH. Two readers do the same:
`usual_envelope()` takes the form of nearly all, with one expression, and `envelope()` takes any,
from parsed values. `test_envelope.test_both_readers_agree` holds the first to the second.
"""

import re
from functools import cache, lru_cache
from typing import Final

from netmail.address import Address, Group
from netmail.errors import ProtocolError
from netmail.results.imap_envelope import Addresses, ImapEnvelope
from netmail.wire.imap.data.decoding import HeaderDecoding
from netmail.wire.imap.data.mend import mend
from netmail.wire.imap.data.quick_value import quick
from netmail.wire.imap.responses import Value, unescaped

# quoted = DQUOTE *QUOTED-CHAR DQUOTE (RFC 9051 section 9), its text as a group; the first where
# nothing is escaped, which takes half the time.
_PLAIN: Final = rb'"([^"]*+)"'
_ESCAPED: Final = rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)"'


@cache
def _address_pattern(quoted: bytes) -> re.Pattern[bytes]:
    # address = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")" (RFC 9051 section 9); NIL
    # as mailbox or host belongs to a group, and is left to the thorough reader.
    skipped = quoted.replace(b"([", b"(?:[", 1)
    return re.compile(
        rb"\((?:NIL|%b) (?:NIL|%b) %b %b\) ?" % (quoted, skipped, quoted, quoted),
        re.DOTALL,
    )


@cache
def _envelope_pattern(quoted: bytes) -> re.Pattern[bytes]:
    # envelope = "(" env-date SP env-subject SP env-from SP env-sender SP env-reply-to SP env-to SP
    # env-cc SP env-bcc SP env-in-reply-to SP env-message-id ")" (RFC 9051 section 9), where strings
    # are quoted or NIL.
    skipped = quoted.replace(b"([", b"(?:[", 1)
    addresses = rb"(NIL|\((?:\((?:NIL|%b) (?:NIL|%b) %b %b\) ?)++\))" % ((skipped,) * 4)
    return re.compile(
        rb"\((?:NIL|%b) (?:NIL|%b) %b (?:NIL|%b) (?:NIL|%b)\)"
        % (quoted, quoted, b" ".join([addresses] * 6), quoted, quoted),
        re.DOTALL,
    )


# addr-spec = local-part "@" domain (RFC 5322 section 3.4.1), as the reader of mail takes it: of any
# characters but specials, and with one "@" only, else a program that splits at the other one reads
# another address (CVE-2019-16056).
_ADDR_SPEC: Final = re.compile(
    r'(?:[^\s<>()\[\]\\,;:@"\0]++|"(?:[^"\\\r\n\0]|\\[^\r\n\0])*+")'
    r'@(?:[^\s<>()\[\]\\,;:@"\0]++|\[[^\[\]\s\\]*+\])'
)
# addr-spec = local-part "@" domain (RFC 5322 section 3.4.1), of letters, digits and what is as
# plain, with two labels at least: none of _NO_ADDRESS and _NO_DOMAIN is among these.
_USUAL_SPEC: Final = re.compile(
    rb"[A-Za-z0-9.+-]++@[A-Za-z0-9][A-Za-z0-9-]*+(?:\.[A-Za-z0-9][A-Za-z0-9-]*+)++"
)
# addr-mailbox "holds [RFC5322] local-part after removing [RFC5322] quoting" (RFC 9051 section 9):
# "john doe". With a control character it is none.
_QUOTABLE: Final = re.compile(r"[^\x00-\x1f\x7f]+")
# "root": a local part without a domain, as cron and local mailers write it.
_LOCAL: Final = re.compile(r'[^\s<>()\[\]\\,;:@"\0=]++')
_NO_DOMAIN: Final = frozenset({b"MISSING_DOMAIN", b".MISSING-HOST-NAME.", b"unspecified-domain"})
"""What Dovecot, UW IMAP and Cyrus write as the host of an address without a domain."""
_NO_ADDRESS: Final = frozenset({b"MISSING_MAILBOX", b"INVALID_ADDRESS", b".SYNTAX-ERROR."})
"""What Dovecot and UW IMAP write as mailbox or host of what is no address."""
_FIELDS: Final = 10
_envelope: Final = quick(ImapEnvelope)


def usual_envelope(text: bytes, decoding: HeaderDecoding) -> ImapEnvelope | None:
    """Read an envelope of the usual form; `None` for any other, which is for `envelope()`.

    Args:
        text: The envelope as it was sent, parentheses included.
        decoding: How text is decoded.

    RFC 9051 section 7.5.2.
    """
    is_plain = b"\\" not in text
    found = _envelope_pattern(_PLAIN if is_plain else _ESCAPED).fullmatch(text)
    if found is None:
        return None
    (raw_date, raw_subject, raw_from, raw_sender, raw_reply_to, raw_to, raw_cc, raw_bcc,
     in_reply_to, message_id) = found.groups(b"")  # fmt: skip
    if not is_plain:
        raw_date, raw_subject = unescaped(raw_date), unescaped(raw_subject)
        in_reply_to, message_id = unescaped(in_reply_to), unescaped(message_id)
    # "If the Sender or Reply-To header fields are absent [...] the server sets the corresponding
    # member of the envelope to be the same value as the from member": they are read once.
    from_ = _usual_addresses(raw_from, decoding)
    return _envelope(
        decoding.date(raw_date),
        decoding.text(raw_subject),
        from_,
        from_ if raw_sender == raw_from else _usual_addresses(raw_sender, decoding),
        from_ if raw_reply_to == raw_from else _usual_addresses(raw_reply_to, decoding),
        _usual_addresses(raw_to, decoding),
        () if raw_cc == b"NIL" else _usual_addresses(raw_cc, decoding),
        () if raw_bcc == b"NIL" else _usual_addresses(raw_bcc, decoding),
        _msg_id(in_reply_to) if in_reply_to else "",
        _msg_id(message_id) if message_id else "",
        raw_date,
        raw_subject,
    )


def envelope(value: Value, decoding: HeaderDecoding, *, strict: bool = False) -> ImapEnvelope:
    """Read an envelope of any form.

    Args:
        value: The parsed value of ENVELOPE.
        decoding: How text is decoded.
        strict: Whether what known servers do against the grammar is refused.

    Raises:
        ProtocolError: If it is no list of strings and addresses.

    RFC 9051 section 7.5.2.
    """
    # ("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "Summary" (("Terry Gray" NIL "gray"
    # "cac.washington.edu")) ... NIL NIL NIL "<B27397-0100000@cac.washington.edu>")
    if not isinstance(value, list) or not value:
        raise ProtocolError("an ENVELOPE is no list", b"", "(date subject from ...)")
    fields = _ten(value, strict=strict)
    raw_date, raw_subject, in_reply_to, message_id = [_string(fields[at]) for at in (0, 1, 8, 9)]
    from_, sender, reply_to, to, cc, bcc = [
        _addresses(field, decoding, strict=strict) for field in fields[2:8]
    ]
    return ImapEnvelope(
        decoding.date(raw_date),
        decoding.text(raw_subject),
        from_,
        sender,
        reply_to,
        to,
        cc,
        bcc,
        _msg_id(in_reply_to),
        _msg_id(message_id),
        raw_date,
        raw_subject,
    )


def _ten(value: list[Value], *, strict: bool) -> list[Value]:
    """Return ten fields: NIL for what is missing at the end, nothing for what is too much."""
    count = len(value)
    if count == _FIELDS:
        return value
    mend(
        "an ENVELOPE has not ten fields",
        "(date subject from ... message-id)",
        strict=strict,
    )
    # The one string after the addresses is the Message-ID, which nearly every message has.
    if count == _FIELDS - 1:
        return [*value[:8], None, value[8]]
    return [*value[:_FIELDS], *[None] * (_FIELDS - count)]


def _string(value: Value) -> bytes:
    # env-date = nstring, env-subject = nstring, env-in-reply-to = nstring, env-message-id = nstring
    if isinstance(value, list):
        raise ProtocolError("an ENVELOPE has a list where a string must be", b"", "nstring")
    return value or b""


def _msg_id(raw: bytes) -> str:
    # msg-id = [CFWS] "<" id-left "@" id-right ">" [CFWS] (RFC 5322 section 3.6.4): no free text, so
    # that nothing in it is decoded.
    return " ".join(raw.decode("utf-8", "replace").replace("\0", "").split()) if raw else ""


def _name(raw: bytes, decoding: HeaderDecoding) -> str:
    return " ".join(decoding.text(raw).split()) if raw else ""


def _usual_addresses(raw: bytes, decoding: HeaderDecoding) -> Addresses:
    # env-from = "(" 1*address ")" / nil
    if raw == b"NIL":
        return ()
    if b"\\" in raw:
        found = [tuple(map(unescaped, each)) for each in _address_pattern(_ESCAPED).findall(raw)]
    else:
        found = _address_pattern(_PLAIN).findall(raw)
    return tuple([_repeated(name, mailbox, host, decoding) for name, mailbox, host in found])


def _addresses(value: Value, decoding: HeaderDecoding, *, strict: bool) -> Addresses:
    # env-to = "(" 1*address ")" / nil
    if value is None:
        return ()
    if not isinstance(value, list):
        mend(
            "an ENVELOPE has a string for addresses",
            "(address ...) or NIL",
            strict=strict,
        )
        return ()
    # One address without the parentheses around the list.
    if value and not any(isinstance(each, list) for each in value):
        mend("an address is in no list", "((name adl mailbox host))", strict=strict)
        value = [value] if len(value) == 4 else []
    found: list[Address | Group] = []
    group: tuple[str, list[Address]] | None = None
    for each in value:
        members = _members(each, strict=strict)
        if members is None:
            continue
        name, mailbox, host = members
        if host is not None:
            address = _address(name or b"", mailbox or b"", host, decoding)
            (found if group is None else group[1]).append(address)
            continue
        # "[RFC5322] group syntax is indicated by a special form of address structure in which the
        # hostname field is NIL. If the mailbox name field is also NIL, this is an end-of-group
        # marker", and else "the start of a group marker, and the mailbox name field holds the group
        # name phrase".
        if group is not None:
            found.append(Group(group[0], tuple(group[1])))
        group = None if mailbox is None else (_name(mailbox, decoding), [])
    if group is not None:
        mend("a group of addresses has no end", "(NIL NIL NIL NIL)", strict=strict)
        found.append(Group(group[0], tuple(group[1])))
    return tuple(found)


def _members(
    value: Value, *, strict: bool
) -> tuple[bytes | None, bytes | None, bytes | None] | None:
    """Return name, mailbox and host of an address; `None` if it has not so many."""
    members = value if isinstance(value, list) else []
    strings = [each for each in members if not isinstance(each, list)]
    if len(members) != 4 or len(strings) != 4:
        mend("an address has another form", "(name adl mailbox host)", strict=strict)
    # addr-adl, the source route, is obsolete, and may be missing.
    if len(strings) == 3:
        return strings[0], strings[1], strings[2]
    return (strings[0], strings[2], strings[3]) if len(strings) > 3 else None


def _address(name: bytes, mailbox: bytes, host: bytes, decoding: HeaderDecoding) -> Address:
    """Join mailbox and host; what is no address has the address "" and is shown as a name."""
    # addr-name: "If non-NIL, holds phrase from [RFC5322] mailbox after removing [RFC5322] quoting";
    # encoded words are decoded in names, after the server has cut the field, and never in an
    # address, so that they cannot add one.
    shown = _name(name, decoding) if name else ""
    spec = b"%b@%b" % (mailbox, host)
    if _USUAL_SPEC.fullmatch(spec):
        return Address(shown, spec.decode("ascii"))
    address = ""
    if mailbox not in _NO_ADDRESS and host not in _NO_ADDRESS:
        local = mailbox.decode("utf-8", "replace")
        if host and host not in _NO_DOMAIN:
            address = _addr_spec(local, host.decode("utf-8", "replace"))
        elif _LOCAL.fullmatch(local):
            address = local
    return Address(shown or ("" if address else _name(mailbox, decoding)), address)


# The same few write to each other, and nearly every message has the user's own address.
_repeated = lru_cache(maxsize=2048)(_address)


def _addr_spec(local: str, host: str) -> str:
    spec = f"{local}@{host}"
    if _ADDR_SPEC.fullmatch(spec):
        return spec
    if not _QUOTABLE.fullmatch(local):
        return ""
    # quoted-pair = ("\" (VCHAR / WSP)) (RFC 5322 section 3.2.1): the server took off the quotes.
    escaped = local.replace("\\", "\\\\").replace('"', '\\"')
    spec = f'"{escaped}"@{host}'
    return spec if _ADDR_SPEC.fullmatch(spec) else ""
