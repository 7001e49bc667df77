"""What known IMAP servers do against the grammar, and netmail accepts all the same.

This file is data: what each tolerance is, which servers need it, and the rule it bends. It knows no
parser; those call `tolerate()` where they bend. The option `strict` turns all of them off, to test
servers. Each has its transcript in tests/transcripts/imap/quirks/, under its name.
"""

from typing import Final, NamedTuple

from netmail.errors import ProtocolError


class Quirk(NamedTuple):
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


# S: eted (0.001 secs), where "A002 OK Pre-login capabilities compl" went to libcurl
CUT_FIRST_LINE: Final = Quirk(
    "cut-first-line",
    "the rest of a line",
    "any that sends more in one segment with the login's response: libcurl consumes the beginning",
    "a whole response",
)
# S: * 1 FETCH (UID 1 BODY[] "a"
NOT_UNDERSTOOD: Final = Quirk(
    "not-understood",
    "a response that is not understood",
    "Gmail, Exchange, Domino and others, in one message of thousands",
    "a response as RFC 9051 section 9 has it",
)
# S: + OK, before the command or after it
STRAY_CONTINUATION: Final = Quirk(
    "stray-continuation",
    "a continuation request that no command waits for",
    "Office 365",
    "a response",
)
# S: * OK [HIGHESTMODSEQ 7192]
NO_TEXT: Final = Quirk(
    "no-text",
    "no text after a response code",
    "Gmail",
    'resp-text = ["[" resp-text-code "]" SP] text (RFC 3501 section 9)',
)
# S: * 0 FETCH (UID 5 BODY[] {1}
ZERO_NUMBER: Final = Quirk(
    "zero-number",
    "a message with the number 0",
    "Courier",
    'message-data = nz-number SP ("EXPUNGE" / ("FETCH" SP msg-att))',
)
# S: * 2 FETCH (UID 5 (BODY[] {1}
EXTRA_PARENTHESES: Final = Quirk(
    "extra-parentheses",
    "an item of FETCH in parentheses",
    "Domino",
    'msg-att = "(" name SP value *(SP name SP value) ")"',
)
# S: * SEARCH 1 2 , with the space before CRLF
TRAILING_SPACE: Final = Quirk(
    "trailing-space", "a space at the end", "Exchange, Courier", "CRLF after the last value"
)
# C: T1 UID SEARCH NEW
# S: T1 OK done
NO_SEARCH_RESPONSE: Final = Quirk(
    "no-search-response",
    "SEARCH ended without a SEARCH response, where nothing was found",
    "Cyrus and Zimbra in old versions",
    "* SEARCH",
)
# C: T1 UID SEARCH NEW
# S: * ESEARCH (TAG "T1") UID ALL 2,5:7
ESEARCH_FOR_SEARCH: Final = Quirk(
    "esearch-for-search",
    "ESEARCH in response to a SEARCH without RETURN",
    "those that implement IMAP4rev2 only",
    "* SEARCH",
)
# C: T1 UID COPY 1:2 "x"
# S: T1 OK [COPYUID 7 1:2 4:6] done
UNFIT_COPYUID: Final = Quirk(
    "unfit-copyuid",
    "a COPYUID whose sets do not fit each other",
    "Exchange, Cyrus Murder",
    'resp-code-copy = "COPYUID" SP nz-number SP uid-set SP uid-set',
)
# S: * [COPYUID 55 31 6]
BARE_CODE: Final = Quirk(
    "bare-code",
    "a response code without a status",
    "Office 365, home.pl",
    'response-data = "*" SP (resp-cond-state / ...), resp-cond-state = ("OK" / ...) SP resp-text',
)
# C: T1 LOGOUT
# S: T1 BYE see you
TAGGED_BYE: Final = Quirk(
    "tagged-bye",
    "BYE as a tagged response",
    "Yandex",
    'resp-cond-bye = "BYE" SP resp-text, which is untagged',
)
# S: * 1 FETCH (UID 5 BODY[] )
NO_VALUE: Final = Quirk(
    "no-value",
    "an item of FETCH without its value",
    "Yandex, for content that it cannot read",
    'msg-att-static = "BODY" section SP nstring',
)
# S: * 1 FETCH (UID 5 BODY[] {1}, then "a", an empty line and ")"
SHORT_LITERAL: Final = Quirk(
    "short-literal",
    "a literal whose length leaves out its last line end",
    "servers that count a message without its last CRLF",
    'literal = "{" number64 "}" CRLF *CHAR8',
)
# S: * OK [HIGHESTMODSEQ -1] highest
NEGATIVE_NUMBER: Final = Quirk(
    "negative-number",
    "a number below zero",
    "Zoho (HIGHESTMODSEQ -1, MODSEQ (-1)), Exchange",
    "number = 1*DIGIT",
)
# S: * STATUS x (UIDNEXT 9.3736e+06)
FLOAT_NUMBER: Final = Quirk(
    "float-number",
    "a number with an exponent",
    "mail.ru, which rounds large numbers",
    "number = 1*DIGIT",
)
# S: * LIST () "/" R&D
FOREIGN_NAME: Final = Quirk(
    "foreign-name",
    "a mailbox name that is not in modified UTF-7",
    "Courier, Exchange, UW IMAP: UTF-8, control characters, a bare &",
    "a name in modified UTF-7, RFC 3501 section 5.1.3",
)
# S: * LIST () "/" INBOX/My Folder
# S: * LIST () "/" "Hell"oh"
UNQUOTED_NAME: Final = Quirk(
    "unquoted-name",
    "a mailbox name with spaces and without quotes, or with quotes in it",
    "Exchange",
    'mailbox = "INBOX" / astring',
)
# C: T1 STATUS "Caf&AOk-" (MESSAGES)
# S: * STATUS "Cafe&AwE-" (MESSAGES 3)
OTHER_NAME: Final = Quirk(
    "other-name",
    "STATUS of a mailbox of another spelling",
    "those that normalise names",
    "the name that was asked for",
)
# C: T1 UID SORT RETURN (MIN MAX) (REVERSE DATE) US-ASCII ALL
# S: * ESEARCH (TAG "T1") UID MIN 1 MAX 9, where the order is 9 to 1
SORT_MIN_MAX: Final = Quirk(
    "sort-min-max",
    "MIN and MAX of a SORT that are the smallest and the largest UID",
    "Cyrus, which is known by SORT=MODSEQ",
    "the first and the last in the order that was asked for",
)

QUIRKS: Final = tuple(value for value in globals().values() if isinstance(value, Quirk))
"""All tolerances: every constant above."""


def tolerate(quirk: Quirk, data: bytes, *, strict: bool) -> None:
    """Continue in spite of a quirk, unless the session is strict.

    Raises:
        ProtocolError: If it is.
    """
    if strict:
        raise ProtocolError(quirk.what, data, quirk.rule)
