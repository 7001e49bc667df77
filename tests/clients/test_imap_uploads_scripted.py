"""Uploads to servers that do not read, or end in the middle: no deadlock, and no false result."""

import time
from datetime import timedelta

import pytest

from netmail.clients.async_imap import AsyncImap
from netmail.clients.imap import Imap
from netmail.errors import ConnectionLost, MailTimeout
from servers.scripted import Close, Drip, Expect, ExpectData, Reply, Send
from support.twins import maker

MESSAGE = b"Subject: x\r\n\r\n" + b"0123456789abcdef" * 750_000
"""12 MB: more than the buffers of both sides hold."""
BUSY = b"* OK " + b"still busy " * 700 + b"\r\n"
SHORT = timedelta(milliseconds=400)
REQUEST = (Expect(rb'(\w+) APPEND "x" {\d+}'), Send(b"+ go\r\n"))
SMALL = (*REQUEST, ExpectData(b"a\r\n"), Reply(rb"\1 OK [APPENDUID 9 1] done\r\n"))


@pytest.fixture(params=["blocking", "asyncio"])
def client(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Imap, AsyncImap)


@pytest.fixture
def meet(client, scripted):
    """Make a client of a scripted server that offers LITERAL+."""
    made = []

    def make(*steps, **options):
        server = scripted(
            Send(b"* PREAUTH [CAPABILITY IMAP4rev1 LITERAL+ UIDPLUS] hi\r\n"),
            Expect(rb"(\w+) CAPABILITY"),
            Reply(rb"* CAPABILITY IMAP4rev1 LITERAL+ UIDPLUS\r\n\1 OK done\r\n"),
            *steps,
            seconds=60,
        )
        made.append(
            client(host="127.0.0.1", port=server.port, tls=0, **{"timeout": 60_000, **options})
        )
        return made[-1]

    yield make
    for each in made:
        each.abort()


@pytest.mark.parametrize("call", ["append", "append_many", "pipeline"])
def test_server_sends_and_does_not_read(meet, tmp_path, call):
    """While the server sends 12 MB and reads nothing, netmail reads: neither waits for ever."""
    path = tmp_path / "large.eml"
    path.write_bytes(MESSAGE)
    imap = meet(
        *REQUEST,
        Send(BUSY * 1_500),
        ExpectData(MESSAGE + b"\r\n"),
        Reply(rb"\1 OK [APPENDUID 9 1] done\r\n"),
    )
    if call == "append":
        done = imap.append("x", path)
    elif call == "append_many":
        [one] = imap.append_many("x", [path])
        done = one.result()
    else:
        with imap.pipeline() as p:
            one = p.append("x", path)
        done = one.result()

    assert done.uid == 1


@pytest.mark.parametrize(
    ("options", "limit"), [({"timeout": SHORT}, "timeout"), ({"deadline": 0.3}, "deadline")]
)
def test_server_does_not_read(meet, options, limit):
    """A server that takes nothing, and sends an octet now and then, is given up in time."""
    imap = meet(
        *REQUEST, Drip(b"* OK " + b"." * 60, pause=0.05, refused=True), Close(reset=True), **options
    )
    begun = time.monotonic()
    with pytest.raises(MailTimeout) as caught:
        imap.append("x", MESSAGE)

    assert caught.value.limit == limit
    assert time.monotonic() - begun < 3


def test_each_result_after_a_deadline(meet):
    """What was accepted is certain, what was being sent is not, and the rest was not sent."""
    imap = meet(
        *SMALL,
        *REQUEST,
        Drip(b"* OK " + b"." * 60, pause=0.05, refused=True),
        Close(reset=True),
        timeout=SHORT,
    )
    done = imap.append_many("x", [b"a", MESSAGE, b"c"])

    assert done[0].result().uid == 1
    assert isinstance(done[1].error, ConnectionLost)
    assert isinstance(done[1].error.__cause__, MailTimeout)
    assert done[1].is_sent
    assert [one.is_sent for one in done[2:]] in ([], [False])


def test_early_refusal(meet, tmp_path):
    """A refusal that comes while the message is sent is its result, and the session continues."""
    path = tmp_path / "large.eml"
    path.write_bytes(MESSAGE)
    imap = meet(
        *REQUEST,
        Reply(rb"\1 NO [OVERQUOTA] full\r\n"),
        ExpectData(MESSAGE + b"\r\n"),
        Expect(rb"(\w+) NOOP"),
        Reply(rb"\1 OK done\r\n"),
    )
    [one] = imap.append_many("x", [path])

    assert one.error.code == "OVERQUOTA"
    assert imap.noop() is True
