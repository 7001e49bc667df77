"""Many messages over POP3 in one loop: real servers, netmail's own, and servers that break it."""

import gc
from datetime import timedelta
from itertools import islice

import pytest

from netmail.clients.async_pop3 import AsyncPOP3
from netmail.clients.pop3 import POP3
from netmail.errors import (
    BusyError,
    ConnectError,
    ConnectionLost,
    DeletionsNotCommitted,
    DeletionsRefused,
    MailTimeout,
    Pop3Error,
)
from netmail.results.maildrop_state import MaildropState
from netmail.testing import MailServer
from servers.scripted import Close, Expect, ExpectData, Send, Silence
from support.pop3_steps import HELLO, NOOP, QUIT
from support.twins import maker

MAIL = [
    b"Subject: %d\r\n\r\n.\r\n..%b\r\n" % (number, b"x" * number * 40) for number in range(1, 101)
]
PIPELINING = [
    *(Send(b"+OK hi\r\n"), Expect(b"CAPA")),
    Send(b"+OK\r\nTOP\r\nUIDL\r\nPIPELINING\r\n.\r\n"),
]


@pytest.fixture(params=["blocking", "asyncio"])
def client(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, POP3, AsyncPOP3)


@pytest.fixture(params=["dovecot", "cyrus", "embedded"])
def filled(client, request, certificates):
    """A client of a maildrop with a hundred messages, on each of the servers in turn."""
    if request.param == "embedded":
        with MailServer({"ann@example.test": "secret"}) as server:
            for message in MAIL:
                server.deliver(message)
            yield (pop := client(server.pop3_url))
            pop.abort()
        return
    server = request.getfixturevalue(request.param)
    user = server.fresh_user()
    server.deliver_many(user, MAIL)
    yield (pop := client(server.url("pop3", user), ca_file=str(certificates.ca_file)))
    pop.abort()


@pytest.fixture
def meet(client, scripted):
    """Make a client of a scripted server."""

    def make(*steps, **options):
        server = scripted(*steps)
        return client(host="127.0.0.1", port=server.port, tls=0, **{"timeout": 5000, **options})

    return make


def test_all(filled):
    """Every message comes, each whole and in its order, and the connection is free afterwards."""
    messages = list(filled.retr_many(range(1, 101)))

    assert [message.uid for message in messages] == [*range(1, 101)]
    assert [message.content for message in messages] == MAIL
    assert filled.stat()["count"] == 100


def test_by_unique_id(filled):
    """Unique-ids are looked up once, and the order is the caller's."""
    ids = [entry["id"] for entry in filled.uid_list()]
    chosen = [ids[50], ids[2], ids[99]]
    messages = list(filled.retr_many(chosen))

    assert [message.uid for message in messages] == chosen
    assert [message.number for message in messages] == [51, 3, 100]
    assert [message.content for message in messages] == [MAIL[50], MAIL[2], MAIL[99]]


def test_top_many(filled):
    """Headers, and lines of the body where they are asked for."""
    headers = [each.content for each in filled.top_many(range(1, 101))]
    lines = [each.content for each in filled.top_many([7], 1)]

    assert headers == [b"Subject: %d\r\n\r\n" % number for number in range(1, 101)]
    assert lines == [b"Subject: 7\r\n\r\n.\r\n"]


def test_delete_many(filled):
    """Marked, and those that are marked already or never were there are refused."""
    filled.delete_many(range(1, 51))
    with pytest.raises(DeletionsRefused, match="2 messages are not marked") as caught:
        filled.delete_many([50, 51, 101])

    assert set(caught.value.refused) == {50, 101}
    assert filled.stat()["count"] == 49


def test_refusals(filled):
    """A message that is not there costs no other."""
    messages = list(filled.retr_many([1, 999, 2, "none"]))

    assert [each.error is None for each in messages] == [True, False, True, False]
    assert messages[2].content == MAIL[1]
    with pytest.raises(Pop3Error, match="RETR"):
        messages[1].content  # noqa: B018 -- it raises


def test_break(filled):
    """After `break` the next call works, and is not given the rest."""
    for message in islice(filled.retr_many(range(1, 101)), 3):
        assert message.error is None
    gc.collect()

    assert filled.stat()["count"] == 100
    assert filled.retr(7) == MAIL[6]


def test_second_command(filled):
    """Within the loop another call is refused, and the loop continues."""
    seen = 0
    for _ in filled.retr_many(range(1, 101)):
        with pytest.raises(BusyError, match=r"retr_many\(\) is open"):
            filled.noop()
        seen += 1

    assert seen == 100


def test_one_by_one(meet):
    """A server without CAPA gets one command at a time."""
    steps = [step for n in (b"1", b"2") for step in (Expect(b"RETR " + n), Send(b"+OK\r\n.\r\n"))]
    with meet(*HELLO, *steps, *QUIT) as pop:
        assert [each.content for each in pop.retr_many([1, 2])] == [b"", b""]


def test_replies_before_the_commands_are_read(meet):
    """A server that writes megabytes before it reads on keeps no client waiting."""
    large = b"+OK\r\n" + b"text\r\n" * 500_000 + b".\r\n"
    commands = b"".join(b"RETR %d\r\n" % number for number in range(1, 9))
    steps = [Expect(b"RETR 1"), Send(large), ExpectData(commands[8:]), Send(large * 7)]
    with meet(*PIPELINING, *steps, *QUIT) as pop:
        sizes = [len(each.content) for each in pop.retr_many(range(1, 9))]

    assert sizes == [3_000_000] * 8


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_drops_the_connection(meet, scripted, reset):
    """Where nothing shows that message numbers still hold, the next connection goes one by one."""
    broken = [*PIPELINING, Expect(b"RETR 1"), Send(b"+OK\r\n.\r\n"), Close(reset=reset)]
    pop = meet(*broken)
    with pytest.raises(ConnectionLost):
        list(pop.retr_many([1, 2, 3]))
    other = scripted(*PIPELINING, *retr(1), *retr(2), *QUIT)
    point_to(pop, other.port)
    with pop.connect():
        assert [each.content for each in pop.retr_many([1, 2])] == NUMBERS[:2]


NUMBERS = [b"one\r\n", b"two\r\n", b"three\r\n"]


def retr(number):
    """The steps of one message."""
    body = NUMBERS[number - 1].removesuffix(b"\r\n")
    return [Expect(b"RETR %d" % number), Send(b"+OK\r\n%b\r\n.\r\n" % body)]


def uidl(*ids):
    """The steps of the list of unique-ids."""
    lines = b"".join(b"%d %b\r\n" % entry for entry in enumerate(ids, 1))
    return [Expect(b"UIDL"), Send(b"+OK\r\n%b.\r\n" % lines)]


def point_to(pop, port):
    """Let the next connection go to another port."""
    inner = getattr(pop, "client", pop)
    object.__setattr__(inner.options, "port", port)


@pytest.fixture
def dropped(meet, scripted):
    """Make a client of a server that drops the connection, and then of another one."""

    def make(first, then, *, reset=False, **options):
        pop = meet(*PIPELINING, *first, Close(reset=reset), **options).connect()
        other = None if then is None else scripted(*PIPELINING, *then)
        point_to(pop, 1 if other is None else other.port)
        return pop, other

    return make


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
@pytest.mark.parametrize("done", [0, 1])
def test_continues_one_by_one(dropped, reset, done):
    """The call itself continues over another connection, and hands no message over twice."""
    first = [*uidl(b"a", b"b", b"c"), Expect(b"RETR 1"), *retr(1)[1:][:done]]
    rest = [step for number in range(1 + done, 4) for step in retr(number)]
    pop, other = dropped(first, [*uidl(b"a", b"b", b"c", b"new"), *rest, *QUIT], reset=reset)
    pop.uid_list()
    with pop:
        found = [(each.uid, each.content) for each in pop.retr_many([1, "b", 3])]

    assert found == [*zip([1, "b", 3], NUMBERS, strict=True)]
    other.join()


def test_numbers_may_change(dropped):
    """By unique-ids alone, too, a maildrop with other numbers ends the call: others may be kept."""
    first = [*uidl(b"a", b"b"), Expect(b"RETR 1")]
    pop, other = dropped(first, uidl(b"b", b"a"))
    with pytest.raises(ConnectionLost, match="the maildrop has changed since"):
        list(pop.retr_many(["a", "b"]))

    assert not pop.is_connected
    other.join()


def test_deletions_are_lost(dropped):
    """With messages marked as deleted the caller must know: no connection is made."""
    first = [*uidl(b"a", b"b"), Expect(b"DELE 1"), Send(b"+OK\r\n"), Expect(b"RETR 2")]
    pop, _ = dropped(first, None)
    pop.uid_list()
    pop.delete(1)
    with pytest.raises(DeletionsNotCommitted):
        list(pop.retr_many([2, 3]))

    assert not pop.is_connected


def test_network_that_fails(dropped):
    """A server that bears PIPELINING is not blamed for a lost connection, and none is made."""
    first = [*uidl(b"a", b"b", b"c"), Expect(b"RETR 1"), *retr(1)[1:], *retr(2), Expect(b"RETR 3")]
    pop, _ = dropped(first, None)
    pop.uid_list()
    found = []
    with pytest.raises(ConnectionLost):
        found.extend(each.content for each in pop.retr_many([1, 2, 3, 4]))

    assert not pop.is_connected


def test_no_other_connection(dropped):
    """Where none can be made, the error says so, and the client is as after any lost connection."""
    pop, _ = dropped([*uidl(b"a", b"b"), Expect(b"RETR 1")], None)
    with pytest.raises(ConnectError):
        list(pop.retr_many(["a", "b"]))
    with pytest.raises(ConnectionLost, match=r"call connect\(\)"):
        pop.noop()

    assert not pop.is_connected


def test_mails_continue(dropped):
    """New mail, too: what was handed over is not handed over again."""
    first = [*uidl(b"a", b"b", b"c"), Expect(b"RETR 1"), *retr(1)[1:]]
    pop, other = dropped(first, [*uidl(b"a", b"b", b"c"), *retr(2), *retr(3), *QUIT])
    state = MaildropState()
    with pop:
        found = [mail.unique_id for mail in pop.mails(state)]

    assert found == ["a", "b", "c"]
    assert state.seen == {"a", "b", "c"}
    other.join()


def test_events_of_the_other_connection(dropped):
    """The program sees that the connection was lost, and that there is another one."""
    events = []
    first = [*uidl(b"a", b"b"), Expect(b"RETR 1")]
    then = [*uidl(b"a", b"b"), *retr(1), *retr(2), *QUIT]
    pop, _ = dropped(first, then, on_event=events.append)
    with pop:
        assert len(list(pop.retr_many(["a", "b"]))) == 2
    kinds = [type(event).__name__ for event in events]

    assert [kind for kind in kinds if "onnect" in kind] == [
        *("ConnectionOpened", "ConnectionClosed", "Reconnecting"),
        *("ConnectionOpened", "ConnectionClosed"),
    ]


def test_forgets_the_commands(meet):
    """A server that reads one command and drops those that came with it is waited for once."""
    pop = meet(
        *(*PIPELINING, Expect(b"RETR 1"), Send(b"+OK\r\n.\r\n"), Silence()),
        timeout=timedelta(milliseconds=300),
    )
    with pytest.raises(MailTimeout):
        list(pop.retr_many([1, 2]))

    assert getattr(pop, "client", pop)._session.breaks_pipelining


def test_nothing_is_sent_before_the_first(meet):
    """An iterator that nobody asks costs nothing."""
    with meet(*PIPELINING, *NOOP, *QUIT) as pop:
        messages = pop.retr_many([1])
        pop.noop()
        del messages
