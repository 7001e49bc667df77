"""The option `reconnect`: what is run again over a new connection, and what never is."""

import base64

import pytest

from netmail import (
    AsyncImap,
    AuthenticationError,
    ConnectError,
    ConnectionLost,
    Imap,
    MailTimeout,
    RetryPolicy,
)
from netmail.results.events import ConnectionFailed, Reconnecting
from servers.process import free_ports
from servers.scripted import Close, Expect, Reply, Send
from support.events import move
from support.reconnecting import (
    CAPABILITY,
    HELLO,
    NONE,
    POLICY,
    SEARCH,
    SELECT,
    count,
    lost_maker,
    tagged,
    until_closed,
)
from support.twins import maker


@pytest.fixture(params=["blocking", "asyncio"])
def client(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Imap, AsyncImap)


@pytest.fixture
def lost(client, scripted):
    """Make a client each of whose connections plays other steps; the first one ends after its."""
    return lost_maker(client, scripted)


def test_closed_while_idle(lost):
    """A read finds the connection closed: it connects and selects; no attempt is spent."""
    imap, events = lost(SELECT, (*HELLO, *SELECT, *SEARCH), policy=NONE)
    imap.select("Archive")
    until_closed(imap)

    assert imap.search("UNSEEN") == [5, 9]
    assert count(events, Reconnecting) == 1
    imap.abort()


def test_bye_while_idle(lost):
    """BYE alone says that the connection ends; its text is the reason that the event has."""
    imap, events = lost((*SELECT, Send(b"* BYE idle for too long\r\n")), (*HELLO, *SELECT, *SEARCH))
    imap.select("Archive")
    until_closed(imap)

    assert imap.search("UNSEEN") == [5, 9]
    [event] = [each for each in events if isinstance(each, Reconnecting)]
    assert "idle for too long" in str(event.reason)
    imap.abort()


def test_without_a_policy(lost):
    """Without the option nothing connects again."""
    imap, _ = lost(SELECT, policy=None)
    imap.select("Archive")
    until_closed(imap)

    for _ in range(2):
        with pytest.raises(ConnectionLost):
            imap.search("UNSEEN")


@pytest.mark.parametrize("half", [b"", b"* SEAR", b"* SEARCH 5 9\r\n"])
def test_half_a_reply(lost, half):
    """A read that is cut off is run again from its beginning, as often as the policy says."""
    cut = (*HELLO, *SELECT, Expect(rb"(\w+) UID SEARCH UNSEEN"), Send(half), Close())
    imap, events = lost(SELECT, cut, cut, cut, (*HELLO, *SELECT, *SEARCH))
    imap.select("Archive")
    until_closed(imap)

    assert imap.search("UNSEEN") == [5, 9]
    assert count(events, Reconnecting) == 4
    imap.abort()


def test_attempts_exhausted(lost):
    """After the last attempt the call raises; the next call begins with all attempts again."""
    cut = (*HELLO, *SELECT, Expect(rb"(\w+) UID SEARCH UNSEEN"), Close())
    policy = RetryPolicy(attempts=1, delay=0.01)
    imap, events = lost(SELECT, cut, cut, (*HELLO, *SELECT, *SEARCH), policy=policy)
    imap.select("Archive")
    until_closed(imap)

    with pytest.raises(ConnectionLost):
        imap.search("UNSEEN")
    assert count(events, Reconnecting) == 2
    assert imap.search("UNSEEN") == [5, 9]
    imap.abort()


def test_nobody_listens(client, scripted):
    """Each attempt to connect is reported; the last one's error is the call's."""
    server, events = scripted(*HELLO, Close()), []
    imap = client(
        host="127.0.0.1", port=server.port, tls=0, reconnect=POLICY, on_event=events.append
    )
    imap.connect()
    until_closed(imap)
    server.join()

    with pytest.raises(ConnectError):
        imap.noop()
    assert count(events, ConnectionFailed) == 4


def test_first_connection(client):
    """The policy is for connections that were lost, and not for the first."""
    events = []
    imap = client(
        host="127.0.0.1", port=free_ports(1)[0], tls=0, reconnect=POLICY, on_event=events.append
    )

    with pytest.raises(ConnectError):
        imap.noop()
    assert count(events, ConnectionFailed) == 1


def test_deadline(lost):
    """No wait is longer than what is left of the call."""
    policy = RetryPolicy(attempts=None, delay=60)
    cut = (*HELLO, Expect(rb"(\w+) NOOP"), Close())
    imap, _ = lost((), cut, policy=policy, deadline=1)
    until_closed(imap)

    with pytest.raises(MailTimeout) as caught:
        imap.noop()
    assert caught.value.limit == "deadline"


def test_login_refused(client, scripted):
    """A refused login is final; the next call tries it again."""
    login = Expect(rb"(\w+) LOGIN .*")
    hello = (Send(b"* OK hi\r\n"), *tagged(b"CAPABILITY", b"* CAPABILITY IMAP4rev1\r\n"), login)
    again = tagged(b"CAPABILITY", b"* CAPABILITY IMAP4rev1\r\n")
    accepted = (Reply(rb"\1 OK done\r\n"), *again)
    refused = Reply(rb"\1 NO [AUTHENTICATIONFAILED] no\r\n")
    imap = client(
        host="127.0.0.1",
        port=scripted(*hello, *accepted, *SELECT, Close()).port,
        tls=0,
        username="ann",
        password="secret",
        reconnect=POLICY,
    )
    imap.select("Archive")
    until_closed(imap)
    own = getattr(imap, "client", imap)
    move(own, scripted(*hello, refused))
    with pytest.raises(AuthenticationError):
        imap.search("UNSEEN")
    move(own, scripted(*hello, *accepted, *SELECT, *SEARCH))

    assert imap.search("UNSEEN") == [5, 9]
    imap.abort()


def test_fresh_token(client, scripted):
    """Each login has a token of its own."""
    tokens = iter(["one", "two"])
    hello = (
        Send(b"* OK hi\r\n"),
        *tagged(b"CAPABILITY", b"* CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2\r\n"),
    )
    servers = [
        scripted(
            *hello, *tagged(b"AUTHENTICATE XOAUTH2 .*"), *tagged(b"CAPABILITY", CAPABILITY), Close()
        ),
        scripted(
            *hello,
            *tagged(b"AUTHENTICATE XOAUTH2 .*"),
            *tagged(b"CAPABILITY", CAPABILITY),
            *tagged(b"NOOP"),
        ),
    ]
    imap = client(
        host="127.0.0.1",
        port=servers[0].port,
        tls=0,
        username="ann",
        oauth2_token=lambda: next(tokens),
        reconnect=POLICY,
    )
    imap.connect()
    until_closed(imap)
    move(getattr(imap, "client", imap), servers[1])
    imap.noop()
    imap.abort()
    sent = [each.join().split(b"XOAUTH2 ")[1].split()[0] for each in servers]

    assert [b"Bearer " in base64.b64decode(each) for each in sent] == [True, True]
    assert sent[0] != sent[1]


def test_watch(client, scripted):
    """A watch takes the client's policy, and counts each attempt once."""
    search = tagged(b"UID SEARCH .*", b"* SEARCH\r\n")
    server, events = scripted(*HELLO, *SELECT, *search, Close()), []
    imap = client(
        host="127.0.0.1", port=server.port, tls=0, reconnect=POLICY, on_event=events.append
    )
    with pytest.raises(ConnectError):
        list(imap.watch("Archive", after=0))
    server.join()

    assert count(events, ConnectionFailed) == POLICY.attempts


def test_first_login(client, scripted):
    """A login that is refused for now is tried again by the caller, and not by the policy."""
    refused = (
        *(Send(b"* OK hi\r\n"), *tagged(b"CAPABILITY", b"* CAPABILITY IMAP4rev1\r\n")),
        *(Expect(rb"(\w+) LOGIN .*"), Reply(rb"\1 NO [UNAVAILABLE] later\r\n")),
    )
    server, events = scripted(*refused), []
    imap = client(
        *({"host": "127.0.0.1", "port": server.port, "tls": 0},),
        username="ann",
        password="secret",
        reconnect=POLICY,
        on_event=events.append,
    )
    with pytest.raises(AuthenticationError):
        imap.noop()

    assert count(events, Reconnecting) == 0
