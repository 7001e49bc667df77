"""Which connection is lent: the table alone, with a clock of the test's."""

import itertools

import pytest

from netmail.clients.pools.leases import Leases
from netmail.clients.pools.servers import Servers
from netmail.options.options import MailProtocol, parse_options


def leases(size=2, count=1, policy="failover", idle_timeout=60.0):
    """A table whose clients are texts: "0#1" is the first client, and of server 0."""
    options = tuple(parse_options(MailProtocol.SMTP, host=f"{n}.test") for n in range(count))
    numbers = itertools.count(1)
    servers = Servers(options, policy)
    return Leases(lambda server: f"{server}#{next(numbers)}", servers, size, idle_timeout)


def test_as_many_as_the_size():
    """No more clients are lent than there may be."""
    table = leases(size=2)
    taken = [table.take(0.0)[0] for _ in range(3)]

    assert [lease and lease.client for lease in taken] == ["0#1", "0#2", None]


def test_the_last_one_used_is_used_again():
    """Few connections stay busy, so that the others can end."""
    table = leases(size=3)
    first, second = table.take(0.0)[0], table.take(0.0)[0]
    table.give_back(first, 1.0)
    table.give_back(second, 2.0)

    assert table.take(3.0)[0].client == second.client
    assert table.next_expiry == 61.0


def test_dropped():
    """A client that is dropped is not lent again, and makes room."""
    table = leases(size=1)
    table.drop(table.take(0.0)[0])

    assert table.take(0.0)[0].client == "0#2"


@pytest.mark.parametrize(("idle", "checked"), [(14.9, False), (15.0, True), (59.0, True)])
def test_check_of_an_idle_client(idle, checked):
    """A client that was idle for a while is checked, a new one never."""
    table = leases()
    lease = table.take(0.0)[0]
    assert not lease.needs_check
    table.give_back(lease, 100.0)

    assert table.take(100.0 + idle)[0].needs_check == checked


def test_renewed():
    """A dead client is replaced by one of the same server."""
    table = leases(count=2)
    lease = table.take(0.0)[0]
    table.give_back(lease, 1.0)
    lease = table.take(50.0)[0]

    assert table.renew(lease) == "0#1"
    assert lease.client == "0#2"
    assert not lease.needs_check


def test_expired():
    """What was idle for too long is removed, and nothing else."""
    table = leases(size=3)
    first, second, lent = (table.take(0.0)[0] for _ in range(3))
    table.give_back(first, 10.0)
    table.give_back(second, 20.0)

    assert table.expired(69.9) == []
    assert table.expired(70.0) == [first.client]
    assert table.idle() == [second.client]
    assert table.next_expiry is None
    assert lent.client not in table.idle()


def test_failover():
    """After a failure the next server is taken; what was tried is not tried again."""
    table = leases(size=5, count=2)
    first = table.take(0.0)[0]
    table.drop(first, failed=0.0)
    second = table.take(0.0, {first.server})[0]

    assert (first.server, second.server) == (0, 1)
    assert table.take(0.0)[0].server == 1
    assert table.take(0.0, {0, 1}) == (None, None)


def test_room_for_another_server():
    """If all clients are idle at other servers, the one idle for longest is closed."""
    table = leases(size=2, count=2)
    leased = [table.take(0.0)[0] for _ in range(2)]
    for now, lease in enumerate(leased):
        table.give_back(lease, float(now))
    lease, closing = table.take(5.0, {0})

    assert (lease.server, closing) == (1, leased[0].client)


def test_round_robin():
    """Clients are lent of each server in turn, idle ones before new ones."""
    table = leases(size=4, count=2, policy="round-robin")
    first, second = table.take(0.0)[0], table.take(0.0)[0]
    table.give_back(first, 1.0)
    table.give_back(second, 1.0)
    third, fourth = table.take(2.0)[0], table.take(2.0)[0]

    assert [each.client for each in (first, second, third, fourth)] == ["0#1", "1#2"] * 2
