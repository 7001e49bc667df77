"""Many messages on the line, over real sockets: full buffers, slow readers, Postfix."""

import pytest

from netmail.clients.async_transport import AsyncTransport
from netmail.clients.transport import Transport
from netmail.envelope import Envelope
from netmail.options.options import TLS_NONE
from netmail.results.smtp import SendStage
from servers.steps import Close, Drip, Expect, ExpectData, Send
from support.reported import CALLS, left, reported
from support.twins import maker

CONTENT = b"\r\nhello\r\n"
BODY = b"\r\n" + b"hello\r\n.\r\n" * 20_000


@pytest.fixture(params=CALLS)
def call(request):
    """Name the method that sends the messages."""
    return request.param


@pytest.fixture(params=["blocking", "asyncio"])
def make(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Transport, AsyncTransport)


HELLO = (
    Send(b"220 mx\r\n"),
    Expect(rb"EHLO .*"),
    Send(b"250-mx\r\n250-CHUNKING\r\n250 PIPELINING\r\n"),
)


def numbered(count, content=CONTENT):
    """Messages, each to a recipient of its own."""
    return [Envelope("a@x.test", (f"r{number}@x.test",), content) for number in range(count)]


def on_the_line(number, content=CONTENT):
    """What a client sends for one of them."""
    reset = b"RSET\r\n" if number else b""
    head = b"MAIL FROM:<a@x.test>\r\nRCPT TO:<r%d@x.test>\r\n" % number
    return reset + head + b"BDAT %d LAST\r\n" % len(content) + content


def replies(number, text=b"Ok"):
    """What a server replies to it."""
    return b"250 Ok\r\n" * (3 if number else 2) + b"250 %s\r\n" % text


@pytest.fixture
def connect(make, scripted):
    """Make a client for a server that plays the steps."""

    def made(*steps, connections=1, **options):
        url = f"smtp://127.0.0.1:{scripted(*steps, connections=connections).port}"
        usual = {"tls": TLS_NONE, "timeout": 5_000, "chunking": True}
        return make(url, **{**usual, **options})

    return made


def test_window(connect, call):
    """As many messages as the window allows are on the line, and no more."""
    client = connect(
        *HELLO,
        ExpectData(on_the_line(0) + on_the_line(1)),
        Drip(replies(0)),
        ExpectData(on_the_line(2)),
        Send(replies(1) + replies(2)),
        window=2,
    )

    assert reported(client, call, *numbered(3))


def test_both_buffers_full(connect, call):
    """A server that does not read before its replies are read is read meanwhile."""
    count = 4
    long = b"z" * 2_000
    lines = b"250-" + long + b"\r\n"
    # Some megabytes in each direction: more than both sockets hold.
    client = connect(
        *HELLO,
        Expect(rb"MAIL .*"),
        Send(lines * 400 + b"250 Ok\r\n" + b"250 Ok\r\n"),
        ExpectData(on_the_line(0, BODY)[len(b"MAIL FROM:<a@x.test>\r\n") :]),
        Send(lines * 400 + b"250 Ok\r\n"),
        *(
            step
            for number in range(1, count)
            for step in (
                ExpectData(on_the_line(number, BODY)),
                Send((lines * 100 + b"250 Ok\r\n") * 4),
            )
        ),
    )
    report = reported(client, call, *numbered(count, BODY))

    assert report
    assert [each.size for each in report] == [len(BODY)] * count


def test_slow_reader(connect, call):
    """A server that reads late delays the messages, and nothing else."""
    half = len(BODY) // 2
    data = on_the_line(0, BODY) + on_the_line(1, BODY)
    client = connect(
        *HELLO,
        ExpectData(data[:half]),
        Drip(b"250 Ok\r\n250 Ok\r\n", 0.01),
        ExpectData(data[half:]),
        Drip(b"250 Ok\r\n" + replies(1), 0.002),
    )

    assert reported(client, call, *numbered(2, BODY))


NEITHER = b"250 Ok\r\n250 Ok\r\n550 nobody\r\n503 no recipient\r\n"
"""The replies to a message whose recipient is refused: its transaction is still open."""


def test_last_message_refused(connect, call):
    """RFC 3030 section 2: a refused message leaves nothing open that the next call would meet."""
    client = connect(
        *HELLO,
        ExpectData(on_the_line(0) + on_the_line(1)),
        Send(replies(0) + NEITHER),
        ExpectData(b"RSET\r\n"),
        Send(b"250 Ok\r\n"),
        ExpectData(on_the_line(0)),
        Send(replies(0)),
    )

    assert list(map(bool, reported(client, call, *numbered(2)))) == [True, False]
    assert reported(client, call, *numbered(1))


def test_last_message_refused_after_the_loop(connect):
    """A caller that leaves waits for no more round trip: the next call begins with RSET."""
    client = connect(
        *HELLO,
        ExpectData(on_the_line(0) + on_the_line(1)),
        Send(replies(0) + NEITHER),
        ExpectData(b"RSET\r\n"),
        Send(b"250 Ok\r\n"),
        ExpectData(on_the_line(0)),
        Send(replies(0)),
        pipelining="full",
    )
    with client.stream(numbered(2)) as results:
        assert next(results)
    (unseen,) = results.rest

    assert unseen.refused[0].code == 550
    assert client.send(numbered(1)[0])


ENDS = {
    "closed": (replies(0), Close(), [0], [1, 2]),
    "reset": (replies(0), Close(reset=True), [0], [1, 2]),
    "half a reply": (replies(0) + b"250 Ok\r\n25", Close(), [0], [1, 2]),
    "refused, and closed": (
        replies(0) + b"250 Ok\r\n250 Ok\r\n550 no\r\n554 no\r\n",
        Close(),
        [0],
        [2],
    ),
    "421": (replies(0) + b"421 4.3.2 down\r\n", Close(), [0], []),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_ends_in_the_middle(connect, call, end):
    """What was sent as a whole and not decided is uncertain; after 421 nothing is."""
    sends, close, accepted, uncertain = end
    whole = b"".join(map(on_the_line, range(3)))
    client = connect(*HELLO, ExpectData(whole), Send(sends), close)
    messages = numbered(3)
    report = reported(client, call, *messages)

    assert [number for number in range(3) if report[number]] == accepted
    assert [number for number in range(3) if report[number].uncertain] == uncertain
    assert client.uncertain == tuple(messages[number] for number in uncertain)
    again = [] if uncertain else [1, 2]
    assert left(client, call, report) == tuple(messages[number] for number in again)


def test_closes_while_a_large_message_is_sent(connect, call):
    """A message that was not sent as a whole stays in the queue."""
    # More than both sockets hold, and the server reads no further.
    large = b"\r\n" + (b"x" * 500 + b"\r\n") * 60_000
    steps = (ExpectData(on_the_line(0, large)[:5_000]), Close(reset=True))
    client = connect(*HELLO, *steps)
    (message,) = numbered(1, large)
    report = reported(client, call, message)

    assert report[0].stage is SendStage.CONTENT
    assert client.uncertain == ()
    assert left(client, call, report) == (message,)


def body_of(content):
    """What follows the header; Postfix adds fields to that."""
    return content.replace(b"\r\n", b"\n").partition(b"\n\n")[2].rstrip(b"\n")


@pytest.mark.servers
def test_postfix(make, postfix, dovecot):
    """Postfix takes them all; what arrives is what was sent, and a refused one stops no other."""
    user = dovecot.fresh_user()
    contents = [
        b"Subject: %d\r\n\r\n.\r\n..\r\nQUIT\r\n%s\r\n" % (n, b"x" * n * 9) for n in range(30)
    ]
    sender = "alice@example.test"
    messages = [Envelope(sender, (user.address,), content) for content in contents]
    messages.insert(7, Envelope(sender, ("nobody-at-all@example.test",), contents[0]))
    url = postfix.url("smtp", postfix.dovecot.user("alice"))
    with make(url, tls=TLS_NONE, timeout=20_000, chunking=True, window=8) as client:
        report = client.send(*messages)

    assert report.error is None
    assert [number for number, each in enumerate(report) if not each] == [7]
    assert report[7].stage is SendStage.RCPT
    assert len({each.queue_ids for each in report if each}) == 30
    arrived = [each.replace(b"\r\n", b"\n") for each in dovecot.messages(user, 30)]
    assert sorted(map(body_of, arrived)) == sorted(map(body_of, contents))
