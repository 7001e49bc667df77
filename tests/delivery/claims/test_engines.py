"""Celery and procrastinate with Debian's Redis and PostgreSQL: none lost, none twice."""

import time
from collections import Counter

import pytest

from delivery.claims.daemons import Postgresql, Redis
from delivery.claims.workers import Worker
from delivery.recording_server import RecordingServer
from netmail import Message, envelope_of
from netmail.delivery import Mailer, MailerNotRunning
from netmail.testing import MailServer
from servers.process import ServerMissing, open_folder
from support.timing import FULL, full

pytestmark = pytest.mark.servers
COUNT = full(200, quick=20)
RETRY = {"attempts": 3, "delay": 0.5, "max_delay": 2}


@pytest.fixture(params=["celery", "procrastinate"])
def engine(request):
    """The manager's directives, with its server running."""
    use = request.param
    with open_folder("engine") as folder:
        try:
            server = (Redis if use == "celery" else Postgresql)(folder)
        except ServerMissing as error:
            pytest.skip(str(error))
        with server:
            if use == "celery":
                yield {"use": use, "broker": server.url, "visibility_timeout": 5, "retry": RETRY}
            else:
                yield {"use": use, "database": server.url, "heartbeat": 1, "retry": RETRY}


@pytest.fixture
def config(engine):
    """A mailer's configuration, and the server that records."""
    with RecordingServer() as recorder:
        transport = {"use": "smtp", "url": recorder.url, "tls": "none"}
        config = {"manager": engine, "transport": transport}
        if engine["use"] == "procrastinate":
            with Mailer({**config}).manager.app.open() as app:
                app.schema_manager.apply_schema()
        yield config, recorder


def wait_for(condition, seconds=120):
    """Wait until a condition is true; a worker is another process."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_none_lost_and_none_twice(config, tmp_path):
    """Two workers, one of them killed in between where the proof is whole.

    What the killed one may have delivered is parked, and is sent again when a user says so.
    """
    config, recorder = config
    use = config["manager"]["use"]
    recorder.pause = full(0.05, quick=0)
    addresses = [f"{number}@x.test" for number in range(COUNT)]
    with (
        Mailer(config) as mailer,
        Worker(use, config, tmp_path, "first") as first,
        Worker(use, config, tmp_path, "second"),
    ):
        receipts = {each: mailer.send(Message("a@x.test", each)) for each in addresses}
        refused = mailer.send(Message("a@x.test", "refused@x.test")) if not FULL else None
        if FULL:
            wait_for(lambda: len(recorder.delivered) >= 60)
            first.kill()
        results = {address: each.result(120) for address, each in receipts.items()}
        parked = mailer.manager.parked()
        uncertain = {each.recipients[0] for each in parked}
        delivered = Counter(recorder.delivered)

        assert {address for address, each in results.items() if each.uncertain} == uncertain
        assert all(results[each] for each in addresses if each not in uncertain)
        assert set(delivered.values()) <= {1}
        assert set(addresses) - set(delivered) <= uncertain
        assert len(uncertain) <= 2 * 2
        if refused is not None:
            assert refused.result(60).recipients[0].code == 550
        for each in parked:
            mailer.manager.retry(each.key)
        wait_for(lambda: not mailer.manager.parked())
        wait_for(lambda: set(addresses) <= set(recorder.delivered))


def test_lives(config, tmp_path):
    """What is queued outlives the mailer, in any number of lives; it arrives as it was given."""
    config, recorder = config
    use = config["manager"]["use"]
    hidden = Message("a@x.test", "b@x.test", "S", cc="c@x.test", bcc="d@x.test", plain="t")
    given = envelope_of(hidden)
    with MailServer(accept_any=True) as server:
        config["transport"]["url"] = server.smtp_url
        mailer = Mailer(config)
        with mailer:
            first = mailer.send(hidden)
        with pytest.raises(MailerNotRunning):
            mailer.send(hidden)
        with mailer, Worker(use, config, tmp_path, "only"):
            second = mailer.send(Message("a@x.test", "e@x.test", plain="t"))
            results = [each.result(120) for each in (first, second)]
        sent = {each.recipients: each for each in server.sent}

    assert all(results)
    assert recorder.delivered == []
    assert len(server.sent) == 2
    assert set(sent) == {given.recipients, ("e@x.test",)}
    assert sent[given.recipients].sender == "a@x.test"
    assert bytes(given.content) in sent[given.recipients].mail.raw
    assert b"d@x.test" not in sent[given.recipients].mail.raw
