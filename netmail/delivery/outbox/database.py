"""The connection to the outbox's file: opened, set to WAL, and its transactions.

This file must not know what is in the tables.
"""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final, Literal, TypeAlias

from netmail import UsageError
from netmail.delivery.outbox import schema
from netmail.delivery.outbox.errors import OutboxError, explained
from netmail.delivery.outbox.file_systems import network_file_system

Durability: TypeAlias = Literal["normal", "full"]
"""What survives a power loss; both survive the end of the process."""

Fetch: TypeAlias = Callable[..., list[Any]]
"""Returns the rows of a query: `Database.read`."""

LEAST_SQLITE: Final = (3, 37, 0)
"""STRICT tables; RETURNING needs 3.35."""


class Database:
    """One connection, which several threads may use in turn; opened when it is first used.

    Args:
        path: The file.
        durability: "full" waits for the disk at each commit.
        timeout: Seconds to wait for another connection's lock.
    """

    def __init__(self, path: Path, durability: Durability, timeout: float) -> None:
        self.path = path
        self.durability = durability
        self._timeout = timeout
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._process = 0
        self._is_full = False

    @contextmanager
    def transaction(self, *, full: bool = False) -> Iterator[sqlite3.Connection]:
        """Begin a transaction that writes; commit it at the end, or take all of it back.

        Args:
            full: Whether the commit waits for the disk whatever the durability is.

        Raises:
            OutboxError: If SQLite fails; nothing is written then.
        """
        with self._lock, explained(str(self.path)):
            connection = self._open()
            self._synchronize(connection, full=full or self.durability == "full")
            # Not deferred: a transaction that reads first and writes after another writer's commit
            # fails at once, however long the time limit is.
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # SQLite itself has ended it where the disk is full.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def read(self, query: str, *values: object) -> list[Any]:
        """Return the rows of a query.

        Raises:
            OutboxError: If SQLite fails.
        """
        # All rows at once: a cursor that stays open would keep the log from being reset.
        with self._lock, explained(str(self.path)):
            try:
                return self._open().execute(query, values).fetchall()
            except OverflowError:  # no row has a number that SQLite cannot hold
                return []

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        with self._lock:
            connection, self._connection = self._connection, None
            # A child process that closed it would drop locks that the parent relies on.
            if connection is not None and self._process == os.getpid():
                with explained(str(self.path)):
                    connection.close()

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None:
            if self._process != os.getpid():
                raise UsageError(
                    f"outbox {self.path}: SQLite's connections do not survive a fork; make another"
                    " Outbox in the child process"
                )
            return self._connection
        check_place(self.path)
        connection = sqlite3.connect(
            self.path, timeout=self._timeout, isolation_level=None, check_same_thread=False
        )
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        self._connection, self._process, self._is_full = connection, os.getpid(), True
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        self._use_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")
        # A look first: most connections find the tables, and need no lock.
        if not schema.is_ready(connection):
            connection.execute("BEGIN IMMEDIATE")
            try:
                schema.prepare(connection)
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def _use_wal(self, connection: sqlite3.Connection) -> None:
        """Use a write-ahead log: readers and the one writer do not wait for each other."""
        end = monotonic() + self._timeout
        while True:
            try:
                (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
                if mode != "wal":
                    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
                break
            except sqlite3.OperationalError:
                # The time limit does not count for this change, which needs the file alone.
                if monotonic() > end:
                    raise
                sleep(0.01)
        if mode != "wal":
            raise OutboxError(f"outbox {self.path}: SQLite cannot keep a write-ahead log here")

    def _synchronize(self, connection: sqlite3.Connection, *, full: bool) -> None:
        # It belongs to the connection, and cannot be changed within a transaction.
        if full != self._is_full:
            connection.execute(f"PRAGMA synchronous = {'FULL' if full else 'NORMAL'}")
            self._is_full = full


def check_place(path: Path) -> None:
    """Refuse a file that SQLite cannot keep safe.

    Raises:
        UsageError: If SQLite is too old, or the file lies on a network file system.
        OutboxError: If its folder does not exist.
    """
    if sqlite3.sqlite_version_info < LEAST_SQLITE:
        raise UsageError(f"the outbox needs SQLite 3.37, and this is {sqlite3.sqlite_version}")
    if not path.parent.is_dir():
        raise OutboxError(f"outbox {path}: there is no folder {path.parent}")
    if kind := network_file_system(path):
        raise UsageError(
            f"outbox {path} lies on a network file system ({kind}), where SQLite's log cannot be"
            " shared: use a local disk"
        )
