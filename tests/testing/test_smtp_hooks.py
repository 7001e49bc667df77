"""What the embedded SMTP and LMTP servers accept: parameters, and LMTP's replies."""

import smtplib
from urllib.parse import urlsplit

import pytest

from netmail.testing import MailServer
from netmail.testing.smtp_hooks import take_parameters

ANN = "ann@example.test"
MAIL = b"Subject: lmtp\r\n\r\nbody\r\n"


@pytest.mark.parametrize(
    ("verb", "argument", "rest", "taken"),
    [
        ("MAIL", "FROM:<a@b> SIZE=1 RET=FULL", "FROM:<a@b> SIZE=1", ("RET=FULL",)),
        ("MAIL", "FROM:<a@b> envid=x", "FROM:<a@b>", ("envid=x",)),
        ("RCPT", "TO:<a@b> NOTIFY=NEVER ORCPT=x", "TO:<a@b>", ("NOTIFY=NEVER", "ORCPT=x")),
        ("RCPT", "TO:<a@b> RET=FULL", "TO:<a@b> RET=FULL", ()),
        ("RCPT", None, None, ()),
    ],
)
def test_take_parameters(verb, argument, rest, taken):
    """Those of DSN are taken off, whatever their case; others stay for aiosmtpd to judge."""
    assert take_parameters(verb, argument) == (rest, taken)


@pytest.fixture
def lmtp(server):
    """A client of the LMTP server, after LHLO."""
    parts = urlsplit(server.lmtp_url)
    with smtplib.LMTP(parts.hostname, parts.port, timeout=10) as client:
        client.ehlo()
        yield client


def transaction(client, *recipients, content=MAIL):
    """Send a message, and return the final replies."""
    client.mail("me@y.test")
    for recipient in recipients:
        client.rcpt(recipient)
    client.putcmd("data")
    client.getreply()
    client.send(content + b".\r\n")
    return [client.getreply() for _ in recipients]


def test_a_final_reply_for_each_recipient(server, lmtp):
    """The same recipient twice has two replies and one message (RFC 2033 section 4.2)."""
    replies = transaction(lmtp, ANN, "bob@z.test", ANN)

    assert replies == [
        (250, b"2.1.5 <ann@example.test> Delivered"),
        (250, b"2.1.5 <bob@z.test> Delivered"),
        (250, b"2.1.5 <ann@example.test> Delivered"),
    ]
    assert server.messages() == server.messages("bob") == [MAIL]
    assert [sent.protocol for sent in server.sent] == ["lmtp"]


def test_one_of_them_refused(server, lmtp):
    """A rule for a recipient's content refuses this one alone."""
    server.fail(content="bob@z.test", code=552, text="Too much")
    replies = transaction(lmtp, "bob@z.test", ANN)

    assert replies == [(552, b"5.3.0 Too much"), (250, b"2.1.5 <ann@example.test> Delivered")]
    assert (server.messages("bob"), server.messages()) == ([], [MAIL])
    assert [sent.recipients for sent in server.sent] == [(ANN,)]


def test_dropped_in_the_middle(server, lmtp):
    """The connection is lost after the first recipient's message was delivered."""
    server.fail(content="bob@z.test", drop=True)
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        transaction(lmtp, ANN, "bob@z.test")

    assert (server.messages(), server.messages("bob")) == ([MAIL], [])


def test_a_line_too_long_for_all(lmtp):
    """What aiosmtpd refuses with one reply is refused for each recipient."""
    replies = transaction(lmtp, ANN, "bob@z.test", content=b"x" * 2000 + b"\r\n")

    assert [code for code, _ in replies] == [500, 500]
    assert lmtp.noop()[0] == 250


@pytest.mark.parametrize("verb", ["HELO", "EHLO"])
def test_no_smtp_here(lmtp, verb):
    """LMTP refuses SMTP's greeting."""
    assert lmtp.docmd(verb, "x")[0] == 500


def test_lmtp_needs_no_login():
    """`require_auth` is for SMTP: a mail server delivers over LMTP without a login."""
    with MailServer([ANN], require_auth=True) as server:
        parts = urlsplit(server.lmtp_url)
        with smtplib.LMTP(parts.hostname, parts.port, timeout=10) as client:
            assert client.sendmail("me@y.test", [ANN], MAIL) == {}
