"""The commands in flight, and whose an untagged response is.

This file knows how a response names its command, and neither sends nor waits.

RFC 9051 sections 5.5 and 7.
"""

import re
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from typing import Final

from netmail.errors import ProtocolError
from netmail.flows.imap.pipelining.ambiguity import kinds_of
from netmail.flows.imap.pipelining.command import Command
from netmail.flows.imap.responses import Responses, shown
from netmail.flows.imap.session import ImapSession
from netmail.wire.imap import quirks, responses
from netmail.wire.imap.fragments import Fragments
from netmail.wire.imap.responses import StatusResponse
from netmail.wire.imap.status_att import status_att_list

# search-correlator = SP "(" "TAG" SP tag-string ")", tag-string = astring: * ESEARCH (TAG "n1") ALL
_CORRELATOR: Final = re.compile(rb'\* ESEARCH \(TAG "?([^ ()"]+)"?\)', re.IGNORECASE)


class InFlight:
    """The commands that were sent and have no tagged response yet.

    Attributes:
        by_name: How many commands of each name there are.
        by_kind: The commands, the oldest first, by the names of the responses that they read.
        octets: How many octets they have.
        partial: The youngest, if more of it is to be sent; else `None`.
        may_continue: Whether the server has requested more of that one.
    """

    def __init__(self, session: ImapSession) -> None:
        self.by_name: Counter[str] = Counter()
        self.by_kind: dict[str, list[Command]] = {}
        self.octets = 0
        self.partial: Command | None = None
        self.may_continue = False
        self._session = session
        self._commands: dict[bytes, Command] = {}
        self._restart()

    def __len__(self) -> int:
        return len(self._commands)

    def add(self, command: Command, *, partial: bool) -> None:
        """Add a command that is sent now, whole or up to its first literal that must wait."""
        if not self._commands:
            self._restart()
        self._commands[command.tag] = command
        self.octets += command.octets
        self.partial = command if partial else None
        self.by_name[command.name] += 1
        for kind in kinds_of(command):
            self.by_kind.setdefault(kind, []).append(command)

    def continued(self, *, partial: bool) -> None:
        """Note that more of the youngest was sent: all of it, or up to its next literal."""
        self.may_continue = False
        if not partial:
            self.partial = None

    def take_arrived(self) -> list[Command]:
        """Process the responses that have arrived; return the commands that are done.

        Raises:
            ConnectionLost: If the server has sent BYE in a tagged response.
            ProtocolError: If it breaks the grammar or a limit.
        """
        done: list[Command] = []
        in_use = [kind for kind, commands in self.by_kind.items() if commands]
        arrived = Responses(fetches="FETCH" in in_use, kinds=in_use)
        while True:
            self._session.check_octets(self._session.reader.received - self._begun, arrived)
            tagged = self._session.next_tagged(self._commands, arrived)
            self._distribute(arrived)
            if isinstance(tagged, StatusResponse):
                done.append(self._finish(tagged))
            elif tagged is None:
                return done
            elif self.partial is not None and not self.may_continue:
                self.may_continue = True
            else:
                quirks.tolerate(quirks.STRAY_CONTINUATION, tagged, strict=self._session.strict)

    def _finish(self, tagged: StatusResponse) -> Command:
        command = self._commands.pop(tagged.tag)
        command.collected.tagged = tagged
        command.is_done = True
        self.octets -= command.octets
        self.by_name[command.name] -= 1
        if not self.by_name[command.name]:
            del self.by_name[command.name]
        for kind in kinds_of(command):
            self.by_kind[kind].remove(command)
        if command is self.partial:
            if tagged.status == "OK":
                raise ProtocolError("the server accepts half a command", shown(tagged), "+")
            # What the server has requested is sent, whatever comes after the request: it cannot
            # know that nothing was sent before its refusal, and takes what follows for the literal.
            if not self.may_continue:
                self.partial = None
        self._restart()
        return command

    def _restart(self) -> None:
        """Begin to count what the server sends up to its next tagged response."""
        self._begun = self._session.reader.received
        self._left = self._session.reader.limits.responses

    # -- whose a response is ---------------------------------------------------------------------

    def _distribute(self, arrived: Responses) -> None:
        """Give each response to the commands that may read it, and keep none."""
        for fragments in arrived.untagged:
            for command in self._readers_of(fragments):
                command.collected.untagged.append(fragments)
        # An untagged COPYUID is the only code that a command reads, and all UID MOVEs in flight are
        # of one call.
        if arrived.codes:
            for command in self.by_kind.get("COPYUID", ())[:1]:
                command.collected.codes += arrived.codes
        self._left -= len(arrived.untagged)
        if self._left < 0:
            limit = self._session.reader.limits.responses
            message = f"over {limit} responses to one command; raise limits.responses"
            raise ProtocolError(message, arrived.untagged[-1][0])
        arrived.untagged.clear()
        arrived.codes.clear()

    def _readers_of(self, fragments: Fragments) -> Collection[Command]:
        name = responses.name(fragments[0])
        if name is None:
            # No response that netmail understands; a command that gets none looks at these.
            return self._commands.values()
        kind = name.decode("ascii").upper()
        # "A client MUST be prepared to accept any server response at all times", RFC 9051 section
        # 2.2.2: one that no call reads was for the session alone.
        readers = self.by_kind.get(kind, ())
        if len(readers) < 2 or kind == "FETCH":
            return readers
        named = self._about(fragments) if kind == "STATUS" else self._correlated(fragments)
        # Where a server does not name the command as RFC 9051 asks, its order tells.
        return readers[:1] if named is None else (named,)

    def _about(self, fragments: Fragments) -> Command | None:
        """Find the command whose mailbox a STATUS response names."""
        response = responses.data(fragments)
        if response is None:
            return None
        with suppress(ProtocolError):
            mailbox = folded(status_att_list(response)[0])
            for command in self.by_kind["STATUS"]:
                if command.about == mailbox:
                    return command
        return None

    def _correlated(self, fragments: Fragments) -> Command | None:
        """Find the command whose tag an ESEARCH response has."""
        found = _CORRELATOR.match(fragments[0])
        return self._commands.get(found[1]) if found else None


def folded(mailbox: str) -> str:
    """Write a mailbox's name so that equal names are one mailbox: INBOX is one in any case.

    RFC 9051 section 5.1.
    """
    return "INBOX" if mailbox.upper() == "INBOX" else mailbox
