"""Random expressions find what a plain filter over all messages finds: on three servers."""

from datetime import UTC, timedelta, timezone

import pytest

import netmail
from support.databases import database
from support.query_corpus import Expressions, Plain, corpus
from support.timing import full

ZONES = [UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-11))]


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_random_expressions(account, zone):
    """No message is found that is not meant, and none is missed."""
    seed = 12 + ZONES.index(zone)
    with netmail.imap(account, tls=netmail.TLS_NONE) as imap:
        for made in corpus(seed, 66):
            imap.append("INBOX", made.octets, made.flags, made.moment)
        items = "FLAGS RFC822.SIZE INTERNALDATE BODY.PEEK[]"
        messages = [Plain(each) for each in imap.fetch_many("1:*", items, "INBOX")]

    assert len(messages) == 66
    with database(account, zone=zone) as db:
        expressions = Expressions(db.INBOX, zone, messages, seed)
        for number in range(full(2_001, quick=150) // len(ZONES)):
            expression, reading = expressions.make()
            expected = [each.uid for each in messages if reading(each)]
            found = [row.uid for row in db(expression).select("uid")]
            assert (number, repr(expression), sorted(found)) == (number, repr(expression), expected)
            if number % 3 == 0:
                assert db(expression).count() == len(expected)
