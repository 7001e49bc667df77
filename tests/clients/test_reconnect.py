"""The option `reconnect`: what is run again over a new connection, and what never is."""

import base64
import select

import pycurl
import pytest

from netmail import (
    AsyncImap,
    AuthenticationError,
    ConnectError,
    ConnectionLost,
    Imap,
    ImapError,
    MailTimeout,
    RetryPolicy,
    StateError,
)
from netmail.results.events import ConnectionFailed, Reconnecting
from servers.process import free_ports
from servers.scripted import Close, Expect, Reply, Send
from support.events import move
from support.twins import maker

NONE = RetryPolicy(attempts=0)
POLICY = RetryPolicy(attempts=3, delay=0.01, max_delay=0.02)
CAPABILITY = b"* CAPABILITY IMAP4rev1 ENABLE UTF8=ACCEPT UNSELECT\r\n"


def tagged(command, *responses):
    """Return the steps of one command that succeeds."""
    return Expect(rb"(\w+) " + command), Reply(b"".join(responses) + rb"\1 OK done\r\n")


HELLO = (Send(b"* PREAUTH hi\r\n"), *tagged(b"CAPABILITY", CAPABILITY))
SELECTED = b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n"
SELECT = tagged(rb'SELECT "?Archive"?', SELECTED)
SEARCH = tagged(b"UID SEARCH UNSEEN", b"* SEARCH 5 9\r\n")


@pytest.fixture(params=["blocking", "asyncio"])
def client(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Imap, AsyncImap)


@pytest.fixture
def lost(client, scripted):
    """Make a client each of whose connections plays other steps; the first one ends after its."""

    def make(first, *others, policy=POLICY, **options):
        servers = iter([scripted(*HELLO, *first, Close()), *(scripted(*each) for each in others)])
        events = []

        def listen(event):
            events.append(event)
            if isinstance(event, Reconnecting) and (server := next(servers, None)) is not None:
                move(getattr(imap, "client", imap), server)

        options = {"timeout": 2000, "reconnect": policy, **options}
        port = next(servers).port
        imap = client(host="127.0.0.1", port=port, tls=0, on_event=listen, **options)
        imap.connect()
        return imap, events

    return make


def until_closed(imap):
    """Wait until the server's end of the connection has arrived; no octet is read."""
    closing = select.poll()
    closing.register(imap.get_handle().getinfo(pycurl.ACTIVESOCKET), select.POLLRDHUP)
    assert closing.poll(5_000)


def count(events, kind):
    """Return how many events are of a kind."""
    return [type(each) for each in events].count(kind)


def test_closed_while_idle(lost):
    """A read finds the connection closed: it dials, selects and searches, and costs no attempt."""
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


def test_uidvalidity_changed(lost):
    """UIDs that have lost their meaning are used by no call, until select() is called."""
    other = tagged(rb'SELECT "Archive"', b"* 3 EXISTS\r\n* OK [UIDVALIDITY 8] x\r\n")
    status = tagged(rb'STATUS "x" \(MESSAGES\)', b'* STATUS "x" (MESSAGES 1)\r\n')
    second = (*HELLO, *other, *status, *other, *other, *SEARCH)
    imap, _ = lost(SELECT, second)
    imap.select("Archive")
    until_closed(imap)

    assert imap.status("x", "MESSAGES") == {"MESSAGES": 1}
    with pytest.raises(StateError, match="UIDVALIDITY 7 is now 8"):
        imap.fetch(5)
    assert imap.select("Archive")["uidvalidity"] == 8
    assert imap.search("UNSEEN") == [5, 9]
    imap.abort()


def test_mailbox_gone(lost):
    """No other mailbox stands in for one that is gone, neither for a read nor for a write."""
    gone = (Expect(rb'(\w+) SELECT "Archive"'), Reply(rb"\1 NO [NONEXISTENT] gone\r\n"))
    second = (*HELLO, *gone, *gone, *gone, *tagged(rb'SELECT "INBOX"', SELECTED), *SEARCH)
    imap, _ = lost(SELECT, second)
    imap.select("Archive")
    until_closed(imap)

    with pytest.raises(ImapError, match="gone"):
        imap.search("UNSEEN")
    with pytest.raises(ImapError, match="gone"):
        imap.store(5, "+FLAGS", "\\Deleted")
    assert imap.search("UNSEEN", "INBOX") == [5, 9]
    imap.abort()


def test_examined(lost):
    """A mailbox that EXAMINE opened is opened by EXAMINE again."""
    examine = tagged(rb'EXAMINE "Archive"', SELECTED)
    imap, _ = lost(examine, (*HELLO, *examine, *SEARCH))
    imap.examine("Archive")
    until_closed(imap)

    assert imap.search("UNSEEN") == [5, 9]
    assert imap.mailbox.read_only
    imap.abort()


def test_enabled(lost):
    """Extensions are turned on again before the mailbox is selected; names stay in UTF-8."""
    enable = tagged(b"ENABLE UTF8=ACCEPT", b"* ENABLED UTF8=ACCEPT\r\n")
    selected = tagged('SELECT "Grüße"'.encode(), SELECTED)
    imap, _ = lost((*enable, *selected), (*HELLO, *enable, *selected, *SEARCH))
    imap.enable("UTF8=ACCEPT")
    imap.select("Grüße")
    until_closed(imap)

    assert imap.search("UNSEEN") == [5, 9]
    imap.abort()


def test_not_enabled_again(lost):
    """A new connection that lacks an extension takes no call in place of the old one."""
    enable = tagged(b"ENABLE UTF8=ACCEPT", b"* ENABLED UTF8=ACCEPT\r\n")
    lacking = (*HELLO, *tagged(b"ENABLE UTF8=ACCEPT", b"* ENABLED\r\n"))
    imap, _ = lost(enable, lacking, lacking)
    imap.enable("UTF8=ACCEPT")
    until_closed(imap)

    for _ in range(2):
        with pytest.raises(StateError, match="UTF8=ACCEPT"):
            imap.noop()


def test_write_is_not_repeated(lost):
    """A write that may have been done raises; the next call connects again."""
    cut = (*SELECT, Expect(rb"(\w+) UID COPY 5 .*"))
    imap, events = lost(cut, (*HELLO, *SELECT, *SEARCH))
    imap.select("Archive")

    with pytest.raises(ConnectionLost):
        imap.copy(5, "Trash")
    assert count(events, Reconnecting) == 0
    assert imap.search("UNSEEN") == [5, 9]
    imap.abort()


def test_write_on_a_closed_connection(lost):
    """A write that has sent nothing connects first, and is sent once."""
    copy = tagged(rb'UID COPY 5 "Trash"')
    imap, _ = lost(SELECT, (*HELLO, *SELECT, *copy))
    imap.select("Archive")
    until_closed(imap)

    assert imap.copy(5, "Trash")
    imap.abort()


FETCH = rb"(\w+) UID FETCH 5,9 .*"
ONE = b"* 1 FETCH (UID 5 FLAGS ())\r\n"


def test_values_that_have_not_come(lost):
    """A loop is begun again before its first value; an iterator of UIDs is read once."""
    fetched = (Expect(FETCH), Reply(ONE + rb"* 2 FETCH (UID 9 FLAGS ())\r\n\1 OK done\r\n"))
    imap, _ = lost((*SELECT, Expect(FETCH)), (*HELLO, *SELECT, *fetched))
    imap.select("Archive")

    assert [each.uid for each in imap.fetch_many(iter([5, 9]), "FLAGS")] == [5, 9]
    imap.abort()


def test_values_that_have_come(lost):
    """A loop that has handed over a value is not begun again by itself."""
    imap, events = lost((*SELECT, Expect(FETCH), Send(ONE)))
    imap.select("Archive")
    seen = []
    with pytest.raises(ConnectionLost):
        seen.extend(each.uid for each in imap.fetch_many([5, 9], "FLAGS"))

    assert count(events, Reconnecting) == 0


def test_download_continues(lost, tmp_path):
    """A download fetches the rest of what it has written, and nothing twice."""
    whole = tagged(
        rb"UID FETCH 5 \(UID BODY.PEEK\[\]<3\.\d+>\)",
        b"* 1 FETCH (UID 5 BODY[]<3> {3}\r\ndef)\r\n",
    )
    half = (Expect(rb"(\w+) UID FETCH 5 .*"), Send(b"* 1 FETCH (UID 5 BODY[] {6}\r\nabc"))
    imap, _ = lost((*SELECT, *half), (*HELLO, *SELECT, *whole))
    imap.select("Archive")

    assert imap.download(5, tmp_path / "mail") == 6
    assert (tmp_path / "mail").read_bytes() == b"abcdef"
    imap.abort()


def test_saved_result(lost):
    """A saved result is gone with its connection: no call goes on without it."""
    capability = tagged(b"CAPABILITY", b"* CAPABILITY IMAP4rev1 ESEARCH SEARCHRES\r\n")
    save = tagged(rb"UID SEARCH RETURN \(SAVE\) UNSEEN")
    imap, events = lost((*capability, *SELECT, *save))
    imap.capability()
    imap.select("Archive")
    imap.search("UNSEEN", result="save")
    until_closed(imap)

    with pytest.raises(ConnectionLost):
        imap.fetch("$")
    assert count(events, Reconnecting) == 0


@pytest.mark.parametrize("end", ["quit", "abort"])
def test_ended_by_the_caller(client, scripted, end):
    """What the caller has closed stays closed."""
    server = scripted(*HELLO, *([*tagged(b"LOGOUT", b"* BYE x\r\n")] if end == "quit" else []))
    imap = client(host="127.0.0.1", port=server.port, tls=0, reconnect=POLICY)
    imap.connect()
    getattr(imap, end)()

    with pytest.raises(StateError):
        imap.noop()


def test_connect_forgets(lost):
    """connect() begins a session of the caller's own: nothing is selected in it."""
    cut = (*SELECT, Expect(rb"(\w+) UID COPY 5 .*"))
    imap, _ = lost(cut, (*HELLO, *tagged(b"NOOP")))
    imap.select("Archive")
    with pytest.raises(ConnectionLost):
        imap.copy(5, "Trash")
    imap.connect()
    imap.noop()

    assert imap.selected is None
    imap.abort()
