"""ESEARCH: what a search that asks for more than UIDs returns.

This file knows each kind of return data, and no command.

RFC 9051 section 7.3.4; RFC 4731; RFC 5267; RFC 6203; RFC 7377; RFC 9394.
"""

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from netmail.results.search_result import SearchChange, SearchResult
from netmail.wire.imap.data.mend import mend
from netmail.wire.imap.data.scalars import mailbox, number, text, unfit
from netmail.wire.imap.responses import DataResponse, Value
from netmail.wire.imap.sequence_set import MAX_EXPANDED, expand

# partial-range-first = nz-number ":" nz-number, partial-range-last = MINUS nz-number ":" MINUS
# nz-number (RFC 9394 section 4).
_RANGE: Final = re.compile(r"-?[1-9][0-9]{0,9}:-?[1-9][0-9]{0,9}")
_Read: TypeAlias = Callable[[Value], object]


def esearch_response(response: DataResponse, *, strict: bool = False) -> SearchResult:
    """Read one ESEARCH response.

    Raises:
        ProtocolError: If it holds a value that is none of its kind.

    RFC 9051 section 9: esearch-response.
    """
    # esearch-response = "ESEARCH" [search-correlator] [SP "UID"] *(SP search-return-data):
    #
    # * ESEARCH (TAG "A285") UID MIN 7 MAX 3800 COUNT 12
    values = response.values()
    fields: dict[str, object] = {}
    if values and isinstance(values[0], list):
        fields |= _correlator(values.pop(0), strict=strict, utf8=response.utf8)
    if values and (text(values[0]) or "").upper() == "UID":
        fields["uid"] = True
        del values[0]
    if len(values) % 2:
        raise unfit(response, '(TAG "x") UID ALL 1:2')
    changes: list[SearchChange] = []
    for name, value in zip(values[::2], values[1::2], strict=True):
        # "The client MUST process ADDTO and REMOVEFROM return data items in the order they appear,
        # including those within a single ESEARCH response", RFC 5267 section 4.3.2.
        item = (text(name) or "").upper()
        if item in _CHANGES:
            _add_changes(changes, value, response, is_removed=item == "REMOVEFROM")
        else:
            fields |= _return_data(item, value, response, strict=strict)
    fields["changes"] = tuple(changes)
    return SearchResult(**fields)  # type: ignore[arg-type]  # each is read by its kind


def _correlator(given: Value, *, strict: bool, utf8: bool) -> dict[str, object]:
    # search-correlator = SP "(" one-correlator *(SP one-correlator) ")", one-correlator = ("TAG" SP
    # tag-string) / ("MAILBOX" SP astring) / ("UIDVALIDITY" SP nz-number) (RFC 7377 section 4)
    members = given if isinstance(given, list) else []
    fields: dict[str, object] = {}
    for name, value in zip(members[::2], members[1::2], strict=False):
        match (text(name) or "").upper(), value:
            case "TAG", bytes() as tag:
                fields["tag"] = text(tag)
            case "MAILBOX", bytes() as written:
                fields["mailbox"] = mailbox(written, strict=strict, utf8=utf8)
            case "UIDVALIDITY", bytes() as digits:
                fields["uidvalidity"] = number(digits)
            case _:
                mend("an ESEARCH response has an unknown correlator", "TAG x", strict=strict)
    return fields


def _return_data(
    item: str, value: Value, response: DataResponse, *, strict: bool
) -> dict[str, object]:
    if item == "PARTIAL":
        return _partial(value, response)
    if item not in _KINDS:
        # search-ret-data-ext: data of an extension that is not known is left out (RFC 4731).
        mend("an ESEARCH response has data of an unknown kind", "ALL 1:2", strict=strict)
        return {}
    field, read = _KINDS[item]
    found = read(value)
    if found is None:
        raise unfit(response, '(TAG "x") UID ALL 1:2')
    return {field: found}


def _partial(value: Value, response: DataResponse) -> dict[str, object]:
    # ret-data-partial = "PARTIAL" SP "(" partial-range SP partial-results ")", partial-results =
    # sequence-set / "NIL"
    match value:
        case [bytes() as part, None | bytes() as given] if _RANGE.fullmatch(text(part) or ""):
            uids = () if given is None else expand(text(given) or "")
            if uids is not None:
                return {"partial": uids, "partial_range": text(part)}
    raise unfit(response, "PARTIAL (1:100 7:9)")


def _set(value: Value) -> tuple[int, ...] | None:
    # "ALL" SP sequence-set, without "*": 2,10:11
    return expand(text(value) or "", MAX_EXPANDED)


def _modseq(value: Value) -> int | None:
    # search-return-data =/ "MODSEQ" SP mod-sequence-value (RFC 7162 section 7)
    return number(value)


def _relevancy(value: Value) -> tuple[int, ...] | None:
    # ret-data-relevancy = "RELEVANCY" SP "(" [score *(SP score)] ")" (RFC 6203 section 6)
    scores = [number(each) for each in value] if isinstance(value, list) else [None]
    known = tuple([score for score in scores if score is not None])
    return known if len(known) == len(scores) else None


def _add_changes(
    changes: list[SearchChange], value: Value, response: DataResponse, *, is_removed: bool
) -> None:
    """Read what a search finds now, or no longer.

    Raises:
        ProtocolError: If it is no list of positions and numbers, or there are too many of them.
    """
    # ret-data-addto = "ADDTO" SP "(" context-position SP sequence-set *(SP context-position SP
    # sequence-set) ")" (RFC 5267 section 5)
    if not isinstance(value, list) or len(value) % 2:
        raise unfit(response, "ADDTO (0 7:9)")
    left = MAX_EXPANDED
    for position, given in zip(value[::2], value[1::2], strict=True):
        at, uids = number(position), expand(text(given) or "", left)
        if at is None or uids is None:
            raise unfit(response, "ADDTO (0 7:9)")
        left -= len(uids)
        changes.append(SearchChange(uids, at, is_removed=is_removed))


_CHANGES: Final = frozenset({"ADDTO", "REMOVEFROM"})
_KINDS: Final[dict[str, tuple[str, _Read]]] = {
    "MIN": ("min", number),
    "MAX": ("max", number),
    "COUNT": ("count", number),
    "ALL": ("all", _set),
    "MODSEQ": ("modseq", _modseq),
    "RELEVANCY": ("relevancy", _relevancy),
}
