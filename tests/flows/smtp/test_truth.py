"""Whatever servers do, results are true: what was accepted arrived once, and what was not, did not.

Each example draws messages, options, servers and their failures, and makes some calls in turn.
"""

import random
from collections import defaultdict
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from netmail.envelope import Envelope
from netmail.errors import ConnectionLost
from netmail.flows.flow import Connect, More
from netmail.flows.smtp.batch import Batch
from netmail.flows.smtp.intake import MessageIntake
from netmail.flows.smtp.retries import retries_by
from netmail.flows.smtp.session import SmtpSession
from netmail.flows.streaming import Streaming
from netmail.options.options import MailProtocol, parse_options
from netmail.options.retry import RetryPolicy
from netmail.results.smtp import SendStatus
from netmail.wire import dot, smtp
from support.smtp_world import World, play

BODIES = (b"A: b\r\n\r\nhello\r\n", b"\r\n.\r\n..x\r\n", b"\r\n\0x\r\n", b"\r\n\xff\r\n", b"")
POLICY = RetryPolicy(attempts=3, delay=0.001)
ACCEPTED, UNCERTAIN = SendStatus.ACCEPTED, SendStatus.UNCERTAIN
NOT_SENT = SendStatus.NOT_SENT


class Client:
    """A session, the servers that it meets, and its results so far.

    Attributes:
        messages: What there is to send.
        statuses: The status of each recipient in each result, by number and address.
    """

    def __init__(self, rng):
        self._rng = rng
        self.messages = [message(number, rng) for number in range(rng.randint(1, 12))]
        contents = {n: dot.canonical(each.content) for n, each in enumerate(self.messages)}
        lmtp = rng.random() < 0.2
        self._world = World(rng, contents, rng.choice([0, 0.02, 0.1, 0.3]), lmtp=lmtp)
        options = replace(
            parse_options(MailProtocol.SMTP, host="localhost", lmtp=lmtp),
            pipelining=rng.choice(["full", "full", "full", "envelope", "off"]),
            chunking=rng.choice([True, False]),
            window=rng.choice([1, 2, 8]),
            max_messages=rng.choice([None, None, 1, 3]),
        )
        self._session = SmtpSession(options)
        self._usual = self._world.offers() if rng.random() < 0.6 else None
        self.statuses = defaultdict(list)
        self._has_repeated = False

    def call(self, numbers):
        """Send these messages, and what waits in the queue, by `send()` or by `stream()`."""
        rng, session = self._rng, self._session
        messages = [self.messages[number] for number in numbers]
        again = rng.random() < 0.15
        self._has_repeated |= again
        policy = POLICY if again or rng.random() < 0.3 else None
        retries = retries_by(policy, uncertain=again)
        self._world.connections = 0
        if rng.random() < 0.5:
            intake = MessageIntake(messages, session.options.window + 1)
            batch = Batch(session, intake=intake, retries=retries)
            results = self._converse(batch, leaves=rng.random() < 0.2)
            assert numbers[: len(results)] == [number_of(each) for each in results]
            results += batch.rest()
        else:
            batch = Batch(session, messages, retries=retries)
            self._converse(batch)
            results = list(batch.report())
            if batch.failure is None:
                assert batch.report().retryable() == session.queue.pending
        assert len({number_of(each) for each in results}) == len(results)
        for each in results:
            self._note(each)
        self.judge()

    def _converse(self, batch, *, leaves=False):
        """Run a call; return the results that its iterator has yielded."""
        streaming, results, failure = Streaming(batch.run()), [], None
        while not streaming.has_ended:
            values = play(streaming.next(failure), self._session.reader, self._world)
            results += values
            failure = self._serve(streaming.asked)
            if leaves and values and streaming.asked is None and not streaming.has_ended:
                play(streaming.leave(), self._session.reader, self._world)
                streaming.close()
        return results

    def _serve(self, asked):
        """Do what a conversation asks for between its steps; return why that cannot be had."""
        if isinstance(asked, More):
            intake, count = asked.intake, self._rng.randint(1, 4)
            while count and intake.wants:
                if (item := next(intake.items, None)) is None:
                    intake.end()
                else:
                    intake.add(item)
                count -= 1
        elif isinstance(asked, Connect):
            server = self._world.server
            if asked is Connect.ANOTHER or server is None or server.is_closed or server.is_cut:
                return self._connect()
        return None

    def _connect(self):
        assert self._world.connections < 200, "it connects for ever"
        session, offered = self._session, self._usual or self._world.offers()
        if not self._world.connect(offered):
            return ConnectionLost("no connection")
        session.reader.reset()
        session.replies = smtp.ReplyParser(session.reader)
        session.transaction_open, session.messages_sent = False, 0
        session.openings += 1
        session.capabilities = offered
        return None

    def _note(self, result):
        """Keep the statuses of a result; it must fit to what is left of the message."""
        left = () if result.retryable is None else result.retryable.recipients
        for each in result.recipients:
            self.statuses[number_of(result), each.address].append(each.status)
            assert (each.address in left) is (each.status is NOT_SENT or each.transient)

    def judge(self):
        """Compare all results with what the servers have taken."""
        taken, queue = self._world.taken, self._session.queue
        assert taken.keys() <= self.statuses.keys()
        in_doubt = {(number_of(each), to) for each in queue.uncertain for to in each.recipients}
        for place, found in self.statuses.items():
            certain, doubtful = found.count(ACCEPTED), found.count(UNCERTAIN)
            # With retry_uncertain one status may be about several copies.
            most = 99 if self._has_repeated and (certain or doubtful) else certain + doubtful
            assert certain <= taken[place] <= most
            assert (place in in_doubt) is bool(doubtful)


def message(number, rng):
    """A message with its number in the sender, for some recipients of two domains."""
    to = tuple(f"r{each}@x{each % 2}.test" for each in range(rng.randint(1, 4)))
    return Envelope(f"m{number}@x.test", to, rng.choice(BODIES) + b"n%d" % number)


def number_of(result):
    """Which message a result or an envelope is about."""
    sender = result.sender if isinstance(result, Envelope) else result.envelope.sender
    return int(sender[1:].partition("@")[0])


@given(st.integers(0, 1 << 32))
def test_results_are_true(seed):
    """Some calls one after another, each with its part of the messages, and the last with none."""
    rng = random.Random(seed)
    client = Client(rng)
    first = rng.randint(0, len(client.messages))
    for numbers in (range(first), range(first, len(client.messages)), range(0)):
        client.call(list(numbers))
