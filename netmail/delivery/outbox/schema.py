"""The tables of the outbox.

This file must not know what reads and writes them. All names begin with `outbox_`, since a program
may keep the tables in a database of its own. Times are seconds since 1970, UTC.
"""

import sqlite3
from typing import Final

from netmail.delivery.outbox.errors import OutboxError

VERSION: Final = 1
"""Of the tables; another one is refused, not guessed at."""

# Messages are small rows, which change several times; AUTOINCREMENT, since a number that was purged
# is still in logs. Contents are never changed: a change in a row with five megabytes writes ten of
# them to the log.
TABLES: Final = """
CREATE TABLE outbox_schema (version INTEGER NOT NULL) STRICT;

CREATE TABLE outbox_message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT,
    state TEXT NOT NULL,
    due REAL NOT NULL,
    added REAL NOT NULL,
    changed REAL NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    losses INTEGER NOT NULL DEFAULT 0,
    token INTEGER,
    reason TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX outbox_key ON outbox_message (key) WHERE key IS NOT NULL;
CREATE INDEX outbox_due ON outbox_message (due, id) WHERE state IN ('queued', 'deferred');
CREATE INDEX outbox_held ON outbox_message (token) WHERE token IS NOT NULL;

CREATE TABLE outbox_recipient (
    message INTEGER NOT NULL,
    position INTEGER NOT NULL,
    address TEXT NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    code INTEGER NOT NULL DEFAULT 0,
    enhanced TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (message, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox_content (
    message INTEGER PRIMARY KEY,
    format INTEGER NOT NULL,
    sender TEXT NOT NULL,
    options TEXT,
    size INTEGER NOT NULL,
    octets BLOB NOT NULL
) STRICT;
CREATE TABLE outbox_part (
    message INTEGER NOT NULL,
    number INTEGER NOT NULL,
    octets BLOB NOT NULL,
    PRIMARY KEY (message, number)
) STRICT;

CREATE TABLE outbox_event (
    id INTEGER PRIMARY KEY,
    message INTEGER NOT NULL,
    at REAL NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_history ON outbox_event (message);

CREATE TABLE outbox_lease (
    token INTEGER PRIMARY KEY AUTOINCREMENT,
    boot TEXT NOT NULL,
    durable INTEGER NOT NULL,
    ends REAL NOT NULL
) STRICT;

INSERT INTO outbox_schema VALUES (1)
"""


def prepare(connection: sqlite3.Connection) -> None:
    """Make the tables, unless they are there; a transaction is open.

    Raises:
        OutboxError: If they are those of another version of netmail.
    """
    if is_ready(connection):
        return
    # executescript() would commit the caller's transaction.
    for statement in TABLES.split(";"):
        connection.execute(statement)


def is_ready(connection: sqlite3.Connection) -> bool:
    """Return whether the tables are there.

    Raises:
        OutboxError: If they are those of another version of netmail.
    """
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'outbox_schema'"
    if connection.execute(query).fetchone() is None:
        return False
    found = connection.execute("SELECT version FROM outbox_schema").fetchall()
    version = ", ".join(str(each) for (each,) in found)
    if found != [(VERSION,)]:
        raise OutboxError(
            f"the outbox has tables of version {version or None}, and this netmail knows {VERSION}"
        )
    return True
