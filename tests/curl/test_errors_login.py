"""Refused logins: the server's own text, and whether to try again."""

import base64
from datetime import timedelta

import pycurl
import pytest

from netmail.errors import (
    AuthenticationError,
    CapabilityError,
    ConnectError,
    ConnectionLost,
    MailTimeout,
    Phase,
)
from netmail.options.options import MailProtocol
from servers.scripted import Close, Expect, Reply, Send, Silence
from support.connecting import CAPA, dialled, failing, refused, told

pytestmark = pytest.mark.usefixtures("each_dial")


@pytest.mark.parametrize(
    ("protocol", "steps", "words", "transient"),
    [
        (
            MailProtocol.POP3,
            [*CAPA, Expect(b"USER ann"), Send(b"+OK\r\n"), Expect(b"PASS .*"),
             Send(b"-ERR [AUTH] bad password\r\n")],
            "+LOGIN: [AUTH] bad password",
            False,
        ),
        (
            MailProtocol.POP3,
            [*CAPA, Expect(b"USER ann"), Send(b"-ERR [SYS/TEMP] no database\r\n")],
            "+LOGIN: [SYS/TEMP] no database",
            True,
        ),
        (
            MailProtocol.IMAP,
            [Send(b"* OK hi\r\n"), Expect(b"(.*) CAPABILITY"),
             Reply(rb"* CAPABILITY IMAP4rev1\r\n\1 OK\r\n"),
             Expect(rb'(\S+) LOGIN "ann" "hunter22"'),
             Reply(rb"\1 NO [UNAVAILABLE] no database\r\n")],
            "+LOGIN: NO [UNAVAILABLE] no database",
            True,
        ),
        (
            MailProtocol.SMTP,
            [Send(b"220 hi\r\n"), Expect(b"EHLO .*"), Send(b"250-me\r\n250 AUTH PLAIN\r\n"),
             Expect(b"AUTH PLAIN .+"),
             Send(b"535 5.7.8 bad password\r\n")],
            "535 5.7.8 bad password",
            False,
        ),
        (
            MailProtocol.SMTP,
            [Send(b"220 hi\r\n"), Expect(b"EHLO .*"), Send(b"250-me\r\n250 AUTH PLAIN\r\n"),
             Expect(b"AUTH PLAIN.*"), Send(b"454 4.7.0 later\r\n")],
            "454 4.7.0 later",
            True,
        ),
    ],
    ids=["pop3-pass", "pop3-user", "imap", "smtp", "smtp-later"],
)  # fmt: skip
def test_login_refused(scripted, protocol, steps, words, transient):
    """The server's own text is in the error, and whether to try again."""
    server = scripted(*steps)
    error = refused(protocol, port=server.port, username="ann", password="hunter22", timeout=5000)

    assert type(error) is AuthenticationError
    assert error.phase == Phase.LOGIN
    assert words in str(error)
    assert error.transient == transient
    assert "password" in str(error)
    server.join()


@pytest.mark.parametrize("protocol", MailProtocol)
def test_unknown_mechanism(protocol, scripted):
    """A mechanism that libcurl does not know is named."""
    port = scripted(Silence()).port
    error = dialled(protocol, port=port, username="ann", password="hunter22", auth="BOGUS")

    assert type(error) is AuthenticationError
    assert error.phase == Phase.LOGIN
    assert f"auth=BOGUS is no mechanism of {protocol}" in str(error)


@pytest.mark.parametrize("protocol", MailProtocol)
@pytest.mark.parametrize(
    ("name", "feature"),
    [("NTLM", pycurl.VERSION_NTLM), ("GSSAPI", pycurl.VERSION_KERBEROS5)],
)
def test_mechanism_that_this_libcurl_lacks(protocol, name, feature):
    """A mechanism that the build has not is named before anything is sent."""
    given = {} if name == "GSSAPI" else {"username": "ann", "password": "hunter22"}
    error = dialled(protocol, port=1, auth=name, **given)

    if pycurl.version_info()[4] & feature:
        assert type(error) is ConnectError
    else:
        assert type(error) is CapabilityError
        assert error.capability == name
        assert f"is built without {name}" in str(error)


def test_login_refused_by_a_real_server(dovecot):
    """Dovecot's text, with every mechanism that it offers."""
    error = failing(port=dovecot.ports.pop3, username="alice", password="wrong", timeout=10_000)

    assert type(error) is AuthenticationError
    assert "[AUTH] Authentication failed" in str(error)


@pytest.mark.parametrize(
    ("protocol", "steps"),
    [
        (MailProtocol.POP3, [*CAPA, Expect(b"USER ann"), Silence()]),
        (
            MailProtocol.SMTP,
            [Send(b"220 hi\r\n"), Expect(b"EHLO .*"), Send(b"250-me\r\n250 AUTH PLAIN\r\n"),
             Expect(b"AUTH PLAIN.*"), Silence()],
        ),
    ],
    ids=["pop3", "smtp"],
)  # fmt: skip
def test_silent_login(scripted, protocol, steps):
    """A server that falls silent in the middle of the login."""
    server = scripted(*steps)
    error = refused(protocol, port=server.port, username="ann", password="hunter22")

    assert told(error) == (MailTimeout, Phase.LOGIN, 0)
    server.join()


def test_connect_timeout_holds_in_the_login(scripted):
    """A login that hangs is a connection that cannot be made."""
    server = scripted(*CAPA, Expect(b"USER ann"), Silence())
    error = refused(
        MailProtocol.POP3,
        port=server.port,
        username="ann",
        password="hunter22",
        timeout=60_000,
        connect_timeout=timedelta(milliseconds=200),
    )

    assert told(error) == (MailTimeout, Phase.LOGIN, 0)
    server.join()


def test_lost_in_the_login(scripted):
    """A server that hangs up in the middle of the login."""
    error = failing(
        port=scripted(*CAPA, Expect(b"USER ann"), Close(reset=True)).port,
        username="ann",
        password="hunter22",
    )

    assert type(error) is ConnectionLost
    assert error.phase == Phase.LOGIN


@pytest.mark.parametrize("protocol", [MailProtocol.POP3, MailProtocol.SMTP])
def test_token_refused(scripted, protocol):
    """The reason that a server hides in a challenge is in the error."""
    reason = base64.b64encode(b'{"status":"400","scope":"mail"}')
    hello = {
        MailProtocol.POP3: [*CAPA[:2], Send(b"+OK\r\nSASL XOAUTH2\r\n.\r\n"),
                        Expect(b"AUTH XOAUTH2 .+")],
        MailProtocol.SMTP: [Send(b"220 hi\r\n"), Expect(b"EHLO .*"),
                        Send(b"250-me\r\n250 AUTH XOAUTH2\r\n"), Expect(b"AUTH XOAUTH2 .+")],
    }[protocol]  # fmt: skip
    mark = b"+ " if protocol is MailProtocol.POP3 else b"334 "
    no = b"-ERR no\r\n" if protocol is MailProtocol.POP3 else b"535 no\r\n"
    server = scripted(*hello, Send(mark + reason + b"\r\n"), Expect(b".*"), Send(no))
    error = refused(protocol, port=server.port, username="ann", oauth2_token="t0ken", timeout=5000)
    server.join()

    assert type(error) is AuthenticationError
    assert '{"status":"400","scope":"mail"}' in str(error)
