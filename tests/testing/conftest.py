"""Servers and standard-library clients: netmail's own clients do not prove netmail's servers."""

import contextlib
import imaplib
import poplib
import smtplib
import ssl
from urllib.parse import unquote, urlsplit

import pytest

from netmail.testing import MailServer
from netmail.testing.plugin import mail_server, mail_server_tls  # noqa: F401 they are fixtures

USERS = {"ann@example.test": "secret of ann", "bob": "pässwörd: 100%"}


@pytest.fixture
def server():
    """Two users, no TLS."""
    with MailServer(USERS) as running:
        yield running


@pytest.fixture(params=[False, "starttls", "implicit"], ids=["clear", "starttls", "implicit"])
def any_server(request):
    """The same with each kind of TLS in turn."""
    with MailServer(USERS, tls=request.param) as running:
        yield running


@pytest.fixture
def connect():
    """Connect a standard-library client to a URL of a server, in TLS where the server has it."""
    with contextlib.ExitStack() as stack:

        def make(server, protocol):
            parts = urlsplit(server.url_for(protocol))
            context = ssl.create_default_context(cafile=server.ca_file) if server.ca_file else None
            client = CONNECT[protocol](parts.hostname, parts.port, parts.scheme, context)
            stack.callback(LEAVE[protocol], client)
            return client

        yield make


@pytest.fixture
def login(connect):
    """Connect and log in as one of the users."""

    def make(server, protocol, user="ann@example.test"):
        parts = urlsplit(server.url_for(protocol, user))
        name, password = unquote(parts.username), unquote(parts.password)
        client = connect(server, protocol)
        LOGIN[protocol](client, name, password)
        return client

    return make


def connect_smtp(host, port, scheme, context):
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, context=context, timeout=10)
    client = smtplib.SMTP(host, port, timeout=10)
    if context:
        client.starttls(context=context)
    return client


def connect_imap(host, port, scheme, context):
    if scheme == "imaps":
        return imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=10)
    client = imaplib.IMAP4(host, port, timeout=10)
    if context:
        client.starttls(context)
    return client


def connect_pop3(host, port, scheme, context):
    if scheme == "pop3s":
        return poplib.POP3_SSL(host, port, context=context, timeout=10)
    client = poplib.POP3(host, port, timeout=10)
    if context:
        client.stls(context)
    return client


def login_imap(client, name, password):
    client.authenticate("PLAIN", lambda _: f"\0{name}\0{password}".encode())


def login_pop3(client, name, password):
    client.encoding = "UTF-8"
    client.user(name)
    client.pass_(password)


def login_smtp(client, name, password):
    client.ehlo()
    client.user, client.password = name, password
    code, text = client.docmd("AUTH PLAIN", encoded(name, password))
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, text)


def encoded(name, password):
    import base64

    return base64.b64encode(f"\0{name}\0{password}".encode()).decode()


CONNECT = {"smtp": connect_smtp, "imap": connect_imap, "pop3": connect_pop3}
LOGIN = {"smtp": login_smtp, "imap": login_imap, "pop3": login_pop3}
LEAVE = {
    "smtp": smtplib.SMTP.close,
    "imap": imaplib.IMAP4.shutdown,
    "pop3": poplib.POP3.close,
}
