"""COMPRESS over real connections."""

import asyncio
import random

import pytest

from netmail import AsyncImap, Imap

CERTAIN = random.Random(7)
TEXT = b"Subject: hello\r\n\r\n" + b"Good day, good day.\r\n" * 5_000
NOISE = b"Subject: noise\r\nContent-Transfer-Encoding: binary\r\n\r\n" + b"".join(
    b"%x\r\n" % CERTAIN.getrandbits(900) for _ in range(40_000)
)


@pytest.mark.parametrize("scheme", ["imap", "imaps"])
def test_cyrus(cyrus, certificates, scheme):
    """Text and noise pass in both directions, in clear and through TLS, in fewer octets."""
    user = cyrus.fresh_user()
    with Imap(cyrus.url(scheme, user), ca_file=certificates.ca_file) as imap:
        assert imap.compress() is True
        imap.append("INBOX", TEXT)
        sent = imap._connection.opened.octets_sent
        imap.append("INBOX", NOISE)
        bodies = imap.fetch("1:*")
        assert imap.noop() is True

    # Not of the octets themselves: to show their differences would take hours.
    assert [bodies[1] == TEXT, bodies[2] == NOISE] == [True, True]
    assert sent < len(TEXT) / 10


def test_asyncio(cyrus):
    """The asyncio twin does the same."""

    async def fetched():
        async with AsyncImap(cyrus.url("imap", cyrus.fresh_user()), tls=0) as imap:
            await imap.compress()
            await imap.append("INBOX", TEXT)
            return await imap.fetch(1)

    assert asyncio.run(fetched()) == TEXT


def test_reconnect(cyrus):
    """The next connection of the same client begins without compression."""
    with Imap(cyrus.url("imap", cyrus.fresh_user()), tls=0) as imap:
        imap.compress()
        imap.quit()
        imap.connect()

        assert imap.noop() is True
        assert imap.compress() is True
