"""The POP3 server, as poplib and a bare socket see it."""

import base64
import poplib
import socket
from urllib.parse import urlsplit

import pytest

ONE = b"Subject: one\r\n\r\n.dot\r\nline\r\n"
TWO = b"Subject: two\r\n\r\nend without a line end"


@pytest.fixture
def filled(server):
    server.deliver(ONE)
    server.deliver(TWO)
    return server


@pytest.fixture
def session(filled):
    """Send lines over a bare socket, whole, and return all that comes back."""

    def say(data, shutdown=True):
        parts = urlsplit(filled.pop3_url)
        with socket.create_connection((parts.hostname, parts.port), timeout=10) as client:
            client.sendall(data)
            if shutdown:
                client.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: client.recv(65536), b""))

    return say


def credentials(name="ann@example.test", password="secret of ann"):
    return base64.b64encode(f"\0{name}\0{password}".encode())


def test_a_session_from_stat_to_quit(any_server, login):
    """Count, list, read, delete, leave: with each kind of TLS."""
    any_server.deliver(ONE)
    any_server.deliver(TWO)
    pop = login(any_server, "pop3")
    seen = (pop.stat(), pop.list()[1], pop.retr(1)[1])
    pop.dele(1)
    pop.quit()

    assert seen == (
        (2, len(ONE) + len(TWO)),
        [b"1 %d" % len(ONE), b"2 %d" % len(TWO)],
        [b"Subject: one", b"", b".dot", b"line"],
    )
    assert any_server.messages() == [TWO]


def test_top_and_uidl(filled, login):
    """TOP sends so many lines; unique-ids survive the session."""
    pop = login(filled, "pop3")
    top, uids = pop.top(1, 1)[1], pop.uidl()[1]
    pop.quit()

    assert top == [b"Subject: one", b"", b".dot"]
    assert login(filled, "pop3").uidl()[1] == uids
    assert len({uid.split()[1] for uid in uids}) == 2


def test_single_message_listings(filled, login):
    """LIST and UIDL reply for one message in one line."""
    pop = login(filled, "pop3")

    assert pop.list(2) == b"+OK 2 %d" % len(TWO)
    assert pop.uidl(2) == b"+OK 2 " + pop.uidl()[1][1].split()[1]


def test_deletions_wait_for_quit(filled, login):
    """A connection that ends without QUIT deletes nothing."""
    pop = login(filled, "pop3")
    pop.dele(1)
    pop.close()

    assert len(filled.messages()) == 2


def test_rset(filled, login):
    """RSET takes deletions back."""
    pop = login(filled, "pop3")
    pop.dele(1)
    pop.rset()
    pop.quit()

    assert len(filled.messages()) == 2


def test_a_session_sees_what_was_there_at_login(filled, login):
    """Mail that comes meanwhile is for the next session."""
    pop = login(filled, "pop3")
    filled.deliver(ONE)

    assert pop.stat()[0] == 2


def test_the_maildrop_is_locked(filled, connect, login):
    """A second session for the same user is refused with IN-USE until the first ends."""
    first = login(filled, "pop3")
    second = connect(filled, "pop3")
    second.user("ann@example.test")
    with pytest.raises(poplib.error_proto, match="IN-USE"):
        second.pass_("secret of ann")
    first.quit()

    assert login(filled, "pop3").stat()[0] == 2


def test_other_users_are_not_locked_out(filled, login):
    """The lock is one user's."""
    login(filled, "pop3")

    assert login(filled, "pop3", "bob").stat() == (0, 0)


@pytest.mark.parametrize("name", ["ann@example.test", "nobody"])
def test_wrong_credentials(filled, connect, name):
    """Refused with AUTH, which says that another password might help."""
    pop = connect(filled, "pop3")
    pop.user(name)
    with pytest.raises(poplib.error_proto, match=r"\[AUTH\]"):
        pop.pass_("wrong")


def test_capa(server, connect):
    """CAPA lists what there is, and no STLS without a certificate."""
    assert set(connect(server, "pop3").capa()) == {
        "TOP",
        "UIDL",
        "USER",
        "SASL",
        "PIPELINING",
        "RESP-CODES",
        "AUTH-RESP-CODE",
        "IMPLEMENTATION",
    }


def test_capa_offers_stls_until_tls():
    """STLS is offered in clear, and refused and not offered in TLS."""
    from netmail.testing import MailServer

    with MailServer(tls="starttls") as server:
        import ssl

        parts = urlsplit(server.pop3_url)
        pop = poplib.POP3(parts.hostname, parts.port, timeout=10)
        before = pop.capa()
        pop.stls(ssl.create_default_context(cafile=server.ca_file))
        after = pop.capa()
        with pytest.raises(poplib.error_proto, match="no TLS"):
            pop._shortcmd("STLS")
        pop.close()

        assert "STLS" in before
        assert "STLS" not in after


def test_commands_sent_with_stls_are_forgotten():
    """What was injected in clear before TLS has no reply in TLS (RFC 2595 section 2.4)."""
    import ssl

    from netmail.testing import MailServer

    with MailServer(tls="starttls") as server:
        parts = urlsplit(server.pop3_url)
        pop = poplib.POP3(parts.hostname, parts.port, timeout=10)
        pop.sock.sendall(b"STLS\r\nCAPA\r\n")
        pop.file.readline()
        context = ssl.create_default_context(cafile=server.ca_file)
        secured = context.wrap_socket(pop.sock, server_hostname="127.0.0.1")
        secured.sendall(b"NOOP\r\n")
        answer = secured.recv(1000)
        secured.close()
        pop.file.close()

        assert answer.startswith(b"-ERR")


def test_pipelining(session):
    """Many commands in one segment have their replies in order."""
    replies = session(
        b"USER ann@example.test\r\nPASS secret of ann\r\n"
        b"STAT\r\nLIST 1\r\nNOOP\r\nDELE 1\r\nQUIT\r\n"
    ).split(b"\r\n")

    assert replies == [
        b"+OK netmail embedded server ready",
        b"+OK",
        b"+OK logged in",
        b"+OK 2 %d" % (len(ONE) + len(TWO)),
        b"+OK 1 %d" % len(ONE),
        b"+OK",
        b"+OK marked",
        b"+OK bye",
        b"",
    ]


def test_auth_plain_with_initial_response(session):
    """SASL PLAIN in one line."""
    assert session(b"AUTH PLAIN " + credentials() + b"\r\n").endswith(b"+OK logged in\r\n")


def test_auth_plain_with_a_challenge(session):
    """SASL PLAIN in two lines."""
    assert session(b"AUTH PLAIN\r\n" + credentials() + b"\r\n").endswith(b"+ \r\n+OK logged in\r\n")


def test_auth_lists_its_mechanisms(session):
    """AUTH alone asks what there is."""
    assert session(b"AUTH\r\n").endswith(b"+OK\r\nPLAIN\r\nXOAUTH2\r\nOAUTHBEARER\r\n.\r\n")


@pytest.mark.parametrize(
    "line",
    [
        b"AUTH PLAIN *",
        b"AUTH PLAIN\r\n*",
        b"AUTH PLAIN",
        b"AUTH PLAIN ====",
        b"AUTH PLAIN " + base64.b64encode(b"only\0two"),
        b"AUTH PLAIN " + base64.b64encode(b"\0\xff\0\xff"),
        b"AUTH CRAM-MD5",
        b"PASS before user",
        b"STLS",
        b"STAT",
        b"XYZZY",
        b"\xff\xfe\x00",
        b"",
    ],
)
def test_what_is_refused_before_login(session, line):
    """Each ends in -ERR, and the connection continues."""
    replies = session(line + b"\r\nQUIT\r\n" if line != b"AUTH PLAIN" else line + b"\r\n")

    assert replies.count(b"-ERR") == 1


@pytest.mark.parametrize(
    "line", [b"RETR", b"RETR 3", b"RETR x", b"DELE 0", b"LIST 9", b"TOP 1", b"TOP 1 x", b"USER a"]
)
def test_what_is_refused_after_login(session, line):
    """Each ends in -ERR, and the connection continues."""
    replies = session(b"AUTH PLAIN " + credentials() + b"\r\n" + line + b"\r\nNOOP\r\nQUIT\r\n")

    assert replies.count(b"-ERR") == 1
    assert replies.endswith(b"+OK\r\n+OK bye\r\n")


def test_an_endless_line_ends_the_connection(session):
    """No more than some kilobytes are kept for a line."""
    assert session(b"A" * 20_000, shutdown=False).endswith(b"-ERR line too long\r\n")


def test_pop3_fails_on_demand(server, login):
    """Login, greeting and commands are refused as a rule says, and then no more."""
    server.fail(login="bob", protocol="pop3", times=1)
    server.fail(login="bob", protocol="pop3", code=454, text="Busy", times=1)
    with pytest.raises(poplib.error_proto, match=r"\[AUTH\]"):
        login(server, "pop3", "bob")
    with pytest.raises(poplib.error_proto, match=r"\[SYS/TEMP\] Busy"):
        login(server, "pop3", "bob")
    pop = login(server, "pop3", "bob")
    server.fail(command="stat", code=500, text="No", times=1)
    with pytest.raises(poplib.error_proto, match=r"-ERR \[SYS/PERM\] No"):
        pop.stat()
    assert pop.stat() == (0, 0)

    server.fail(connect="pop3")
    address = urlsplit(server.pop3_url)
    with socket.create_connection((address.hostname, address.port), timeout=5) as refused:
        greeting = refused.makefile("rb").read()
    assert greeting == b"-ERR [SYS/TEMP] Service not available\r\n"


def test_pop3_dropped(any_server, login):
    """The connection ends in place of the reply; with 421, after it."""
    pop, other = login(any_server, "pop3"), login(any_server, "pop3", "bob")
    any_server.fail(command="NOOP", drop=True, times=1)
    with pytest.raises((poplib.error_proto, OSError)):
        pop.noop()
    any_server.fail(command="NOOP", code=421)
    with pytest.raises(poplib.error_proto, match="SYS/TEMP"):
        other.noop()
    with pytest.raises((poplib.error_proto, OSError)):
        other.stat()


@pytest.mark.parametrize(
    ("mechanism", "response"),
    [("XOAUTH2", "user=bob\1auth=Bearer {}\1\1"), ("OAUTHBEARER", "n,a=bob,\1auth=Bearer {}\1\1")],
)
def test_bearer_tokens(server, connect, mechanism, response):
    """The token logs in; another one is refused after the error as a challenge."""
    pop = connect(server, "pop3")
    wrong = base64.b64encode(response.format("other").encode()).decode()
    right = base64.b64encode(response.format(server.tokens["bob"]).encode()).decode()

    challenge = pop._shortcmd(f"AUTH {mechanism} {wrong}")
    assert b'"status":"401"' in base64.b64decode(challenge[2:])
    with pytest.raises(poplib.error_proto, match=r"\[AUTH\] wrong token"):
        pop._shortcmd("AQ==")
    with pytest.raises(poplib.error_proto, match=r"no (bearer token|GS2 header)"):
        pop._shortcmd(f"AUTH {mechanism} bg==")
    assert pop._shortcmd(f"AUTH {mechanism} {right}") == b"+OK logged in"
