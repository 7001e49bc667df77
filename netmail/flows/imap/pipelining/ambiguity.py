"""Which commands may be in flight together: the ambiguity rules.

This file knows what a command reads and changes, and neither sends nor receives.

RFC 9051 section 5.5.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from netmail.flows.imap.pipelining.command import Command

MAX_SHARED: Final = 16
"""Commands in flight that read FETCH responses: each looks at the responses to all of them."""

# What commands read of the untagged responses. "If the server detects a possible ambiguity, it MUST
# execute commands to completion in the order given by the client", so that CREATE, APPEND and
# STATUS of the same mailbox may go together. What is not here is sent while nothing else is in
# flight: SELECT and others that change the state of the session, and all that netmail does not
# know.
_READS: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(
        (
            *("NOOP", "CAPABILITY", "CHECK", "CREATE", "DELETE", "RENAME", "SUBSCRIBE"),
            *("UNSUBSCRIBE", "APPEND", "EXPUNGE", "UID EXPUNGE", "UID STORE", "UID COPY"),
            *("SETQUOTA", "SETACL", "DELETEACL", "SETMETADATA"),
        ),
        frozenset[str](),
    ),
    # RFC 6851 section 4.3: COPYUID comes in an untagged OK, which names no command.
    "UID MOVE": frozenset({"COPYUID"}),
    "STATUS": frozenset({"STATUS"}),
    "LIST": frozenset({"LIST", "STATUS", "MYRIGHTS", "METADATA"}),
    "LSUB": frozenset({"LSUB", "LIST"}),
    "UID FETCH": frozenset({"FETCH"}),
    "UID SEARCH": frozenset({"SEARCH", "ESEARCH"}),
    "UID SORT": frozenset({"SORT", "ESEARCH"}),
    "UID THREAD": frozenset({"THREAD"}),
    "NAMESPACE": frozenset({"NAMESPACE"}),
    "ID": frozenset({"ID"}),
    "GETQUOTA": frozenset({"QUOTA", "QUOTAROOT"}),
    "GETQUOTAROOT": frozenset({"QUOTA", "QUOTAROOT"}),
    "GETACL": frozenset({"ACL"}),
    "MYRIGHTS": frozenset({"MYRIGHTS"}),
    "LISTRIGHTS": frozenset({"LISTRIGHTS"}),
    "GETMETADATA": frozenset({"METADATA"}),
}
_REMOVE: Final = frozenset({"EXPUNGE", "UID EXPUNGE", "UID MOVE"})
_ADD: Final = frozenset({"APPEND", "UID COPY", "UID MOVE"})
_OF_MESSAGES: Final = frozenset({"UID FETCH", "UID STORE", "UID COPY", "UID MOVE", "EXPUNGE"})
_OF_ALL_MESSAGES: Final = frozenset({"UID SEARCH", "UID SORT", "UID THREAD", "STATUS"})
# search-return-opts = SP "RETURN" SP "(" [search-return-opt *(SP search-return-opt)] ")"
_RETURN: Final = re.compile(rb" *RETURN \(([^()]*)\)", re.IGNORECASE)
# seq-set in a search key: seq-number / seq-range, or "$"; the UIDs after "UID" are none.
# The sample that is meant: "1:5", "*", "7,9", but not "UID 1:5" and not "LARGER 1000".
_SEQUENCE: Final = re.compile(rb"[ (](?:[0-9*][0-9*:,]*|\$)(?=[ )]|\Z)")
# search-key = ... / "UID" SP sequence-set / "LARGER" SP number64 / "SMALLER" SP number64 / "OLDER"
# SP nz-number / "YOUNGER" SP nz-number / "MODSEQ" ... SP mod-sequence-valzer: other numbers.
_NUMBERS: Final = re.compile(
    rb"(?:\bUID [0-9][0-9:*,]*|\b(?:LARGER|SMALLER|OLDER|YOUNGER|MODSEQ) [0-9]+)(?=[ )]|\Z)",
    re.IGNORECASE,
)
# quoted = DQUOTE *QUOTED-CHAR DQUOTE
_QUOTED: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)


def is_known(name: str) -> bool:
    """Tell whether a command may be in flight with others at all."""
    return name in _READS


def read_by(name: str) -> frozenset[str]:
    """Return the names of the untagged responses that a command of this name reads."""
    return _READS.get(name, frozenset())


def kinds_of(command: Command) -> frozenset[str]:
    """Return the names of the untagged responses that a command reads."""
    kinds = _READS[command.name]
    if command.name == "UID SEARCH" and _returns(command) is not None:
        return frozenset({"ESEARCH"})
    return kinds | {"FETCH"} if command.collected.fetches else kinds


def may_join(
    command: Command, by_name: Mapping[str, int], by_kind: Mapping[str, Sequence[Command]]
) -> bool:
    """Tell whether a command may be sent before the responses to others have come.

    Args:
        command: The command.
        by_name: How many commands of each name are in flight.
        by_kind: The commands in flight, by the names of the responses that they read.

    RFC 9051 section 5.5.
    """
    if not by_name:
        return True
    if command.name == "UID SEARCH" and not _may_search(command):
        return False
    if _is_affected(command, by_name):
        return False
    return all(_may_share(kind, command, by_kind.get(kind, ())) for kind in kinds_of(command))


def _is_affected(command: Command, by_name: Mapping[str, int]) -> bool:
    """Tell whether a command's result depends on which messages others add or remove."""
    # "The exception is if an ambiguity would result because of a command that would affect the
    # results of other commands." A server "MUST execute commands to completion in the order given"
    # then, but Dovecot 2.3 that gets UID STORE, EXPUNGE and UID SEARCH together still finds what
    # it has expunged.
    removed = not _REMOVE.isdisjoint(by_name)
    if command.name in _OF_ALL_MESSAGES:
        return removed or not _ADD.isdisjoint(by_name)
    # Several commands of one name have UIDs of their own.
    return removed and command.name in _OF_MESSAGES and command.name not in by_name


def _may_search(command: Command) -> bool:
    # "If the client sends a UID command, it MUST wait for a completion result response before
    # sending a command that uses message sequence numbers (this may include UID SEARCH)."
    #
    # "Use of a SEARCH result variable [...] creates direct dependency between two commands": SAVE
    # sets it, and "$" uses it.
    if b"SAVE" in (_returns(command) or b"").upper().split():
        return False
    # The parts have their spaces; a literal is text.
    text = b"".join(part if isinstance(part, bytes) else b'""' for part in command.parts)
    return not _SEQUENCE.search(_NUMBERS.sub(b"", _QUOTED.sub(b'""', text)))


def _may_share(kind: str, command: Command, others: Sequence[Command]) -> bool:
    """Tell whether a command may read the same responses as others that are in flight."""
    # "a server MAY begin processing another command before processing the current command to
    # completion": the order of untagged responses does not tell whose they are.
    if not others:
        return True
    # mailbox-data = "STATUS" SP mailbox SP ...: the response names its mailbox.
    if kind == "STATUS":
        abouts = {other.about for other in others}
        return command.about is not None and not abouts & {None, command.about}
    # resp-code-copy = "COPYUID" SP nz-number SP uid-set SP uid-set names no command, but where all
    # commands are those of one call, it is the call's.
    if kind == "COPYUID":
        return command.about is not None and {other.about for other in others} == {command.about}
    # esearch-response = "ESEARCH" [search-correlator] ..., search-correlator = SP "(" "TAG" SP
    # tag-string ")": the response names its command.
    if kind == "ESEARCH":
        return all(_returns(each) is not None for each in (command, *others))
    # Each FETCH response has a UID, and each command picks its own UIDs.
    return kind == "FETCH" and len(others) < MAX_SHARED


def _returns(command: Command) -> bytes | None:
    """Return the options after RETURN; `None` if there is no RETURN."""
    text = b"".join(part for part in command.parts[:2] if isinstance(part, bytes))
    found = _RETURN.match(text)
    return found[1] if found else None
