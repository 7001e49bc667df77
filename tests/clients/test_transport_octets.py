"""What arrives at real servers is what was sent, octet by octet, however it is sent."""

import itertools

import pytest
from aiosmtpd.controller import Controller

from netmail.clients.async_transport import AsyncTransport
from netmail.clients.transport import Transport
from netmail.envelope import Envelope
from netmail.errors import NetmailError
from netmail.options.options import TLS_NONE
from netmail.results.smtp import SendStage
from netmail.wire import dot
from servers.process import free_ports
from servers.smtp_sink import SmtpSink
from support.twins import maker

BODIES = {
    "plain": b"hello\r\n",
    "leading dots": b".\r\n..\r\n.x\r\n...\r\n.\r\n",
    "dot at the end": b"x\r\n.",
    "dots after other line ends": b"a\n.\nb\r.\rc\r\n.\nd\n.\r\n",
    "commands": b"x\r\n.\r\nRSET\r\nQUIT\r\nBDAT 3 LAST\r\n",
    "long lines": b"x" * 998 + b"\r\n" + b"." * 998 + b"\r\n",
    "bare LF": b"a\nb\n\nc\n",
    "bare CR": b"a\rb\r\rc\r",
    "mixed line ends": b"\r\r\n\n\r\n\r",
    "8 bits": bytes(range(128, 256)) + b"\r\n",
    "NUL": b"a\0b\r\nc\0\0\r\n",
    "no final line end": b"no end",
    "empty": b"",
    "empty lines": b"\r\n\r\n\r\n",
    "dots at the borders of packets": b".\r\n" * 50_000,
}
MODES = {
    "one by one": {"pipelining": "off"},
    "envelope": {"pipelining": "envelope"},
    "full": {"pipelining": "full", "chunking": False},
    "BDAT": {"pipelining": "full", "chunking": True},
    "BDAT one by one": {"pipelining": "full", "chunking": True, "window": 1},
}
SENDER = "alice@example.test"


def header(number):
    """The header of a message, by which it is found."""
    return b"Subject: octets-%d\r\n\r\n" % number


def letters(recipient):
    """A message of each body."""
    return [
        Envelope(SENDER, (recipient,), header(number) + body)
        for number, body in enumerate(BODIES.values())
    ]


def meant():
    """The body of each message as a server that keeps all octets has it, by name."""
    return {
        name: dot.canonical(header(number) + body)[len(header(number)) :]
        for number, (name, body) in enumerate(BODIES.items())
    }


def arrived(contents):
    """The bodies of what arrived, whatever was put before the header, by name."""
    found = {}
    for number, name in enumerate(BODIES):
        for content in contents:
            if header(number)[:-2] in content:
                # Dovecot puts its own fields first, Postfix some of them after the message's.
                _, _, after = content.partition(header(number)[:-4])
                found[name] = after.partition(b"\r\n\r\n")[2]
    return found


@pytest.fixture(params=["blocking", "asyncio"])
def make(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Transport, AsyncTransport)


@pytest.mark.parametrize("options", MODES.values(), ids=MODES)
def test_postfix(make, postfix, dovecot, options):
    """Through Postfix to Dovecot, by DATA and BDAT."""
    user = dovecot.fresh_user()
    with make(postfix.url("smtp"), tls=TLS_NONE, **options) as client:
        report = client.send(*letters(user.address))

    assert report, str(report)
    assert arrived(dovecot.messages(user, len(BODIES))) == as_dovecot(meant())


def as_dovecot(bodies):
    """IMAP has no NUL: Dovecot shows it as 0x80, RFC 3501 section 4.3."""
    return {name: body.replace(b"\0", b"\x80") for name, body in bodies.items()}


def test_dovecot_lmtp(make, dovecot):
    """To Dovecot's LMTP server."""
    user = dovecot.fresh_user()
    with make(f"lmtp://127.0.0.1:{dovecot.ports.lmtp}") as client:
        report = client.send(*letters(user.address))

    assert report, str(report)
    assert arrived(dovecot.messages(user, len(BODIES))) == as_dovecot(meant())


class Kept:
    """A handler of aiosmtpd that keeps each content."""

    def __init__(self):
        self.contents = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 -- aiosmtpd's name
        """Keep the content."""
        self.contents.append(envelope.content)
        return "250 kept"


def test_aiosmtpd(make):
    """To aiosmtpd, which has no PIPELINING."""
    kept = Kept()
    (port,) = free_ports(1)
    controller = Controller(kept, hostname="127.0.0.1", port=port, server_hostname="me.test")
    controller.start()
    try:
        with make(f"smtp://127.0.0.1:{port}") as client:
            report = client.send(*letters("bob@example.test"))
    finally:
        controller.stop()

    assert report, str(report)
    assert arrived(kept.contents) == meant()


# -- smtp-sink: what it keeps, and how it fails -----------------------------------------------


@pytest.fixture
def sink(server_folder, smtp_sink):
    """Start an smtp-sink with options of its own."""
    del smtp_sink  # that one says whether the program is there
    running = []

    def start(*options):
        running.append(SmtpSink.start(server_folder, options))
        return running[-1]

    yield start
    for each in running:
        each.stop()


@pytest.mark.parametrize("options", list(MODES.values())[:3], ids=list(MODES)[:3])
def test_smtp_sink(make, sink, server_folder, options):
    """smtp-sink writes what it got to files, lines ended by LF, with an empty line at the end."""
    folder = server_folder / f"dump-{next(NUMBERS)}"
    folder.mkdir()
    folder.chmod(0o777)
    server = sink("-d", f"{folder}/")
    with make(server.url, **options) as client:
        report = client.send(*letters("bob@example.test"))
    contents = [path.read_bytes().removesuffix(b"\n") for path in folder.iterdir()]

    assert report, str(report)
    assert arrived([each.replace(b"\n", b"\r\n") for each in contents]) == meant()


NUMBERS = itertools.count()
LATER, FINAL = (450, True), (500, False)
FAILS = {
    "MAIL refused": (("-f", "MAIL"), SendStage.MAIL, FINAL),
    "MAIL refused for now": (("-r", "MAIL"), SendStage.MAIL, LATER),
    "RCPT refused": (("-f", "RCPT"), SendStage.RCPT, FINAL),
    "RCPT refused for now": (("-r", "RCPT"), SendStage.RCPT, LATER),
    "DATA refused": (("-f", "DATA"), SendStage.DATA, FINAL),
    "DATA refused for now": (("-r", "DATA"), SendStage.DATA, LATER),
    "content refused": (("-f", "."), SendStage.REPLY, FINAL),
    "content refused for now": (("-r", "."), SendStage.REPLY, LATER),
    "own hard reply": (("-f", ".", "-B", "554 5.7.1 spam"), SendStage.REPLY, (554, False)),
    "own soft reply": (("-r", "RCPT", "-b", "451 4.7.1 grey"), SendStage.RCPT, (451, True)),
}


@pytest.mark.parametrize(("options", "stage", "code"), FAILS.values(), ids=FAILS)
def test_refusing(make, sink, options, stage, code):
    """Each refusal has its stage and code; what may be tried again stays in the queue."""
    with make(sink(*options).url) as client:
        (result,) = client.send(Envelope(SENDER, ("bob@example.test",), b"\r\nx\r\n"))
        left = len(client.queue)

    assert result.stage is stage
    assert [(each.code, each.transient) for each in result.refused] == [code]
    assert left == code[1]
    assert not result.uncertain


LOST = {
    "at MAIL": ("MAIL", False),
    "at RCPT": ("RCPT", False),
    "at DATA": ("DATA", False),
    "after the content": (".", True),
}


@pytest.mark.parametrize("chatty", [False, True], ids=["closed", "421"])
@pytest.mark.parametrize(("command", "uncertain"), LOST.values(), ids=LOST)
def test_disconnecting(make, sink, command, uncertain, chatty):
    """A lost connection leaves in doubt only what was sent as a whole; a 421 is a reply."""
    with make(sink("-Q" if chatty else "-q", command).url) as client:
        (result,) = client.send(Envelope(SENDER, ("bob@example.test",), b"\r\nx\r\n"))
        left, doubtful = len(client.queue), len(client.uncertain)

    assert not result
    assert result.uncertain == (uncertain and not chatty)
    assert (left, doubtful) == ((0, 1) if uncertain and not chatty else (1, 0))


@pytest.mark.parametrize(
    "options",
    [("-f", "CONNECT"), ("-r", "CONNECT"), ("-q", "CONNECT"), ("-Q", "CONNECT"), ("-q", "EHLO")],
    ids=" ".join,
)
def test_no_session(make, sink, options):
    """Where no session begins, nothing is sent and nothing is queued."""
    client = make(sink(*options).url)
    with pytest.raises(NetmailError) as raised:
        client.send(Envelope(SENDER, ("bob@example.test",), b"\r\nx\r\n"))

    assert not isinstance(raised.value, AssertionError)
    assert client.queue == ()


WORKING = {
    "no ESMTP": ("-e",),
    "a PIX": ("-P",),
    "EHLO refused": ("-f", "EHLO"),
    "no PIPELINING": ("-p",),
    "no enhanced codes": ("-E",),
    # Not with pipelining: smtp-sink would execute RCPT before the MAIL that it delays.
    "slow at MAIL": ("-p", "-W", "MAIL:1"),
    "slow at DATA": ("-w", "1"),
    "slow reader": ("-H", "1", "-T", "4096"),
    "QUIT refused": ("-f", "QUIT"),
    "closed at QUIT": ("-q", "QUIT"),
}


@pytest.mark.parametrize("options", WORKING.values(), ids=WORKING)
def test_peculiar(make, sink, options):
    """A slow or an old server gets each message once."""
    content = b"\r\n" + b"x" * 70 + b"\r\n" * 3000
    with make(sink(*options).url) as client:
        report = client.send(*[Envelope(SENDER, ("bob@example.test",), content)] * 2)

    assert report, str(report)


def test_refused_while_the_content_is_sent(make, sink):
    """A server that refuses in the middle of a large content and reads no more has decided."""
    content = b"\r\n" + (b"x" * 70 + b"\r\n") * 300_000
    with make(sink("-A", "0").url) as client:
        (result,) = client.send(Envelope(SENDER, ("bob@example.test",), content))

    assert not result
    assert not result.uncertain
