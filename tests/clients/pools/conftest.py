"""What the tests of pools share: pools of both kinds, and a server."""

import pytest

from netmail.clients.pools.imap_pool import ImapPool
from netmail.clients.pools.transport_pool import TransportPool
from netmail.options.options import TLS_NONE
from netmail.testing import MailServer
from support.imap_pools import ThreadedImapPool
from support.pools import ANN, ThreadedPool

KINDS = {"threads": TransportPool, "tasks": ThreadedPool}
IMAP_KINDS = {"threads": ImapPool, "tasks": ThreadedImapPool}


@pytest.fixture(params=KINDS.values(), ids=KINDS)
def make(request):
    """Make a pool, of either kind in turn, with the same methods to call."""
    pools = []

    def start(*args, **keywords):
        pools.append(request.param(*args, **{"tls": TLS_NONE, **keywords}))
        return pools[-1]

    yield start
    for pool in pools:
        pool.close(cancel=True)


@pytest.fixture(params=IMAP_KINDS.values(), ids=IMAP_KINDS)
def make_imap(request):
    """Make a pool of IMAP connections, of either kind in turn."""
    pools = []

    def start(*args, **keywords):
        pools.append(request.param(*args, **{"tls": TLS_NONE, **keywords}))
        return pools[-1]

    yield start
    for pool in pools:
        pool.close()


@pytest.fixture
def server():
    """A server with one user, that accepts every recipient."""
    with MailServer([ANN], accept_any=True) as running:
        yield running
