"""Groups over real sockets: full buffers, slow readers, and servers that end in the middle."""

import pytest

from netmail.clients.async_transport import AsyncTransport
from netmail.clients.transport import Transport
from netmail.envelope import Envelope
from netmail.errors import ConnectionLost, TransportError
from netmail.options.options import TLS_NONE
from netmail.results.smtp import SendStage
from servers.steps import Close, Drip, Expect, ExpectData, Send, Silence
from support.reported import CALLS, left, reported
from support.twins import maker

FIRST = Envelope("a@x.test", ("b@x.test",), b"\r\nhello\r\n")
SECOND = Envelope("a@x.test", ("c@x.test",), b"\r\nhello\r\n")


@pytest.fixture(params=CALLS)
def call(request):
    """Name the method that sends the messages."""
    return request.param


@pytest.fixture(params=["blocking", "asyncio"])
def make(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Transport, AsyncTransport)


def group(letter):
    """What a client sends for one message before its content."""
    return b"MAIL FROM:<a@x.test>\r\nRCPT TO:<%s@x.test>\r\nDATA\r\n" % letter


HELLO = (Send(b"220 mx\r\n"), Expect(rb"EHLO .*"), Send(b"250-mx\r\n250 PIPELINING\r\n"))
GO = b"250 Ok\r\n250 Ok\r\n354 go\r\n"
WELCOME = (*HELLO, ExpectData(group(b"b")), Send(GO))
CONTENT = b"\r\nhello\r\n.\r\n"
TAKEN = (*WELCOME, ExpectData(CONTENT + group(b"c")))
BYE = (Expect(rb"QUIT"), Send(b"221 bye\r\n"))


@pytest.fixture
def connect(make, scripted):
    """Make a client for a server that plays the steps."""

    def made(*steps, connections=1, **options):
        url = f"smtp://127.0.0.1:{scripted(*steps, connections=connections).port}"
        return make(url, **{"tls": TLS_NONE, "timeout": 5_000, **options})

    return made


def stages(report):
    """The stage of each message."""
    return [result.stage for result in report]


def test_two_messages(connect, call):
    """The second group comes with the first content, before the reply to it."""
    client = connect(
        *TAKEN, Send(b"250 Ok\r\n" + GO), ExpectData(CONTENT), Send(b"250 Ok\r\n"), *BYE
    )
    report = reported(client, call, FIRST, SECOND)
    client.quit()

    assert stages(report) == [SendStage.DONE, SendStage.DONE]


def test_replies_octet_by_octet(connect, call):
    """A reply that has come in part is waited for to its end."""
    client = connect(*TAKEN, Drip(b"250 Ok\r\n" + GO), ExpectData(CONTENT), Drip(b"250 Ok\r\n"))

    assert reported(client, call, FIRST, SECOND)


MIDDLE = {
    "closed before the final reply": (
        (Close(),),
        [SendStage.REPLY, SendStage.CONNECT],
        (FIRST,),
        (SECOND,),
    ),
    "half a final reply": (
        (Send(b"250 O"), Close()),
        [SendStage.REPLY, SendStage.CONNECT],
        (FIRST,),
        (SECOND,),
    ),
    "reset": ((Close(reset=True),), [SendStage.REPLY, SendStage.CONNECT], (FIRST,), (SECOND,)),
    "silence after half a reply": (
        (Send(b"250 Ok\r\n25"), Silence()),
        [SendStage.DONE, SendStage.MAIL],
        (),
        (SECOND,),
    ),
    "421 to MAIL": (
        (Send(b"250 Ok\r\n421 4.3.2 down\r\n"), Close()),
        [SendStage.DONE, SendStage.CONNECT],
        (),
        (SECOND,),
    ),
    "421 to RCPT": (
        (Send(b"250 Ok\r\n250 Ok\r\n421 4.3.2 down\r\n"), Close()),
        [SendStage.DONE, SendStage.CONNECT],
        (),
        (SECOND,),
    ),
    "421 to DATA": (
        (Send(b"250 Ok\r\n250 Ok\r\n250 Ok\r\n421 4.3.2 down\r\n"), Close()),
        [SendStage.DONE, SendStage.CONNECT],
        (),
        (SECOND,),
    ),
    "421 to the content": (
        (Send(b"421 4.3.2 down\r\n"), Close()),
        [SendStage.REPLY, SendStage.CONNECT],
        (),
        (FIRST, SECOND),
    ),
    "refused, and closed": (
        (Send(b"554 spam\r\n"), Close()),
        [SendStage.REPLY, SendStage.CONNECT],
        (),
        (SECOND,),
    ),
}


@pytest.mark.parametrize("end", MIDDLE.values(), ids=MIDDLE)
def test_ends_in_the_middle(connect, call, end):
    """Each message is accepted, refused, uncertain or left in the queue, as it truly is."""
    steps, ends, uncertain, queue = end
    client = connect(*TAKEN, *steps, timeout=1_000)
    report = reported(client, call, FIRST, SECOND)

    assert isinstance(report.error, TransportError)
    assert report[0].stage is ends[0]
    assert not report[1].uncertain
    assert report[1].accepted == ()
    assert client.uncertain == uncertain
    assert left(client, call, report) == queue
    assert [bool(each.uncertain) for each in report] == [bool(uncertain), False]


def test_both_buffers_full(connect, call):
    """A server that sends before it reads on is read while the rest of the group is written."""
    many = tuple(f"r{number:05}{'x' * 40}@{'y' * 60}.x.test" for number in range(30_000))
    rcpts = b"".join(b"RCPT TO:<%s>\r\n" % each.encode() for each in many)
    lines = b"250 %s\r\n" % (b"z" * 200)
    client = connect(
        *HELLO,
        Expect(rb"MAIL .*"),
        Send(lines * (len(many) + 1)),
        ExpectData(rcpts + b"DATA\r\n"),
        Send(b"354 go\r\n"),
        ExpectData(CONTENT),
        Send(b"250 Ok\r\n"),
    )
    report = reported(client, call, Envelope("a@x.test", many, b"\r\nhello\r\n"))

    assert report
    assert len(report.accepted) == len(many)


def test_slow_reader(connect, call):
    """A server that reads a large content late delays it, and nothing else."""
    body = b"\r\n" + b"hello\r\n" * 500_000
    client = connect(
        *HELLO,
        ExpectData(group(b"b")),
        Drip(GO, 0.01),
        ExpectData(body[: len(body) // 2]),
        Drip(b"250-2.0.0 wait\r\n", 0.02),
        ExpectData(body[len(body) // 2 :] + b".\r\n" + group(b"c")),
        Send(b"250 2.0.0 queued as 7\r\n" + GO),
        ExpectData(CONTENT),
        Send(b"250 Ok\r\n"),
    )
    report = reported(client, call, Envelope("a@x.test", ("b@x.test",), body), SECOND)

    assert report
    assert report[0].size == len(body)


def test_closes_in_the_middle_of_a_large_content(connect, call):
    """A server that has enough of a content closes: nothing was delivered."""
    body = b"\r\n" + b"hello\r\n" * 500_000
    client = connect(*WELCOME, ExpectData(body[:1000]), Send(b"552 5.3.4 too big\r\n"), Close())
    report = reported(client, call, Envelope("a@x.test", ("b@x.test",), body), SECOND)

    assert report[0].stage in {SendStage.CONTENT, SendStage.REPLY}
    assert not report[0].uncertain
    assert client.uncertain == ()
    assert SECOND in left(client, call, report)


def test_first_group_breaks_the_server(connect, call):
    """A server that closes at a pipelined DATA gets the messages one command at a time."""
    client = connect(
        *HELLO,
        Expect(rb"MAIL .*"),
        Send(b"250 Ok\r\n"),
        Expect(rb"RCPT .*"),
        Close(),
        connections=2,
    )
    report = reported(client, call, FIRST, SECOND)

    assert isinstance(report.error, ConnectionLost)
    assert left(client, call, report) == (FIRST, SECOND)
    assert client.uncertain == ()


def test_error_of_a_callback_is_not_the_connections(connect):
    """What `on_result` raises passes unchanged, whatever it is; nothing is sent twice or lost."""

    def fail(_result):
        raise own

    own = ConnectionLost("of another client")
    client = connect(*TAKEN, Send(b"250 Ok\r\n" + GO))
    with pytest.raises(ConnectionLost) as caught:
        client.send(FIRST, SECOND, on_result=fail)

    assert caught.value is own
    assert client.queue == (SECOND,)
    assert client.uncertain == ()


def test_loss_is_noticed_while_writing(make, scripted):
    """A server that resets before the content: the next message gets another connection."""
    replies = Send(b"250 Ok\r\n" + GO)
    server = scripted(*TAKEN, replies, Close(reset=True), connections=2)

    def wait_for_the_end(result):
        # What the server has sent is read already; its end comes before the next content is sent.
        assert not result or server.played.acquire(timeout=5)

    client = make(f"smtp://127.0.0.1:{server.port}", tls=TLS_NONE, timeout=5_000)
    report = client.send(FIRST, SECOND, FIRST, SECOND, on_result=wait_for_the_end)

    assert stages(report) == [SendStage.DONE, SendStage.REPLY] * 2
    assert client.uncertain == (SECOND, SECOND)
    assert client.queue == ()
