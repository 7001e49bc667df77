"""Claims in Redis and in PostgreSQL: the same calls do the same."""

import threading

import pytest

from delivery.claims.daemons import Postgresql, Redis
from netmail.delivery.claims import postgresql_store
from netmail.delivery.claims.postgresql_store import PostgresqlClaims
from netmail.delivery.claims.redis_store import RedisClaims
from servers.process import ServerMissing, open_folder

pytestmark = pytest.mark.servers
DONE = {"final": True, "text": "done"}
PARKED = {"final": True, "text": "parked"}
MESSAGE = {"message": {"key": "k"}}


@pytest.fixture(scope="module", params=[Redis, Postgresql])
def made(request):
    """A function that makes a store, with its server running."""
    with open_folder("store") as folder:
        try:
            server = request.param(folder)
        except ServerMissing as error:
            pytest.skip(str(error))
        with server:
            if request.param is Redis:
                yield lambda: RedisClaims(server.url, 3600, durable=True)
            else:
                yield lambda: PostgresqlClaims(server.url, 3600)


@pytest.fixture
def store(made):
    """A store that is checked, and closed."""
    store = made()
    store.check()
    store.check()
    yield store
    store.close()


def test_claimed_once(made, store):
    """Of several that claim the same attempt at once, one gets it."""
    stores = [made() for _ in range(8)]
    begin, found = threading.Barrier(8), []

    def claim(one):
        begin.wait(60)
        found.extend(one.claim(f"once-{number}", 0) for number in range(20))
        one.close()

    threads = [threading.Thread(target=claim, args=(each,)) for each in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found.count(True) == 20
    assert store.claim("once-0", 1)


def test_outcome(store):
    """It is there for each attempt; the last that is final is the message's."""
    store.claim("o", 0)
    assert store.outcome("o", 0) is None
    assert store.final("o") is None
    store.finish("o", 0, {"final": False}, None)
    assert store.outcome("o", 0) == {"final": False}
    assert store.final("o") is None
    store.claim("o", 1)
    store.finish("o", 1, DONE, None)

    assert store.final("o") == DONE
    assert store.outcome("o", 2) is None


def test_parked(store):
    """It is listed until it is taken, or until its worker finishes after all."""
    for key in ("p", "q"):
        store.claim(key, 0)
        store.park(key, 0, PARKED, MESSAGE)
    assert store.parked() == {"p": MESSAGE, "q": MESSAGE}
    assert store.final("p") == PARKED
    assert store.take("p") == MESSAGE
    assert store.take("p") is None
    store.finish("q", 0, DONE, None)

    assert store.parked() == {}
    assert store.final("q") == DONE


def test_finished_before_it_is_parked(store):
    """What is known of an attempt is not replaced by a doubt."""
    store.claim("f", 0)
    store.finish("f", 0, DONE, None)
    store.park("f", 0, PARKED, MESSAGE)

    assert store.final("f") == DONE
    assert "f" not in store.parked()


def test_finished_and_parked(store):
    """A lost final reply is an outcome, and parks."""
    store.claim("u", 0)
    store.finish("u", 0, DONE, MESSAGE)

    assert store.take("u") == MESSAGE


def test_forgotten(made, store, monkeypatch):
    """Claims and outcomes have an end; what a user has to decide about has none."""
    for key in ("old", "parked"):
        store.claim(key, 0)
        store.finish(key, 0, DONE, MESSAGE if key == "parked" else None)
    store.claim("open", 0)
    if isinstance(store, RedisClaims):
        ends = {key: store._redis.ttl(key) for key in store._redis.scan_iter("netmail:*")}
        assert {key for key, end in ends.items() if end < 0} == {"netmail:parked"}
        assert all(3500 < end <= 3600 for end in ends.values() if end > 0)
        return

    # Some at a time, and the rest with the next look.
    monkeypatch.setattr(postgresql_store, "_SLICE", 2)
    assert store.forget() == 0
    store._run("UPDATE netmail_claim SET claimed = now() - interval '2 hours'")
    another = made()
    another.claim("new", 0)  # a worker looks with its first claim, and then once a minute
    another.close()
    assert store.claim("old", 0)
    assert store.take("parked") == MESSAGE
    assert store.final("parked") is None
    # Its task may still come back: nothing is known of it.
    assert not store.claim("open", 0)


def test_error_while_forgetting(made, monkeypatch):
    """Nothing is claimed then: the message is not uncertain, and its task comes again."""
    store = made()
    if isinstance(store, RedisClaims):
        store.close()
        return  # it forgets by itself
    with monkeypatch.context() as patch:
        patch.setattr(postgresql_store, "_FORGET", "SELECT no_such_column, %s, %s")
        with pytest.raises(Exception, match="no_such_column"):
            store.claim("interrupted", 0)
    assert store.claim("interrupted", 0)
    store.close()


def test_closed(store):
    """The next call opens another connection."""
    store.close()

    assert store.claim("c", 0)
