"""SQLite's errors, as those of the outbox."""

import sqlite3
from datetime import timedelta

import pytest

from netmail import Message
from netmail.delivery import DeliveryError
from netmail.delivery.outbox import Outbox, OutboxError, OutboxLocked
from netmail.delivery.outbox.errors import explained


def test_locked(tmp_path):
    """Another program's transaction is waited for, and named; afterwards all is as before."""
    message = Message("a@x.test", "b@x.test", plain="x")
    with Outbox(tmp_path / "o", timeout=timedelta(seconds=0.05)) as outbox:
        outbox.add(message)
        other = sqlite3.connect(tmp_path / "o", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OutboxLocked, match="try again"):
            outbox.add(message)

        assert outbox.status().queued == 1
        other.close()
        assert outbox.add(message) == 2


def test_no_database(tmp_path):
    """Another file is not taken for an outbox."""
    path = tmp_path / "o"
    path.write_bytes(b"Not a database at all." * 100)

    with Outbox(path) as outbox, pytest.raises(OutboxError, match="not a database"):
        outbox.status()


def test_others_pass():
    """An error that is not SQLite's stays what it is."""
    with pytest.raises(KeyError), explained("o"):
        raise KeyError

    assert issubclass(OutboxError, DeliveryError)
