"""SMTP servers that fail at random, and what they have taken: for whatever a client may meet.

The servers know the commands that netmail sends, and refuse by assertion what no client may do.
Nothing else is judged here; `flows/smtp/test_truth.py` compares what was taken with the results.
"""

from collections import Counter

from netmail.errors import ConnectionLost
from netmail.flows.flow import PEEK, RECEIVE, Close, Send

EXTENSIONS = {"PIPELINING": 0.8, "CHUNKING": 0.5, "BINARYMIME": 0.5, "8BITMIME": 0.7, "SIZE": 0.5}
"""How often a server offers each."""
REFUSALS = ("450 4.2.1 later", "550 5.1.1 no")


class World:
    """All servers of one run.

    Args:
        rng: What draws.
        contents: The content of each message, by its number.
        trouble: How often a command goes wrong.
        lmtp: Whether the servers speak LMTP.

    Attributes:
        taken: How often each recipient got each message, by number and address.
        server: The one that the client is connected to, or `None`.
        connections: How many connections there were.
    """

    def __init__(self, rng, contents, trouble, *, lmtp):
        self.rng, self.contents, self.trouble, self.lmtp = rng, contents, trouble, lmtp
        self.taken = Counter()
        self.server = None
        self.connections = 0

    def offers(self):
        """Draw what a server offers."""
        found = {name: () for name, share in EXTENSIONS.items() if self.rng.random() < share}
        limits = [name for name in ("RCPTMAX", "MAILMAX") if self.rng.random() < 0.15]
        if limits:
            found["LIMITS"] = tuple(f"{name}={self.rng.randint(1, 3)}" for name in limits)
        return found

    def connect(self, offered):
        """Connect to a server; return whether there is one."""
        self.connections += 1
        is_there = self.rng.random() >= self.trouble / 3
        self.server = RandomServer(self, offered) if is_there else None
        return is_there


class RandomServer:
    """One connection: the commands in the order in which they come, each with its fate.

    Attributes:
        sends: What has been sent, and not received.
        is_closed: Whether it has closed the connection.
        is_cut: Whether nothing that it sends arrives, while it reads and acts on.
    """

    def __init__(self, world, offered):
        self._world, self._rng = world, world.rng
        self._limits = dict(each.split("=") for each in offered.get("LIMITS", ()))
        self._offered = offered
        self.sends, self._received = bytearray(), bytearray()
        self.is_closed = self.is_cut = False
        self._number, self._recipients, self._parameters = None, [], []
        self._begun = 0
        self._chunk = None
        self._is_data = False

    def feed(self, data):
        """Take what the client sends."""
        if not self.is_closed:
            self._received += data
        while not self.is_closed and self._step():
            pass

    def _step(self):
        """Act on one command, or on one content; return whether there was one."""
        if self._chunk is not None:
            return self._take_chunk()
        end = b".\r\n" if self._received.startswith(b".\r\n") else b"\r\n.\r\n"
        octets, found, rest = self._received.partition(end if self._is_data else b"\r\n")
        if not found:
            return False
        self._received = rest
        if self._is_data:
            self._is_data = False
            lines = (bytes(octets) + end.removesuffix(b".\r\n")).split(b"\r\n")
            self._decide(b"\r\n".join(line.removeprefix(b".") for line in lines))
            return True
        verb, _, argument = octets.decode().partition(" ")
        getattr(self, f"_{verb.lower()}")(argument)
        return True

    def _take_chunk(self):
        if len(self._received) < self._chunk:
            return False
        octets, self._received = self._received[: self._chunk], self._received[self._chunk :]
        self._chunk = None
        if not self._recipients:
            self._reply("503 5.5.1 no recipients")  # what is open stays open until RSET
        else:
            self._decide(bytes(octets), by_chunk=True)
        return True

    def _reply(self, line):
        if not self.is_cut:
            self.sends += line.encode() + b"\r\n"

    def _end(self):
        self._number, self._recipients = None, []

    def _refuses(self, refusals=REFUSALS):
        """Let something go wrong, or not; return whether the command has its reply, or none."""
        if self._rng.random() >= self._world.trouble:
            return False
        fate = self._rng.randrange(8)
        if fate == 7:
            self.is_cut = True
            return False
        if fate < 5:
            self._reply(self._rng.choice(refusals))
            return True
        if fate == 5:
            self._reply("421 4.3.2 down")
        self.is_closed = True
        return True

    # -- the commands ----------------------------------------------------------------------------

    def _rset(self, _):
        self._end()
        self._reply("250 Ok")

    def _quit(self, _):
        self._reply("221 bye")
        self.is_closed = True

    def _mail(self, argument):
        assert self._number is None, "MAIL within a transaction"
        assert self._begun < int(self._limits.get("MAILMAX", "99")), "MAILMAX"
        path, _, parameters = argument.partition(">")
        self._parameters = parameters.split()
        body = [each.partition("=")[2] for each in self._parameters if each.startswith("BODY=")]
        assert self._offered.keys() >= set(body)
        if self._refuses((*REFUSALS, "452 4.5.3 Too many messages sent")):
            return
        self._begun += 1
        self._number = int(path.partition("<m")[2].partition("@")[0])
        self._reply("250 Ok")

    def _rcpt(self, argument):
        if self._number is None:
            self._reply("503 5.5.1 MAIL first")
        elif not self._refuses((*REFUSALS, "452 4.5.3 too many recipients")):
            self._recipients.append(argument[len("TO:<") :].partition(">")[0])
            assert len(self._recipients) <= int(self._limits.get("RCPTMAX", "99")), "RCPTMAX"
            self._reply("250 Ok")

    def _data(self, _):
        if self._number is None:
            self._reply("503 5.5.1 MAIL first")
        elif not self._recipients and self._rng.random() < 0.7:
            self._reply("554 5.5.1 no recipients")
        elif not (self._recipients and self._refuses()):
            self._is_data = True
            self._reply("354 go")

    def _bdat(self, argument):
        size, last = argument.split()
        assert last == "LAST"
        self._chunk = int(size)

    # -- the end of a content --------------------------------------------------------------------

    def _decide(self, octets, *, by_chunk=False):
        number, recipients = self._number, self._recipients
        self._end()
        if not recipients:
            assert octets == b""
            self._reply(self._rng.choice(["250 Ok", "554 5.5.1 no recipients"]))
            return
        assert octets == self._world.contents[number]
        can = b"\0" in octets and by_chunk and "BINARYMIME" in self._offered
        assert can is ("BODY=BINARYMIME" in self._parameters)
        if not self._world.lmtp:
            self._decide_for_all(number, recipients)
            return
        for each in recipients:
            if not self.is_closed and not self._refuses():
                self._take(number, [each])
                self._reply("250 Ok")

    def _decide_for_all(self, number, recipients):
        # At the end of a content the reply alone may be lost.
        is_lost = self._rng.random() < self._world.trouble / 3
        if is_lost or not self._refuses():
            self._take(number, recipients)
            self._reply("250 2.0.0 Ok: queued as 4F1D2")
        if is_lost:
            self.sends.clear()
            self.is_closed = True

    def _take(self, number, recipients):
        self._world.taken.update((number, each) for each in recipients)


def play(flow, reader, world):
    """Run a flow over the present connection, and return what it returns."""
    try:
        request = next(flow)
        while True:
            error = _serve(request, reader, world)
            if error is None:
                request = next(flow)
            else:
                world.server = None
                request = flow.throw(error)
    except StopIteration as end:
        return end.value


def _serve(request, reader, world):
    """Do what a flow asks for; return what goes wrong."""
    server, rng = world.server, world.rng
    if isinstance(request, Close):
        world.server = None
        return None
    if server is None:
        return ConnectionLost("there is no connection")
    is_gone = server.is_closed or server.is_cut
    if isinstance(request, Send):
        # Whether the client notices while it writes is a matter of time.
        if is_gone and rng.random() < 0.5:
            reader.feed(bytes(server.sends))
            server.sends.clear()
            return ConnectionLost("the write failed")
        server.feed(bytes(request.data))
        return None
    assert request in {RECEIVE, PEEK}
    if server.sends:
        count = len(server.sends) if rng.random() < 0.5 else rng.randint(1, len(server.sends))
        reader.feed(bytes(server.sends[:count]))
        del server.sends[:count]
    elif is_gone:
        reader.eof = True
    else:
        assert request is PEEK, "the client waits, and so does the server"
    return None
