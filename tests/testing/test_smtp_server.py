"""The SMTP server, as smtplib sees it."""

import smtplib
import ssl

import pytest

from netmail.testing import MailServer

MESSAGE = b"Subject: dots\r\n\r\n.one\r\n..two\r\n\xc3\xa9\r\n"
ANN = "ann@example.test"


def test_mail_reaches_its_users(any_server, login):
    """A message for two users lies in both mailboxes, octet for octet, once each."""
    smtp = login(any_server, "smtp")
    refused = smtp.sendmail("x@y.test", [ANN, ANN, "bob@z.test"], MESSAGE, ["BODY=8BITMIME"])

    assert refused == {}
    assert any_server.messages(ANN) == [MESSAGE]
    assert any_server.messages("bob") == [MESSAGE]


def test_what_is_announced(server, connect):
    """EHLO lists the extensions that a client may rely on."""
    smtp = connect(server, "smtp")
    smtp.ehlo()

    assert set(smtp.esmtp_features) == {
        "size",
        "8bitmime",
        "smtputf8",
        "pipelining",
        "dsn",
        "auth",
        "help",
    }
    assert smtp.esmtp_features["auth"].split() == ["LOGIN", "OAUTHBEARER", "PLAIN", "XOAUTH2"]


def test_starttls_is_announced_until_used(connect):
    """STARTTLS is offered in clear, and not again in TLS."""
    with MailServer(tls="starttls") as server:
        smtp = connect(server, "smtp")  # it did STARTTLS
        smtp.ehlo()

        assert isinstance(smtp.sock, ssl.SSLSocket)
        assert not smtp.has_extn("starttls")


def test_unknown_recipients_are_refused(server, connect):
    """550 5.1.1 at RCPT, and the known one still gets the mail."""
    smtp = connect(server, "smtp")
    refused = smtp.sendmail("x@y.test", ["nobody@z.test", ANN], MESSAGE.replace(b"\xc3\xa9", b"e"))

    assert refused == {"nobody@z.test": (550, b"5.1.1 <nobody@z.test>: no such user here")}
    assert len(server.messages(ANN)) == 1


def test_null_sender(server, connect):
    """Bounces come from nobody."""
    smtp = connect(server, "smtp")
    smtp.sendmail("", [ANN], b"Subject: bounce\r\n\r\n")

    assert len(server.messages(ANN)) == 1


def test_international_addresses(connect):
    """SMTPUTF8 is taken at its word."""
    with MailServer(["jörg@exämple.test"]) as server:
        smtp = connect(server, "smtp")
        smtp.ehlo()
        smtp.sendmail("ä@ö.test", ["jörg@exämple.test"], MESSAGE, ["SMTPUTF8", "BODY=8BITMIME"])

        assert server.messages() == [MESSAGE]


@pytest.mark.parametrize(("address", "code"), [(ANN, 250), ("bob", 250), ("nobody", 550)])
def test_vrfy(server, connect, address, code):
    """VRFY tells the truth about users."""
    smtp = connect(server, "smtp")

    assert smtp.verify(address)[0] == code


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_auth(server, connect, mechanism):
    """Both mechanisms take the right password and refuse a wrong one."""
    smtp = connect(server, "smtp")
    smtp.ehlo()
    smtp.user, smtp.password = ANN, "wrong"
    authenticate = getattr(smtp, f"auth_{mechanism.lower()}")
    with pytest.raises(smtplib.SMTPAuthenticationError, match="535"):
        smtp.auth(mechanism, authenticate)
    smtp.password = server.users[ANN]

    assert smtp.auth(mechanism, authenticate)[0] == 235


def test_auth_is_not_required_by_default(server, connect):
    """A test that does not care about AUTH need not."""
    smtp = connect(server, "smtp")
    smtp.sendmail("x@y.test", [ANN], b"Subject: x\r\n\r\n")

    assert len(server.messages()) == 1


def test_auth_can_be_required(connect, login):
    """With require_auth, MAIL and VRFY are refused before AUTH and taken after."""
    with MailServer({ANN: "pw"}, require_auth=True) as server:
        smtp = connect(server, "smtp")
        with pytest.raises(smtplib.SMTPSenderRefused) as caught:
            smtp.sendmail("x@y.test", [ANN], MESSAGE)
        assert (caught.value.smtp_code, smtp.verify(ANN)[0]) == (530, 530)

        login(server, "smtp", ANN).sendmail("x@y.test", [ANN], b"Subject: x\r\n\r\n")
        assert len(server.messages()) == 1


def test_too_large_is_refused_at_mail(server, connect):
    """A SIZE over the limit costs no transfer."""
    smtp = connect(server, "smtp")
    smtp.ehlo()
    limit = int(smtp.esmtp_features["size"])

    assert smtp.mail("x@y.test", [f"SIZE={limit + 1}"])[0] == 552


def test_pipelined_commands_get_replies_in_order(server, connect):
    """What is announced works: several commands in one segment."""
    smtp = connect(server, "smtp")
    smtp.ehlo()
    smtp.send(b"MAIL FROM:<x@y.test>\r\nRCPT TO:<nobody>\r\nRCPT TO:<bob>\r\nNOOP\r\nRSET\r\n")

    assert [smtp.getreply()[0] for _ in range(5)] == [250, 550, 250, 250, 250]


def test_command_limit_does_not_shrink_with_other_clients(server, connect):
    """Another client's connection does not change what this one may send."""
    first = connect(server, "smtp")
    first.ehlo()
    connect(server, "smtp")
    sender = "x" * 600 + "@y.test"

    assert first.mail(sender, ["SIZE=100"])[0] == 250


def test_a_failed_handshake_is_quiet(capfd, caplog):
    """A client that does not trust the authority is no event for the server."""
    with MailServer(tls="starttls") as server:
        host, port = server.smtp_url.rpartition("@")[2].split(":")
        smtp = smtplib.SMTP(host, int(port), timeout=10)
        with pytest.raises(ssl.SSLCertVerificationError):
            smtp.starttls(context=ssl.create_default_context())
        smtp.close()

    assert capfd.readouterr().err == ""
    assert [record for record in caplog.records if record.levelname in {"WARNING", "ERROR"}] == []
