"""What is done with messages in a mailbox: fetching, flagging, copying, moving, deleting.

RFC 9051 sections 6.4.3, 6.4.5 to 6.4.9; RFC 4315 (UIDPLUS), RFC 6851 (MOVE).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from netmail.errors import CapabilityError, ImapError, ProtocolError, UsageError
from netmail.flows.flow import Flow
from netmail.flows.imap.news import Answer
from netmail.flows.imap.select import SelectFlows
from netmail.wire.imap import encode, msg_att, quirks, responses, search
from netmail.wire.imap.sequence_set import UidSet, expand, is_open, uid_sets

STORE_COMMANDS: Final = frozenset(
    {"FLAGS", "+FLAGS", "-FLAGS", "FLAGS.SILENT", "+FLAGS.SILENT", "-FLAGS.SILENT"}
)


@dataclass(frozen=True, slots=True)
class CopyResult:
    """Where copied or moved messages went; true, whatever the server told.

    Attributes:
        uidvalidity: The destination's UIDVALIDITY; 0 if the server does not tell (no UIDPLUS).
        source: The messages' UIDs before, in the server's order.
        destination: Their UIDs in the destination, in the same order.

    RFC 4315 section 3: COPYUID.
    """

    uidvalidity: int = 0
    source: tuple[int, ...] = ()
    destination: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return True


class MessageFlows(SelectFlows):
    """UID FETCH, STORE, COPY, MOVE, EXPUNGE; EXPUNGE."""

    def fetch(self, uids: UidSet, path: str | None) -> Flow[bytes | dict[int, bytes]]:
        """UID FETCH, whole messages; their flags stay as they are."""
        sets = uid_sets(uids)
        if not sets:
            return {}
        yield from self.enter(path)
        bodies: dict[int, bytes] = {}
        for some in sets:
            bodies |= yield from self._fetch_bodies(some)
        if not isinstance(uids, int):
            return bodies
        if uids not in bodies:
            where = self.selected or "the mailbox"
            text = f"there is no message with UID {uids} in {where}"
            raise ImapError("UID FETCH", text, "NO", "NONEXISTENT")
        return bodies[uids]

    def _fetch_bodies(self, uids: str) -> Flow[dict[int, bytes]]:
        answer = yield from self.command("UID FETCH", uids.encode(), b"(UID BODY.PEEK[])")
        bodies, others = msg_att.usual_bodies(answer.heard)
        responses = replace(answer, heard=others).named("FETCH")
        last = self.unparsed[-1:]
        read = self.read(partial(msg_att.uid_and_body, strict=self.strict), responses)
        if not bodies and not read and self.unparsed[-1:] != last:
            raw = self.unparsed[-1]
            raise ProtocolError("no FETCH response could be read", raw.data, raw.reason)
        bodies.update(item for item in read if item is not None)
        return bodies

    def store(
        self, uids: UidSet, command: str, flags: str | Iterable[str], path: str | None
    ) -> Flow[bool]:
        """UID STORE."""
        name = str(command).upper()
        if name not in STORE_COMMANDS:
            raise UsageError(f"store() takes FLAGS, +FLAGS or -FLAGS (.SILENT), not {command!r}")
        words = encode.flags(flags)
        sets = uid_sets(uids)
        if sets:
            yield from self.enter(path, writing=True)
        for some in sets:
            yield from self.command("UID STORE", some.encode(), name.encode(), words)
        return True

    def copy(self, uids: UidSet, destination: str, path: str | None) -> Flow[CopyResult]:
        """UID COPY."""
        sets = uid_sets(uids)
        self.mailbox_argument(destination)
        if sets:
            yield from self.enter(path)
        return (yield from self._transfer("UID COPY", sets, destination))

    def move(self, uids: UidSet, destination: str, path: str | None) -> Flow[CopyResult]:
        """UID MOVE, or UID COPY, UID STORE and UID EXPUNGE."""
        sets = uid_sets(uids)
        self.mailbox_argument(destination)
        has_move = self.offers("MOVE")
        if not has_move:
            self._require_uidplus("move() without MOVE")
        if sets:
            yield from self.enter(path, writing=True)
        if has_move:
            return (yield from self._transfer("UID MOVE", sets, destination))
        if is_open(uids):
            sets = yield from self._settle(sets)
        return (yield from self._move_by_copy(sets, destination))

    def _move_by_copy(self, sets: list[str], destination: str) -> Flow[CopyResult]:
        """Copy all, then delete all: what fails leaves a message twice, and never not at all."""
        copied = yield from self._transfer("UID COPY", sets, destination)
        for some in sets:
            yield from self.command("UID STORE", some.encode(), b"+FLAGS.SILENT", rb"(\Deleted)")
        for some in sets:
            yield from self.command("UID EXPUNGE", some.encode())
        return copied

    def _settle(self, sets: list[str]) -> Flow[list[str]]:
        """Bring a set such as "1:*" to the messages that it stands for now.

        One that arrives between COPY and STORE would else be deleted uncopied.
        """
        found: list[int] = []
        for some in sets:
            answer = yield from self.command("UID SEARCH", b"UID " + some.encode())
            found += search.results(answer.named("SEARCH", "ESEARCH"), strict=self.strict)
        return uid_sets(found)

    def expunge(self, path: str | None, uids: UidSet | None) -> Flow[bool]:
        r"""EXPUNGE, of all messages flagged \Deleted, or of those among `uids` by UID EXPUNGE."""
        if uids is None:
            yield from self.enter(path, writing=True)
            yield from self.command("EXPUNGE")
            return True
        sets = uid_sets(uids)
        self._require_uidplus("expunge() of some UIDs")
        if sets:
            yield from self.enter(path, writing=True)
        for some in sets:
            yield from self.command("UID EXPUNGE", some.encode())
        return True

    def _transfer(self, verb: str, sets: list[str], destination: str) -> Flow[CopyResult]:
        mailbox = self.mailbox_argument(destination)
        copied = CopyResult()
        for some in sets:
            answer = yield from self.command(verb, some.encode(), mailbox)
            copied = self._join(copied, answer)
        return copied

    def _join(self, copied: CopyResult, answer: Answer) -> CopyResult:
        """Add one COPYUID to what was copied before."""
        told = answer.code("COPYUID")
        if told is None:
            return copied
        match told.split():
            case [digits, source, destination]:
                validity = responses.number(digits)
                before, after = expand(source), expand(destination)
                if validity is not None and before and after and len(before) == len(after):
                    return CopyResult(validity, copied.source + before, copied.destination + after)
        quirks.tolerate(quirks.UNFIT_COPYUID, told.encode(errors="replace"), strict=self.strict)
        return copied

    def _require_uidplus(self, what: str) -> None:
        if not self.offers("UIDPLUS"):
            message = (
                f"{what} needs UIDPLUS, which the server lacks: a bare EXPUNGE would also delete "
                r"what others flagged \Deleted; use store() and expunge() if that is meant"
            )
            raise CapabilityError(message, "UIDPLUS")
