"""Large messages: written piece by piece while they are sent, in constant memory."""

import subprocess
import sys

import pytest

import netmail
from netmail.clients.async_transport import AsyncTransport
from netmail.clients.transport import Transport
from netmail.envelope import LargeContent
from netmail.errors import LimitError, MessageError, UsageError
from netmail.options.options import TLS_NONE
from netmail.results.smtp import SendStage
from netmail.testing import MailServer
from support.twins import maker

ANN = "ann@example.test"
MEGABYTES = 150
"""Of the file; base64 makes 205 of it."""
ADDED = 16 * 1024
"""KiB that a large message may add."""
DOTS = ".\n..\n.dot\n\n.\nend of the text\n"


@pytest.fixture(params=["blocking", "asyncio"])
def make(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Transport, AsyncTransport)


@pytest.fixture
def server():
    """A server with one user."""
    with MailServer([ANN]) as running:
        yield running


@pytest.fixture
def file(tmp_path):
    """A file of 2 MB."""
    path = tmp_path / "file.bin"
    path.write_bytes(bytes(range(256)) * 8192)
    return path


def letter(path, text=DOTS):
    """A message with an attachment."""
    return netmail.Message(ANN, ANN, "large").text(text).attachment(path)


def test_octets(make, server, file):
    """What arrives are the octets of the message, dots at line beginnings included."""
    message = letter(file)
    with make(server.smtp_url) as client:
        report = client.send(message, netmail.Message(ANN, ANN, "small"))

    assert report
    assert server.sent[0].content == message.as_bytes()
    assert report[0].size == len(message.as_bytes())
    assert f"SIZE={message.size()}" in server.sent[0].mail_parameters
    assert server.sent[1].mail.subject == "small"


def test_open_file(make, server, file):
    """An open file is read from where it was, each time it is sent."""
    server.fail(content=ANN, code=451, times=1)
    with file.open("rb") as opened, make(server.smtp_url) as client:
        opened.seek(256)
        client.add_message(letter(opened))
        first, second = client.send(), client.send()

    assert not first
    assert second
    assert server.sent[0].mail.attachments[0].content == file.read_bytes()[256:]


def test_what_is_left_is_not_in_memory(make, server, file):
    """A message that was refused for now can be sent again, and is still in its file."""
    server.fail(rcpt=ANN, code=450, times=1)
    with make(server.smtp_url) as client:
        (left,) = client.send(letter(file)).retryable()
        client.clear()

        assert isinstance(left.content, LargeContent)
        assert repr(left.content) == f"<LargeContent of {len(left.content)} octets>"
        assert client.send(left)
    assert server.sent[0].content == bytes(left.content)


def gone(path):
    """The file is deleted."""
    path.unlink()


def longer(path):
    """The file has grown since it was measured."""
    path.write_bytes(path.read_bytes() + b"x" * 300_000)


def shorter(path):
    """The file has shrunk."""
    path.write_bytes(path.read_bytes()[:-300_000])


@pytest.mark.parametrize("change", [gone, longer, shorter])
@pytest.mark.parametrize("pipelining", ["full", "off"])
def test_file_that_changes(make, server, file, change, pipelining):
    """Nothing of the message is delivered; the others are, over another connection."""
    small = netmail.Message(ANN, ANN, "small")
    with make(server.smtp_url, pipelining=pipelining) as client:
        client.add_message(small).add_message(letter(file)).add_message(small)
        change(file)
        report = client.send()
        left = client.queue

    assert [each.stage for each in report] == [SendStage.DONE, SendStage.CHECK, SendStage.DONE]
    assert isinstance(report[1].error, MessageError)
    assert left == ()
    assert [each.mail.subject for each in server.sent] == ["small", "small"]


def test_file_object_that_is_closed(make, server, file):
    """An open file must stay open until the message is sent."""
    with make(server.smtp_url) as client:
        with file.open("rb") as opened:
            client.add_message(letter(opened))
        (result,) = client.send()

    assert result.stage is SendStage.CHECK
    assert isinstance(result.error, MessageError)
    assert server.sent == []


def test_size_is_known_before(make, server, tmp_path):
    """A message over the server's SIZE is refused without being read."""
    path = tmp_path / "sparse.bin"
    with path.open("wb") as sparse:
        sparse.truncate(60_000_000)
    with make(server.smtp_url) as client:
        (result,) = client.send(letter(path))

    assert isinstance(result.error, LimitError)
    assert result.size > 80_000_000


def test_progress(make, server, file):
    """The octets that are done are reported while a large message is sent, and all at the end."""
    seen = []
    message, small = letter(file), netmail.Message(ANN, ANN, "small")
    with make(server.smtp_url) as client:
        client.send(small, message, small, progress=lambda *octets: seen.append(octets))
    total = len(message.as_bytes()) + 2 * len(server.sent[0].content)

    assert {each for _, each in seen} == {total}
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert len(seen) > 20
    assert seen[-1] == (total, total)


def test_progress_that_raises(make, server, file):
    """What it raises passes unchanged, and nothing of the message is delivered."""

    def stop(done, total):
        if done > total / 2:
            raise KeyError("mine")

    with make(server.smtp_url) as client:
        with pytest.raises(KeyError, match="mine"):
            client.send(letter(file), progress=stop)

        assert server.sent == []
        assert len(client.queue) == 1
        assert client.connect().send()


def test_progress_that_is_none(make, server):
    """It must be a function."""
    with make(server.smtp_url) as client, pytest.raises(UsageError, match="progress"):
        client.send(netmail.Message(ANN, ANN, "s"), progress=7)


PROGRAM = """
import sys
import netmail

def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

def letter():
    return netmail.Message("a@x.example", "b@x.example", "s").text("t")

url, path = sys.argv[1:]
with netmail.Transport(url) as transport:
    transport.send(letter()).raise_for_refused()
    before = peak()
    report = transport.send(letter().attachment(path)).raise_for_refused()
    print(report[0].size, peak() - before)
"""


def test_memory(smtp_sink, tmp_path):
    """200 MB add less than 16 MiB to the process."""
    path = tmp_path / "sparse.bin"
    with path.open("wb") as sparse:
        sparse.truncate(MEGABYTES * 1024 * 1024)
    command = [sys.executable, "-c", PROGRAM, smtp_sink.url, str(path)]
    size, added = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()

    assert int(size) > 205 * 1024 * 1024
    assert int(added) < ADDED


@pytest.mark.parametrize("chunking", [False, True], ids=["DATA", "BDAT"])
def test_postfix(make, postfix, dovecot, file, chunking):
    """Postfix takes it by DATA and by BDAT, between other messages, and the file arrives whole."""
    user = dovecot.fresh_user()
    small = netmail.Message("alice@example.test", user.address, "small")
    large = netmail.Message("alice@example.test", user.address, "large")
    large.text(DOTS).attachment(file)
    with make(postfix.url("smtp"), tls=TLS_NONE, chunking=chunking) as client:
        report = client.send(small, large, small, large)
    body = large.as_bytes().partition(b"\r\n\r\n")[2]

    assert report, str(report)
    assert sum(octets.endswith(b"\r\n\r\n" + body) for octets in dovecot.messages(user, 4)) == 2


def test_file_that_changes_in_a_chunk(make, postfix, dovecot, file):
    """By BDAT, too, nothing of the message is delivered, and the others are."""
    user = dovecot.fresh_user()
    small = netmail.Message("alice@example.test", user.address, "small")
    large = netmail.Message("alice@example.test", user.address, "large")
    large.text(DOTS).attachment(file)
    with make(postfix.url("smtp"), tls=TLS_NONE, chunking=True) as client:
        client.add_message(small).add_message(large).add_message(small)
        shorter(file)
        report = client.send()
    arrived = [netmail.parse(octets).subject for octets in dovecot.messages(user, 2)]

    assert [each.stage for each in report] == [SendStage.DONE, SendStage.CHECK, SendStage.DONE]
    assert arrived == ["small", "small"]
