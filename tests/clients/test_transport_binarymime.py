"""Attachments as they are, over BDAT with BODY=BINARYMIME, to a server that keeps every octet."""

import contextlib
import socket
import threading

import pytest

import netmail
from netmail.clients.async_transport import AsyncTransport
from netmail.clients.transport import Transport
from netmail.options.options import TLS_NONE
from servers.process import LOOPBACK
from support.twins import maker

ANN, BOB = "ann@example.test", "bob@example.test"
ALL = ("PIPELINING", "8BITMIME", "CHUNKING", "BINARYMIME", "SIZE")
OCTETS = bytes(range(256)) + b"\n.\r\n.\n\r\r\n\0\0.\r\nQUIT\r\n--=_0" + b"\xff" * 3_000
"""All octets, ends of lines and of contents where there are none, a line that is far too long."""


class BinaryServer:
    """A server that takes BDAT and DATA, and keeps what it has got.

    Attributes:
        sent: Of each message the parameters of MAIL, the verb, and the octets.
        port: Its port.
    """

    def __init__(self, *offers, final=b"250 Ok"):
        self.sent = []
        self._offers = list(offers)
        self._final = final
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self):
        """Take no more connections; wait for the last one's end."""
        # A connection of one's own ends the wait for another one on every system.
        with contextlib.suppress(OSError):
            self._offers.clear()
            socket.create_connection((LOOPBACK, self.port)).close()
        self._thread.join(10)

    def _serve(self):
        with self._listener:
            while self._offers:
                client, _ = self._listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if not self._offers:
                    client.close()
                    return
                offer = self._offers.pop(0)
                with contextlib.suppress(OSError), client, client.makefile("rwb") as stream:
                    self._converse(stream, offer)

    def _converse(self, stream, offer):
        reply(stream, b"220 mx")
        parameters = b""
        while line := stream.readline():
            verb, _, rest = line.rstrip().partition(b" ")
            if verb == b"EHLO":
                lines = [f"250-{each}".encode() for each in offer]
                reply(stream, b"\r\n".join([b"250-mx", *lines, b"250 HELP"]))
                continue
            if verb == b"MAIL":
                parameters = rest.partition(b"> ")[2]
            if verb in {b"DATA", b"BDAT"}:
                self.sent.append((parameters, verb, taken(stream, verb, rest)))
                reply(stream, self._final)
                self._final = b"250 Ok"
                continue
            reply(stream, b"221 2.0.0 Bye" if verb == b"QUIT" else b"250 Ok")


def taken(stream, verb, rest):
    """Read a content."""
    if verb == b"BDAT":
        size, last = rest.split()
        assert last == b"LAST"
        return stream.read(int(size))
    reply(stream, b"354 go")
    lines = iter(stream.readline, b".\r\n")
    return b"".join(line.removeprefix(b".") for line in lines)


def reply(stream, text):
    """Send one reply."""
    stream.write(text + b"\r\n")
    stream.flush()


@pytest.fixture(params=["blocking", "asyncio"])
def make(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Transport, AsyncTransport)


@pytest.fixture
def serve(make):
    """Begin a server with these extensions, a list for each connection; return it and a client."""
    servers = []

    def begin(*offers, final=b"250 Ok", **options):
        servers.append(BinaryServer(*offers, final=final))
        port = servers[-1].port
        usual = {"host": LOOPBACK, "port": port, "tls": TLS_NONE, "binarymime": True}
        return servers[-1], make(**{**usual, **options})

    yield begin
    for each in servers:
        each.close()


def letter(data=OCTETS, **values):
    """A message with an attachment."""
    message = netmail.Message(ANN, BOB, "the file", **values)
    return message.text("Grüße.\n").attachment(data, "file.bin")


def big(path):
    """A file that is not held in memory."""
    path.write_bytes(OCTETS * 600)
    return path


@pytest.mark.parametrize("chunking", [False, True, "auto"])
def test_as_it_is(serve, chunking):
    """The octets of the attachment are on the line as they are, and arrive as they are."""
    server, client = serve(ALL, chunking=chunking)
    message = letter()
    with client:
        (result,) = client.send(message)
    ((parameters, verb, octets),) = server.sent
    (attached,) = netmail.parse(octets).attachments

    assert result
    assert result.size == len(octets) < len(message.as_bytes())
    assert octets == message.as_bytes(eight_bit=True, binary=True)
    assert OCTETS in octets
    assert attached.content == OCTETS
    assert verb == b"BDAT"
    assert parameters == b"SIZE=%d BODY=BINARYMIME" % len(octets)


def test_all_parts_are_labelled(serve):
    """RFC 2045 section 6.4: a multipart names what its parts need."""
    server, client = serve(ALL)
    with client:
        assert client.send(letter())
    mail = netmail.parse(server.sent[0][2])

    assert mail.headers["Content-Transfer-Encoding"] == "binary"
    assert mail.defects == []


def test_large(serve, tmp_path):
    """A large file is read while it is sent, and counted right."""
    server, client = serve(ALL)
    path = big(tmp_path / "big.bin")
    message, steps = letter(path), []
    with client:
        report = client.send(message, progress=lambda *step: steps.append(step))
    octets = server.sent[0][2]

    assert report
    assert octets == message.as_bytes(eight_bit=True, binary=True)
    assert netmail.parse(octets).attachments[0].content == path.read_bytes()
    assert steps[-1] == (len(octets), len(octets))
    assert len(steps) > 2


@pytest.mark.parametrize("how", ["send", "add_message", "stream"])
def test_each_call(serve, how):
    """All calls that take messages send them so, also among others."""
    server, client = serve(ALL)
    messages = [netmail.Message(ANN, BOB, "small"), letter()]
    with client:
        if how == "stream":
            assert all(list(client.stream(messages)))
        elif how == "send":
            assert client.send(*messages)
        else:
            for message in messages:
                client.add_message(message)
            assert client.send()

    assert [b"BINARYMIME" in parameters for parameters, _, _ in server.sent] == [False, True]
    assert OCTETS in server.sent[1][2]


USUAL = {
    "not asked for": (ALL, {"binarymime": False, "chunking": True}),
    "no BINARYMIME": ([each for each in ALL if each != "BINARYMIME"], {"chunking": True}),
    "no CHUNKING": ([each for each in ALL if each != "CHUNKING"], {}),
    "no PIPELINING": ([each for each in ALL if each != "PIPELINING"], {}),
    "pipelining off": (ALL, {"pipelining": "off"}),
}


@pytest.mark.parametrize("usual", USUAL.values(), ids=USUAL)
def test_encoded(serve, usual):
    """In all other cases the message is what it always was."""
    offer, options = usual
    server, client = serve(offer, **options)
    message = letter()
    with client:
        assert client.send(message)
    ((parameters, _, octets),) = server.sent

    assert octets == message.as_bytes()
    assert b"BODY" not in parameters


def test_nothing_to_leave_out(serve):
    """A message without attachments is what it always was."""
    server, client = serve(ALL)
    message = netmail.Message(ANN, BOB, "x").text("Grüße")
    with client:
        assert client.send(message)

    assert server.sent[0][2].rstrip() == message.as_bytes()
    assert b"BODY" not in server.sent[0][0]


def test_next_connection_offers_less(serve):
    """What is left is sent in the form that the next connection carries."""
    less = [each for each in ALL if each != "BINARYMIME"]
    server, client = serve(ALL, less, max_messages=1)
    with client:
        assert client.send(letter(), letter())
    first, second = server.sent

    assert b"BODY=BINARYMIME" in first[0]
    assert b"BODY" not in second[0]
    assert netmail.parse(second[2]).attachments[0].content == OCTETS
    assert second[2].isascii()


@pytest.mark.parametrize("large", [False, True], ids=["small", "large"])
def test_what_is_left_is_encoded(serve, tmp_path, large):
    """A message that was refused for now is left in the form that every server takes."""
    server, client = serve(ALL, final=b"451 4.3.0 later")
    message = letter(big(tmp_path / "big.bin") if large else OCTETS)
    with client:
        (left,) = client.send(message).retryable()

        assert bytes(left.content) == message.as_bytes()
        assert bytes(client.queue[0].content) == message.as_bytes()
        assert client.send()

    assert [b"BODY=BINARYMIME" in parameters for parameters, _, _ in server.sent] == [True] * 2


def test_size_limit_is_that_of_the_form(serve):
    """RFC 1870: the octets that would be sent are what the server's limit is for."""
    message = letter(b"\xff" * 30_000)
    limit = message.size() - 1
    assert message.size(eight_bit=True, binary=True) < limit
    offers = [each for each in ALL if each != "SIZE"]
    server, client = serve([*offers, f"SIZE {limit}"])
    with client:
        assert client.send(message)

    assert len(server.sent) == 1


NUL = b"A: b\r\n\r\nx\0\xff\r\n"
"""A content that only BODY=BINARYMIME names right, in an envelope of the caller's."""


@pytest.mark.parametrize("window", [1, 2, 64])
@pytest.mark.parametrize("place", [0, 1, 7, 150])
def test_needed_somewhere_in_a_stream(serve, place, window):
    """Whenever such a content comes, it goes by BDAT, over the same connection."""
    server, client = serve(ALL, binarymime=False, chunking=False, window=window)
    contents = [b"A: b\r\n\r\n%d\r\n" % number for number in range(place + 80)]
    contents[place] = NUL
    with client:
        results = list(client.stream(netmail.Envelope(ANN, (BOB,), each) for each in contents))

    assert all(results)
    assert contents == [octets for _, _, octets in server.sent]
    assert server.sent[place][:2] == (b"SIZE=%d BODY=BINARYMIME" % len(NUL), b"BDAT")
    assert [number for number, each in enumerate(server.sent) if b"BODY" in each[0]] == [place]


def test_sizes_are_those_of_the_next_connection(serve):
    """RFC 1870: each message announces the octets of the form that this connection carries."""
    less = [each for each in ALL if each != "BINARYMIME"]
    server, client = serve([*ALL, "LIMITS MAILMAX=1"], less, chunking=False)
    with client:
        assert client.send(*(letter() for _ in range(5)))

    assert len(server.sent) == 5
    assert [(b"SIZE=%d" % len(octets), b"DATA") for _, _, octets in server.sent[1:]] == [
        (parameters, verb) for parameters, verb, _ in server.sent[1:]
    ]


@pytest.mark.parametrize("place", [3, 4, 5])
def test_needed_about_where_a_connection_is_full(serve, place):
    """The change from DATA to BDAT takes no connection of its own, and no message's turn."""
    server, client = serve(*[ALL] * 3, binarymime=False, chunking=False, window=1, max_messages=5)
    contents = [b"A: b\r\n\r\n%d\r\n" % number for number in range(12)]
    contents[place] = NUL
    with client:
        results = list(client.stream(netmail.Envelope(ANN, (BOB,), each) for each in contents))

    assert all(results)
    assert contents == [octets for _, _, octets in server.sent]
    assert b"BODY=BINARYMIME" in server.sent[place][0]


def test_message_that_waits_in_the_queue(serve):
    """What a stream does not send has no say in how it sends."""
    server, client = serve(ALL, binarymime=False, chunking=False)
    client.add_message(netmail.Envelope(ANN, (BOB,), NUL))
    with client:
        (result,) = client.stream([netmail.Message(ANN, BOB, "small")])

        assert result
        assert [verb for _, verb, _ in server.sent] == [b"DATA"]
        assert len(client.queue) == 1
