"""New mail, each message handed over once, and deleted when its caller has it: UIDL, RETR, DELE.

This file knows which messages are new, and not how a state is kept.

RFC 1939 sections 5 and 7.
"""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

from netmail.errors import ConnectionLost, DeletionsRefused, Pop3Error, UsageError
from netmail.flows.flow import Errand, Flow, Left, Request, StreamingFlow, Values
from netmail.flows.pop3.commands import uidl
from netmail.flows.pop3.one_by_one import reconnect
from netmail.flows.pop3.pipelining import Exchange, Pipeline, pipeline
from netmail.flows.pop3.session import Pop3Session
from netmail.flows.read_mail import read_mail
from netmail.results.maildrop_state import MaildropState
from netmail.results.pop3 import UniqueId

if TYPE_CHECKING:
    from netmail.mime.mail import Mail


def mails(
    session: Pop3Session, since: MaildropState | None, *, delete: bool
) -> "StreamingFlow[Mail]":
    """Fetch the messages that a state does not have, and put them into it.

    What is wrong with the arguments is raised here, and not when the first message is asked for.

    RFC 1939 sections 5 and 7.
    """
    given: object = since
    if given is not None and not isinstance(given, MaildropState):
        raise UsageError(f"since is a MaildropState or None, not {type(given).__name__}")
    if not isinstance(delete, bool):
        raise UsageError("delete is a bool")
    state = MaildropState() if since is None else since
    return _Download(session, state, delete=delete).mails()


class _Download:
    """One download of new mail."""

    def __init__(self, session: Pop3Session, state: MaildropState, *, delete: bool) -> None:
        self._session = session
        self._state = state
        self._delete = delete
        self._missing: list[Pop3Error] = []
        self._refused: dict[int | str, Pop3Error] = {}

    def mails(self) -> "StreamingFlow[Mail]":
        """Hand over each message that is new.

        Raises:
            Pop3Error: If the server has refused some; after all the others.
            DeletionsRefused: If it has refused to mark some as deleted; at the end.

        RFC 1939 sections 5 and 7.
        """
        # C: UIDL (all messages)
        # S: +OK 2 messages
        # S: 1 aa
        # S: 2 bb
        # S: .
        # C: RETR 2
        # S: +OK 310 octets
        # S: Subject: new
        # S: .
        # C: DELE 2
        # S: +OK marked
        entries = yield from uidl(self._session)
        self._forget_others({entry["id"] for entry in entries})
        rest: list[UniqueId] | None = entries
        while rest is not None:
            rest = yield from self._fetch(rest)
        self._raise_refusals()

    def _fetch(
        self, entries: list[UniqueId]
    ) -> "Generator[Request | Values[Mail] | Errand, None, list[UniqueId] | None]":
        """Hand over what is new; return what to begin again with, over another connection."""
        sending = yield from pipeline(self._session, self._exchanges(entries))
        try:
            while (yield from sending.fill()):
                for exchange in (yield from sending.read()):
                    yield from self._hand_over(sending, exchange)
        except Left:
            yield from sending.drop()
            raise
        except ConnectionLost as error:
            lost = error
        else:
            return None
        entries = yield from reconnect(self._session, sending, lost)
        self._missing.clear()  # they are refused again
        return entries

    def _forget_others(self, listed: set[str]) -> None:
        """Keep nothing of messages that are gone."""
        # "The server should never reuse an unique-id in a given maildrop, for as long as the entity
        # using the unique-id exists."                                        RFC 1939 section 7
        self._state.seen &= listed
        self._state.deleting &= listed

    def _exchanges(self, entries: list[UniqueId]) -> Iterator[Exchange]:
        """Yield the commands to begin with."""
        seen, deleting = self._state.seen.copy(), self._state.deleting.copy()
        # What an earlier connection has marked and not committed comes first: the caller has it.
        if self._delete:
            yield from (_dele(entry) for entry in entries if entry["id"] in deleting)
        # Copies with one unique-id are messages of their own: RFC 1939 section 7.
        for entry in entries:
            if entry["id"] not in seen:
                yield Exchange(entry["id"], entry["uid"], b"RETR %d" % entry["uid"])

    def _hand_over(self, sending: Pipeline, exchange: Exchange) -> "StreamingFlow[Mail]":
        """Hand over the message of a reply; it is done when the caller asks for the next one."""
        if exchange.deletes:
            if exchange.error is not None:
                self._refused[exchange.number] = exchange.error
            return
        if exchange.error is not None:
            self._missing.append(exchange.error)
            return
        mail = read_mail(exchange.body)
        mail.uid, mail.unique_id = exchange.number, str(exchange.uid)
        yield Values([mail])
        # Not before: a caller that fails with this message is given it again.
        self._state.seen.add(mail.unique_id)
        if self._delete:
            self._state.deleting.add(mail.unique_id)
            entry = UniqueId(uid=exchange.number, id=mail.unique_id)
            yield from self._sent(sending, _dele(entry))

    def _sent(self, sending: Pipeline, exchange: Exchange) -> Flow[None]:
        """Send a command at once: a caller that leaves lets nothing more be sent."""
        yield from sending.fill([exchange])

    def _raise_refusals(self) -> None:
        if self._missing:
            first = self._missing[0]
            text = f"{len(self._missing)} messages were refused, and are not in the state; "
            raise Pop3Error("RETR", f"{text}the first: {first.text}", first.code)
        if self._refused:
            raise DeletionsRefused(self._refused)


def _dele(entry: UniqueId) -> Exchange:
    return Exchange(entry["id"], entry["uid"], b"DELE %d" % entry["uid"], deletes=True)
