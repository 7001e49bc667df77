"""Workers that end by SIGKILL: nothing is lost, and nothing is sent twice."""

import random
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import netmail
from netmail import Envelope
from netmail.delivery.outbox import Outbox
from netmail.testing import MailServer
from support.timing import full

WORKER = Path(__file__).with_name("working_process.py")
LEASE = 1.0


def envelope(number):
    """Return a message for a recipient of its own."""
    content = b"From: a@x.test\r\nMessage-ID: <%d@x.test>\r\n\r\nBody.\r\n" % number
    return Envelope("a@x.test", (f"{number}@x.test",), content)


def start(path, server, lease=LEASE):
    """Start a worker, and return when it is about to begin."""
    command = [sys.executable, WORKER, path, server.smtp_url, str(lease)]
    worker = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert worker.stdout.readline() == b"begun\n"
    return worker


def kill_after(worker, seconds):
    """Kill a worker that has not ended after a time; return whether it was killed."""
    with worker:
        try:
            worker.wait(seconds)
        except subprocess.TimeoutExpired:
            worker.kill()
            return True
        return False


def test_killed_at_random(tmp_path):
    """Each message is delivered once, or reported as uncertain and not sent again."""
    count, kills = full((2000, 200), quick=(120, 6))
    path = tmp_path / "outbox.sqlite"
    chance = random.Random(20261122)
    with MailServer(accept_any=True) as server, Outbox(path) as outbox:
        for number in range(count):
            outbox.add(envelope(number))
        killed = 0
        while killed < kills and outbox.status().sent < count:
            # The first one at once: a fast machine sends everything in the time of the others.
            seconds = chance.uniform(0, 0.2) if killed else 0.0
            killed += kill_after(start(path, server), seconds)
        # Those of the last worker are found when its lease is over.
        client = netmail.Transport(server.smtp_url)
        while outbox.status().queued + outbox.status().leased + outbox.status().sending:
            outbox.work(client, lease=timedelta(seconds=LEASE))
        delivered = Counter(each.recipients[0] for each in server.sent)
        states = {each.recipients[0].address: each.state for each in outbox.messages()}

    uncertain = [address for address, state in states.items() if state == "uncertain"]
    sent = [address for address, state in states.items() if state == "sent"]
    assert len(states) == count
    assert set(states.values()) <= {"sent", "uncertain"}
    assert [address for address in sent if not delivered[address]] == []
    assert set(delivered.values()) == {1}
    # Far fewer than were leased: only what was marked as being sent is in doubt.
    assert killed > 0
    assert len(uncertain) <= killed * 64


def test_two_processes(tmp_path):
    """Two workers at once send each message once."""
    count = full(2000, quick=100)
    path = tmp_path / "outbox.sqlite"
    with MailServer(accept_any=True) as server, Outbox(path) as outbox:
        for number in range(count):
            outbox.add(envelope(number))
        workers = [start(path, server, lease=60) for _ in range(2)]
        for worker in workers:
            with worker:
                assert worker.wait(600) == 0
        sent = outbox.status().sent
        delivered = Counter(each.recipients[0] for each in server.sent)

    assert sent == count
    assert delivered == Counter(f"{number}@x.test" for number in range(count))
