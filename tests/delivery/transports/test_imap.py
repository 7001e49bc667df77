"""The transport that appends to a mailbox, on Dovecot and on servers that play a script."""

import pytest

from netmail import Envelope, Message, SendStatus, UsageError
from netmail.delivery import Mailer, MessageFailed, TransportFailed
from netmail.delivery.transports.imap import ImapTransport
from servers.steps import Close, Expect, ExpectData, Reply, Send

MESSAGE = Envelope("a@x.test", ("b@x.test",), b"Subject: s\r\n\r\n" + b"line\r\n" * 20)
GREETING = (
    Send(b"* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n"),
    Expect(rb"(\w+) CAPABILITY"),
    Reply(rb"* CAPABILITY IMAP4rev1\r\n\1 OK done\r\n"),
)
APPEND = Expect(rb'(\w+) APPEND "?INBOX"? \{134\}')
LITERAL = (APPEND, Send(b"+ go\r\n"), ExpectData(MESSAGE.content + b"\r\n"))


@pytest.fixture
def transport(scripted):
    """Start a transport to a server that plays the steps after its greeting."""
    made = []

    def make(*steps, **options):
        server = scripted(*GREETING, *steps, **options)
        made.append(ImapTransport({"host": "127.0.0.1", "port": server.port, "tls": "none"}))
        made[-1].startup()
        return made[-1]

    yield make
    for each in made:
        each.shutdown()


def test_dovecot(dovecot):
    """Messages go into a folder over one connection, with flags."""
    user = dovecot.fresh_user()
    config = {
        "use": "imap",
        "host": "127.0.0.1",
        "port": str(dovecot.ports.imap),
        "username": user.name,
        "password": user.password,
        "ca_file": str(dovecot.ca_file),
        "folder": "INBOX",
        "flags": r"\Seen \Flagged",
        "timeout": 30,
    }
    with Mailer({"transport": config}) as mailer:
        results = [
            mailer.send(Message("a@x.test", user.address, f"m{each}", text="t").bcc("c@x.test"))
            for each in range(3)
        ]
    texts = [each.result().recipients[0].text for each in results]
    received = dovecot.messages(user, 3)

    assert texts == [f"appended to INBOX with UID {number}" for number in (1, 2, 3)]
    assert [b"Subject: m%d\r\n" % number in received[number] for number in range(3)] == [True] * 3
    assert b"Bcc" not in b"".join(received)


def test_implicit_tls_and_a_large_message(dovecot, tmp_path):
    """`ssl` begins with TLS; files are read while they are sent."""
    user = dovecot.fresh_user()
    (tmp_path / "data.bin").write_bytes(bytes(range(256)) * 8_000)
    config = {
        "host": "localhost",
        "ssl": "yes",
        "port": dovecot.ports.imaps,
        "username": user.name,
        "password": user.password,
        "ca_file": str(dovecot.ca_file),
    }
    transport = ImapTransport(config)
    transport.startup()
    message = Message("a@x.test", user.address, "large", text="t").attachment(tmp_path / "data.bin")
    assert transport.deliver(message)
    assert transport.connected
    transport.shutdown()
    assert not transport.connected
    (received,) = dovecot.messages(user, 1)

    assert received == message.as_bytes()


def test_no_such_folder(dovecot):
    """A refusal is in the result, and the connection is kept."""
    user = dovecot.fresh_user()
    config = {"url": dovecot.url("imap", user), "ca_file": str(dovecot.ca_file), "folder": "No"}
    transport = ImapTransport(config)
    transport.startup()
    result = transport.deliver(MESSAGE)

    assert result.recipients[0].status is SendStatus.REFUSED
    assert "TRYCREATE" in result.recipients[0].text
    assert result.retryable is None
    assert transport.connected
    transport.shutdown()


def test_refused_for_now(transport):
    """A response code that means a later try makes it one."""
    failing = transport(APPEND, Reply(rb"\1 NO [UNAVAILABLE] later\r\n"), Close())
    with pytest.raises(TransportFailed, match="later") as caught:
        failing.deliver(MESSAGE)

    assert caught.value.transient


def test_lost_after_the_literal(transport):
    """The server may have stored it, so nobody sends it again."""
    result = transport(*LITERAL, Close()).deliver(MESSAGE)

    assert result.recipients[0].status is SendStatus.UNCERTAIN
    assert result.retryable is None


def test_lost_before_the_literal(transport):
    """Without the message the server has stored nothing."""
    with pytest.raises(TransportFailed) as caught:
        transport(APPEND, Close()).deliver(MESSAGE)

    assert caught.value.transient


def test_idle_connection_is_lost(transport):
    """That is found out before the message leaves; another connection takes it."""
    done = Reply(rb"\1 OK [APPENDUID 9 1] done\r\n")
    kept = transport(*LITERAL, done, Close(), connections=2)

    assert kept.deliver(MESSAGE)
    assert kept.deliver(MESSAGE)


def test_limit(scripted):
    """A message that the server announces to be too large does not leave."""
    server = scripted(
        Send(b"* PREAUTH [CAPABILITY IMAP4rev1 APPENDLIMIT=100] hi\r\n"),
        Expect(rb"(\w+) CAPABILITY"),
        Reply(rb"* CAPABILITY IMAP4rev1 APPENDLIMIT=100\r\n\1 OK done\r\n"),
        Expect(rb"(\w+) LOGOUT"),
        Reply(rb"* BYE\r\n\1 OK done\r\n"),
    )
    transport = ImapTransport({"host": "127.0.0.1", "port": server.port, "tls": "none"})
    transport.startup()
    with pytest.raises(MessageFailed, match="the server takes 100"):
        transport.deliver(MESSAGE)
    transport.shutdown()


def test_no_server():
    """Nothing was delivered."""
    transport = ImapTransport({"host": "127.0.0.1", "port": 1})
    with pytest.raises(UsageError, match="startup"):
        transport.deliver(MESSAGE)
    transport.startup()
    with pytest.raises(TransportFailed, match="no server listens") as caught:
        transport.deliver(MESSAGE)

    assert caught.value.transient


@pytest.mark.parametrize(
    ("directives", "why"),
    [
        ({"host": "h", "ssl": "maybe"}, "ssl"),
        ({"host": "h", "folder": 1}, "folder"),
        ({"host": "h", "user": "x"}, "user"),
        ({}, "'host' is missing"),
    ],
)
def test_wrong_directives(directives, why):
    """They are found before there is a message."""
    with pytest.raises(UsageError, match=why):
        ImapTransport(directives)
