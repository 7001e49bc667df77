"""A program that is killed while it sends: what it wrote down is true, and little is in doubt."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading

import pytest

from servers.process import LOOPBACK
from support.timing import full

MESSAGES = 60
PROGRAM = """
import os, sys
import netmail

port, chunking, window = int(sys.argv[1]), sys.argv[2] == "True", int(sys.argv[3])
messages = [
    netmail.Envelope("a@x.test", (f"r{number}@x.test",), b"\\r\\nhello\\r\\n" * 50)
    for number in range(int(sys.argv[4]))
]

def note(result):
    os.write(1, result.accepted[0].address[1:].partition("@")[0].encode() + b"\\n")

client = netmail.Transport(
    f"smtp://127.0.0.1:{port}", tls=netmail.TLS_NONE, chunking=chunking, window=window
)
if sys.argv[5] == "send":
    client.send(*messages, on_result=note)
else:
    for result in client.stream(messages):
        note(result)
"""


class Killer:
    """A server that takes messages by DATA and BDAT, and kills its client after some octets.

    Args:
        octets: How many, over all sessions.
        limit: After how many messages it ends each session with 421; `None` for never.

    Attributes:
        taken: The number of each message that it is responsible for, in order.
        port: Its port.
    """

    def __init__(self, octets, limit=None):
        self.taken = []
        self.victim = None
        self._octets = octets
        self._limit = limit
        self._is_over = False
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port = self._listener.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        with self._listener:
            while not self._is_over:
                client, _ = self._listener.accept()
                # Without it each small reply waits 40 ms for the acknowledgement of the one before.
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                # The victim's end is no failure; nor is the reply that it does not read any more.
                with contextlib.suppress(OSError), client, client.makefile("rwb") as stream:
                    self._converse(stream)

    def close(self):
        """Wait until what the victim has sent is read."""
        # A connection of one's own ends the wait for another one of the victim's.
        self._is_over = True
        with contextlib.suppress(OSError):
            socket.create_connection((LOOPBACK, self.port), timeout=30).close()
        self.thread.join(30)
        assert not self.thread.is_alive()

    def _converse(self, stream):
        self._reply(stream, b"220 mx")
        number, is_known, left = -1, True, self._limit
        while line := stream.readline():
            self._count(len(line))
            verb, _, rest = line.rstrip().partition(b" ")
            if verb == b"EHLO":
                self._reply(stream, b"250-mx\r\n250-CHUNKING\r\n250 PIPELINING")
                continue
            if verb == b"MAIL" and left == 0:
                # RFC 5321 section 3.8: what follows on the line is not executed.
                self._reply(stream, b"421 4.7.0 enough")
                self._ignore(stream)
                return
            if verb == b"RCPT":
                number = int(rest.partition(b"<r")[2].partition(b"@")[0])
            is_known = verb not in {b"DATA", b"BDAT"} or self._take(stream, verb, rest)
            if not is_known:
                return
            if verb in {b"DATA", b"BDAT"}:
                self.taken.append(number)
                left = None if left is None else left - 1
            self._reply(stream, b"250 Ok")

    def _ignore(self, stream):
        """Read to the end of the connection; to close at once could take the reply back."""
        while line := stream.readline():
            self._count(len(line))

    def _take(self, stream, verb, rest):
        """Read a content; return whether it came as a whole."""
        if verb == b"BDAT":
            size = int(rest.split()[0])
            data = stream.read(size)
            self._count(len(data))
            return len(data) == size
        self._reply(stream, b"354 go")
        while (line := stream.readline()) != b".\r\n":
            self._count(len(line))
            if not line:
                return False
        return True

    def _count(self, octets):
        """Kill the client as soon as it has sent so much; what it sent before still arrives."""
        self._octets -= octets
        if self._octets <= 0 and self.victim is not None:
            victim, self.victim = self.victim, None
            victim.send_signal(signal.SIGKILL)

    def _reply(self, stream, text):
        stream.write(text + b"\r\n")
        stream.flush()


def killed(octets, call, *, chunking, window, limit):
    """Kill a program after so many octets; return what it wrote down, and what the server took."""
    server = Killer(octets, limit)
    arguments = [str(server.port), str(chunking), str(window), str(MESSAGES), call]
    command = [sys.executable, "-c", PROGRAM, *arguments]
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as written:
        with subprocess.Popen(command, stdout=writing) as program:
            server.victim = program
            os.close(writing)
            program.wait(30)
        server.close()
        return list(map(int, written.read().split())), server.taken


@pytest.mark.parametrize("limit", [None, 7], ids=["one session", "several sessions"])
@pytest.mark.parametrize("call", ["send", "stream"])
@pytest.mark.parametrize(("chunking", "window"), [(False, 1), (True, 1), (True, 8)])
def test_killed_at_random_points(call, chunking, window, limit):
    """No message that was written down is lost, none is sent twice, and few are in doubt."""
    size = len(b"\r\nhello\r\n" * 50) + 80
    seed = random.randrange(1 << 32)
    points = random.Random(seed)
    for _ in range(full(34, quick=3)):
        octets = points.randrange(size * MESSAGES)
        written, taken = killed(octets, call, chunking=chunking, window=window, limit=limit)
        place = f"seed {seed}, {octets} octets"

        assert written == list(range(len(written))), place
        assert taken == list(range(len(taken))), place
        assert len(written) <= len(taken) <= len(written) + window, place
