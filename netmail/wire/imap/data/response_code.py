"""Response codes: what follows their names, as values.

This file knows the form of each code's data, and not what a session does with it.

RFC 9051 section 7.1; RFC 5530; and the extensions' own.
"""

from collections.abc import Callable, Mapping
from typing import Final

from netmail.errors import ProtocolError
from netmail.results.response_code import CodeValue, MessageLimit, MetadataProblem, Progress
from netmail.wire.imap import responses
from netmail.wire.imap.data.scalars import number, text, texts
from netmail.wire.imap.responses import ResponseCode, Value
from netmail.wire.imap.sequence_set import LARGEST, expand
from netmail.wire.imap.uidplus import appenduid, copyuid
from netmail.wire.server_text import encode


def code_value(code: ResponseCode) -> CodeValue:
    """Read the data of a response code.

    Returns:
        Its value; for a code that is not known its text, `None` for one without data, and for data
        that makes no sense: clients "MUST ignore response codes that they do not recognize".

    RFC 9051 section 9: resp-text-code.
    """
    # resp-text-code = "ALERT" / "BADCHARSET" [...] / capability-data / ... / atom [SP
    # 1*<any TEXT-CHAR except "]">]:
    #
    # NO [BADCHARSET (UTF-8 US-ASCII)], OK [MODIFIED 7,9], OK [HIGHESTMODSEQ 715194045007]
    if code.name in _WHOLE:
        return _WHOLE[code.name](code.data)
    read = _READERS.get(code.name)
    if read is None:
        return code.data or None
    try:
        return read(responses.values([encode(code.data)]))
    except ProtocolError:
        return None


def _number(values: list[Value]) -> CodeValue:
    # "UIDNEXT" SP nz-number, "HIGHESTMODSEQ" SP mod-sequence-value
    return number(values[0]) if len(values) == 1 else None


def _string(values: list[Value]) -> CodeValue:
    # "BADURL" SP url-resp-text (RFC 4469 section 3), "NOUPDATE" SP quoted (RFC 5267 section 5),
    # "MAILBOXID" SP "(" objectid ")" (RFC 8474 section 4.1)
    return next(iter(texts(values[0])), None) if len(values) == 1 else None


def _strings(values: list[Value]) -> CodeValue:
    # "BADCHARSET" [SP "(" charset *(SP charset) ")" ], "PERMANENTFLAGS" SP "(" [flag-perm *(SP
    # flag-perm)] ")", and without parentheses capability-data = "CAPABILITY" *(SP capability) ...
    return texts(values[0]) if len(values) == 1 else texts(values)


def _progress(values: list[Value]) -> CodeValue:
    # resp-text-code =/ "INPROGRESS" [SP "(" inprogress-tag SP inprogress-state ")"] (RFC 9585
    # section 5): a state is progress and goal, and each of the three may be NIL.
    match values:
        case []:
            return Progress()
        case [[tag, given, total]]:
            done, goal = number(given), number(total)
            # "GOAL = 0, GOAL/VALUE < 0, GOAL/VALUE >= 2^32 [...], and VALUE > GOAL. In these cases,
            # the notification MUST be disregarded", RFC 9585 section 6.
            if goal == 0 or (goal or LARGEST) < (done or 0) or (goal or 0) > LARGEST:
                return None
            return Progress(text(tag) or "", done, goal)
    return None


def _message_limit(values: list[Value]) -> CodeValue:
    # message-limit = "MESSAGELIMIT" SP nz-number [SP uniqueid] (RFC 9738 section 5)
    limit, *uid = [number(value) for value in values] or [None]
    return None if limit is None else MessageLimit(limit, uid[0] if uid else None)


def _metadata(values: list[Value]) -> CodeValue:
    # resp-text-code =/ "METADATA" SP "LONGENTRIES" SP number / "METADATA" SP ("MAXSIZE" SP number /
    # "TOOMANY" / "NOPRIVATE") (RFC 5464 section 5)
    match values:
        case [bytes() as reason]:
            return MetadataProblem((text(reason) or "").upper())
        case [bytes() as reason, bytes() as size]:
            return MetadataProblem((text(reason) or "").upper(), number(size))
    return None


def _uids(data: str) -> CodeValue:
    # resp-text-code =/ "MODIFIED" SP sequence-set (RFC 7162 section 7)
    return expand(data)


_WHOLE: Final[Mapping[str, Callable[[str], CodeValue]]] = {
    "APPENDUID": appenduid,
    "COPYUID": copyuid,
    "MODIFIED": _uids,
}
_READERS: Final[Mapping[str, Callable[[list[Value]], CodeValue]]] = {
    **dict.fromkeys(
        (
            *("APPENDLIMIT", "HIGHESTMODSEQ", "MAXCONVERTMESSAGES", "MAXCONVERTPARTS"),
            *("UIDNEXT", "UIDVALIDITY", "UNSEEN"),
        ),
        _number,
    ),
    **dict.fromkeys(("BADURL", "MAILBOXID", "NOUPDATE", "REFERRAL", "UNDEFINED-FILTER"), _string),
    **dict.fromkeys(
        (
            *("ANNOTATIONS", "BADCHARSET", "BADEVENT", "CAPABILITY", "NEWNAME", "PERMANENTFLAGS"),
            "URLMECH",
        ),
        _strings,
    ),
    "INPROGRESS": _progress,
    "MESSAGELIMIT": _message_limit,
    "METADATA": _metadata,
}
