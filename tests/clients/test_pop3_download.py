"""Messages of any size into files over POP3, from real servers and servers that break off."""

import io
import subprocess
import sys

import pytest

import netmail
from netmail.clients.async_pop3 import AsyncPOP3
from netmail.clients.pop3 import POP3
from netmail.errors import ConnectionLost, Pop3Error, ProtocolError
from netmail.limits import ServerLimits
from netmail.testing import MailServer
from servers.scripted import Close, Expect, Send
from support.pop3_steps import HELLO, NOOP, QUIT
from support.twins import maker

LARGE = b"Subject: large\r\n\r\n" + b"." * 3_000 + b"\r\n" + b".text\r\n" * 100_000

# Memory is measured in a process of its own: the peak of this one is that of other tests.
MEASURED = """
import sys
from pathlib import Path

import netmail

def resident(name):
    line = next(x for x in Path("/proc/self/status").read_text().splitlines() if x.startswith(name))
    return int(line.split()[1]) / 1024

with netmail.pop3(sys.argv[1], tls=netmail.TLS_NONE, timeout=120_000) as pop:
    pop.noop()
    before = resident("VmRSS")
    size = pop.retr(1, sys.argv[2])
    print(size, resident("VmHWM") - before)
"""


@pytest.fixture(params=["blocking", "asyncio"])
def client(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, POP3, AsyncPOP3)


@pytest.fixture(params=["dovecot", "cyrus", "embedded"])
def filled(client, request, certificates):
    """A client of a maildrop with two messages, on each of the servers in turn."""
    if request.param == "embedded":
        with MailServer({"ann@example.test": "secret"}) as server:
            server.deliver(LARGE)
            server.deliver(b"Subject: small\r\n\r\n")
            yield (pop := client(server.pop3_url))
            pop.abort()
        return
    server = request.getfixturevalue(request.param)
    user = server.fresh_user()
    server.deliver_many(user, [LARGE, b"Subject: small\r\n\r\n"])
    yield (pop := client(server.url("pop3", user), ca_file=str(certificates.ca_file)))
    pop.abort()


@pytest.fixture
def meet(client, scripted):
    """Make a client of a scripted server."""

    def make(*steps, **options):
        server = scripted(*HELLO, *steps)
        return client(host="127.0.0.1", port=server.port, tls=0, timeout=5000, **options)

    return make


def test_path_and_file(filled, tmp_path):
    """A message goes to a path or to a file, and the connection can be used afterwards."""
    seen, file = [], io.BytesIO()

    assert filled.retr(1, tmp_path / "one", lambda *counts: seen.append(counts)) == len(LARGE)
    assert (tmp_path / "one").read_bytes() == LARGE
    assert seen[-1][0] == len(LARGE)
    assert {total for _, total in seen} == {filled.list(1)[0]["size"]}
    assert filled.retr(filled.uid_list()[1]["id"], file) == 18
    assert file.getvalue() == b"Subject: small\r\n\r\n"


def test_no_such_message(filled, tmp_path):
    """No file is made."""
    with pytest.raises(Pop3Error):
        filled.retr(9, tmp_path / "none")

    assert not (tmp_path / "none").exists()
    assert filled.stat()["count"] == 2


def test_full_disk(filled):
    """A file that takes nothing costs its message only."""

    class Full(io.RawIOBase):
        def write(self, data):
            raise OSError(28, f"{len(data)} octets too many")

    with pytest.raises(OSError, match="too many"):
        filled.retr(1, Full())

    assert filled.retr(2) == b"Subject: small\r\n\r\n"


def test_callback_fails(filled, tmp_path):
    """And so does a callback."""

    def fail(done, total):
        raise LookupError(done, total)

    with pytest.raises(LookupError):
        filled.retr(1, tmp_path / "one", fail)

    assert filled.stat()["count"] == 2


def test_lost(meet, tmp_path):
    """The file keeps what has come."""
    pop = meet(Expect(b"RETR 1"), Send(b"+OK\r\nhalf a message\r\n"), Close())
    with pytest.raises(ConnectionLost):
        pop.retr(1, tmp_path / "half")

    assert b"half a message\r\n".startswith((tmp_path / "half").read_bytes())
    assert (tmp_path / "half").stat().st_size > 8


def test_limit(meet, tmp_path):
    """A message without end is broken off."""
    pop = meet(
        *(Expect(b"RETR 1"), Send(b"+OK\r\n" + b"x" * 5000), Close()),
        limits=ServerLimits(literal=1000),
    )
    with pytest.raises(ProtocolError, match=r"limits\.literal"):
        pop.retr(1, tmp_path / "endless")


def test_empty(meet, tmp_path):
    """A message of no octets is an empty file."""
    with meet(Expect(b"RETR 1"), Send(b"+OK\r\n.\r\n"), *NOOP, *QUIT) as pop:
        assert pop.retr(1, tmp_path / "empty") == 0
        pop.noop()

    assert (tmp_path / "empty").read_bytes() == b""


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells of memory")
def test_memory(dovecot, tmp_path):
    """200 MB add less than 16 MiB of memory, and a line of a megabyte is no obstacle."""
    user = dovecot.fresh_user()
    line = b"x" * 1_000_000 + b"\r\n"
    dovecot.deliver_many(user, [b"Subject: large\r\n\r\n" + line * 200])
    url = dovecot.url("pop3", user, dovecot.host)
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, url, str(tmp_path / "large")],
        check=True,
        capture_output=True,
        cwd=str(netmail.__path__[0] + "/.."),
        timeout=120,
    )
    size, added = done.stdout.split()

    assert int(size) == (tmp_path / "large").stat().st_size == 18 + 200 * len(line)
    assert float(added) < 16
