"""How much a server may send: names, defaults and reasons.

This file knows no protocol's grammar.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerLimits:
    """Limits on what is read from a server; going over one raises `ProtocolError`.

    Attributes:
        line: Octets of one line. RFC 5321 allows 512, RFC 2449 512, but IMAP servers send whole
            UID lists and envelopes on one; 8 MiB holds a SEARCH result of a million numbers.
        lines: Lines of one reply: an EHLO has a dozen, a HELP text a hundred.
        literal: Octets of one IMAP literal or one POP3 message; no mail server takes larger mail.
        response: Octets of one whole IMAP response; a little more than the literal it may hold.
        nesting: Parentheses within each other in one IMAP response; the deepest real
            BODYSTRUCTURE seen is about 100.
        responses: Untagged responses to one IMAP command, or entries of a POP3 list: the largest
            mailboxes seen hold a few million messages, and each response costs some 300 octets.
    """

    line: int = 8 * 1024 * 1024
    lines: int = 1_000
    literal: int = 1024 * 1024 * 1024
    response: int = 1024 * 1024 * 1024 + 16 * 1024 * 1024
    nesting: int = 256
    responses: int = 3_000_000
