"""Delivery by LMTP: Dovecot's server over TCP and a local socket, the embedded one over TLS."""

import uuid

import pytest

from netmail.clients.async_transport import AsyncTransport
from netmail.clients.transport import Transport
from netmail.envelope import Envelope
from netmail.errors import ConnectError, MailTimeout, SmtpError, TlsError
from netmail.results.smtp import SendStage
from netmail.testing import MailServer
from servers.scripted import Expect, Send, Silence
from support.twins import maker

ANN, BOB = "ann@example.test", "bob@example.test"


@pytest.fixture(params=["blocking", "asyncio"])
def make(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Transport, AsyncTransport)


def letter(*recipients):
    """A message with a name of its own, and what makes SMTP end too early."""
    content = f"Subject: {uuid.uuid4().hex}\r\n\r\n.\r\n..dots\r\nRSET\r\n".encode()
    return Envelope("alice@example.test", recipients, content)


@pytest.fixture(params=["tcp", "socket"])
def dovecot_lmtp(request, dovecot):
    """The URL of Dovecot's LMTP server, over each transport in turn."""
    if request.param == "tcp":
        return f"lmtp://127.0.0.1:{dovecot.ports.lmtp}"
    return f"lmtp://localhost?unix_socket={dovecot.config.parent}/run/lmtp"


@pytest.mark.servers
def test_dovecot(make, dovecot, dovecot_lmtp):
    """Each recipient has its own final reply; what arrives is what was sent."""
    first, second = dovecot.fresh_user(), dovecot.fresh_user()
    message = letter(first.address, "nobody@example.test", second.address)
    with make(dovecot_lmtp) as client:
        (result,) = client.send(message)
        again = client.send(letter(second.address))
        client.noop()

    assert [each.address for each in result.accepted] == [first.address, second.address]
    assert [each.code for each in result.refused] == [550]
    texts = {each.text for each in result.accepted}
    assert len(texts) == 2  # "<user> ID Saved", one of each recipient's
    assert result.stage is SendStage.DONE
    assert again
    (received,) = dovecot.messages(first, 1)
    assert received.endswith(message.content)
    assert len(dovecot.messages(second, 2)) == 2


@pytest.mark.servers
def test_dovecot_is_no_smtp_server(make, dovecot):
    """SMTP to a server of LMTP fails at the greeting, and says so."""
    client = make("smtp://127.0.0.1", port=dovecot.ports.lmtp, timeout=5000)

    with pytest.raises((SmtpError, ConnectError)):
        client.connect()


def test_embedded_over_tls(make):
    """Implicit TLS, verified; a login; a refusal after the content for one recipient alone."""
    with MailServer([ANN, BOB], tls="implicit") as server:
        server.fail(content=BOB, code=452)
        with make(server.lmtp_url, ca_file=server.ca_file) as client:
            (result,) = client.send(letter(ANN, BOB))
            left = client.queue
        with pytest.raises(TlsError):
            make(server.lmtp_url).connect()

        assert client.options.url.startswith("lmtps://")
        assert [each.address for each in result.accepted] == [ANN]
        assert [(each.address, each.code) for each in result.refused] == [(BOB, 452)]
        assert [each.recipients for each in left] == [(BOB,)]
        assert [sent.recipients for sent in server.sent] == [(ANN,)]
        assert server.sent[0].user == ANN


def test_test_connection(make):
    """A question of its own over LMTP."""
    with MailServer([ANN]) as server:
        assert make(server.lmtp_url).test_connection()


def test_silent_server(make, scripted):
    """A server that sends no greeting meets the deadline for connecting."""
    server = scripted(Silence())
    client = make(f"lmtp://127.0.0.1:{server.port}", connect_timeout=1000)

    with pytest.raises(MailTimeout):
        client.connect()


def test_greeting_in_pieces(make, scripted):
    """The greeting may arrive in pieces, with many lines."""
    server = scripted(
        Send(b"220-one\r\n22"),
        Send(b"0 two\r\n"),
        Expect(b"LHLO me.test"),
        Send(b"250-me\r\n250 PIPELINING\r\n"),
        Expect(b"QUIT"),
        Send(b"221 bye\r\n"),
    )
    with make(f"lmtp://127.0.0.1:{server.port}", local_hostname="me.test") as client:
        client.connect()

        assert client.capabilities == {"PIPELINING": ()}
