"""Play a transcript to a client: a third driver of flows, beside the blocking and the asyncio one.

This file knows the clients' names, and nothing of what is in a transcript.
"""

import ast
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from io import BytesIO
from typing import TypeVar

import netmail
from netmail.curl.errands import Reporting
from netmail.curl.sources import Following
from netmail.flows.file_target import Target
from netmail.flows.flow import Flow, Piece, StreamingFlow
from support.replay import collected, over_one_connection, replay
from support.transcripts import Step, Transcript

T = TypeVar("T")

CLIENTS = {"imap": netmail.Imap, "pop3": netmail.POP3, "smtp": netmail.Transport}
# Where no TLS comes first, so that a transcript in clear contradicts no default.
_PORTS = {"imap": 143, "pop3": 110, "smtp": 587}
_NAMES = {"BytesIO": BytesIO, "datetime": datetime, "timedelta": timedelta, "timezone": timezone}


class Player:
    """A client whose connection is a transcript.

    Args:
        transcript: The session.
        size: Octets of the server's that arrive at a time; `None` for whole turns.
        strict: Whether the client has the option `strict`.
    """

    def __init__(self, transcript: Transcript, *, size: int | None, strict: bool = False) -> None:
        port = _PORTS[transcript.protocol]
        options = {"host": "localhost", "port": port, **transcript.keywords("options")}
        if strict:
            options["strict"] = True
        limits = netmail.ServerLimits(**transcript.keywords("limits"))
        self.client = CLIENTS[transcript.protocol](limits=limits, **options)
        self._transcript = transcript
        self._size = size
        self._strict = strict
        self._wire = ""
        self._session = name_tags(self.client)
        self.client._run = self._run
        self.client._complete = self._complete
        self.client._read = self._read
        self.client._stream = self._stream
        self.client._read_many = self._read_many
        self.client._download = self._download
        self.client._follow = self._follow
        self.client.quit = self._quit

    def play(self) -> None:
        """Run the session; a strict one ends at the step that fails by that.

        Raises:
            ProtocolError: If the session is strict, at that step.
            AssertionError: If anything differs; the message says where.
        """
        self._wire = self._transcript.opening
        self._run(self._session.open(self._transcript.handshake()))
        for step in self._transcript.steps:
            where = f"{self._transcript.name}, line {step.call.line}"
            self._wire = step.wire
            if self._strict and step.fact("strict") is not None:
                self._evaluate(step.call.value)
                raise AssertionError(f"{where}: nothing fails by the option strict")
            self._check(step, where)
            assert not self._wire, f"{where}: this call does not go over the wire"

    def _run(self, flow: Flow[object]) -> object:
        wire, self._wire = self._wire, ""
        return replay(flow, self._session.reader, wire, size=self._size, partial=self._strict)

    def _read(self, make: Callable[..., Flow[T]], *args: object, **kwargs: object) -> T:
        return self._run(make(*args, **kwargs))

    def _read_many(self, make: Callable[..., object], *args: object, **kwargs: object) -> list[T]:
        return self._stream(make(*args, **kwargs))

    def _stream(self, flow: StreamingFlow[T]) -> list[T]:
        return self._run(collected(flow))

    def _download(
        self, make: Callable[[int], StreamingFlow[Piece]], target: Target, *, resumes: bool
    ) -> int:
        assert resumes == (self._transcript.protocol == "imap")
        for piece in self._run(collected(make(target.done))):
            target.write(piece.data, piece.total)
        target.close()
        return target.done

    def _follow(self, following: Following[T], _retry: object) -> list[T]:
        return self._stream(following.step())

    def _complete(self, sending: Reporting[object, T], _name: str) -> T:
        self._run(over_one_connection(sending, self._session))
        return sending.report()

    def _quit(self) -> None:
        self._run(self._session.quit())

    def _check(self, step: Step, where: str) -> None:
        result, error = self._attempt(step)
        expected = step.fact("raises")
        if error is not None or expected is not None:
            seen = f"{type(error).__name__}: {error}" if error else f"no error, but {result!r}"
            kind, _, text = (expected or "nothing").partition(": ")
            assert type(error).__name__ == kind, f"{where}: {seen}"
            assert text in str(error), f"{where}: {seen}"
        elif isinstance(result, netmail.SendReport):
            for what, recipients in recipients_of(result).items():
                assert recipients == (step.fact(what) or ""), f"{where}, {what}: {recipients}"
        elif step.fact("result") is not None or step.fact("then") is None:
            assert result == self._evaluate(step.fact("result") or "None"), f"{where}: {result!r}"
        for fact in step.facts:
            if fact.key == "then":
                assert self._evaluate(fact.value, result=result), f"{where}: not {fact.value}"

    def _attempt(self, step: Step) -> tuple[object, netmail.NetmailError | None]:
        try:
            return self._evaluate(step.call.value), None
        except netmail.NetmailError as error:
            return None, error

    def _evaluate(self, expression: str, **names: object) -> object:
        return evaluate(expression, self.client, **names)


def play(transcript: Transcript) -> None:
    """Run a session with the server's turns whole, and octet by octet.

    Raises:
        AssertionError: If anything differs; the message says where.
    """
    for size in (None, 1):
        Player(transcript, size=size).play()


def name_tags(client: object) -> object:
    """Make a client's tags T1, T2, ... in place of random ones; return its session."""
    session = client._connection.session
    session._fixed_tag = "T"
    return session


def recipients_of(report: netmail.SendReport) -> dict[str, str]:
    """Return the recipients and their codes as a transcript lists them."""
    return {
        what: ", ".join(f"{each.address} {each.code}" for each in getattr(report, what))
        for what in ("accepted", "refused")
    }


def evaluate(expression: str, client: object, **names: object) -> object:
    """Evaluate an expression over a client's methods and properties, and netmail's exports."""
    expression = expression.strip()
    used = {node.id for node in ast.walk(ast.parse(expression)) if isinstance(node, ast.Name)}
    for name in used - names.keys():
        for known in (client, netmail):
            if not name.startswith("_") and hasattr(known, name):
                names[name] = getattr(known, name)
                break
    return eval(expression, {**_NAMES, **names})
