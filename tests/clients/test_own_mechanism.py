"""A login by a mechanism of the caller's own, in every protocol."""

import base64

import pytest

from netmail.clients.async_imap import AsyncImap
from netmail.clients.async_pop3 import AsyncPOP3
from netmail.clients.async_transport import AsyncTransport
from netmail.clients.imap import Imap
from netmail.clients.pop3 import POP3
from netmail.clients.transport import Transport
from netmail.errors import AuthenticationError, UsageError
from servers.scripted import ScriptedServer
from servers.steps import Expect, Reply, Send, Silence
from support.mechanisms import Beginning, Reversed
from support.twins import maker

KINDS = {
    "smtp": (Transport, AsyncTransport),
    "imap": (Imap, AsyncImap),
    "pop3": (POP3, AsyncPOP3),
}
# What each protocol says before the login, how it asks for one, asks on, accepts and refuses.
BEFORE = {
    "smtp": [
        Send(b"220 hi\r\n"),
        Expect(b"EHLO .*"),
        Send(b"250-me\r\n250 AUTH X-REVERSED PLAIN\r\n"),
    ],
    "imap": [
        Send(b"* OK hi\r\n"),
        Expect(b"([^ ]+) CAPABILITY"),
        Send(b"* CAPABILITY IMAP4rev1 SASL-IR AUTH=X-REVERSED AUTH=PLAIN\r\n"),
        Reply(rb"\1 OK" b"\r\n"),
    ],
    "pop3": [
        Send(b"+OK hi\r\n"),
        Expect(b"CAPA"),
        Send(b"+OK\r\nSASL X-REVERSED PLAIN\r\n.\r\n"),
    ],
}
COMMAND = {"smtp": b"AUTH", "imap": b"([^ ]+) AUTHENTICATE", "pop3": b"AUTH"}
ASK = {"smtp": b"334 ", "imap": b"+ ", "pop3": b"+ "}
ACCEPT = {
    "smtp": [Send(b"235 in\r\n")],
    "imap": [Send(b"* CAPABILITY IMAP4rev1\r\n"), Reply(rb"\1 OK in" b"\r\n")],
    "pop3": [Send(b"+OK in\r\n")],
}


def encoded(text):
    return base64.b64encode(text)


@pytest.fixture(params=KINDS)
def protocol(request):
    return request.param


@pytest.fixture(params=["blocking", "asyncio"])
def connect(request, protocol):
    """Connect to a script with a mechanism; return the client."""
    made = maker(request.param, *KINDS[protocol])
    new = next(made)

    def run(script, auth):
        with ScriptedServer([*BEFORE[protocol], *script]) as server:
            client = new(
                host="127.0.0.1",
                port=server.port,
                tls=0,
                username="ann",
                password="drow",
                auth=auth,
            )
            try:
                client.connect()
            finally:
                client.abort()

    yield run
    next(made, None)


def asks(protocol, *exchange):
    """The server's challenges and the responses that it expects."""
    for challenge, response in exchange:
        yield Send(ASK[protocol] + encoded(challenge) + b"\r\n")
        yield Expect(encoded(response))


def test_initial_response(connect, protocol):
    """The first step's response goes with the command, where the protocol allows it."""
    line = COMMAND[protocol] + b" X-REVERSED " + encoded(b"ann")
    connect([Expect(line), *ACCEPT[protocol]], Beginning)


@pytest.mark.parametrize("protocol", ["smtp", "pop3"], indirect=True)
def test_server_begins(connect, protocol):
    """Without an initial response the server sends the first challenge."""
    exchange = asks(protocol, (b"name?", b"ann"), (b"word?", b"word"))
    connect([Expect(COMMAND[protocol] + b" X-REVERSED"), *exchange, *ACCEPT[protocol]], [Reversed])


@pytest.mark.parametrize("protocol", ["smtp", "pop3"], indirect=True)
def test_next_after_a_refusal(connect, protocol):
    """After a refusal the next mechanism of `auth` is tried."""
    refusal = Send(b"535 no\r\n" if protocol == "smtp" else b"-ERR [AUTH] no\r\n")
    script = [
        *(Expect(COMMAND[protocol] + b" X-REVERSED " + encoded(b"ann")), refusal),
        *(Expect(COMMAND[protocol] + b" PLAIN .*"), *ACCEPT[protocol]),
    ]
    connect(script, [Beginning, "PLAIN"])


def test_failure_of_a_step(connect, protocol):
    """What a step raises is the caller's, and passes unchanged."""
    script = [
        Expect(COMMAND[protocol] + b" X-REVERSED"),
        *asks(protocol, (b"", b"ann"), (b"", b"word")),
    ]
    with pytest.raises(LookupError, match="asks once more"):
        connect([*script, Send(ASK[protocol] + b"\r\n")], Reversed)


def test_no_octets(connect, protocol):
    """A response that is no octets is named."""
    wrong = type("Wrong", (Reversed,), {"step": lambda _self, _challenge: "text"})
    with pytest.raises(UsageError, match=r"step\(\) of your mechanism X-REVERSED returns bytes"):
        connect([Silence()], wrong)


def test_not_offered(connect, protocol):
    """It is tried only where the server lists it."""
    other = type("Other", (Reversed,), {"name": "X-OTHER"})
    with pytest.raises(AuthenticationError) as caught:
        connect([], other)

    assert caught.value.not_tried == {"X-OTHER": "not offered"}
