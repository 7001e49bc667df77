"""What known IMAP servers do against the grammar, and netmail takes all the same.

This file is data: what each tolerance is, who needs it, and the rule it bends. It knows no parser;
those call `tolerate()` where they bend. The option `strict` turns all of them off, to test servers.
Each one has its transcript in tests/transcripts/imap/quirks/, under its name.
"""

from dataclasses import dataclass
from typing import Final

from netmail.errors import ProtocolError


@dataclass(frozen=True, slots=True)
class Quirk:
    """One tolerance.

    Attributes:
        name: Its name, and its transcript's.
        what: What the server does.
        servers: Which servers were seen to do it.
        rule: What the grammar asks for.
    """

    name: str
    what: str
    servers: str
    rule: str


CUT_FIRST_LINE: Final = Quirk(
    "cut-first-line",
    "the rest of a line",
    "any whose words follow the login's reply in one segment: libcurl has taken the beginning",
    "a whole response",
)
NOT_UNDERSTOOD: Final = Quirk(
    "not-understood",
    "a response that is not understood",
    "Gmail, Exchange, Domino and others, in one message of thousands",
    "a response as RFC 9051 section 9 has it",
)
STRAY_CONTINUATION: Final = Quirk(
    "stray-continuation", "a request to go on that nobody waits for", "Office 365", "a response"
)
NO_TEXT: Final = Quirk(
    "no-text", "nothing behind a response code", "Gmail", 'resp-text = ["[" code "]" SP] text'
)
ZERO_NUMBER: Final = Quirk(
    "zero-number", "a message with the number 0", "Courier", "message-data = nz-number SP ..."
)
EXTRA_PARENTHESES: Final = Quirk(
    "extra-parentheses", "an item of FETCH in parentheses", "Domino", "msg-att = (name value ...)"
)
TRAILING_SPACE: Final = Quirk(
    "trailing-space", "a space at the end", "Exchange, Courier", "CRLF behind the last value"
)
NO_SEARCH_REPLY: Final = Quirk(
    "no-search-reply",
    "SEARCH answered without a SEARCH response, for finding nothing",
    "Cyrus and Zimbra in old versions",
    "* SEARCH",
)
ESEARCH_FOR_SEARCH: Final = Quirk(
    "esearch-for-search",
    "ESEARCH in answer to a SEARCH without RETURN",
    "those that speak IMAP4rev2 only",
    "* SEARCH",
)
UNFIT_COPYUID: Final = Quirk(
    "unfit-copyuid",
    "a COPYUID whose sets do not fit each other",
    "Exchange, Cyrus Murder",
    'resp-code-copy = "COPYUID" SP nz-number SP uid-set SP uid-set',
)
NEGATIVE_NUMBER: Final = Quirk(
    "negative-number", "a number below zero", "Zoho (HIGHESTMODSEQ -1), Exchange", "number"
)
FOREIGN_NAME: Final = Quirk(
    "foreign-name",
    "a mailbox name that is not in modified UTF-7",
    "Courier, Exchange, UW IMAP: UTF-8, control characters, a bare &",
    "a name in modified UTF-7, RFC 3501 section 5.1.3",
)
UNQUOTED_NAME: Final = Quirk(
    "unquoted-name",
    "a mailbox name with blanks and without quotes, or with quotes in it",
    "Exchange",
    "mailbox = astring",
)
OTHER_NAME: Final = Quirk(
    "other-name",
    "STATUS answered for a mailbox of another spelling",
    "those that normalise names",
    "the name that was asked for",
)

QUIRKS: Final = (
    CUT_FIRST_LINE,
    NOT_UNDERSTOOD,
    STRAY_CONTINUATION,
    NO_TEXT,
    ZERO_NUMBER,
    EXTRA_PARENTHESES,
    TRAILING_SPACE,
    NO_SEARCH_REPLY,
    ESEARCH_FOR_SEARCH,
    UNFIT_COPYUID,
    NEGATIVE_NUMBER,
    FOREIGN_NAME,
    UNQUOTED_NAME,
    OTHER_NAME,
)
"""All tolerances."""


def tolerate(quirk: Quirk, data: bytes, *, strict: bool) -> None:
    """Go on in spite of a quirk, unless the session is strict.

    Raises:
        ProtocolError: If it is.
    """
    if strict:
        raise ProtocolError(quirk.what, data, quirk.rule)
