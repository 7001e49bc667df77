"""Selecting a mailbox and leaving it.

RFC 9051 sections 6.3.2, 6.3.3, 6.4.1 to 6.4.3; RFC 3691 (UNSELECT).
"""

import re
from typing import TypedDict

from netmail.errors import CapabilityError, ImapError
from netmail.flows.flow import Flow
from netmail.flows.imap.session import Answer, ImapSession, Mailbox, State
from netmail.wire import imap_encode

_FLAGS = re.compile(r"\(([^()]*)\)")


class MailboxState(TypedDict):
    r"""What a server tells of a mailbox when it is selected; `None` for what it does not tell.

    `exists` and `recent` count messages; `unseen` is the sequence number of the first unread one;
    `uidvalidity` changes when UIDs have lost their meaning; `permanent_flags` holds "\*" where new
    keywords may be made.
    """

    name: str
    exists: int
    recent: int
    flags: list[str]
    permanent_flags: list[str]
    uidvalidity: int | None
    uidnext: int | None
    unseen: int | None
    highestmodseq: int | None
    read_only: bool


class SelectFlows(ImapSession):
    """SELECT, EXAMINE, CHECK, CLOSE, UNSELECT."""

    def select(self, name: str) -> Flow[MailboxState]:
        """SELECT."""
        return (yield from self._select("SELECT", name))

    def examine(self, name: str) -> Flow[MailboxState]:
        """EXAMINE."""
        return (yield from self._select("EXAMINE", name))

    def check(self) -> Flow[bool]:
        """CHECK."""
        self.require_state(State.SELECTED)
        yield from self.command("CHECK")
        return True

    def close(self) -> Flow[bool]:
        """CLOSE."""
        self.require_state(State.SELECTED)
        yield from self.command("CLOSE")
        self._leave()
        return True

    def unselect(self) -> Flow[bool]:
        """UNSELECT."""
        self.require_state(State.SELECTED)
        if "UNSELECT" not in self.capabilities and "IMAP4REV2" not in self.capabilities:
            message = "the server has no UNSELECT; close() leaves the mailbox, and expunges it"
            raise CapabilityError(message, "UNSELECT")
        yield from self.command("UNSELECT")
        self._leave()
        return True

    def enter(self, path: str | None, *, writing: bool = False) -> Flow[Mailbox]:
        """Select the mailbox that a call is about, unless it is selected already.

        Args:
            path: The mailbox; `None` for the selected one, else the options' mailbox, else INBOX.
            writing: Whether a mailbox that `examine()` opened must be selected again.
        """
        selected = self.mailbox
        name = path or (selected.name if selected else self.options.mailbox) or "INBOX"
        if (
            selected is None
            or not same_mailbox(selected.name, name)
            or (writing and selected.examined)
        ):
            yield from self._select("SELECT", name)
        if self.mailbox is None:
            raise ImapError("SELECT", f"{name} was closed by the server", "NO")
        return self.mailbox

    def _select(self, verb: str, name: str) -> Flow[MailboxState]:
        argument = imap_encode.mailbox(name)
        self.require_state(State.AUTHENTICATED, State.SELECTED)
        # Even a refused SELECT leaves the mailbox that was selected, RFC 9051 section 6.3.2.
        self._leave()
        mailbox = self.mailbox = Mailbox(name, examined=verb == "EXAMINE")
        try:
            answer = yield from self.command(verb, argument)
        except BaseException:
            self.mailbox = None
            raise
        self.state = State.SELECTED
        mailbox.read_only = answer.done.code.name == "READ-ONLY" or mailbox.examined
        return _state(mailbox, answer)

    def _leave(self) -> None:
        self.mailbox = None
        self.state = State.AUTHENTICATED


def same_mailbox(one: str, other: str) -> bool:
    """Tell whether two names mean one mailbox: INBOX is the same in any case.

    RFC 9051 section 5.1.
    """
    return one == other or (one.upper() == "INBOX" and other.upper() == "INBOX")


def _state(mailbox: Mailbox, answer: Answer) -> MailboxState:
    return MailboxState(
        name=mailbox.name,
        exists=mailbox.exists,
        recent=mailbox.recent,
        flags=list(mailbox.flags),
        permanent_flags=_flags(answer.code("PERMANENTFLAGS")),
        uidvalidity=_number(answer.code("UIDVALIDITY")),
        uidnext=_number(answer.code("UIDNEXT")),
        unseen=_number(answer.code("UNSEEN")),
        highestmodseq=_number(answer.code("HIGHESTMODSEQ")),
        read_only=mailbox.read_only,
    )


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None


def _flags(text: str | None) -> list[str]:
    found = _FLAGS.search(text or "")
    return found[1].split() if found else []
