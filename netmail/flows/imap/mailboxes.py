"""Mailboxes as a whole: making, naming, listing, counting.

RFC 9051 sections 6.3.4 to 6.3.11; RFC 3501 section 6.3.9 (LSUB).
"""

import builtins
from collections.abc import Iterable
from functools import partial

from netmail.errors import ProtocolError, UsageError
from netmail.flows.flow import Flow
from netmail.flows.imap.news import State
from netmail.flows.imap.select import SelectFlows, same_mailbox
from netmail.text import check_text
from netmail.wire.imap import encode, mailbox_list, quirks, utf7
from netmail.wire.imap.encode import Argument
from netmail.wire.imap.mailbox_list import ListEntry

ALL_COUNTS = "MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN"


class FolderFlows(SelectFlows):
    """CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE, LIST, LSUB, STATUS."""

    def create(self, name: str) -> Flow[builtins.list[str]]:
        """CREATE."""
        yield from self._about_mailboxes("CREATE", name)
        return [name]

    def delete(self, name: str) -> Flow[builtins.list[str]]:
        """DELETE."""
        yield from self._about_mailboxes("DELETE", name)
        if self.mailbox is not None and same_mailbox(self.mailbox.name, name):
            self._leave()
        return [name]

    def rename(self, old_name: str, new_name: str) -> Flow[builtins.list[str]]:
        """RENAME."""
        yield from self._about_mailboxes("RENAME", old_name, new_name)
        selected = self.mailbox
        # INBOX is emptied, not renamed; any other selected mailbox goes on under its new name.
        if selected is None or selected.name is None or old_name.upper() == "INBOX":
            return [new_name]
        if selected.name == old_name:
            selected.name = new_name
        elif selected.name.startswith(old_name):
            # Perhaps below it; what the delimiter is, nobody has told.
            selected.name = None
        return [new_name]

    def subscribe(self, name: str) -> Flow[bool]:
        """SUBSCRIBE."""
        return (yield from self._about_mailboxes("SUBSCRIBE", name))

    def unsubscribe(self, name: str) -> Flow[bool]:
        """UNSUBSCRIBE."""
        return (yield from self._about_mailboxes("UNSUBSCRIBE", name))

    def list(self, name: str = "", pattern: str = "*") -> Flow[builtins.list[ListEntry]]:
        """LIST."""
        return (yield from self._list("LIST", name, pattern))

    def lsub(self, name: str = "", pattern: str = "*") -> Flow[builtins.list[ListEntry]]:
        """LSUB."""
        return (yield from self._list("LSUB", name, pattern))

    def get_dirs(self, path: str | None = None) -> Flow[builtins.list[str]]:
        """LIST, names only, of all mailboxes or of those below `path`."""
        pattern = check_text(path, "a mailbox name") + "*" if path else "*"
        folders = yield from self._list("LIST", "", pattern)
        return [folder["name"] for folder in folders if not path or _is_below(folder, path)]

    def get_subscribed_dirs(self) -> Flow[builtins.list[str]]:
        """LSUB, names only."""
        return [folder["name"] for folder in (yield from self._list("LSUB", "", "*"))]

    def status(self, name: str, attrs: str | Iterable[str] = ALL_COUNTS) -> Flow[dict[str, int]]:
        """STATUS."""
        words = encode.words(attrs, "STATUS items")
        if not words:
            raise UsageError("status() needs at least one of MESSAGES RECENT UIDNEXT UIDVALIDITY")
        atoms = [encode.atom(word, "a STATUS item").upper() for word in words]
        mailbox = self.mailbox_argument(name)
        self.require_state(State.AUTHENTICATED, State.SELECTED)
        answer = yield from self.command("STATUS", mailbox, b"(" + b" ".join(atoms) + b")")
        read = partial(mailbox_list.status_att_list, strict=self.strict)
        told = self.read(read, answer.named("STATUS"))
        return self._about(name, told)

    def _about(self, name: str, told: builtins.list[tuple[str, dict[str, int]]]) -> dict[str, int]:
        """Pick the numbers of the mailbox that was asked for."""
        matching = [numbers for other, numbers in told if same_mailbox(other, name)]
        if not matching and len(told) == 1:
            other, numbers = told[0]
            quirks.tolerate(quirks.OTHER_NAME, other.encode(errors="replace"), strict=self.strict)
            return numbers
        if not matching:
            raise ProtocolError("STATUS was answered without STATUS", b"", "* STATUS name (...)")
        return {word: number for numbers in matching for word, number in numbers.items()}

    def _about_mailboxes(self, verb: str, *names: str) -> Flow[bool]:
        arguments: builtins.list[Argument] = [self.mailbox_argument(name) for name in names]
        self.require_state(State.AUTHENTICATED, State.SELECTED)
        yield from self.command(verb, *arguments)
        return True

    def _list(self, verb: str, name: str, pattern: str) -> Flow[builtins.list[ListEntry]]:
        reference = encode.mailbox_pattern(name) if name else b'""'
        wanted = encode.mailbox_pattern(pattern) if pattern else b'""'
        self.require_state(State.AUTHENTICATED, State.SELECTED)
        answer = yield from self.command(verb, reference, wanted)
        listed = self.read(
            partial(mailbox_list.mailbox_list, strict=self.strict), answer.named(verb)
        )
        for folder, written in listed:
            if not utf7.is_canonical(written):
                self.names[folder["name"]] = written
        return [folder for folder, _ in listed]


def _is_below(folder: ListEntry, path: str) -> bool:
    delimiter = folder["delimiter"]
    if not delimiter:
        return False
    return folder["name"].startswith(path.removesuffix(delimiter) + delimiter)
