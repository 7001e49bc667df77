"""Claims in PostgreSQL.

This file must not know any engine, nor what is claimed.
"""

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any, Final, cast

import psycopg
from psycopg.types.json import Jsonb

from netmail import UsageError
from netmail.delivery.claims.store import Json

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS netmail_claim (
    key text NOT NULL,
    attempt integer NOT NULL,
    claimed timestamptz NOT NULL DEFAULT now(),
    outcome jsonb,
    PRIMARY KEY (key, attempt)
);
CREATE INDEX IF NOT EXISTS netmail_claim_claimed ON netmail_claim (claimed);
CREATE TABLE IF NOT EXISTS netmail_parked (
    key text PRIMARY KEY,
    since timestamptz NOT NULL DEFAULT now(),
    message jsonb NOT NULL
)
"""
_MAKING: Final = 0x6E65746D61696C
"""The number of the lock under which the tables are made: "netmail"."""
_CLAIM: Final = """
INSERT INTO netmail_claim (key, attempt) VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING 1
"""
# Of several workers that look at once, each removes others, and none waits. PostgreSQL's clock
# decides: those of the workers may differ. A claim without an outcome stays: its task may come back
# whenever a worker is started again, and would be sent twice.
_FORGET: Final = """
DELETE FROM netmail_claim WHERE ctid = ANY (ARRAY (
    SELECT ctid FROM netmail_claim
    WHERE claimed < now() - make_interval(secs => %s) AND outcome IS NOT NULL
    ORDER BY claimed LIMIT %s FOR UPDATE SKIP LOCKED))
"""
_SLICE: Final = 1000
"""Rows that are removed at once."""
_PAUSE: Final = 60.0
"""Seconds between two looks for claims to forget; a look costs one statement with an index."""
_FINISH: Final = "UPDATE netmail_claim SET outcome = %s WHERE key = %s AND attempt = %s"
_FINAL: Final = """
SELECT outcome FROM netmail_claim WHERE key = %s AND outcome @> '{"final": true}'
ORDER BY attempt DESC LIMIT 1
"""
_PARK: Final = """
INSERT INTO netmail_parked (key, message) VALUES (%s, %s)
ON CONFLICT (key) DO UPDATE SET message = EXCLUDED.message, since = now()
"""


class PostgresqlClaims:
    """Claims as rows, each committed by itself.

    Claims and outcomes are forgotten after some time, as in Redis; parked messages never.

    Args:
        url: As psycopg takes it, "postgresql://localhost/mail" or "host=... dbname=...".
        keep: Seconds after which a claim is forgotten.
    """

    def __init__(self, url: str, keep: float) -> None:
        self._url = url
        self._keep = keep
        self._look = 0.0
        # One connection serves all threads of a worker: each call is a few milliseconds.
        self._lock = threading.Lock()
        self._connection: psycopg.Connection[Any] | None = None

    def check(self) -> None:
        """Make the tables where they are missing.

        Raises:
            UsageError: If `synchronous_commit` is off: the last claims would be lost with the
                server.
        """
        try:
            # A commit that returns before it is on disk is no claim after a power failure.
            ((value,),) = self._run("SHOW synchronous_commit")
            with self._lock, self._transaction() as connection:
                # IF NOT EXISTS alone fails where two processes make the tables at once.
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (_MAKING,))
                connection.execute(_TABLES)
        except psycopg.Error as error:
            raise UsageError(f"the claims' PostgreSQL cannot be used: {error}") from error
        if value == "off":
            raise UsageError("PostgreSQL would lose the last claims: set synchronous_commit = on")

    def claim(self, key: str, attempt: int) -> bool:
        """Claim an attempt."""
        # Not after it: an error between the claim and the message would make that uncertain.
        if time.monotonic() >= self._look:
            self._look = time.monotonic() + _PAUSE
            self.forget()
        return bool(self._run(_CLAIM, key, attempt))

    def forget(self) -> int:
        """Remove the claims that are older than they are kept; return how many."""
        count = 0
        while removed := self._removed():
            count += removed
        return count

    def _removed(self) -> int:
        with self._lock:
            return self._open().execute(_FORGET, (self._keep, _SLICE)).rowcount

    def outcome(self, key: str, attempt: int) -> Json | None:
        """Return an attempt's outcome."""
        query = "SELECT outcome FROM netmail_claim WHERE key = %s AND attempt = %s"
        return _first(self._run(query, key, attempt))

    def finish(self, key: str, attempt: int, outcome: Json, parked: Json | None) -> None:
        """Store an outcome."""
        with self._lock, self._transaction() as connection:
            connection.execute(_FINISH, (Jsonb(outcome), key, attempt))
            if parked is None:
                connection.execute("DELETE FROM netmail_parked WHERE key = %s", (key,))
            else:
                connection.execute(_PARK, (key, Jsonb(parked)))

    def park(self, key: str, attempt: int, outcome: Json, parked: Json) -> None:
        """Store an outcome, unless there is one."""
        values = (Jsonb(outcome), key, attempt)
        with self._lock, self._transaction() as connection:
            # The row's lock puts this and finish() into an order: the second sees the first.
            if connection.execute(f"{_FINISH} AND outcome IS NULL", values).rowcount:
                connection.execute(_PARK, (key, Jsonb(parked)))

    def final(self, key: str) -> Json | None:
        """Return the last final outcome."""
        return _first(self._run(_FINAL, key))

    def parked(self) -> dict[str, Json]:
        """Return what is parked."""
        return dict(self._run("SELECT key, message FROM netmail_parked ORDER BY since"))

    def take(self, key: str) -> Json | None:
        """Remove what is parked under a key."""
        return _first(self._run("DELETE FROM netmail_parked WHERE key = %s RETURNING message", key))

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            # After a fork or an error the next call opens another.
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    def _run(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            cursor = self._open().execute(cast("Any", query), values)
            return cursor.fetchall() if cursor.description else []

    @contextlib.contextmanager
    def _transaction(self) -> "Iterator[psycopg.Connection[Any]]":
        connection = self._open()
        with connection.transaction():
            yield connection

    def _open(self) -> "psycopg.Connection[Any]":
        # psycopg closes a connection that the server has ended at the first error.
        if self._connection is None or self._connection.closed:
            # Each statement is committed by itself; a claim must not wait in a transaction.
            self._connection = psycopg.connect(self._url, autocommit=True)
        return self._connection


def _first(rows: list[tuple[Any, ...]]) -> Json | None:
    return rows[0][0] if rows else None
