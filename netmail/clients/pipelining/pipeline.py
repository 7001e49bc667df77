# Written by scripts/twins from async_pipeline.py: edit that file, not this one.
"""Calls of the asyncio IMAP client whose commands are sent together.

This file knows no command: which calls there are is in `pipeline_calls`.
"""

from types import TracebackType
from typing import Self

from netmail.clients.pipelining.pipeline_calls import PipelineCalls
from netmail.curl import calls
from netmail.curl.drive import drive
from netmail.flows.imap.pipelining.scheduler import Scheduler


class Pipeline(PipelineCalls):
    """Calls that are sent together when the block ends, or at `run()`.

        with imap.pipeline() as p:
            a = p.status("Archive", "MESSAGES")
            b = p.search("UNSEEN")
        print(a.result(), b.result())

    Each method returns a `Pending` at once, whose `result()` returns or raises what the method of
    the client would. A refusal belongs to its own call, and the others are made all the same: so
    ask each for its result. Commands leave in the order of the calls. What RFC 9051 lets be in
    flight together is, up to 256 commands and 1 MiB; what may not waits for those before it:
    another mailbox to select, two searches where the server has no ESEARCH, two numbers of the same
    mailbox. If the connection is lost, the block raises, and each result says what is certain: a
    call was done, was never sent, or was sent and may have had its effect.

    If the block ends by an exception, nothing is sent.
    """

    def run(self) -> None:
        """Make the calls so far, in the middle of the block; their results can be used then.

        Raises:
            TransportError: If the connection fails.
            ProtocolError: If the server breaks the grammar.

        RFC 9051 section 5.5.
        """
        made = self._take()
        if not made:
            return
        try:
            drive(calls.call(self._connection, Scheduler(self._session, made).run()))
        except BaseException as error:
            for call in made:
                call.lose(error)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.run()
            return
        for call in self._take():
            call.lose(error)
