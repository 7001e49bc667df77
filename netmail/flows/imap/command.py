"""One IMAP command and everything up to its tagged response.

This file knows tags, literals and status, and no command.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from netmail.errors import ImapError, MailTimeout, ProtocolError
from netmail.flows.flow import PEEK, RECEIVE, Flow, Send, connection_lost
from netmail.flows.imap.news import Answer, ImapNews
from netmail.wire.imap import encode, quirks, responses
from netmail.wire.imap.encode import Argument
from netmail.wire.imap.responses import DataResponse, StatusResponse

T = TypeVar("T")


class ImapCommands(ImapNews):
    """How a command is sent and answered."""

    def command(self, name: str, *arguments: Argument) -> Flow[Answer]:
        """Send a command and read everything up to its tagged response.

        Raises:
            UsageError: If it is longer than servers take.
            ImapError: If the server says NO or BAD.
            ConnectionLost: If it ends the connection.
            ProtocolError: If it breaks the grammar.
        """
        encode.check_length(arguments)
        yield from self._hear_what_came()
        tag = self._next_tag()
        answer = Answer(nesting=self.reader.limits.nesting)
        pieces = encode.command(tag, name.encode(), arguments, self.capabilities)
        for octets in next(pieces):
            yield Send(octets)
        for piece in pieces:
            told = yield from self._until(tag, answer, asking=True)
            if isinstance(told, StatusResponse):
                raise_unless_ok(told, name)  # refused before the literal
                raise ProtocolError("the server accepts half a command", _shown(told), "+")
            for octets in piece:
                yield Send(octets)
        done = yield from self._until(tag, answer, asking=False)
        if isinstance(done, StatusResponse):
            answer.done = done
            raise_unless_ok(done, name)
        return answer

    def read(self, read: Callable[[DataResponse], T], responses: Sequence[DataResponse]) -> list[T]:
        """Read responses; those that cannot be read are kept in `unparsed`.

        Raises:
            ProtocolError: If one cannot be read and the session is strict.
        """
        found: list[T] = []
        for response in responses:
            try:
                found.append(read(response))
            except ProtocolError as error:
                if self.strict:
                    raise
                self._keep_raw(response.pieces, str(error))
        return found

    def _next_tag(self) -> bytes:
        self._count += 1
        return self._tag + b"%d" % self._count

    def _hear_what_came(self) -> Flow[None]:
        """Take in what the server has said unasked: news of the mailbox, or a goodbye.

        It is never taken for an answer to what we are about to ask.
        """
        yield PEEK
        unasked = Answer()
        while (pieces := self._splitter.next()) is not None:
            if pieces[0].startswith(b"* "):
                self._hear(pieces, unasked)
            elif pieces[0].startswith(b"+"):
                quirks.tolerate(quirks.STRAY_CONTINUATION, pieces[0], strict=self.strict)
            else:
                self._out_of_step(pieces)
        if self.reader.eof or self.reader.closing_text:
            raise connection_lost(self.reader)

    def _until(self, tag: bytes, answer: Answer, *, asking: bool) -> Flow[StatusResponse | bytes]:
        """Read responses up to the tagged one, or, if `asking`, to a request to go on: its text."""
        left = self.reader.limits.responses
        while True:
            pieces = self._splitter.next()
            if pieces is None:
                yield from self._wait()
                continue
            head = pieces[0]
            if head.startswith(b"* "):
                self._hear(pieces, answer)
            elif head.startswith(b"+"):
                if asking:
                    return head[1:].strip()
                quirks.tolerate(quirks.STRAY_CONTINUATION, head, strict=self.strict)
            elif head.startswith(tag + b" ") and (done := responses.status(head)):
                self._heard += 1
                self._note_code(done)
                return done
            else:
                self._out_of_step(pieces)
            left -= 1
            if left < 0:
                limit = self.reader.limits.responses
                message = f"over {limit} responses to one command; raise limits.responses"
                raise ProtocolError(message, head)

    def _wait(self) -> Flow[None]:
        if self.reader.eof:
            raise connection_lost(self.reader)
        try:
            yield RECEIVE
        except MailTimeout as late:
            if self.reader.closing_text:  # it said goodbye, and did not hang up
                raise connection_lost(self.reader) from late
            raise


def raise_unless_ok(done: StatusResponse, command: str) -> None:
    """Judge a tagged response.

    Raises:
        ImapError: If the server says NO or BAD.
        ProtocolError: If it says neither those nor OK.
    """
    if done.status == "OK":
        return
    if done.status not in {"NO", "BAD"}:
        raise ProtocolError("a tagged response is neither OK, NO nor BAD", _shown(done))
    raise ImapError(command, done.text, done.status, done.code.name)


def _shown(done: StatusResponse) -> bytes:
    return f"{done.status} {done.text}".encode("utf-8", "surrogateescape")
