"""The real servers are what the fixtures say, seen by the standard library's clients."""

import base64
import imaplib
import poplib
import smtplib
import socket
import ssl
import struct
import subprocess

import pytest

from servers.accounts import CAROL, User
from servers.process import free_ports

BODY = b"Subject: hello\r\n\r\nGood day.\r\n"
WRONG = User("wrong", "password")


@pytest.fixture
def trust(certificates):
    """A client's TLS context that trusts our authority only."""
    return ssl.create_default_context(cafile=str(certificates.ca_file))


def test_free_ports():
    """All are different: a server whose two services have one port does not start."""
    assert len(set(free_ports(200))) == 200


def imap_clear(server, trust):
    """IMAP without TLS."""
    return imaplib.IMAP4(server.host, server.ports.imap, timeout=10)


def imap_starttls(server, trust):
    """IMAP with STARTTLS."""
    client = imap_clear(server, trust)
    client.starttls(trust)
    return client


def imap_tls(server, trust):
    """IMAP with implicit TLS."""
    return imaplib.IMAP4_SSL(server.host, server.ports.imaps, ssl_context=trust, timeout=10)


def pop3_clear(server, trust):
    """POP3 without TLS."""
    return poplib.POP3(server.host, server.ports.pop3, timeout=10)


def pop3_stls(server, trust):
    """POP3 with STLS."""
    client = pop3_clear(server, trust)
    client.stls(trust)
    return client


def pop3_tls(server, trust):
    """POP3 with implicit TLS."""
    return poplib.POP3_SSL(server.host, server.ports.pop3s, context=trust, timeout=10)


def smtp_clear(server, trust):
    """SMTP without TLS."""
    return smtplib.SMTP(server.host, server.ports.smtp, timeout=10)


def smtp_starttls(server, trust):
    """SMTP with STARTTLS, on the submission port."""
    client = smtplib.SMTP(server.host, server.ports.submission, timeout=10)
    client.starttls(context=trust)
    return client


def smtp_tls(server, trust):
    """SMTP with implicit TLS."""
    return smtplib.SMTP_SSL(server.host, server.ports.smtps, context=trust, timeout=10)


IMAP_MODES = pytest.mark.parametrize("connect", [imap_clear, imap_starttls, imap_tls])
POP3_MODES = pytest.mark.parametrize("connect", [pop3_clear, pop3_stls, pop3_tls])
SMTP_MODES = pytest.mark.parametrize("connect", [smtp_clear, smtp_starttls, smtp_tls])


@IMAP_MODES
def test_imap_login(dovecot, trust, connect):
    """Every kind of connection leads to the same mailbox."""
    user = dovecot.fresh_user()
    dovecot.deliver(user, BODY)
    with connect(dovecot, trust) as client:
        client.login(user.name, user.password)
        client.select()
        _, data = client.fetch("1", "(BODY.PEEK[])")

    assert data[0][1] == BODY


@POP3_MODES
def test_pop3_login(dovecot, trust, connect):
    """Every kind of connection leads to the same mailbox."""
    user = dovecot.fresh_user()
    dovecot.deliver(user, BODY)
    client = connect(dovecot, trust)
    client.user(user.name)
    client.pass_(user.password)
    lines = client.retr(1)[1]
    client.quit()

    assert b"\r\n".join(lines) + b"\r\n" == BODY


def test_apop(dovecot, trust):
    """APOP works, because passwords are kept in clear."""
    user = dovecot.fresh_user()
    client = pop3_clear(dovecot, trust)
    client.apop(user.name, user.password)
    count, _ = client.stat()
    client.quit()

    assert count == 0


def test_mechanisms(dovecot, trust):
    """Every mechanism that passwords in clear allow is offered."""
    with imap_clear(dovecot, trust) as client:
        offered = {word[5:] for word in client.capabilities if word.startswith("AUTH=")}

    wanted = {"PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"}
    assert offered == wanted


def test_cram_md5(dovecot, trust):
    """The response to a challenge is taken with a fresh user's password."""
    user = dovecot.fresh_user()
    with imap_clear(dovecot, trust) as client:
        status, _ = client.login_cram_md5(user.name, user.password)

    assert status == "OK"


def test_difficult_password(dovecot, trust):
    """Carol's quotes, spaces and letters beyond ASCII are her password."""
    secret = f"\0{CAROL.name}\0{CAROL.password}".encode()
    with imap_clear(dovecot, trust) as client:
        status, _ = client.authenticate("PLAIN", lambda _: secret)

    assert status == "OK"


def test_wrong_password(dovecot, trust):
    """A wrong password is refused, for named and for fresh users."""
    for user in (dovecot.user("alice"), dovecot.fresh_user()):
        with imap_clear(dovecot, trust) as client, pytest.raises(imaplib.IMAP4.error):
            client.login(user.name, "wrong")


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("self_signed_host", "self-signed certificate"),
        ("expired_host", "certificate has expired"),
        ("other_host", "IP address mismatch"),
    ],
)
def test_bad_certificates(dovecot, trust, host, reason):
    """Each further address shows a certificate with exactly one defect."""
    with pytest.raises(ssl.SSLCertVerificationError, match=reason):
        imaplib.IMAP4_SSL(getattr(dovecot, host), dovecot.ports.imaps, ssl_context=trust)


def test_deliver_many(dovecot, trust):
    """A thousand messages are there, in order, when the call returns."""
    user = dovecot.fresh_user()
    dovecot.deliver_many(user, (b"Subject: %d\r\n\r\n" % number for number in range(1000)))

    messages = dovecot.messages(user)
    assert messages == [b"Subject: %d\r\n\r\n" % number for number in range(1000)]


@SMTP_MODES
def test_submission(dovecot, postfix, trust, connect):
    """What is sent with a password by any port appears in IMAP and POP3."""
    sender, user = dovecot.user("alice"), dovecot.fresh_user()
    with connect(postfix, trust) as client:
        client.login(sender.name, sender.password)
        client.sendmail(sender.address, [user.address], BODY)

    [stored] = dovecot.messages(user, count=1)
    assert stored.endswith(b"Good day.\r\n")
    pop3 = pop3_clear(dovecot, trust)
    pop3.apop(user.name, user.password)
    assert pop3.stat()[0] == 1
    pop3.quit()


@pytest.mark.parametrize("connect", [smtp_starttls, smtp_tls])
def test_submission_without_login(postfix, trust, connect):
    """The submission ports take nothing without a password."""
    with connect(postfix, trust) as client, pytest.raises(smtplib.SMTPRecipientsRefused):
        client.sendmail("a@example.test", ["alice@example.test"], BODY)


def test_submission_demands_tls(postfix):
    """The submission port takes no MAIL before STARTTLS."""
    with smtplib.SMTP(postfix.host, postfix.ports.submission, timeout=10) as client:
        client.ehlo()
        code, _ = client.mail("a@example.test")

    assert code == 530


def test_smtp_extensions(postfix, trust):
    """Everything netmail can use is announced."""
    with smtp_clear(postfix, trust) as client:
        client.ehlo()
        offered = set(client.esmtp_features)

    assert {"pipelining", "size", "8bitmime", "smtputf8", "dsn", "chunking", "auth"} <= offered
    assert "starttls" not in offered
    assert client.esmtp_features["size"] == str(postfix.size_limit)


@pytest.mark.parametrize(
    ("recipient", "code"), [("unknown", 550), ("busy", 450), ("full", 552)], ids=str
)
def test_refused_recipients(postfix, trust, recipient, code):
    """Each refused address is refused at RCPT with its code."""
    with smtp_clear(postfix, trust) as client:
        client.ehlo()
        client.mail("a@example.test")
        answer, _ = client.rcpt(getattr(postfix, recipient))

    assert answer == code


def test_refused_sender(postfix, trust):
    """The banned sender is refused at MAIL."""
    with smtp_clear(postfix, trust) as client:
        client.ehlo()
        code, text = client.mail(postfix.banned)

    assert (code, text[:5]) == (554, b"5.7.1")


def test_refused_content(dovecot, postfix, trust):
    """The reject header has the message refused after its end."""
    message = postfix.reject_header.encode() + b": yes\r\n\r\n"
    with smtp_clear(postfix, trust) as client, pytest.raises(smtplib.SMTPDataError) as refused:
        client.sendmail("a@example.test", [dovecot.fresh_user().address], message)

    assert refused.value.smtp_code == 550


def test_vrfy(dovecot, postfix, trust):
    """VRFY is on: Postfix cannot say yes, but it says no."""
    with smtp_clear(postfix, trust) as client:
        client.ehlo()
        codes = [client.vrfy(who)[0] for who in (dovecot.user().address, postfix.unknown)]

    assert codes == [252, 550]


def test_smtputf8(dovecot, postfix, trust):
    """Mail that needs SMTPUTF8 arrives, at a user's second address and at the unicode one."""
    user = dovecot.fresh_user()
    before = len(dovecot.messages(CAROL))
    with smtp_clear(postfix, trust) as client:
        client.ehlo()
        client.mail("ä@example.test", ["SMTPUTF8", "BODY=8BITMIME"])
        codes = [client.rcpt(user.utf8_address)[0], client.rcpt(postfix.unicode_address)[0]]
        client.data("Subject: grüße\r\n\r\n".encode())

    assert codes == [250, 250]
    assert "Subject: grüße".encode() in dovecot.messages(user, count=1)[0]
    assert "Subject: grüße".encode() in dovecot.messages(CAROL, count=before + 1)[-1]


def test_client_certificate(dovecot, postfix, trust):
    """The port for client certificates takes mail from a client that shows one."""
    user = dovecot.fresh_user()
    pair = postfix.certificates.client
    trust.load_cert_chain(pair.certificate, pair.key)
    port = postfix.ports.client_certificate
    with smtplib.SMTP_SSL(postfix.host, port, context=trust, timeout=10) as client:
        client.sendmail("a@example.test", [user.address], BODY)

    assert len(dovecot.messages(user, count=1)) == 1


def test_smtp_sink(smtp_sink):
    """smtp-sink takes a message."""
    with smtplib.SMTP(smtp_sink.host, smtp_sink.port, timeout=10) as client:
        refused = client.sendmail("a@example.test", ["b@example.test"], BODY)

    assert refused == {}


def connect_by_http(proxy, user, port):
    """Ask the HTTP proxy for a tunnel; return its status line and the server's first line."""
    login = base64.b64encode(f"{user.name}:{user.password}".encode())
    with socket.create_connection((proxy.host, proxy.port), timeout=10) as client:
        client.sendall(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n" % port)
        client.sendall(b"Proxy-Authorization: Basic " + login + b"\r\n\r\n")
        with client.makefile("rb") as lines:
            status = lines.readline()
            while lines.readline() not in {b"\r\n", b""}:
                pass
            return status, lines.readline()


def test_kerberos(kerberos):
    """The KDC gives a ticket for a password, also for one with spaces and quotes, and no other."""
    for name in ("alice", "carol"):
        assert name.encode() in kerberos.ticket(kerberos.users[name]).read_bytes()
    with pytest.raises(subprocess.CalledProcessError):
        kerberos.ticket(User("alice", "wrong"))


def test_tinyproxy(dovecot, tinyproxy):
    """With its password the HTTP proxy leads to Dovecot."""
    status, greeting = connect_by_http(tinyproxy, tinyproxy.user, dovecot.ports.imap)

    assert b" 200 " in status
    assert greeting.startswith(b"* OK")


def test_tinyproxy_refuses(dovecot, tinyproxy):
    """With a wrong password it does not."""
    status, _ = connect_by_http(tinyproxy, WRONG, dovecot.ports.imap)

    assert b" 401 " in status


def connect_by_socks(proxy, user, port):
    """Say RFC 1928 and RFC 1929 to the proxy; return the reply to the password, and the rest."""
    name, password = user.name.encode(), user.password.encode()
    with socket.create_connection((proxy.host, proxy.port), timeout=10) as client:
        client.sendall(b"\x05\x01\x02")
        assert client.recv(2) == b"\x05\x02"
        client.sendall(b"\x01%c%b%c%b" % (len(name), name, len(password), password))
        answer = client.recv(2)
        if answer != b"\x01\x00":
            return answer, b""
        client.sendall(b"\x05\x01\x00\x01\x7f\x00\x00\x01" + struct.pack("!H", port))
        client.recv(10)
        return answer, client.recv(100)


def test_microsocks(dovecot, microsocks):
    """With its password the SOCKS proxy leads to Dovecot."""
    _, greeting = connect_by_socks(microsocks, microsocks.user, dovecot.ports.imap)

    assert greeting.startswith(b"* OK")


def test_microsocks_refuses(dovecot, microsocks):
    """With a wrong password it does not."""
    answer, _ = connect_by_socks(microsocks, WRONG, dovecot.ports.imap)

    assert answer != b"\x01\x00"
