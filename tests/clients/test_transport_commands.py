"""Commands of SMTP that few servers have, tried on Postfix."""

import pytest

import netmail
from netmail.clients.async_transport import AsyncTransport
from netmail.clients.transport import Transport
from netmail.errors import SmtpError
from netmail.options.options import TLS_NONE
from support.twins import maker


@pytest.fixture(params=["blocking", "asyncio"])
def make(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Transport, AsyncTransport)


def test_another_client(make, postfix, dovecot):
    """After XCLIENT Postfix writes the other client's address and name into the message."""
    user = dovecot.fresh_user()
    message = netmail.Message("alice@example.test", user.address, "x").text("x")
    with make(postfix.url("smtp"), tls=TLS_NONE) as client:
        client.connect()
        names = client.capabilities["XCLIENT"]
        reply = client.xclient({"ADDR": "192.0.2.7", "NAME": "mx.example.org"})
        assert client.send(message)
    (content,) = dovecot.messages(user, 1)

    assert {"ADDR", "NAME", "HELO"} <= set(names)
    assert reply.code == 220
    assert b" (mx.example.org [192.0.2.7])" in content


def test_queue_is_run(make, postfix):
    """Postfix begins to send what it has for a host that it relays for, and refuses others."""
    with make(postfix.url("smtp"), tls=TLS_NONE) as client:
        assert client.etrn("relayed.example.test").code in {250, 251}
        with pytest.raises(SmtpError) as caught:
            client.etrn("elsewhere.test")

    assert caught.value.code == 459
