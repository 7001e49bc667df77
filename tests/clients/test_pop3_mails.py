"""New mail from real servers, and connections that are lost before QUIT."""

import json
from datetime import timedelta

import pytest

from netmail.clients.async_pop3 import AsyncPOP3
from netmail.clients.pop3 import POP3
from netmail.errors import (
    ConnectionLost,
    DeletionsNotCommitted,
    MailTimeout,
    Pop3Error,
    ProtocolError,
    StateError,
)
from netmail.results.maildrop_state import MaildropState
from netmail.testing import MailServer
from servers.relay import Relay
from servers.scripted import Close, Expect, Send, Silence
from support.pop3_steps import HELLO
from support.twins import maker

MAIL = [b"Subject: %d\r\n\r\ntext\r\n" % number for number in range(1, 31)]
SUBJECTS = [str(number) for number in range(1, 31)]
MARKED = [*HELLO, Expect(b"DELE 1"), Send(b"+OK\r\n"), Expect(b"DELE 3"), Send(b"+OK\r\n")]


@pytest.fixture(params=["blocking", "asyncio"])
def client(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, POP3, AsyncPOP3)


@pytest.fixture(params=["dovecot", "cyrus", "embedded"])
def maildrop(client, request, certificates):
    """Make clients of a maildrop with thirty messages; on each of the servers in turn."""
    if request.param == "embedded":
        with MailServer({"ann@example.test": "secret"}) as server:
            for message in MAIL:
                server.deliver(message)
            yield lambda **options: client(server.pop3_url, **options)
        return
    server = request.getfixturevalue(request.param)
    user = server.fresh_user()
    server.deliver_many(user, MAIL)
    ca_file = str(certificates.ca_file)
    yield lambda **options: client(server.url("pop3", user), ca_file=ca_file, **options)


@pytest.fixture
def meet(client, scripted):
    """Make a client of a scripted server."""

    def make(*steps, **options):
        server = scripted(*steps)
        return client(host="127.0.0.1", port=server.port, tls=0, **{"timeout": 5000, **options})

    return make


def stored(state):
    """Return a state as a file gives it back."""
    return MaildropState.from_dict(json.loads(json.dumps(state.to_dict())))


def test_each_once(maildrop):
    """Every message is handed over once, over any number of sessions."""
    state = MaildropState()
    with maildrop() as pop:
        first = []
        for mail in pop.mails(state):
            first.append(mail.subject)
            if len(first) == 11:
                break
        rest = [mail.subject for mail in pop.mails(state)]
    with maildrop() as pop:
        again = list(pop.mails(stored(state)))
        everything = [mail.subject for mail in pop.mails()]

    assert first + rest == [*SUBJECTS[:11], *SUBJECTS[10:]]
    assert again == []
    assert everything == SUBJECTS


def test_delete(maildrop):
    """What was handed over is gone after QUIT; what the loop was left with is there."""
    state = MaildropState()
    with maildrop() as pop:
        for mail in pop.mails(state, delete=True):
            if mail.subject == "11":
                break
        left = pop.stat()["count"]
    with maildrop() as pop:
        rest = [mail.subject for mail in pop.mails(stored(state), delete=True)]
    with maildrop() as pop:
        gone = pop.stat()["count"]

    assert left == 20
    assert rest == SUBJECTS[10:]
    assert gone == 0


def test_exception_keeps_all(maildrop):
    """An exception leaves without QUIT: nothing is deleted, and the next call marks it again."""
    state = MaildropState()

    def fail():
        with maildrop() as pop:
            for mail in pop.mails(state, delete=True):
                if mail.subject == "11":
                    raise LookupError

    with pytest.raises(LookupError):
        fail()
    with maildrop() as pop:
        kept = pop.stat()["count"]
        rest = [mail.subject for mail in pop.mails(stored(state), delete=True)]
    with maildrop() as pop:
        gone = pop.stat()["count"]

    assert kept == 30
    assert rest == SUBJECTS[10:]
    assert gone == 0


def test_lost_in_the_middle(dovecot, client, certificates):
    """A lost connection costs what was marked, says so, and the next one continues."""
    user = dovecot.fresh_user()
    dovecot.deliver_many(user, MAIL)
    state = MaildropState()
    with Relay(dovecot.ports.pop3, iter([1600])) as relay:
        login = {"username": user.name, "password": user.password, "tls": 0}
        pop = client(host="127.0.0.1", port=relay.port, **login)
        seen = []
        with pytest.raises(DeletionsNotCommitted, match="deletions are not committed") as caught:
            seen.extend(mail.subject for mail in pop.mails(state, delete=True))
        pop.connect()
        rest = [mail.subject for mail in pop.mails(stored(state), delete=True)]
        pop.quit()
    with client(dovecot.url("pop3", user), ca_file=str(certificates.ca_file)) as later:
        gone = later.stat()["count"]

    assert len(rest) + len(state.seen) >= 30
    assert rest[-1] == "30"
    assert caught.value.messages[0] == 1
    assert not caught.value.uncertain
    assert gone == 0


ENDS = {
    "closed": ([Expect(b"NOOP"), Close()], DeletionsNotCommitted),
    "reset": ([Expect(b"NOOP"), Close(reset=True)], DeletionsNotCommitted),
    "silence": ([Expect(b"NOOP"), Silence()], MailTimeout),
    "broken grammar": ([Expect(b"NOOP"), Send(b"what?\r\n")], ProtocolError),
}


@pytest.mark.parametrize(("steps", "error"), ENDS.values(), ids=ENDS)
def test_lost_before_quit(meet, steps, error):
    """However a connection ends, the loss of deletions is reported: at once, or by quit()."""
    pop = meet(*MARKED, *steps, timeout=timedelta(milliseconds=300))
    pop.delete(1)
    pop.delete(3)
    with pytest.raises(error):
        pop.noop()
    with pytest.raises(DeletionsNotCommitted, match="2 messages were marked") as caught:
        pop.quit()
    pop.quit()

    assert caught.value.messages == (1, 3)
    assert not caught.value.uncertain
    with pytest.raises(StateError):
        pop.stat()


def test_lost_while_idle(meet):
    """quit() finds out by itself."""
    # In one piece with the last reply: it has certainly arrived before QUIT is sent.
    last = Send(b"+OK\r\n-ERR Disconnected for inactivity.\r\n")
    pop = meet(*MARKED[:-1], last, Close())
    pop.delete(1)
    pop.delete(3)

    with pytest.raises(DeletionsNotCommitted, match="inactivity") as caught:
        pop.quit()
    assert not caught.value.uncertain


def test_lost_at_the_end_of_a_block(meet):
    """A block whose call has failed does not end as if all was well."""
    pop = meet(*MARKED, Expect(b"NOOP"), Close())

    def block():
        with pop:
            pop.delete(1)
            pop.delete(3)
            with pytest.raises(ConnectionLost):
                pop.noop()

    with pytest.raises(DeletionsNotCommitted):
        block()


def test_reply_to_quit_lost(meet):
    """Then the server may have deleted them."""
    pop = meet(*MARKED, Expect(b"QUIT"), Close())
    pop.delete(1)
    pop.delete(3)

    with pytest.raises(DeletionsNotCommitted, match="may not be committed") as caught:
        pop.quit()
    assert caught.value.uncertain
    assert caught.value.messages == (1, 3)


def test_nothing_was_marked(meet):
    """Then a lost connection is nothing else, and quit() is content."""
    pop = meet(*HELLO, Expect(b"NOOP"), Close())
    with pytest.raises(ConnectionLost) as caught:
        pop.noop()
    pop.quit()

    assert type(caught.value) is ConnectionLost


@pytest.mark.parametrize("end", ["abort", "rset"])
def test_given_up(meet, end):
    """abort() and rset() give deletions up: nothing is reported."""
    steps = [Expect(b"RSET"), Send(b"+OK\r\n"), Expect(b"NOOP"), Close()]
    pop = meet(*MARKED, *(steps if end == "rset" else [Close()]))
    pop.delete(1)
    pop.exec("DELE", "3")
    getattr(pop, end)()
    if end == "rset":
        with pytest.raises(ConnectionLost):
            pop.noop()

    pop.quit()


def test_refused_at_quit(meet):
    """The server's text is in the error."""
    pop = meet(*MARKED, Expect(b"QUIT"), Send(b"-ERR some deleted messages not removed\r\n"))
    pop.delete(1)
    pop.exec("DELE 3")

    with pytest.raises(Pop3Error, match="not removed"):
        pop.quit()
