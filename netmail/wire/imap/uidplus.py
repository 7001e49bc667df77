"""Where copied and appended messages are: the response codes of UIDPLUS.

This file knows the two codes, and no command.

RFC 4315 section 3.
"""

from netmail.results.imap import AppendResult, CopyResult
from netmail.wire.imap import quirks
from netmail.wire.imap.responses import number64
from netmail.wire.imap.sequence_set import expand
from netmail.wire.server_text import encode


def copyuid(data: str | None, *, strict: bool = False) -> CopyResult | None:
    """Read COPYUID's data; `None` if there is none, or if it makes no sense.

    RFC 9051 section 9: resp-code-copy = "COPYUID" SP nz-number SP uid-set SP uid-set.
    """
    if data is None:
        return None
    # COPYUID 38505 304,319:320 3956:3958
    match data.split():
        case [digits, source, destination]:
            validity = number64(digits)
            before, after = expand(source), expand(destination)
            # RFC 4315 section 3: "the destination UID set corresponds to the source UID set and is
            # in the same order".
            if validity is not None and before and after and len(before) == len(after):
                return CopyResult(validity, before, after)
    quirks.tolerate(quirks.UNFIT_COPYUID, encode(data), strict=strict)
    return None


def appenduid(data: str | None) -> AppendResult:
    """Read APPENDUID's data; zeros if there is none, or if it makes no sense.

    RFC 9051 section 9: resp-code-apnd = "APPENDUID" SP nz-number SP append-uid.
    """
    # APPENDUID 38505 3955; a set of UIDs is the response to MULTIAPPEND only, RFC 4315 section 3.
    match [number64(digits) for digits in (data or "").split()]:
        case [int() as validity, int() as uid]:
            return AppendResult(validity, uid)
    return AppendResult()


def appenduids(data: str | None, count: int) -> list[AppendResult]:
    """Read APPENDUID's data for several messages; zeros if there is none, or not one for each.

    RFC 4315 section 3: append-uid =/ uid-set, ";; only permitted if client uses MULTIAPPEND".
    """
    # APPENDUID 38505 3955:3957
    match (data or "").split():
        case [digits, uids]:
            validity, found = number64(digits), expand(uids)
            if validity is not None and found is not None and len(found) == count:
                return [AppendResult(validity, uid) for uid in found]
    return [AppendResult()] * count
