"""What a client reports to its callback and to the logger `netmail`."""

import gc
import sys
from datetime import timedelta

import pytest

from netmail.clients.async_imap import AsyncImap
from netmail.clients.async_pop3 import AsyncPOP3
from netmail.clients.imap import Imap
from netmail.clients.pop3 import POP3
from netmail.clients.transport import Transport
from netmail.envelope import Envelope
from netmail.errors import (
    AuthenticationError,
    ConnectError,
    ConnectionLost,
    MailTimeout,
    Pop3Error,
    UsageError,
)
from netmail.results.events import (
    CallFinished,
    ConnectionClosed,
    ConnectionFailed,
    ConnectionOpened,
    LoggedIn,
    Reconnecting,
    ServerAlert,
)
from servers.scripted import Close, Expect, Reply, Send
from support.events import kinds, move
from support.pop3_steps import HELLO, NOOP, QUIT
from support.twins import maker


@pytest.fixture(params=["blocking", "asyncio"])
def pop3(request, scripted):
    """A client of a scripted server, blocking or asyncio, and the list of its events."""
    for kind in maker(request.param, POP3, AsyncPOP3):

        def make(*steps, hello=HELLO, on_event=None, kind=kind, **options):
            server = scripted(*hello, *steps)
            events = []
            given = {"host": "127.0.0.1", "port": server.port, "tls": 0, "timeout": 5000, **options}
            return kind(on_event=on_event or events.append, **given), events

        yield make


@pytest.fixture(params=["blocking", "asyncio"])
def imap(request):
    """What makes an IMAP client, blocking or asyncio."""
    yield from maker(request.param, Imap, AsyncImap)


def test_a_session(pop3):
    """Connecting, each call and the end are reported, in this order, with their figures."""
    client, events = pop3(*NOOP, *QUIT)
    client.noop()
    client.quit()
    opened, noop, quit_, closed = events
    port = client.options.port

    assert kinds(events) == [ConnectionOpened, CallFinished, CallFinished, ConnectionClosed]
    assert {event.server for event in events} == {f"pop3://127.0.0.1:{port}"}
    assert opened.host == "127.0.0.1"
    assert opened.port == port
    assert opened.encrypted is False
    assert 0 < opened.seconds < 5
    assert noop.name == "noop"
    assert 0 < noop.seconds < 5
    assert noop.sent == len(b"NOOP\r\n")
    assert noop.received == len(b"+OK\r\n")
    assert noop.error is None
    assert quit_.name == "quit"
    assert closed.reason is None


LOGINS = {
    "USER": [b"USER ann", b"+OK\r\n", b"PASS secret", b"+OK\r\n"],
    "PLAIN": [b"AUTH PLAIN .*", b"+OK\r\n"],
}


@pytest.mark.parametrize("auth", [None, ["USER", "LOGIN"], ["PLAIN", "LOGIN"]])
def test_login(pop3, auth):
    """The mechanism is reported, whether libcurl or netmail logs in."""
    mechanism = auth[0] if auth else "USER"
    offer = b"USER\r\n" if mechanism == "USER" else b"SASL PLAIN\r\n"
    hello = [Send(b"+OK hi\r\n"), Expect(b"CAPA"), Send(b"+OK\r\n" + offer + b".\r\n")]
    steps = [Expect(line) if at % 2 == 0 else Send(line)
             for at, line in enumerate(LOGINS[mechanism])]  # fmt: skip
    options = {"auth": auth} if auth else {}
    client, events = pop3(*steps, hello=hello, username="ann", password="secret", **options)
    client.connect()

    assert kinds(events) == [ConnectionOpened, LoggedIn]
    assert events[1].mechanism == mechanism
    assert "secret" not in repr(events)
    client.abort()


def test_login_refused(pop3):
    """A login that netmail makes and the server refuses ends the connection that was made."""
    hello = [Send(b"+OK hi\r\n"), Expect(b"CAPA"), Send(b"+OK\r\nSASL PLAIN\r\n.\r\n")]
    client, events = pop3(Expect(b"AUTH PLAIN .*"), Send(b"-ERR no: secret\r\n"), hello=hello,
                          username="ann", password="secret", auth=["PLAIN", "LOGIN"])  # fmt: skip
    with pytest.raises(AuthenticationError) as caught:
        client.connect()

    assert kinds(events) == [ConnectionOpened, ConnectionClosed]
    assert events[1].reason is caught.value
    assert "secret" not in str(events[1])


def test_no_connection(pop3, free_port):
    """A connection that cannot be made is reported with the error that the caller gets."""
    events = []
    client = POP3(
        host="127.0.0.1",
        port=free_port,
        tls=0,
        timeout=timedelta(milliseconds=300),
        on_event=events.append,
    )
    with pytest.raises(ConnectError) as caught:
        client.connect()

    assert kinds(events) == [ConnectionFailed]
    assert events[0].error is caught.value
    assert 0 < events[0].seconds < 5


def test_refused_call(pop3):
    """A call that the server refuses is reported with its error; the connection stays."""
    client, events = pop3(Expect(b"DELE 9"), Send(b"-ERR no such message\r\n"), *QUIT)
    with pytest.raises(Pop3Error) as caught:
        client.delete(9)
    client.quit()

    assert kinds(events[:2]) == [ConnectionOpened, CallFinished]
    assert events[1].error is caught.value


def test_lost_and_made_again(pop3, scripted):
    """A lost connection is reported with its reason, and so is the next connect()."""
    client, events = pop3(Expect(b"STAT"), Close())
    client.connect()
    with pytest.raises(ConnectionLost) as caught:
        client.stat()
    move(client, scripted(*HELLO))
    client.connect()
    client.abort()
    opened, closed, stat, reconnecting, again, aborted = events

    assert kinds([opened, again]) == [ConnectionOpened] * 2
    assert closed == ConnectionClosed(opened.server, caught.value)
    assert stat.error is caught.value
    assert reconnecting == Reconnecting(opened.server, caught.value)
    assert aborted == ConnectionClosed(opened.server, None)


def test_reconnecting_by_itself(scripted):
    """send() reports that the idle connection was closed, and that it connects again."""
    ehlo = [Send(b"220 hi\r\n"), Expect(b"EHLO .*"), Send(b"250 me\r\n")]
    accepted = [Expect(b"MAIL .*"), Send(b"250 ok\r\n"), Expect(b"RCPT .*"), Send(b"250 ok\r\n"),
                Expect(b"DATA"), Send(b"354 go\r\n"), Expect(b""), Expect(rb"x"), Expect(rb"\."),
                Send(b"250 ok\r\n")]  # fmt: skip
    first = scripted(*ehlo, Expect(b"NOOP"), Send(b"250 ok\r\n421 idle\r\n"), Close())
    second = scripted(*ehlo, *accepted)
    events = []
    client = Transport(host="127.0.0.1", port=first.port, tls=0, timeout=5000,
                       on_event=events.append)  # fmt: skip
    client.noop()
    first.join()
    move(client, second)
    client.add_message(Envelope("ann@x.test", ("bob@x.test",), b"\r\nx\r\n")).send()
    client.abort()

    assert kinds(events) == [
        ConnectionOpened, CallFinished, ConnectionClosed, Reconnecting, ConnectionOpened,
        CallFinished, ConnectionClosed,
    ]  # fmt: skip
    assert isinstance(events[2].reason, ConnectionLost)
    assert events[3].reason is events[2].reason


def test_test_connection(pop3):
    """test_connection() reports its own connection."""
    client, events = pop3(*NOOP, *QUIT)

    assert client.test_connection() is True
    assert kinds(events) == [ConnectionOpened, CallFinished, CallFinished, ConnectionClosed]


ALERTS = {
    "untagged": [b"* OK [ALERT] Maintenance at noon\r\n", b" OK done\r\n"],
    "tagged": [b"", b" OK [ALERT] Maintenance at noon\r\n"],
}


@pytest.mark.parametrize("alert", ALERTS)
def test_alert(scripted, imap, alert):
    """A text that the user must see is reported when it comes, without secrets."""
    untagged, tagged = (text.replace(b"noon", b"noon, secret") for text in ALERTS[alert])
    server = scripted(
        Send(b"* PREAUTH hi\r\n"), Expect(rb"(\w+) CAPABILITY"),
        Send(b"* CAPABILITY IMAP4rev1\r\n"), Reply(rb"\1 OK done\r\n"),
        Expect(rb"(\w+) NOOP"), Send(untagged), Reply(rb"\1" + tagged),
    )  # fmt: skip
    events = []
    client = imap(host="127.0.0.1", port=server.port, tls=0, timeout=5000, username="ann",
                  password="secret", on_event=events.append)  # fmt: skip
    client.noop()
    client.abort()

    assert kinds(events) == [ConnectionOpened, ServerAlert, CallFinished, ConnectionClosed]
    assert events[1].text.startswith("Maintenance at noon")
    assert "secret" not in events[1].text


# -- a callback that raises an error ----------------------------------------------------------


class OwnError(Exception):
    """What a callback raises."""


class Raising:
    """A callback that raises an error at the first event of a class."""

    def __init__(self, kind, error=OwnError):
        self.kind = kind
        self.error = error("from the callback")
        self.events = []
        self.raised = False

    def __call__(self, event):
        self.events.append(event)
        if isinstance(event, self.kind) and not self.raised:
            self.raised = True
            raise self.error


OFFER = [Send(b"+OK hi\r\n"), Expect(b"CAPA"), Send(b"+OK\r\nUSER\r\n.\r\n")]
LOGIN = [Expect(b"USER ann"), Send(b"+OK\r\n"), Expect(b"PASS secret"), Send(b"+OK\r\n")]
UNTIL = {ConnectionOpened: OFFER, LoggedIn: OFFER + LOGIN, CallFinished: OFFER + LOGIN + NOOP}


@pytest.mark.parametrize("error", [OwnError, KeyboardInterrupt, MailTimeout])
@pytest.mark.parametrize("kind", UNTIL)
def test_error_ends_the_connection(pop3, scripted, kind, error):
    """It passes to the caller as it is, ends the connection, and the next one is reported again."""
    callback = Raising(kind, error)
    options = {"username": "ann", "password": "secret", "auth": ["USER", "LOGIN"]}
    client, _ = pop3(hello=UNTIL[kind], on_event=callback, **options)
    with pytest.raises(error) as caught:
        client.noop()
    seen = len(callback.events)
    was_closed = not client.is_connected
    move(client, scripted(*OFFER, *LOGIN))
    client.connect()
    client.abort()

    assert caught.value is callback.error
    assert was_closed
    assert isinstance(callback.events[seen - 1], kind)
    assert kinds(callback.events[seen:])[-3:] == [ConnectionOpened, LoggedIn, ConnectionClosed]


def test_error_at_a_loss(pop3):
    """An error at the report of a loss hides neither the loss from later calls nor itself."""
    callback = Raising(ConnectionClosed)
    client, _ = pop3(Expect(b"STAT"), Close(), on_event=callback)
    client.connect()
    with pytest.raises(OwnError) as caught:
        client.stat()

    assert caught.value is callback.error
    assert not client.is_connected
    with pytest.raises(ConnectionLost, match="the server closed the connection"):
        client.stat()


@pytest.mark.parametrize("method", ["quit", "abort"])
def test_error_at_the_end(pop3, method):
    """An error at the report of quit() or abort() passes, and the client is closed and free."""
    callback = Raising(ConnectionClosed)
    client, _ = pop3(*(QUIT if method == "quit" else []), on_event=callback)
    client.connect()
    with pytest.raises(OwnError):
        getattr(client, method)()
    getattr(client, method)()

    assert not client.is_connected


@pytest.mark.parametrize("callback", [5, "print", [print], ()])
def test_no_function(callback):
    """What cannot be called is refused."""
    with pytest.raises(UsageError, match="on_event"):
        POP3(host="127.0.0.1", on_event=callback)


# -- nobody listens ---------------------------------------------------------------------------


def test_nothing_is_computed_if_nobody_listens(scripted):
    """Without a callback, and with the logger at WARNING, no event is made."""
    server = scripted(*HELLO, *NOOP, *QUIT)
    called = []

    def note(frame, kind, _argument):
        if kind == "call" and frame.f_globals.get("__name__") == "netmail.results.events":
            called.append(frame.f_code.co_name)

    client = POP3(host="127.0.0.1", port=server.port, tls=0, timeout=5000)
    sys.setprofile(note)
    try:
        client.noop()
        client.quit()
    finally:
        sys.setprofile(None)

    assert called == []


def test_forgotten_client(scripted):
    """A client that is collected reports nothing, and is collected at once."""
    server = scripted(*HELLO)
    events = []
    client = POP3(host="127.0.0.1", port=server.port, tls=0, on_event=events.append)
    client.connect()
    gc.disable()
    try:
        del client
        server.join()
    finally:
        gc.enable()

    assert kinds(events) == [ConnectionOpened]


# -- a real server ----------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["imap", "imaps"])
def test_dovecot(dovecot, imap, scheme):
    """A session with Dovecot: TLS, the mechanism, and each call with its octets."""
    user = dovecot.fresh_user()
    dovecot.deliver(user, b"Subject: x\r\n\r\nhello\r\n")
    events = []
    client = imap(dovecot.url(scheme, user), ca_file=str(dovecot.ca_file), on_event=events.append)
    body = client.fetch(1)
    client.quit()
    opened, login, fetch, quit_, closed = events

    assert opened.encrypted is True
    assert login.mechanism == "SCRAM-SHA-256"
    assert fetch.received > len(body)
    assert [event.name for event in (fetch, quit_)] == ["fetch", "quit"]
    assert closed.reason is None
    assert user.password not in repr(events)
