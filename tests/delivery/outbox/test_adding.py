"""Adding within the caller's own transaction, and several at once."""

import sqlite3
import sys

import pytest

from netmail import Envelope, LargeContent, Message, MessageError, UsageError
from netmail.delivery.outbox import Outbox

MODES = [{"isolation_level": None}, {"isolation_level": "IMMEDIATE"}]
if sys.version_info >= (3, 12):
    MODES.append({"autocommit": False})


@pytest.fixture
def path(tmp_path):
    """A program's own database, with an outbox in it."""
    with Outbox(tmp_path / "shop.sqlite") as outbox:
        outbox.status()
    return tmp_path / "shop.sqlite"


@pytest.fixture
def shop(path):
    """The program's own connection."""
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE orders (number INTEGER)")
    connection.commit()
    yield connection
    connection.close()


def message():
    """Return a message."""
    return Message("a@x.test", "b@x.test", plain="x")


def test_committed(path, shop):
    """The message is there when the caller commits, and not before."""
    with Outbox(path) as outbox:
        shop.execute("INSERT INTO orders VALUES (17)")
        number = outbox.add(message(), connection=shop, key="17")
        before = outbox.status().queued
        assert outbox.add(message(), connection=shop, key="17") == number
        shop.commit()

        assert (before, outbox.status().queued) == (0, 1)


def test_rolled_back(path, shop):
    """It goes with the caller's own changes, also when it comes first in the transaction."""
    with Outbox(path) as outbox:
        outbox.add(message(), connection=shop)
        shop.execute("INSERT INTO orders VALUES (17)")
        shop.rollback()

        assert outbox.status().queued == 0
    assert shop.execute("SELECT * FROM orders").fetchall() == []


def test_caller_continues_after_an_error(path, shop):
    """What cannot be written leaves nothing, and the caller's transaction as it was."""

    def write():
        yield bytes(1 << 20)
        raise MessageError("the file has changed")

    film = Envelope("a@x.test", ("b@x.test",), LargeContent(b"From: a@x.test", 2 << 20, write))
    with Outbox(path) as outbox:
        shop.execute("INSERT INTO orders VALUES (17)")
        with pytest.raises(MessageError):
            outbox.add(Message("a@x.test", plain="to nobody"), connection=shop)
        with pytest.raises(MessageError):
            outbox.add(film, connection=shop)
        shop.commit()

        assert outbox.status().queued == 0
    assert shop.execute("SELECT * FROM orders").fetchall() == [(17,)]
    assert shop.execute("SELECT count(*) FROM outbox_part").fetchall() == [(0,)]


def test_tables_are_made_in_it(tmp_path):
    """In a file without an outbox the tables come with the caller's transaction, or go with it."""
    path = tmp_path / "new.sqlite"
    shop = sqlite3.connect(path)
    shop.execute("CREATE TABLE orders (number INTEGER)")
    with Outbox(path) as outbox:
        for end in (shop.rollback, shop.commit):
            shop.execute("INSERT INTO orders VALUES (17)")
            outbox.add(message(), connection=shop)
            end()
        shop.close()

        assert outbox.status().queued == 1


@pytest.mark.parametrize("options", MODES, ids=str)
def test_modes(path, options):
    """Every mode of `sqlite3` in which there is a transaction."""
    connection = sqlite3.connect(path, **options)
    if options.get("isolation_level", "") is None:
        connection.execute("BEGIN")
    with Outbox(path) as outbox:
        outbox.add(message(), connection=connection)
        assert connection.in_transaction
        assert outbox.status().queued == 0
        connection.commit()
        connection.close()

        assert outbox.status().queued == 1


def test_refused(path, tmp_path):
    """A connection without a transaction, or of another file, is refused."""
    with Outbox(path) as outbox:
        for where, why in ((path, "no transaction"), (":memory:", "memory"), (tmp_path / "b", "b")):
            connection = sqlite3.connect(where, isolation_level=None)
            with pytest.raises(UsageError, match=why):
                outbox.add(message(), connection=connection)
            connection.close()


def add_all(outbox, messages):
    """Add messages in one transaction."""
    with outbox.transaction() as batch:
        for each in messages:
            batch.add(each)


def test_several_at_once(path):
    """A transaction of the outbox adds all of them or none."""
    with Outbox(path) as outbox:
        with outbox.transaction() as batch:
            numbers = [batch.add(message()) for _ in range(100)]
        with pytest.raises(MessageError):
            add_all(outbox, [message(), Message("a@x.test", plain="to nobody")])

        assert [each.id for each in outbox.messages()] == numbers
