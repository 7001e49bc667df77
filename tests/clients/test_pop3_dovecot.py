"""Blade's whole POP3 API against Dovecot: blocking and asyncio, each TLS mode, login and proxy."""

import contextlib

import pycurl
import pytest

import netmail.clients.async_pop3
import netmail.clients.pop3
from netmail.errors import (
    AuthenticationError,
    Pop3Error,
    StateError,
    UsageError,
)
from netmail.options.options import TLS_ALL, TLS_CONTROL, TLS_NONE, TLS_TRY
from support.twins import maker

FIRST = b"Subject: one\r\nX-A: b\r\n\r\nline 1\r\n.dot\r\n..dots\r\n.\r\nlast\r\n"
SECOND = b"Subject: two\r\n\r\n" + b"x" * 70 + b"\r\n" * 3
TLS = {
    "clear": ("pop3", {"tls": TLS_NONE}),
    "starttls": ("pop3", {"tls": TLS_ALL}),
    "starttls if offered": ("pop3", {"tls": TLS_TRY}),
    "control": ("pop3", {"tls": TLS_CONTROL}),
    "implicit": ("pop3s", {}),
}


@pytest.fixture(params=["blocking", "asyncio"])
def make(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, netmail.clients.pop3.POP3, netmail.clients.async_pop3.AsyncPOP3)


@pytest.fixture
def user(dovecot):
    """A user with two messages."""
    user = dovecot.fresh_user()
    dovecot.deliver(user, FIRST, SECOND)
    return user


@pytest.fixture
def pop3(make, dovecot, user):
    """Make a client for that user, in any TLS mode."""

    def connect(scheme="pop3", login=user, **options):
        given = {"tls": TLS_NONE} if scheme == "pop3" else {}
        secured = options.get("tls", given.get("tls", TLS_ALL)) is not TLS_NONE
        trusted = {"ca_file": dovecot.ca_file} if secured else {}
        return make(
            dovecot.url(scheme, login), **{**given, **trusted, "timeout": 10_000, **options}
        )

    return connect


def whole_api(client):
    """Call everything of Blade's API once, and return what came."""
    sizes = [len(FIRST), len(SECOND)]
    with client:
        assert client.stat() == {"count": 2, "size": sum(sizes)}
        assert client.list() == [{"uid": 1, "size": sizes[0]}, {"uid": 2, "size": sizes[1]}]
        assert client.list(2) == [{"uid": 2, "size": sizes[1]}]
        ids = client.uid_list()
        assert [entry["uid"] for entry in ids] == [1, 2]
        assert client.uid_list(1) == ids[:1]
        assert [client.retr(1), client.retr(2)] == [FIRST, SECOND]
        assert [client.retr(entry["id"]) for entry in ids] == [FIRST, SECOND]
        assert client.list(ids[1]["id"]) == client.list(2)
        assert client.top(1) == b"Subject: one\r\nX-A: b\r\n\r\n"
        assert client.top(1, 2) == b"Subject: one\r\nX-A: b\r\n\r\nline 1\r\n.dot\r\n"
        assert client.noop() is None
        assert client.exec("STAT") == f"2 {sum(sizes)}"
        assert "TOP" in client.capabilities
        assert isinstance(client.get_handle(), pycurl.Curl)
        client.delete(ids[0]["id"])
        client.dele(2)
        assert client.stat()["count"] == 0
        client.rset()
        assert client.stat()["count"] == 2
        client.delete(1)
    return True


@pytest.mark.parametrize(("scheme", "options"), TLS.values(), ids=TLS)
def test_whole_api(pop3, scheme, options):
    """Everything of Blade's API in each TLS mode; the deletion is done afterwards."""
    done = whole_api(pop3(scheme, **options))
    with pop3(scheme, **options) as later:
        left = later.stat()
        handshake = later.get_handle().getinfo(pycurl.APPCONNECT_TIME) > 0

    assert done
    assert left == {"count": 1, "size": len(SECOND)}
    assert handshake == (options.get("tls") is not TLS_NONE)


@pytest.mark.parametrize("proxy", ["tinyproxy", "microsocks"])
@pytest.mark.parametrize("scheme", ["pop3", "pop3s"])
def test_whole_api_through_a_proxy(pop3, request, proxy, scheme):
    """The same through an HTTP and a SOCKS5 proxy with passwords."""
    server = request.getfixturevalue(proxy)

    # By address: microsocks does not try the second address of a name.
    assert whole_api(pop3(scheme, host="127.0.0.1", proxy=server.url(), tls=TLS_ALL))


@pytest.mark.parametrize(
    "auth",
    ["PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "APOP", "USER", "SCRAM-SHA-1", "SCRAM-SHA-256",
     ["SCRAM-SHA-256", "PLAIN"], ["GSSAPI", "CRAM-MD5"], ["EXTERNAL", "LOGIN"],
     ["XOAUTH2", "APOP"], ["EXTERNAL", "USER"], ()],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("name", ["alice", "carol"])
def test_login(pop3, dovecot, auth, name):
    """Each mechanism, also with a password that needs escaping everywhere."""
    client = pop3(login=dovecot.user(name), auth=auth)

    assert client.test_connection() is True, client.last_error


@pytest.mark.parametrize(
    "auth", [None, "PLAIN", "APOP", "USER", "SCRAM-SHA-256", ["CRAM-MD5", "PLAIN"]], ids=str
)
def test_wrong_password(pop3, auth):
    """The server's text is in the error."""
    with pytest.raises(AuthenticationError, match=r"\[AUTH\] Authentication failed"):
        pop3(password="wrong", auth=auth).connect()


def test_without_login(pop3):
    """Without credentials the session begins, and the server refuses what needs a login."""
    client = pop3(login=None)
    client.connect()
    with pytest.raises(Pop3Error):
        client.stat()

    client.quit()
    assert client.test_connection() is False


@pytest.mark.parametrize("name", ["retr", "top", "delete", "dele", "list", "uid_list"])
def test_no_such_message(pop3, name):
    """A refusal raises with the server's text, and the connection stays open."""
    with pop3() as client:
        with pytest.raises(Pop3Error, match="no message"):
            getattr(client, name)(9)
        with pytest.raises(Pop3Error, match="no message"):
            getattr(client, name)("no-such-id")

        assert client.stat()["count"] == 2


def test_wrong_arguments(pop3):
    """Nothing is sent, and the connection stays open."""
    with pop3() as client:
        for wrong in (lambda: client.retr("1 2"), lambda: client.exec("NOOP\r\nDELE 1")):
            with pytest.raises(UsageError):
                wrong()

        assert client.stat()["count"] == 2


def test_exec(pop3):
    """Any command, with the body where there is one."""
    with pop3() as client:
        listing = client.exec("LIST")
        one = client.exec("LIST", "1")
        quiet = client.exec("RETR", "1", no_transfer=True)
        text = client.exec("TOP 1 0")

    assert listing.splitlines()[1:] == [f"1 {len(FIRST)}", f"2 {len(SECOND)}"]
    assert one == f"1 {len(FIRST)}"
    assert quiet == f"{len(FIRST)} octets"
    assert text.splitlines()[1:] == ["Subject: one", "X-A: b", ""]


def test_exception_commits_no_deletion(pop3):
    """After an exception in the with block the messages are still there."""
    with contextlib.suppress(KeyError), pop3() as client:
        client.delete(1)
        raise KeyError
    with pop3() as later:
        left = later.stat()["count"]

    assert left == 2


def test_abort_commits_no_deletion(pop3):
    """Nor after abort()."""
    client = pop3()
    client.delete(1)
    client.abort()
    with pop3() as later:
        left = later.stat()["count"]

    assert left == 2


def test_quit_commits_deletions(pop3):
    """After quit() they are gone; a second quit() does nothing."""
    client = pop3()
    client.delete(1)
    client.quit()
    client.quit()
    with pytest.raises(StateError):
        client.stat()
    with pop3() as later:
        left = later.stat()["count"]

    assert left == 1


def test_connect_after_quit(pop3):
    """connect() begins a new session; messages are numbered again."""
    client = pop3()
    client.delete(1)
    client.quit()
    client.connect()
    body = client.retr(1)
    client.quit()

    assert body == SECOND


def test_test_connection(pop3):
    """It leaves the client's own session and its deletions alone."""
    client = pop3()

    assert client.test_connection() is True
    assert client.last_error is None
    assert not client.is_connected


def test_test_connection_with_a_wrong_password(pop3):
    """False, and the reason."""
    client = pop3(password="wrong")

    assert client.test_connection() is False
    assert isinstance(client.last_error, AuthenticationError)


def test_empty_mailbox(pop3, dovecot):
    """Lists of nothing are empty."""
    with pop3(login=dovecot.fresh_user()) as client:
        found = (client.stat(), client.list(), client.uid_list())

    assert found == ({"count": 0, "size": 0}, [], [])


def test_large_and_strange_messages(pop3, dovecot):
    """Megabytes, long lines, binary octets and dots come as they were delivered."""
    user = dovecot.fresh_user()
    bodies = [
        b"A: b\r\n\r\n" + b"y" * 3_000_000 + b"\r\n",
        b"A: b\r\n\r\n" + b".\r\n" * 50_000,
        b"A: b\r\n\r\n" + bytes(range(1, 256)).replace(b"\r", b"").replace(b"\n", b"") + b"\r\n",
        b"A: b\r\n\r\n",
    ]
    dovecot.deliver(user, *bodies)
    with pop3(login=user) as client:
        fetched = [client.retr(number) for number in range(1, 5)]

    assert fetched == bodies


# -- what Blade does wrong -----------------------------------------------------------------


def test_blade_commands_do_not_stick(pop3):
    """A command that was executed is not repeated by the next list() or retr()."""
    with pop3() as client:
        client.exec("NOOP")
        client.noop()
        listing = client.list()
        client.exec("STAT", no_transfer=True)
        body = client.retr(2)

    assert [entry["uid"] for entry in listing] == [1, 2]
    assert body == SECOND


def test_blade_delete_takes_a_number_and_the_right_server(pop3):
    """delete() takes the number that list() gave, and goes over the same connection."""
    with pop3() as client:
        handle = client.get_handle()
        for entry in client.list():
            client.delete(entry["uid"])
        same = client.get_handle() is handle
    with pop3() as later:
        left = later.stat()["count"]

    assert same
    assert left == 0


def test_blade_list_of_one_is_a_list(pop3):
    """list(uid) returns the entry, not the message."""
    with pop3() as client:
        assert client.list(1) == [{"uid": 1, "size": len(FIRST)}]


def test_blade_verifies_certificates(pop3):
    """Verification is on by default."""
    client = pop3("pop3s", ca_file=None)

    assert client.test_connection() is False
    assert "certificate" in str(client.last_error)


def test_blade_tls_none_is_not_the_only_way_to_starttls(pop3):
    """A plain port with TLS asked for speaks STLS, and not TLS at once."""
    with pop3(tls=TLS_ALL) as client:
        client.connect()

        assert client.options.tls_implicit is False
        # Dovecot's plain port begins in clear, so this is STLS.
        assert client.get_handle().getinfo(pycurl.APPCONNECT_TIME) > 0


def test_blade_error_does_not_stop_the_session(pop3):
    """A refused command raises and costs nothing else."""
    with pop3() as client:
        with pytest.raises(Pop3Error):
            client.retr(9)

        assert client.retr(1) == FIRST
