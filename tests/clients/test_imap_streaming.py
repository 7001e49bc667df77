"""Results that come one by one, blocking and asyncio alike: read, left in the middle, lost."""

import gc
from datetime import timedelta

import pytest

from netmail.clients.async_imap import AsyncImap
from netmail.clients.imap import Imap
from netmail.errors import BusyError, ConnectionLost, StateError
from servers.scripted import Close, Expect, Reply, Send, Silence
from support.twins import maker

MAIL = [b"Subject: %d\r\n\r\n%b\r\n" % (number, b"x" * number * 100) for number in range(1, 51)]


@pytest.fixture(params=["blocking", "asyncio"])
def client(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Imap, AsyncImap)


@pytest.fixture
def filled(client, dovecot):
    """A client of a mailbox with fifty messages."""
    user = dovecot.fresh_user()
    dovecot.deliver_many(user, MAIL)
    imap = client(dovecot.url("imap", user), ca_file=str(dovecot.ca_file))
    yield imap
    imap.abort()


@pytest.fixture
def meet(client, scripted):
    """Make a client of a scripted server with a mailbox of three messages selected."""

    def make(*steps, **options):
        server = scripted(
            Send(b"* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n"),
            *tagged(b"CAPABILITY", b"* CAPABILITY IMAP4rev1\r\n"),
            *tagged(b'SELECT "INBOX"', b"* 3 EXISTS\r\n"),
            *steps,
        )
        imap = client(host="127.0.0.1", port=server.port, tls=0, **{"timeout": 5000, **options})
        imap.select("INBOX")
        return imap

    return make


def tagged(command, *untagged):
    """Steps that serve one IMAP command."""
    return [Expect(rb"(\w+) " + command), *map(Send, untagged), Reply(rb"\1 OK done\r\n")]


FETCH = Expect(rb"(\w+) UID FETCH .*")
ONE = Send(b"* 1 FETCH (UID 1 FLAGS ())\r\n")
TWO = Send(b"* 2 FETCH (UID 2 FLAGS ())\r\n")


def test_all(filled):
    """Every message comes, each whole and in its order, and the connection is free afterwards."""
    messages = list(filled.fetch_many("1:*", "FLAGS BODY.PEEK[]"))

    assert [message.uid for message in messages] == [*range(1, 51)]
    assert [message.body for message in messages] == MAIL
    assert filled.noop() is True


def test_each_item_on_dovecot(filled):
    """What Dovecot offers is understood."""
    items = "FLAGS RFC822.SIZE INTERNALDATE SAVEDATE PREVIEW MODSEQ BODY.PEEK[HEADER]<0.7>"
    [message] = filled.fetch_many(3, items)

    assert (message.defect, message.size) == (None, len(MAIL[2]))
    assert message.sections == {"HEADER<0>": b"Subject"}
    assert message.preview == "x" * 200
    assert message.internal_date is not None
    assert message.save_date is not None
    assert message.modseq >= 1


def test_break(filled):
    """After `break` the next call works, and is not given the rest."""
    for _ in filled.fetch_many("1:*", "BODY.PEEK[]"):
        break

    assert filled.search("UID 7") == [7]


def test_exception(filled):
    """An exception in the loop leaves the connection as it was."""

    def fail():
        for message in filled.fetch_many("1:*", "BODY.PEEK[]"):
            raise LookupError(message.uid)

    with pytest.raises(LookupError):
        fail()

    assert filled.search("UID 7") == [7]


def test_close(filled):
    """A closed iterator has no more values; it may be closed twice."""
    with filled.fetch_many("1:*", "FLAGS") as messages:
        assert next(messages).uid == 1
    messages.close()

    assert list(messages) == []
    assert filled.noop() is True


def test_second_command(filled):
    """Within the loop another call is refused, with advice, and the loop continues."""
    seen = 0
    for _ in filled.fetch_many("1:*", "BODY.PEEK[]"):
        with pytest.raises(BusyError, match=r"fetch_many\(\) is open .* a second client"):
            filled.noop()
        seen += 1

    assert seen == 50


def test_two_iterators(filled):
    """A second iterator waits for the end of the first."""
    one, two = filled.fetch_many("1:*", "FLAGS"), filled.fetch_many("1:*", "FLAGS")
    next(one)
    with pytest.raises(BusyError):
        next(two)
    one.close()

    assert len(list(two)) == 50


@pytest.mark.parametrize("end", ["quit", "abort"])
def test_end_of_the_client(filled, end):
    """quit() and abort() end an open iterator, which says so."""
    messages = filled.fetch_many("1:*", "BODY.PEEK[]")
    next(messages)
    getattr(filled, end)()

    with pytest.raises(StateError, match=r"has ended fetch_many\(\)"):
        for _ in messages:
            pass


def test_nothing_is_sent_before_the_first(meet):
    """An iterator that nobody asks costs nothing."""
    imap = meet(*tagged(b"NOOP"))
    messages = imap.fetch_many("1:*", "FLAGS")

    assert imap.noop() is True
    del messages


def test_values_come_at_once(meet):
    """A message is handed over while the server is silent about the next one."""
    imap = meet(FETCH, ONE, Silence())
    messages = imap.fetch_many("1:*", "FLAGS")

    assert next(messages).uid == 1
    imap.abort()


def test_lost_in_the_middle(meet):
    """What came before the connection was lost is handed over; then the loss is raised."""
    imap = meet(FETCH, ONE, TWO, Send(b"* BYE going down\r\n"), Close())
    messages = imap.fetch_many("1:*", "FLAGS")

    assert [next(messages).uid, next(messages).uid] == [1, 2]
    with pytest.raises(ConnectionLost, match="going down"):
        next(messages)
    with pytest.raises(ConnectionLost, match="has ended"):
        imap.noop()


def test_left_while_the_server_is_silent(meet):
    """A server that sends no more is waited for no longer than the deadline."""
    imap = meet(FETCH, ONE, Silence(), timeout=timedelta(milliseconds=300))
    for _ in imap.fetch_many("1:*", "FLAGS"):
        break
    gc.collect()

    with pytest.raises(ConnectionLost, match="waited"):
        imap.noop()
    assert not imap.is_connected
