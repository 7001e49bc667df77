"""What is done with messages in a mailbox: fetching, flagging, copying, moving, deleting.

RFC 9051 sections 6.4.3, 6.4.5 to 6.4.9; RFC 4315 (UIDPLUS), RFC 6851 (MOVE).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from netmail.errors import CapabilityError, ImapError, ProtocolError, UsageError
from netmail.flows.flow import Flow
from netmail.flows.imap.select import SelectFlows
from netmail.flows.imap.session import Answer
from netmail.wire import imap_encode, imap_fetch
from netmail.wire.sequence import UidSet, expand, uid_sets

STORE_COMMANDS: Final = frozenset(
    {"FLAGS", "+FLAGS", "-FLAGS", "FLAGS.SILENT", "+FLAGS.SILENT", "-FLAGS.SILENT"}
)


@dataclass(frozen=True, slots=True)
class Copied:
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
        bodies = yield from self._fetch_bodies(uids, path)
        if not isinstance(uids, int):
            return bodies
        if uids not in bodies:
            where = self.mailbox.name if self.mailbox else path
            text = f"there is no message with UID {uids} in {where}"
            raise ImapError("UID FETCH", text, "NO", "NONEXISTENT")
        return bodies[uids]

    def _fetch_bodies(self, uids: UidSet, path: str | None) -> Flow[dict[int, bytes]]:
        sets = uid_sets(uids)
        if not sets:
            return {}
        yield from self.enter(path)
        bodies: dict[int, bytes] = {}
        for some in sets:
            answer = yield from self.command("UID FETCH", some.encode(), b"(UID BODY.PEEK[])")
            unread = len(self.unparsed)
            found = self.read(imap_fetch.body, answer.named("FETCH"))
            bodies.update(item for item in found if item is not None)
            if not bodies and len(self.unparsed) > unread:
                last = self.unparsed[-1]
                raise ProtocolError("no FETCH response could be read", last.data, last.reason)
        return bodies

    def store(
        self, uids: UidSet, command: str, flags: str | Iterable[str], path: str | None
    ) -> Flow[bool]:
        """UID STORE."""
        name = command.upper()
        if name not in STORE_COMMANDS:
            raise UsageError(f"store() takes FLAGS, +FLAGS or -FLAGS (.SILENT), not {command!r}")
        words = imap_encode.flags(flags)
        sets = uid_sets(uids)
        yield from self.enter(path, writing=True)
        for some in sets:
            yield from self.command("UID STORE", some.encode(), name.encode(), words)
        return True

    def copy(self, uids: UidSet, destination: str, path: str | None) -> Flow[Copied]:
        """UID COPY."""
        return (yield from self._transfer("UID COPY", uids, destination, path))

    def move(self, uids: UidSet, destination: str, path: str | None) -> Flow[Copied]:
        """UID MOVE, or UID COPY, UID STORE and UID EXPUNGE."""
        sets = uid_sets(uids)
        imap_encode.mailbox(destination)
        yield from self.enter(path, writing=True)
        if self._has("MOVE"):
            return (yield from self._transfer("UID MOVE", uids, destination, path))
        self._require_uidplus("move() without MOVE")
        copied = yield from self._transfer("UID COPY", uids, destination, path)
        for some in sets:
            yield from self.command("UID STORE", some.encode(), b"+FLAGS.SILENT", rb"(\Deleted)")
        for some in sets:
            yield from self.command("UID EXPUNGE", some.encode())
        return copied

    def expunge(self, path: str | None, uids: UidSet | None) -> Flow[bool]:
        r"""EXPUNGE, of all messages flagged \Deleted, or of those among `uids` by UID EXPUNGE."""
        sets = None if uids is None else uid_sets(uids)
        yield from self.enter(path, writing=True)
        if sets is None:
            yield from self.command("EXPUNGE")
            return True
        self._require_uidplus("expunge() of some UIDs")
        for some in sets:
            yield from self.command("UID EXPUNGE", some.encode())
        return True

    def _transfer(
        self, verb: str, uids: UidSet, destination: str, path: str | None
    ) -> Flow[Copied]:
        sets = uid_sets(uids)
        mailbox = imap_encode.mailbox(destination)
        yield from self.enter(path, writing=verb == "UID MOVE")
        copied = Copied()
        for some in sets:
            answer = yield from self.command(verb, some.encode(), mailbox)
            copied = _join(copied, answer)
        return copied

    def _has(self, capability: str) -> bool:
        """Tell whether the server offers an extension, which IMAP4rev2 has within itself."""
        return capability in self.capabilities or "IMAP4REV2" in self.capabilities

    def _require_uidplus(self, what: str) -> None:
        if not self._has("UIDPLUS"):
            message = (
                f"{what} needs UIDPLUS, which the server lacks: a bare EXPUNGE would also delete "
                r"what others flagged \Deleted; use store() and expunge() if that is meant"
            )
            raise CapabilityError(message, "UIDPLUS")


def _join(copied: Copied, answer: Answer) -> Copied:
    """Add one COPYUID to what was copied before."""
    match (answer.code("COPYUID") or "").split():
        case [validity, source, destination] if validity.isdecimal():
            before, after = expand(source), expand(destination)
            if len(before) == len(after):  # Exchange has sent sets that do not fit each other
                return Copied(int(validity), copied.source + before, copied.destination + after)
    return copied
