"""The transports that speak SMTP and LMTP, on real servers."""

import logging
from datetime import timedelta

import pytest

import netmail
from netmail import Message, UsageError
from netmail.delivery import DeliveryFailed, Mailer
from netmail.delivery.transports.smtp import SmtpTransport, smtp_options
from netmail.testing import MailServer


def config(server, **directives):
    """Return the configuration for a server."""
    return {"transport": {"use": "smtp", "url": server.smtp_url, **directives}}


@pytest.mark.parametrize(("pipeline", "connections"), [(None, 1), (2, 3)])
def test_connection_is_kept(caplog, pipeline, connections):
    """Messages go over one connection; `pipeline` ends it after some."""
    caplog.set_level(logging.INFO, "netmail")
    with MailServer(accept_any=True) as server, Mailer(config(server, pipeline=pipeline)) as mailer:
        for number in range(5):
            assert mailer.send(Message("a@x.test", f"{number}@example.test")).result()

    lines = [record.getMessage() for record in caplog.records]
    assert len([line for line in lines if "connected" in line]) == connections


def test_refused_recipient():
    """A refusal is in the result."""
    with MailServer() as server, Mailer(config(server)) as mailer:
        result = mailer.send(Message("a@x.test", "stranger@elsewhere.test")).result()

    assert result.refused[0].code == 550


def test_no_server():
    """Nothing was sent: it is tried again, and then the reason is raised."""
    directives = {"transport.use": "smtp", "transport.host": "127.0.0.1", "transport.port": "1"}
    with (
        Mailer({**directives, "manager.retry.delay": 0.001}) as mailer,
        pytest.raises(DeliveryFailed, match="no server listens"),
    ):
        mailer.send(Message("a@x.test", "b@x.test", retries=1))


def test_connected():
    """The attribute tells whether there is a connection."""
    with MailServer() as server:
        transport = SmtpTransport({"url": server.smtp_url})
        assert not transport.connected
        transport.startup()
        transport.deliver(Message("a@x.test", "user@localhost"))
        assert transport.connected
        transport.shutdown()
        assert not transport.connected
    with pytest.raises(UsageError, match="startup"):
        transport.deliver(Message("a@x.test", "user@localhost"))


def test_marrow_s_directives():
    """Each has its option."""
    url, options = smtp_options(
        {
            "use": "smtp",
            "host": "mail.example",
            "port": "587",
            "username": "ann",
            "password": "secret",
            "timeout": 10,
            "local_hostname": "here",
            "debug": True,
            "tls": "required",
            "certfile": "cert.pem",
            "keyfile": "key.pem",
            "pipeline": 10,
        }
    )

    assert url is None
    assert options == {
        "host": "mail.example",
        "port": 587,
        "username": "ann",
        "password": "secret",
        "timeout": timedelta(seconds=10),
        "local_hostname": "here",
        "debug": True,
        "tls": netmail.TLS_ALL,
        "client_cert": "cert.pem",
        "client_key": "key.pem",
        "max_messages": 10,
    }


@pytest.mark.parametrize(
    ("tls", "expected"),
    [
        ("ssl", {"tls_implicit": True}),
        ("optional", {"tls": netmail.TLS_TRY}),
        ("none", {"tls": netmail.TLS_NONE}),
        (False, {"tls": netmail.TLS_NONE}),
        (netmail.TLS_ALL, {"tls": netmail.TLS_ALL}),
        (None, {}),
    ],
)
def test_tls(tls, expected):
    """Without the directive netmail's own rule holds."""
    _, options = smtp_options({"host": "mail.example", "tls": tls})

    assert options == {"host": "mail.example", **expected}


@pytest.mark.parametrize("directives", [{"timeout": "soon"}, {"port": "smtp"}, {"tls": "maybe"}])
def test_wrong_values(directives):
    """The sentence names the directive."""
    with pytest.raises(UsageError, match=next(iter(directives))):
        SmtpTransport({"host": "mail.example", **directives})


def test_postfix(postfix, dovecot):
    """A message arrives by Postfix."""
    user = dovecot.fresh_user()
    transport = {"use": "smtp", "url": postfix.url("smtp"), "ca_file": str(postfix.ca_file)}
    with Mailer({"transport": transport}) as mailer:
        message = Message("a@x.test", user.address, "by postfix", text="t")
        assert mailer.send(message).result()
    (received,) = dovecot.messages(user, 1)
    assert b"Subject: by postfix" in received


def test_dovecot_lmtp(dovecot):
    """Each recipient has its own final reply."""
    user = dovecot.fresh_user()
    transport = {"use": "lmtp", "host": "127.0.0.1", "port": dovecot.ports.lmtp}
    with Mailer({"transport": transport}) as mailer:
        message = Message("a@x.test", [user.address, "nobody@example.test"], "by lmtp", text="t")
        result = mailer.send(message).result()

    assert [each.address for each in result.accepted] == [user.address]
    assert [each.code for each in result.refused] == [550]
