"""The option `reconnect` in POP3 and SMTP: what is run again, and what a new session has lost."""

import pytest

from netmail import (
    POP3,
    AsyncPOP3,
    AsyncTransport,
    ConnectionLost,
    DeletionsNotCommitted,
    StateError,
    Transport,
)
from netmail.results.events import Reconnecting
from servers.scripted import Close, Expect, Send
from support.events import move
from support.reconnecting import POLICY, until_closed
from support.twins import maker

POP3_HELLO = (
    *(Send(b"+OK hi\r\n"), Expect(b"CAPA"), Send(b"+OK\r\nUSER\r\nUIDL\r\n.\r\n")),
    *(Expect(b"USER ann"), Send(b"+OK\r\n"), Expect(b"PASS x"), Send(b"+OK\r\n")),
)
IDLE = Send(b"-ERR Disconnected for inactivity.\r\n")
UIDL = (Expect(b"UIDL"), Send(b"+OK\r\n1 aa\r\n2 bb\r\n.\r\n"))
MOVED = (Expect(b"UIDL"), Send(b"+OK\r\n1 bb\r\n.\r\n"))
MAIL = b"+OK\r\nSubject: b\r\n\r\n.\r\n"
SMTP_HELLO = (Send(b"220 mx\r\n"), Expect(rb"EHLO .*"), Send(b"250-mx\r\n250 XCLIENT ADDR\r\n"))
NOOP = (Expect(rb"NOOP"), Send(b"250 Ok\r\n"))


@pytest.fixture(params=["blocking", "asyncio"])
def kind(request):
    """Both kinds of client in turn."""
    return request.param


@pytest.fixture
def pop3(kind):
    """Make a POP3 client."""
    yield from maker(kind, POP3, AsyncPOP3)


@pytest.fixture
def transport(kind):
    """Make an SMTP client."""
    yield from maker(kind, Transport, AsyncTransport)


@pytest.fixture
def lost(scripted):
    """Make a client connected to one server; its later connections lead to the others in turn."""

    def make(client, *connections, **options):
        servers = iter([scripted(*each) for each in connections])
        events = []

        def listen(event):
            events.append(event)
            if isinstance(event, Reconnecting):
                move(getattr(made, "client", made), next(servers))

        made = client(
            host="127.0.0.1",
            port=next(servers).port,
            tls=0,
            timeout=2000,
            reconnect=POLICY,
            on_event=listen,
            **options,
        )
        made.connect()
        return made, events

    return make


def test_pop3_by_unique_id(pop3, lost):
    """A message named by its unique-id is found again, whatever its number is now."""
    again = (*POP3_HELLO, *MOVED, Expect(b"RETR 1"), Send(MAIL))
    pop, _ = lost(pop3, (*POP3_HELLO, *UIDL, IDLE, Close()), again, username="ann", password="x")
    pop.uid_list()
    until_closed(pop)

    assert pop.retr("bb") == b"Subject: b\r\n\r\n"
    pop.abort()


CALLS = {
    "retr": lambda pop: pop.retr(2),
    "top": lambda pop: pop.top(2),
    "list": lambda pop: pop.list(2),
    "uid_list": lambda pop: pop.uid_list(2),
    "delete": lambda pop: pop.delete(2),
    "retr_many": lambda pop: list(pop.retr_many([2])),
    "top_many": lambda pop: list(pop.top_many([2])),
    "delete_many": lambda pop: pop.delete_many([2]),
    "target": lambda pop: pop.retr(2, "/nonexistent/mail"),
}


ASKING = ("top", "retr_many", "top_many", "delete_many")
"""Those that ask what the server offers after the login."""


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_pop3_by_number(pop3, lost, call):
    """A number of the lost session names no message of the next one, until it is listed."""
    capa = (Expect(b"CAPA"), Send(b"+OK\r\nUIDL\r\nTOP\r\n.\r\n"))
    again = (*POP3_HELLO, *(capa if call in {CALLS[each] for each in ASKING} else ()), *MOVED)
    begin = (*POP3_HELLO, *UIDL, IDLE, Close())
    pop, _ = lost(pop3, begin, again, username="ann", password="x")
    pop.uid_list()
    until_closed(pop)

    with pytest.raises(StateError, match="other messages"):
        call(pop)
    assert pop.uid_list() == [{"uid": 1, "id": "bb"}]
    pop.abort()


LANG_HELLO = (
    *(Send(b"+OK hi\r\n"), Expect(b"CAPA"), Send(b"+OK\r\nUSER\r\nLANG\r\n.\r\n")),
    *POP3_HELLO[3:],
)


@pytest.mark.parametrize("reply", [b"+OK es Idioma cambiado\r\n", b"-ERR no\r\n", None])
def test_pop3_language(pop3, lost, reply):
    """The language of texts is chosen again, where the server has it still."""
    chosen = (Expect(b"LANG \\*"), Send(b"+OK es Idioma cambiado\r\n"))
    hello = POP3_HELLO if reply is None else (*LANG_HELLO, Expect(b"LANG es"), Send(reply))
    capa = (Expect(b"CAPA"), Send(b"+OK\r\nUSER\r\n.\r\n")) if reply is None else ()
    begin = (*LANG_HELLO, *chosen, IDLE, Close())
    again = (*hello, *capa, Expect(b"STAT"), Send(b"+OK 1 9\r\n"))
    pop, _ = lost(pop3, begin, again, username="ann", password="x")
    assert pop.set_lang("*") == "es"
    until_closed(pop)

    assert pop.stat() == {"count": 1, "size": 9}
    pop.abort()


def test_pop3_marked(pop3, lost):
    """Deletions that were lost with the connection are reported, and never passed over."""
    dele = (Expect(b"DELE 1"), Send(b"+OK\r\n"))
    begin = (*POP3_HELLO, *dele, IDLE, Close())
    pop, events = lost(pop3, begin, username="ann", password="x")
    pop.delete(1)
    until_closed(pop)

    for _ in range(2):
        with pytest.raises(DeletionsNotCommitted):
            pop.stat()
    assert Reconnecting not in map(type, events)


def test_smtp_closed_while_idle(transport, lost):
    """A server closes an idle connection by 421: the next call connects again."""
    idle = Send(b"421 4.4.2 idle for too long\r\n")
    smtp, events = lost(transport, (*SMTP_HELLO, *NOOP, idle, Close()), (*SMTP_HELLO, *NOOP))
    smtp.noop()
    until_closed(smtp)
    smtp.noop()

    [event] = [each for each in events if isinstance(each, Reconnecting)]
    assert "idle for too long" in str(event.reason)
    smtp.abort()


def test_smtp_transaction(transport, lost):
    """A transaction that exec() has begun does not continue on another connection."""
    mail = (Expect(rb"MAIL .*"), Send(b"250 Ok\r\n"))
    smtp, events = lost(transport, (*SMTP_HELLO, *mail, Close()))
    smtp.exec("MAIL FROM:<ann@x.test>")
    until_closed(smtp)

    with pytest.raises(ConnectionLost):
        smtp.exec("RCPT TO:<bob@x.test>")
    assert Reconnecting not in map(type, events)


def test_smtp_xclient(transport, lost):
    """The attributes of XCLIENT are not sent again by themselves."""
    xclient = (Expect(rb"XCLIENT ADDR=192.0.2.1"), *SMTP_HELLO)
    smtp, events = lost(transport, (*SMTP_HELLO, *xclient, Close()))
    smtp.xclient({"ADDR": "192.0.2.1"})
    until_closed(smtp)

    with pytest.raises(ConnectionLost):
        smtp.noop()
    assert Reconnecting not in map(type, events)
