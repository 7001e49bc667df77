"""OAuth 2.0 tokens of a caller's function: when it is called, and what its failures become."""

import asyncio

import pytest

from netmail.clients.async_imap import AsyncImap
from netmail.clients.async_pop3 import AsyncPOP3
from netmail.clients.async_transport import AsyncTransport
from netmail.clients.imap import Imap
from netmail.clients.pop3 import POP3
from netmail.clients.transport import Transport
from netmail.errors import AuthenticationError, UsageError
from netmail.testing import MailServer
from support.twins import maker

KINDS = {
    "smtp": (Transport, AsyncTransport),
    "imap": (Imap, AsyncImap),
    "pop3": (POP3, AsyncPOP3),
}


@pytest.fixture(scope="module")
def server():
    with MailServer({"ann": "secret"}) as running:
        yield running


@pytest.fixture(params=KINDS)
def protocol(request):
    return request.param


@pytest.fixture(params=["blocking", "asyncio"])
def make(request, server, protocol):
    """Make a client of either kind that logs in with a token."""
    made = maker(request.param, *KINDS[protocol])
    new = next(made)
    port = int(getattr(server, f"{protocol}_url").rpartition(":")[2].rstrip("/"))
    yield lambda source, **options: new(
        host="127.0.0.1", port=port, tls=0, username="ann", oauth2_token=source, **options
    )
    next(made, None)


class Source:
    """Returns the tokens in turn, the last one for ever, and raises those that are errors."""

    def __init__(self, *tokens):
        self.tokens = list(tokens)
        self.calls = 0

    def __call__(self):
        self.calls += 1
        token = self.tokens.pop(0) if len(self.tokens) > 1 else self.tokens[0]
        if isinstance(token, Exception):
            raise token
        return token


def test_once_for_each_login(make, server):
    """A connection asks once, and the next one asks again."""
    source = Source(server.tokens["ann"])
    client = make(source)
    for calls in (1, 2):
        client.connect()
        assert source.calls == calls
        client.quit()


def test_fresh_after_a_refusal(make, server):
    """A token that the server refuses is replaced once, over the same connection."""
    source = Source("stale", server.tokens["ann"])
    client = make(source)
    client.connect()

    assert source.calls == 2
    client.quit()


def test_same_token_again(make):
    """A token that stays the same is not tried twice; each mechanism is."""
    source = Source("stale")
    with pytest.raises(AuthenticationError) as caught:
        make(source).connect()

    assert source.calls == 2
    assert list(caught.value.tried) == ["OAUTHBEARER", "XOAUTH2"]
    assert "stale" not in str(caught.value)


def test_given_token(make):
    """Where there is no function, nothing is asked for."""
    with pytest.raises(AuthenticationError):
        make("stale").connect()


@pytest.mark.parametrize("first", [True, False], ids=["first", "fresh"])
def test_failure_of_the_function(make, first):
    """What the function raises is the caller's, OSError too; the connection is not usable."""
    failure = OSError("no network")
    client = make(Source(*([failure] if first else ["stale", failure])))
    with pytest.raises(OSError, match="no network") as caught:
        client.connect()

    assert caught.value is failure
    assert client.is_connected is False


@pytest.mark.parametrize("value", [5, "", "a b"])
def test_unusable_token(make, value):
    """It is refused before anything is sent."""
    with pytest.raises(UsageError, match="oauth2_token's result"):
        make(Source(value)).connect()


def test_awaited_by_asyncio(server, protocol):
    """An asyncio client awaits what the function returns, the fresh token too."""
    tokens = ["stale", server.tokens["ann"]]

    async def source():
        await asyncio.sleep(0)
        return tokens.pop(0)

    async def run():
        port = int(getattr(server, f"{protocol}_url").rpartition(":")[2].rstrip("/"))
        client = KINDS[protocol][1](
            host="127.0.0.1", port=port, tls=0, username="ann", oauth2_token=source
        )
        await client.connect()
        await client.quit()

    asyncio.run(run())
    assert tokens == []


def test_blocking_client_cannot_await(protocol):
    """It says what to do instead, before it connects to anything."""

    async def source():
        return "t"

    client = KINDS[protocol][0](
        host="127.0.0.1", port=1, tls=0, username="ann", oauth2_token=source
    )
    with pytest.raises(UsageError, match="use the asyncio client"):
        client.connect()
