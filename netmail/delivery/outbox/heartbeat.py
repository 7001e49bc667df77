"""The thread that reports a worker as alive, while its transport waits for a server.

This file must not know messages.
"""

import contextlib
import threading
from types import TracebackType
from typing import Self

from netmail.delivery.outbox import leasing
from netmail.delivery.outbox.database import Database
from netmail.delivery.outbox.errors import OutboxError


class Heartbeat:
    """Extends a lease three times in its length, until the `with` block ends.

    Args:
        database: The worker's own.
        token: The lease's.
        seconds: How long it lasts.

    Attributes:
        beats: How often it has tried.
    """

    def __init__(self, database: Database, token: int, seconds: float) -> None:
        self._database = database
        self._token = token
        self._seconds = seconds
        self.beats = 0
        self._ended = threading.Event()
        # No daemon: it ends with the block, and never in the middle of a transaction.
        self._thread = threading.Thread(target=self._run, name="netmail-outbox-lease")

    def _run(self) -> None:
        while not self._ended.wait(self._seconds / 3):
            try:
                with self._database.transaction() as connection:
                    leasing.extend(connection, self._token, self._seconds)
            except OutboxError:
                # The worker meets it too, with its next result; and the next beat may succeed.
                pass
            self.beats += 1

    def __enter__(self) -> Self:
        # From Python 3.12 on no thread starts any more while the program ends. The seconds that the
        # manager's threads have then are less than a lease.
        with contextlib.suppress(RuntimeError):
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join()
