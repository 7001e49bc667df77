"""Search keys of sizes, UIDs and modification sequences.

This file knows names of keys, and neither how they combine nor how they are sent.
"""

from typing import Final, Literal

from netmail.errors import UsageError
from netmail.search.key import bare, named
from netmail.text import check_text
from netmail.wire.imap import encode
from netmail.wire.imap.search_key import SearchKey, prefixed
from netmail.wire.imap.sequence_set import UidSet, uid_sets

_LARGEST: Final = 0x7FFF_FFFF_FFFF_FFFF
"""RFC 9051 section 9: number64; mod-sequence values have as many bits, RFC 7162 section 7."""


def larger(octets: int) -> SearchKey:
    """Find messages of more octets than this.

    RFC 9051 section 6.4.4.
    """
    return named("LARGER", _number(octets, "a size"))


def smaller(octets: int) -> SearchKey:
    """Find messages of fewer octets than this.

    RFC 9051 section 6.4.4.
    """
    return named("SMALLER", _number(octets, "a size"))


def uid(uids: UidSet) -> SearchKey:
    """Find messages with these UIDs.

    Args:
        uids: One UID, UIDs, or a set such as "1:5,9,20:*"; an empty iterable finds nothing.

    Raises:
        UsageError: If it is no set of UIDs.

    RFC 9051 section 6.4.4.
    """
    written = _set(uids)
    # A set has at least one number in the grammar.
    return named("UID", written) if written else prefixed("NOT", bare("ALL"))


def sequence_set(numbers: UidSet) -> SearchKey:
    """Find messages by their places in the mailbox, from 1; they change when others are deleted.

    Args:
        numbers: One number, numbers, or a set such as "1:10"; an empty iterable finds nothing.

    Raises:
        UsageError: If it is no set of numbers.

    RFC 9051 section 6.4.4.
    """
    written = _set(numbers)
    return bare(written) if written else prefixed("NOT", bare("ALL"))


def saved() -> SearchKey:
    """Find messages that the last search with `result="save"` has found: `$`.

    Raises:
        CapabilityError: By `search()`, if the server has no SEARCHRES.

    RFC 9051 section 6.4.4.1; RFC 5182 section 2.1.
    """
    return named("$", capability="SEARCHRES")


def modseq(
    value: int, flag: str = "", scope: Literal["priv", "shared", "all"] = "all"
) -> SearchKey:
    r"""Find messages that were changed at this modification sequence or later.

    Args:
        value: The modification sequence, as `select()` returns it in `highestmodseq`.
        flag: Only changes of this flag, such as r"\Seen"; "" for all changes.
        scope: Of a flag, whose: "priv", "shared", or "all" for both.

    Raises:
        CapabilityError: By `search()`, if the server has no CONDSTORE.

    RFC 7162 section 3.1.5.
    """
    # search-modsequence = "MODSEQ" [search-modseq-ext] SP mod-sequence-valzer
    #
    # MODSEQ "/flags/\\draft" all 620162338
    entry: tuple[str, ...] = ()
    if flag:
        encode.flag_list([check_text(flag, "a flag")])
        if scope not in {"priv", "shared", "all"}:
            raise UsageError(f'a scope is "priv", "shared" or "all", not {scope!r:.60}')
        # entry-name = DQUOTE "/flags/" attr-flag DQUOTE, attr-flag = "\\Answered" / ...: the
        # backslash is a quoted-special.
        escaped = flag.replace("\\", "\\\\")
        entry = (f'"/flags/{escaped}"', scope)
    number = _number(value, "a modification sequence")
    return named("MODSEQ", *entry, number, capability="CONDSTORE")


def _set(given: UidSet) -> str:
    # As one argument, whatever its length: the keys of a query are one command.
    return ",".join(uid_sets(given))


def _number(value: int, what: str) -> str:
    if isinstance(value, bool) or not isinstance(value, int):
        raise UsageError(f"{what} must be an int, not {type(value).__name__}")
    if not 0 <= value <= _LARGEST:
        raise UsageError(f"{what} must be from 0 to {_LARGEST}")
    return str(value)
