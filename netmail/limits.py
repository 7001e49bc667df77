"""Every limit on what is read, with its name, its default and its reason.

This file must not know any grammar: it holds the numbers only.
"""

from typing import NamedTuple

# Tuples with names: making dataclasses of them would take 1 ms more of every import of netmail.

_MIB = 1 << 20


class ServerLimits(NamedTuple):
    """Limits on what is read from a server; going over one raises `ProtocolError`.

    Attributes:
        line: Octets of one line. RFC 5321 allows 512, RFC 2449 512, but IMAP servers send whole
            UID lists and envelopes on one; 8 MiB holds a SEARCH result of a million numbers.
        lines: Lines of one reply: an EHLO has a dozen, a HELP text a hundred.
        handshake: Octets of everything before the login is done, while libcurl connects: greeting,
            capabilities twice, challenges; no server seen sends more than 8 kB.
        literal: Octets of one IMAP literal or one POP3 message; no mail server takes larger mail.
        response: Octets of one whole IMAP response; a little more than the literal it may hold.
        nesting: Parentheses within each other in one IMAP response; the deepest real
            BODYSTRUCTURE seen is about 100.
        responses: Untagged responses to one IMAP command, or entries of a POP3 list: the largest
            mailboxes seen hold a few million messages, and each response costs some 300 octets.
        command: Octets of all responses to one IMAP command that fetches nothing, unsolicited ones
            included; flags of three million messages take 150 MB.
        fetch: Octets of all responses to one FETCH, or to one command of `exec()`: all of them are
            in memory together.
    """

    line: int = 8 * _MIB
    lines: int = 1_000
    handshake: int = _MIB
    literal: int = 1024 * _MIB
    response: int = (1024 + 16) * _MIB
    nesting: int = 256
    responses: int = 3_000_000
    command: int = 256 * _MIB
    fetch: int = 4096 * _MIB


class MessageLimits(NamedTuple):
    """Bounds for one message; raise one with `MessageLimits(parts=50_000)`.

    `size`, `mapped`, `parts`, `header_octets`, `header_fields` and `total_headers` raise
    `LimitError`. Everything else only leaves something unread and records a defect.

    Attributes:
        size: Octets of a message held in memory. Larger ones belong in a file, which is mapped.
        mapped: Octets of a message read from a path: address space, not memory.
        depth: Nested multiparts and messages; a deeper part is a leaf that is not looked into.
            Dovecot allows 100, rspamd 64; real mail stays below 20.
        parts: Body parts; "millions of tiny parts" is a known attack. Dovecot and rspamd: 10,000.
        header_octets: One part's header block. Real blocks stay below 100 kB.
        header_fields: Fields in one header block; each costs an object.
        total_headers: All header blocks of one message, against many parts with long headers.
        header_value: Octets of one value that are parsed; the whole stays readable as raw octets.
        params: Parameters of one Content-Type or Content-Disposition (CVE-2026-27859).
        addresses: Mailboxes read from one header field (CVE-2024-23184).
        comment_depth: Nested comments in an address or date.
        group_depth: Nested groups; the grammar allows one, mailers have been seen to nest them.
        encoded_words: How many `encoded-word`s of one value are decoded; the rest stays as written.
        references: Message ids read from one field; no reader follows a thread of 1,000 messages.
        nested_encoded: Messages inside base64 or quoted-printable inside such messages: each
            level is a copy in memory.
        html_to_text: Characters of HTML that are turned into text.
        expanded: Octets that uuencoded or TNEF content may unpack to, in all.
        rtf: Octets that the compressed RTF of a winmail.dat may expand to; a long thread has 1 MB.
    """

    size: int = 100 * _MIB
    mapped: int = 16 * 1024 * _MIB
    depth: int = 100
    parts: int = 10_000
    header_octets: int = _MIB
    header_fields: int = 10_000
    total_headers: int = 16 * _MIB
    header_value: int = 256 * 1024
    params: int = 128
    addresses: int = 10_000
    comment_depth: int = 50
    group_depth: int = 3
    encoded_words: int = 10_000
    references: int = 1_000
    nested_encoded: int = 3
    html_to_text: int = 2 * _MIB
    expanded: int = 100 * _MIB
    rtf: int = 4 * _MIB


DEFAULT_LIMITS = MessageLimits()
