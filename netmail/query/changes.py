"""What a query changes: flags, keywords, and where messages are; always by UID.

This file knows which commands each change takes, and not how messages are found.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from netmail import CapabilityError, UsageError
from netmail.query.finding import Query, read
from netmail.query.reading import uids
from netmail.query.requests import Call, Flow
from netmail.query.values import Facts, value_of

_FLAGS: Final = {
    "answered": r"\Answered",
    "deleted": r"\Deleted",
    "draft": r"\Draft",
    "flagged": r"\Flagged",
    "seen": r"\Seen",
}


@dataclass(frozen=True, slots=True)
class FlagChanges:
    """Which flags are set, and which are taken away.

    Attributes:
        added: The flags that are set.
        removed: The flags that are taken away.
        keywords: The keywords that the messages then have; `None` to leave theirs.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    keywords: tuple[str, ...] | None


def flag_changes(flags: dict[str, bool | None], keywords: Iterable[str] | None) -> FlagChanges:
    """Check what is to be changed.

    Raises:
        UsageError: If nothing is, or keywords are a text.
    """
    if isinstance(keywords, str | bytes):
        raise UsageError(f"keywords are several texts, such as [{keywords!r:.60}]")
    given = None if keywords is None else tuple(keywords)
    for name, value in flags.items():
        if value is not None and not isinstance(value, bool):
            raise UsageError(f"{name} is True or False, not {value!r:.60}")
    added = tuple(_FLAGS[name] for name, value in flags.items() if value is True)
    removed = tuple(_FLAGS[name] for name, value in flags.items() if value is False)
    if not added and not removed and given is None:
        raise UsageError("there is nothing to update: name a flag, as in seen=True")
    return FlagChanges(added, removed, given)


def update(query: Query, changes: FlagChanges) -> Flow[int]:
    """Change flags of the messages that are meant, and return how many these are."""
    meant = yield from uids(query, query.mailboxes)
    for mailbox, found in meant.items():
        # FLAGS would replace \Answered and the like too: what changes is named, and nothing else.
        added, removed = list(changes.added), list(changes.removed)
        if changes.keywords is not None:
            others = yield from _keywords(query, mailbox, found)
            kept = {each.lower() for each in changes.keywords}
            added += changes.keywords
            removed += sorted(each for each in others if each.lower() not in kept)
        for command, flags in (("+FLAGS.SILENT", added), ("-FLAGS.SILENT", removed)):
            if flags:
                yield Call("store", (found, command, flags, mailbox))
    return sum(map(len, meant.values()))


def _keywords(query: Query, mailbox: str, found: list[int]) -> Flow[set[str]]:
    """Return every keyword that one of these messages has."""
    facts = {uid: Facts(uid, mailbox) for uid in found}
    yield from read(query, mailbox, facts, {"keywords"})
    return {each for one in facts.values() for each in value_of("keywords", one)}


def delete(query: Query) -> Flow[int]:
    r"""Delete the messages that are meant, and no other that is flagged \Deleted."""
    meant = yield from uids(query, query.mailboxes)
    if not {"UIDPLUS", "IMAP4REV2"} & query.knowledge.capabilities:
        # EXPUNGE without UIDs would delete what others have flagged: RFC 4315 section 2.1.
        message = "delete() needs UIDPLUS; update(deleted=True) marks messages without it"
        raise CapabilityError(message, "UIDPLUS")
    for mailbox, found in meant.items():
        yield Call("store", (found, "+FLAGS.SILENT", r"\Deleted", mailbox))
        yield Call("expunge", (mailbox, found))
    return sum(map(len, meant.values()))


def transfer(query: Query, command: str, destination: str) -> Flow[int]:
    """Move or copy the messages that are meant to another mailbox."""
    # A message that is there already would get another UID.
    is_move = command == "move"
    others = tuple(name for name in query.mailboxes if not (is_move and name == destination))
    meant = yield from uids(query, others)
    for mailbox, found in meant.items():
        yield Call(command, (found, destination, mailbox))
    return sum(map(len, meant.values()))
