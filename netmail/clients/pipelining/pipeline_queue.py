"""The calls of a pipeline that have not been made yet.

This file knows no command, and not how the calls are made.
"""

from typing import Any, Self, TypeVar

from netmail.curl.connection import Connection
from netmail.flows.flow import Flow
from netmail.flows.imap.pipelining.call import Call
from netmail.flows.imap.session import ImapSession
from netmail.results.pending import Pending

T = TypeVar("T")


class PipelineQueue:
    """What the pipelines of both kinds of clients have."""

    _connection: Connection
    _session: ImapSession
    _calls: list[Call[Any]]

    # Not __init__(): only clients make one, and callers never see the types of its arguments.
    def __new__(cls, connection: Connection, session: ImapSession) -> Self:
        """Make an empty pipeline."""
        self = super().__new__(cls)
        self._connection = connection
        self._session = session
        self._calls = []
        return self

    def _add(self, flow: Flow[T]) -> Pending[T]:
        call = Call(flow)
        self._calls.append(call)
        return call.pending

    def _take(self) -> list[Call[Any]]:
        taken, self._calls = self._calls, []
        return taken
