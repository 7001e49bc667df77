"""The order in which servers are tried."""

import pytest

from netmail.clients.pools.servers import DOWN, Servers, parse_servers
from netmail.errors import UsageError
from netmail.options.options import MailProtocol

NAMES = ["a.test", "b.test", "c.test"]


def servers(policy="failover", count=3):
    """Some servers."""
    options = parse_servers(MailProtocol.SMTP, [{"host": name} for name in NAMES[:count]], {})
    return Servers(options, policy)


def test_failover_takes_the_first():
    """The first server comes first, each time."""
    tested = servers()

    assert [tested.order(now) for now in range(3)] == [[0, 1, 2]] * 3


def test_failover_skips_a_server_that_failed():
    """A server that failed comes last for a while, and then first again."""
    tested = servers()
    tested.note_failed(0, 100.0)

    assert tested.order(100.0) == [1, 2, 0]
    assert tested.order(100.0 + DOWN - 1) == [1, 2, 0]
    assert tested.order(100.0 + DOWN) == [0, 1, 2]


def test_all_failed():
    """If all have failed, all are tried, in their order."""
    tested = servers()
    for number in range(3):
        tested.note_failed(number, 100.0)

    assert tested.order(101.0) == [0, 1, 2]


def test_server_that_works_again():
    """A success is the end of it."""
    tested = servers()
    tested.note_failed(0, 100.0)
    tested.note_worked(0)

    assert tested.order(100.0) == [0, 1, 2]


def test_round_robin():
    """Each server comes first in turn."""
    tested = servers("round-robin")

    assert [tested.order(0.0)[0] for _ in range(7)] == [0, 1, 2, 0, 1, 2, 0]


def test_round_robin_of_what_is_tried_next():
    """The second choice of one message takes no turn of others."""
    tested = servers("round-robin")
    first = tested.order(0.0)[0]
    second = tested.order(0.0, {first})
    third = tested.order(0.0, {first, *second[:1]})

    assert sorted([first, *second[:1], *third]) == [0, 1, 2]
    assert tested.order(0.0)[0] == 1


def test_what_was_tried_is_left_out():
    """A message tries each server once."""
    assert servers().order(0.0, {0, 2}) == [1]
    assert servers().order(0.0, {0, 1, 2}) == []


def test_one_server():
    """The options of one server need no list; keywords hold for all."""
    (options,) = parse_servers(MailProtocol.SMTP, "smtp://a.test", {"timeout": 5_000})

    assert (options.host, options.timeout) == ("a.test", 5_000)


@pytest.mark.parametrize("given", [[], (), ["imap://a.test"], [{"hosts": "a"}]], ids=repr)
def test_wrong_servers(given):
    """No server, or one with a wrong option."""
    with pytest.raises(UsageError):
        parse_servers(MailProtocol.SMTP, given, {})


def test_wrong_policy():
    """A policy is one of two."""
    with pytest.raises(UsageError, match="round-robin"):
        servers("random")
