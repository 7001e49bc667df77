"""Selecting a mailbox and leaving it.

RFC 9051 sections 6.3.2, 6.3.3, 6.4.1 to 6.4.3; RFC 3691 (UNSELECT).
"""

import re
from typing import Final, TypedDict

from netmail.errors import CapabilityError, ProtocolError, StateError
from netmail.flows.flow import Flow
from netmail.flows.imap.news import Answer, Mailbox, State
from netmail.flows.imap.session import ImapSession
from netmail.wire.imap import quirks, responses

_FLAGS: Final = re.compile(r"\(([^()]*)\)")


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
        if not self.offers("UNSELECT"):
            message = "the server has no UNSELECT; close() leaves the mailbox, and expunges it"
            raise CapabilityError(message, "UNSELECT")
        yield from self.command("UNSELECT")
        self._leave()
        return True

    def enter(self, path: str | None, *, writing: bool = False) -> Flow[None]:
        """Select the mailbox that a call is about, unless it is selected already.

        Args:
            path: The mailbox; `None` for the selected one, else the options' mailbox, else INBOX.
            writing: Whether the call changes messages in it.

        Raises:
            StateError: If EXAMINE opened it and the call would change it, or if its UIDs have lost
                their meaning since it was selected last.
            UsageError: If the path is no mailbox's name.
        """
        if path:
            self.mailbox_argument(path)  # refuses what is no name, before it is compared
        selected = self.mailbox
        if selected is None or (path and not same_mailbox(selected.name, path)):
            yield from self._enter(path or self.options.mailbox or "INBOX")
        elif writing and selected.examined:
            message = "examine() opened the mailbox, and nothing in it may change: select() it"
            raise StateError(f"{message} ({selected.name})" if selected.name else message)

    def _enter(self, name: str) -> Flow[None]:
        known = self.validities.get(name)
        yield from self._select("SELECT", name)
        validity = self.validities.get(name)
        if known is not None and validity not in {known, None}:
            # Until select() tells the caller the new one, every call ends here.
            self.validities[name] = known
            self._leave()
            message = f"the UIDs of {name} have changed (UIDVALIDITY {known} is now {validity})"
            raise StateError(f"{message}: select() it and search anew")

    def _select(self, verb: str, name: str) -> Flow[MailboxState]:
        argument = self.mailbox_argument(name)
        self.require_state(State.AUTHENTICATED, State.SELECTED)
        # News of the mailbox that is about to be left must not count for the other.
        yield from self._hear_what_came()
        # Even a refused SELECT leaves the mailbox that was selected, RFC 9051 section 6.3.2.
        self._leave()
        mailbox = self.mailbox = Mailbox(name, examined=verb == "EXAMINE")
        try:
            answer = yield from self.command(verb, argument)
        except BaseException:
            self.mailbox = None
            raise
        self.state = State.SELECTED
        state = self._told(mailbox, answer)
        if state["uidvalidity"] is not None:
            self.validities[name] = state["uidvalidity"]
        return state

    def _told(self, mailbox: Mailbox, answer: Answer) -> MailboxState:
        if mailbox.exists is None or mailbox.name is None:
            raise ProtocolError("a mailbox was selected without EXISTS", b"", "* n EXISTS")
        return MailboxState(
            name=mailbox.name,
            exists=mailbox.exists,
            recent=mailbox.recent,
            flags=list(mailbox.flags),
            permanent_flags=_flags(answer.code("PERMANENTFLAGS")),
            uidvalidity=self._number(answer, "UIDVALIDITY"),
            uidnext=self._number(answer, "UIDNEXT"),
            unseen=self._number(answer, "UNSEEN"),
            highestmodseq=self._number(answer, "HIGHESTMODSEQ"),
            read_only=mailbox.examined or answer.done.code.name == "READ-ONLY",
        )

    def _number(self, answer: Answer, name: str) -> int | None:
        told = answer.code(name)
        if told is not None and told.startswith("-"):
            quirks.tolerate(quirks.NEGATIVE_NUMBER, told.encode(), strict=self.strict)
        return responses.number(told)

    def _leave(self) -> None:
        self.mailbox = None
        self.state = State.AUTHENTICATED


def same_mailbox(one: str | None, other: str) -> bool:
    """Tell whether two names mean one mailbox: INBOX is the same in any case.

    RFC 9051 section 5.1.
    """
    return one == other or (one is not None and one.upper() == other.upper() == "INBOX")


def _flags(text: str | None) -> list[str]:
    found = _FLAGS.search(text or "")
    return found[1].split() if found else []
