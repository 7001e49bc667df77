"""Clients whose connections are lost, each connection with a script of its own."""

import select

import pycurl

from netmail import RetryPolicy
from netmail.results.events import Reconnecting
from servers.steps import Close, Expect, Reply, Send
from support.events import move

NONE = RetryPolicy(attempts=0)
POLICY = RetryPolicy(attempts=3, delay=0.01, max_delay=0.02)
CAPABILITY = b"* CAPABILITY IMAP4rev1 ENABLE UTF8=ACCEPT UNSELECT\r\n"


def tagged(command, *responses):
    """Return the steps of one command that succeeds."""
    return Expect(rb"(\w+) " + command), Reply(b"".join(responses) + rb"\1 OK done\r\n")


HELLO = (Send(b"* PREAUTH hi\r\n"), *tagged(b"CAPABILITY", CAPABILITY))
SELECTED = b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n"
SELECT = tagged(rb'SELECT "?Archive"?', SELECTED)
SEARCH = tagged(b"UID SEARCH UNSEEN", b"* SEARCH 5 9\r\n")


def lost_maker(client, scripted):
    """Return what makes a client, which plays other steps over each of its connections."""

    def make(first, *others, policy=POLICY, **options):
        servers = iter([scripted(*HELLO, *first, Close()), *(scripted(*each) for each in others)])
        events = []

        def listen(event):
            events.append(event)
            if isinstance(event, Reconnecting) and (server := next(servers, None)) is not None:
                move(getattr(imap, "client", imap), server)

        options = {"timeout": 2000, "reconnect": policy, **options}
        port = next(servers).port
        imap = client(host="127.0.0.1", port=port, tls=0, on_event=listen, **options)
        imap.connect()
        return imap, events

    return make


def until_closed(imap):
    """Wait until the server's end of the connection has arrived; no octet is read."""
    until_ended(imap.get_handle().getinfo(pycurl.ACTIVESOCKET))


def until_ended(connection):
    """Wait until the peer's end of a socket has arrived; no octet is read."""
    closing = select.poll()
    closing.register(connection, select.POLLRDHUP)
    assert closing.poll(20_000)


def count(events, kind):
    """Return how many events are of a kind."""
    return [type(each) for each in events].count(kind)
