"""Results that come one by one, blocking and asyncio alike: read, left in the middle, lost."""

import asyncio
import gc
import io
import threading
import tracemalloc
from datetime import timedelta

import pytest

from netmail.clients.async_imap import AsyncImap
from netmail.clients.imap import Imap
from netmail.curl import calls
from netmail.errors import BusyError, ConnectionLost, ImapError, MailTimeout, StateError
from netmail.flows.imap.fetching import streaming
from netmail.results.events import CallFinished
from servers.scripted import Close, Endless, Expect, Reply, Send, Silence
from support.twins import maker

MAIL = [b"Subject: %d\r\n\r\n%b\r\n" % (number, b"x" * number * 100) for number in range(1, 51)]


@pytest.fixture(params=["blocking", "asyncio"])
def client(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Imap, AsyncImap)


@pytest.fixture(params=["dovecot", "cyrus"])
def filled(client, request, certificates):
    """A client of a mailbox with fifty messages, on each of the servers in turn."""
    server = request.getfixturevalue(request.param)
    user = server.fresh_user()
    server.deliver_many(user, MAIL)
    imap = client(server.url("imap", user), ca_file=str(certificates.ca_file))
    yield imap
    imap.abort()


@pytest.fixture
def meet(client, scripted):
    """Make a client of a scripted server with a mailbox of three messages selected."""

    def make(*steps, **options):
        server = scripted(*OPENING, *steps)
        imap = client(host="127.0.0.1", port=server.port, tls=0, **{"timeout": 5000, **options})
        imap.select("INBOX")
        return imap

    return make


def tagged(command, *untagged):
    """Steps that serve one IMAP command."""
    return [Expect(rb"(\w+) " + command), *map(Send, untagged), Reply(rb"\1 OK done\r\n")]


OPENING = [
    Send(b"* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n"),
    *tagged(b"CAPABILITY", b"* CAPABILITY IMAP4rev1\r\n"),
    *tagged(b'SELECT "INBOX"', b"* 3 EXISTS\r\n"),
]
FETCH = Expect(rb"(\w+) UID FETCH .*")
ONE = Send(b"* 1 FETCH (UID 1 FLAGS ())\r\n")
TWO = Send(b"* 2 FETCH (UID 2 FLAGS ())\r\n")


def test_all(filled):
    """Every message comes, each whole and in its order, and the connection is free afterwards."""
    messages = list(filled.fetch_many("1:*", "FLAGS BODY.PEEK[]"))

    assert [message.uid for message in messages] == [*range(1, 51)]
    assert [message.body for message in messages] == MAIL
    assert filled.noop() is True


def test_each_item(filled):
    """What the server offers is understood."""
    items = "FLAGS RFC822.SIZE INTERNALDATE SAVEDATE PREVIEW MODSEQ BODY.PEEK[HEADER]<0.7>"
    [message] = filled.fetch_many(3, items)

    assert (message.defect, message.size) == (None, len(MAIL[2]))
    assert message.sections == {"HEADER<0>": b"Subject"}
    assert message.preview in {"x" * 200, None}  # Cyrus offers it, and has none of its own
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


def test_mails(filled):
    """Messages are found, fetched and read in one loop."""
    mails = list(filled.mails("SUBJECT 7"))

    assert [(mail.uid, mail.subject) for mail in mails] == [
        (number, str(number)) for number in (7, 17, 27, 37, 47)
    ]


def test_download(filled, tmp_path):
    """A message goes into a file, and the rest of it after an interruption too."""
    path = tmp_path / "x"
    steps = []
    size = filled.download(50, path, progress=lambda *step: steps.append(step))
    assert (size, steps[-1], path.read_bytes()) == (len(MAIL[49]), (size, size), MAIL[49])

    path.write_bytes(MAIL[49][:100])
    assert filled.download(50, str(path), offset=100) == size
    assert path.read_bytes() == MAIL[49]


def test_download_of_a_part(filled):
    """A section goes into a file object, which stays open."""
    file = io.BytesIO()

    assert filled.download(3, file, "TEXT") == 302
    assert file.getvalue() == b"x" * 300 + b"\r\n"


def test_download_of_nothing(filled, tmp_path):
    """A message that is not there makes no file, and the connection continues."""
    with pytest.raises(ImapError, match="UID 99"):
        filled.download(99, tmp_path / "x")

    assert not (tmp_path / "x").exists()
    assert filled.noop() is True


def test_download_that_cannot_be_written(filled):
    """What the file raises passes, and the connection continues."""

    class Full:
        def write(self, data):
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        filled.download(50, Full())

    assert filled.search("UID 7") == [7]


def test_download_lost(meet, tmp_path):
    """A lost connection leaves what has come."""
    head = Send(b"* 3 FETCH (UID 7 BODY[] {1000000}\r\n" + b"x" * 100_000)
    imap = meet(FETCH, head, Close())
    with pytest.raises(ConnectionLost):
        imap.download(7, tmp_path / "x")

    assert (tmp_path / "x").read_bytes() == b"x" * 100_000


def test_download_needs_no_memory(filled, tmp_path):
    """A message of 40 MB costs a buffer."""
    filled.append("INBOX", b"Subject: large\r\n\r\n" + b"0123456789abcdef\r\n" * 2_200_000)
    tracemalloc.start()
    size = filled.download(51, tmp_path / "x")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (tmp_path / "x").stat().st_size == size > 39_000_000
    assert peak < 4_000_000


def test_loop_needs_no_memory(meet):
    """Fifty messages of a megabyte are in memory one by one."""
    body = b"x" * 1_000_000
    responses = [
        Send(b"* 1 FETCH (UID %d BODY[] {1000000}\r\n%b)\r\n" % (number, body))
        for number in range(1, 51)
    ]
    imap = meet(FETCH, *responses, Reply(rb"\1 OK done\r\n"))
    tracemalloc.start()
    sizes = [len(message.body) for message in imap.fetch_many("1:*", "BODY.PEEK[]")]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert sizes == [1_000_000] * 50
    assert peak < 12_000_000


def test_left_while_much_is_to_come(meet, monkeypatch):
    """What takes too long to read is not waited for: the connection is closed, with the reason."""
    monkeypatch.setattr(calls, "LONGEST_REST", 0.05)
    imap = meet(FETCH, ONE, Silence())
    for _ in imap.fetch_many("1:*", "FLAGS"):
        break

    with pytest.raises(ConnectionLost, match=r"the rest of fetch_many\(\) took over 0.05 s"):
        imap.noop()


def test_left_with_much_to_come(meet, monkeypatch):
    """What is too much to read is not read: the connection is closed, with the reason."""
    monkeypatch.setattr(streaming, "MAX_LEFT", 100_000)
    imap = meet(FETCH, Endless(b"* 2 FETCH (UID 2 FLAGS ())\r\n"))
    for _ in imap.fetch_many("1:*", "FLAGS"):
        break

    with pytest.raises(ConnectionLost, match="the rest of a fetch was over 100000 octets"):
        imap.noop()


def test_reconnected(filled):
    """connect() and another loop work after one was left."""
    next(filled.fetch_many("1:*", "FLAGS"))
    filled.connect()

    assert len(list(filled.fetch_many("1:*", "FLAGS"))) == 50


def test_quit_after_leaving(filled):
    """quit() says LOGOUT although a loop was left."""
    next(filled.fetch_many("1:*", "BODY.PEEK[]"))
    filled.quit()

    assert not filled.is_connected


def test_event(client, dovecot):
    """An event names the method, not the steps that it is made of."""
    user = dovecot.fresh_user()
    dovecot.deliver_many(user, MAIL[:2])
    events = []
    imap = client(dovecot.url("imap", user), ca_file=str(dovecot.ca_file), on_event=events.append)
    assert len(list(imap.fetch_many("1:*", "FLAGS"))) == 2
    imap.quit()

    names = {event.name for event in events if isinstance(event, CallFinished)}
    assert names == {"fetch_many", "quit"}


def test_two_threads(scripted):
    """A second thread cannot read from an iterator that waits."""
    server = scripted(*OPENING, FETCH, Silence())
    imap = Imap(host="127.0.0.1", port=server.port, tls=0, timeout=timedelta(milliseconds=500))
    imap.select("INBOX")
    messages = imap.fetch_many("1:*", "FLAGS")
    errors = []

    def read():
        try:
            next(messages)
        except (BusyError, ConnectionLost, MailTimeout) as error:
            errors.append(type(error))

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    threads[0].join()
    threads[1].join()
    assert BusyError in errors


def test_cancelled(scripted):
    """A cancelled wait ends the connection, and the iterator raises no more than that."""
    server = scripted(*OPENING, FETCH, ONE, Silence())

    async def loop(imap, seen):
        async for message in imap.fetch_many("1:*", "FLAGS"):
            seen.set_result(message.uid)

    async def cancel():
        imap = AsyncImap(host="127.0.0.1", port=server.port, tls=0, timeout=5000)
        seen = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(loop(imap, seen))
        assert await seen == 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(ConnectionLost, match="CancelledError"):
            await imap.noop()

    asyncio.run(cancel())
