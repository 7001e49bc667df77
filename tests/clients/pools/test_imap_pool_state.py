"""What one lease of an IMAP pool leaves to the next one, and idle connections that die."""

import socket
import threading
from datetime import timedelta

import pycurl
import pytest

from netmail.errors import MailTimeout
from netmail.results.events import ConnectionOpened
from servers.scripted import Close, Expect, Reply, Send, Silence
from support.pools import descriptors_open
from support.reconnecting import until_ended

SHORT = timedelta(milliseconds=200)


def ok(command, *untagged):
    """The script of one command."""
    lines = [Send(b"* " + line + b"\r\n") for line in untagged]
    return (Expect(rb"(\S+) " + command), *lines, Reply(rb"\1 OK done" + b"\r\n"))


OFFERS = b"CAPABILITY IMAP4rev1 UNSELECT ENABLE UTF8=ACCEPT"
GREETING = (Send(b"* PREAUTH hi\r\n"), *ok(b"CAPABILITY", OFFERS))
BARE = (Send(b"* PREAUTH hi\r\n"), *ok(b"CAPABILITY", b"CAPABILITY IMAP4rev1"))
SELECT = ok(b'SELECT "?INBOX"?', b"FLAGS ()", b"0 EXISTS", b"OK [UIDVALIDITY 5] x")
LOGOUT = ok(b"LOGOUT", b"BYE bye")


def use(pool):
    """Take a lease that finds no mailbox selected, and give it back."""
    with pool.lease() as imap:
        assert imap.selected is None
        assert imap.noop()


def take(pool, timeout):
    """Take a lease, if there is one in time, and give it back."""
    with pool.lease(timeout):
        pass


def one_lost(pool):
    """Take a lease, and end its connection."""
    with pool.lease() as imap:
        imap.abort()


def next_of(pool, loop):
    """The next value of a loop of either kind."""
    return next(loop) if hasattr(loop, "__next__") else pool.call(loop.__anext__()).result()


def select_in(pool, error=None):
    """Take a lease and select a mailbox; raise an error then."""
    with pool.lease() as imap:
        imap.select("INBOX")
        if error is not None:
            raise error


def url(server):
    """The URL of a scripted server."""
    return server.url("imap", host="127.0.0.1")


# -- what a lease leaves -------------------------------------------------------------------------


def test_selected_mailbox_is_left(make_imap, scripted):
    """UNSELECT leaves it, which expunges nothing; the connection is the same."""
    script = (*GREETING, *SELECT, *ok(b"UNSELECT"), *ok(b"NOOP"), *LOGOUT)
    with scripted(*script) as server, make_imap(url(server)) as pool:
        select_in(pool)
        use(pool)


def test_exception_leaves_the_mailbox_too(make_imap, scripted):
    """An exception of the block passes; the mailbox is left, and the connection stays."""
    script = (*GREETING, *SELECT, *ok(b"UNSELECT"), *ok(b"NOOP"), *LOGOUT)
    with scripted(*script) as server, make_imap(url(server)) as pool:
        with pytest.raises(KeyError):
            select_in(pool, KeyError("x"))
        use(pool)


def test_server_without_unselect(make_imap, scripted):
    """EXAMINE and CLOSE leave it, which expunge nothing either."""
    examine = ok(b'EXAMINE "?INBOX"?', b"FLAGS ()", b"0 EXISTS", b"OK [UIDVALIDITY 5] x")
    script = (*BARE, *SELECT, *examine, *ok(b"CLOSE"), *ok(b"NOOP"), *LOGOUT)
    with scripted(*script) as server, make_imap(url(server)) as pool:
        select_in(pool)
        use(pool)


def test_other_uidvalidity(make_imap, scripted):
    """A lease knows no UIDVALIDITY of an earlier one, and is not refused for it."""
    other = ok(b'SELECT "?INBOX"?', b"FLAGS ()", b"0 EXISTS", b"OK [UIDVALIDITY 6] x")
    search = ok(b"UID SEARCH ALL", b"SEARCH")
    leave = ok(b"UNSELECT")
    script = (*GREETING, *SELECT, *leave, *other, *search, *leave, *LOGOUT)
    with scripted(*script) as server, make_imap(url(server)) as pool:
        select_in(pool)
        with pool.lease() as imap:
            assert imap.search("ALL", "INBOX") == []


def test_alerts_are_those_of_the_lease(make_imap, scripted):
    """What an earlier lease was sent is not in the next one."""
    noop = ok(b"NOOP")
    script = (*GREETING, *ok(b"NOOP", b"OK [ALERT] full"), *noop, *LOGOUT)
    with scripted(*script) as server, make_imap(url(server)) as pool:
        with pool.lease() as imap:
            imap.noop()
            assert imap.alerts == ["full"]
        with pool.lease() as imap:
            imap.noop()
            assert imap.alerts == []


def test_mailbox_that_cannot_be_left(make_imap, scripted):
    """Where the server refuses to leave it, the connection ends, and the block succeeded."""
    refused = (Expect(rb"(\S+) UNSELECT"), Reply(rb"\1 NO not now" + b"\r\n"))
    server = scripted(*GREETING, *SELECT, *refused, connections=2)
    with make_imap(url(server)) as pool:
        select_in(pool)
        select_in(pool)

    assert server.join().count(b"SELECT") == 4  # twice each SELECT and UNSELECT


def test_what_cannot_be_undone(make_imap, scripted):
    """After ENABLE the next lease has another connection."""
    enable = ok(b"ENABLE UTF8=ACCEPT", b"ENABLED UTF8=ACCEPT")
    server = scripted(*GREETING, *enable, connections=2)
    with make_imap(url(server)) as pool:
        for _ in range(2):
            with pool.lease() as imap:
                assert imap.enable("UTF8=ACCEPT") == ["UTF8=ACCEPT"]

    assert server.join().count(b"ENABLE") == 2


def test_language(make_imap, scripted):
    """After LANGUAGE the next lease has another connection."""
    offers = ok(b"CAPABILITY", OFFERS + b" LANGUAGE")
    chosen = ok(b'LANGUAGE "de"', b"LANGUAGE (de)")
    server = scripted(Send(b"* PREAUTH hi\r\n"), *offers, *chosen, connections=2)
    with make_imap(url(server)) as pool:
        for _ in range(2):
            with pool.lease() as imap:
                assert imap.language("de") == ["de"]

    assert server.join().count(b"LANGUAGE") == 2


def test_login_of_another_user(make_imap, scripted):
    """After UNAUTHENTICATE and another login the next lease has another connection."""
    offers = ok(b"CAPABILITY", OFFERS + b" UNAUTHENTICATE")
    other = (*ok(b"UNAUTHENTICATE"), *offers, *ok(b"LOGIN .*"), *offers)
    server = scripted(Send(b"* PREAUTH hi\r\n"), *offers, *other, connections=2)
    with make_imap(url(server)) as pool:
        for _ in range(2):
            with pool.lease() as imap:
                imap.unauthenticate()
                imap.authenticate("bob", "secret")

    assert server.join().count(b"UNAUTHENTICATE") == 2


def test_loop_that_is_open(make_imap, scripted):
    """A loop that the block leaves open ends with its connection."""
    fetch = ok(b"UID FETCH .*", b"1 FETCH (UID 1 FLAGS ())", b"2 FETCH (UID 2 FLAGS ())")
    server = scripted(*GREETING, *SELECT, *fetch[:2], Silence(), connections=2)
    with make_imap(url(server)) as pool:
        for _ in range(2):
            with pool.lease() as imap:
                loop = imap.fetch_many("1:*", "FLAGS", "INBOX")
                assert next_of(pool, loop).uid == 1

    assert server.join().count(b"FETCH") == 2


# -- idle connections that die -------------------------------------------------------------------

ENDS = {
    "closed": (Close(),),
    "reset": (Close(reset=True),),
    "BYE": (Send(b"* BYE idle for too long\r\n"), Close()),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_dead_idle_connection(make_imap, scripted, end):
    """The server ends the idle connection: the next lease has another one."""
    opened = []

    def note(event):
        if isinstance(event, ConnectionOpened):
            opened.append(event)

    server = scripted(*GREETING, *ok(b"NOOP"), *end, connections=2)
    with make_imap(url(server), size=1, on_event=note) as pool:
        with pool.lease() as imap:
            own = socket.dup(imap.get_handle().getinfo(pycurl.ACTIVESOCKET))
            assert imap.noop()
        # The server's end arrives whenever the network brings it.
        with socket.socket(fileno=own) as kept:
            until_ended(kept)
        use(pool)

    assert len(opened) == 2


def test_idle_connection_that_died_in_silence(make_imap, scripted, server):
    """After a quarter of the time NOOP asks; a connection without a response is not lent."""
    silent = (Expect(rb"\S+ (NOOP|LOGOUT)"), Silence())
    dying = scripted(*GREETING, *ok(b"NOOP"), *silent, connections=2)
    server.fail(connect="imap", delay=1.1)  # the other connection is idle meanwhile
    waits = {"idle_timeout": 4, "timeout": "1s", "connect_timeout": "20s"}
    with make_imap([url(dying), server.imap_url], policy="round-robin", **waits) as pool:
        for _ in range(3):
            use(pool)

    assert dying.join().count(b"NOOP") == 3


def test_idle_connection_ends(make_imap, scripted):
    """After the time an idle connection ends by LOGOUT, while the pool stays."""
    server = scripted(*GREETING, *ok(b"NOOP"), *LOGOUT)
    with make_imap(url(server), idle_timeout=0.1) as pool:
        use(pool)
        server.join()

        assert server.received.endswith(b"LOGOUT\r\n")


# -- Dovecot -------------------------------------------------------------------------------------


@pytest.mark.servers
def test_leases_of_dovecot(make_imap, dovecot):
    r"""Two connections serve six leases; what is flagged \Deleted stays."""
    user = dovecot.fresh_user()
    dovecot.deliver(user, b"Subject: one\r\n\r\nhello\r\n")
    opened = []

    def note(event):
        if isinstance(event, ConnectionOpened):
            opened.append(event)

    with make_imap(dovecot.url("imap", user, "localhost"), size=2, on_event=note) as pool:
        for _ in range(3):
            with pool.lease() as one, pool.lease() as other:
                assert one.selected is None
                assert one.store(1, "+FLAGS", r"\Deleted", "INBOX")
                assert other.search("ALL", "INBOX") == [1]

    assert len(opened) == 2


@pytest.mark.servers
def test_nothing_is_left(make_imap, dovecot):
    """No thread and no descriptor outlives the pool, broken and refused leases included."""
    url = dovecot.url("imap", dovecot.fresh_user(), "localhost")
    threads, descriptors = threading.active_count(), descriptors_open()
    with make_imap(url, size=3) as pool:
        with pool.lease(), pool.lease(), pool.lease(), pytest.raises(MailTimeout):
            take(pool, SHORT)
        one_lost(pool)
        use(pool)

    assert threading.active_count() == threads
    assert descriptors_open() == descriptors
