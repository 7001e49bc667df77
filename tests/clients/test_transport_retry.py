"""Messages that are tried again: what was refused for now or not sent, and never twice."""

import pytest

from netmail.clients.async_transport import AsyncTransport
from netmail.clients.transport import Transport
from netmail.envelope import Envelope
from netmail.errors import MailTimeout, UsageError
from netmail.options.retry import RetryPolicy
from netmail.results.smtp import SendStage
from netmail.testing import MailServer
from support.twins import maker

TO = tuple(f"r{number}@example.test" for number in range(4))
SOON = RetryPolicy(attempts=3, delay=0.001, jitter=0)


def message(*recipients):
    """A message."""
    return Envelope("a@x.test", recipients, b"Subject: x\r\n\r\nhello\r\n")


def each():
    """A message for each recipient."""
    return [message(address) for address in TO]


@pytest.fixture
def server():
    """A server with these recipients."""
    with MailServer(list(TO)) as started:
        yield started


@pytest.fixture(params=["blocking", "asyncio"])
def client(request, server):
    """A client of it, of either kind in turn."""
    for make in maker(request.param, Transport, AsyncTransport):
        with make(server.smtp_url) as made:
            yield made


@pytest.fixture(params=["send", "stream"])
def deliver(request, client):
    """Send messages by either method; return the results."""

    def sent(*messages, **options):
        return list(getattr(client, request.param)(*wrapped(messages), **options))

    def wrapped(messages):
        return messages if request.param == "send" else (messages,)

    return sent


def delivered(server):
    """The recipients of each message that the server took."""
    return [tuple(each.recipients) for each in server.sent]


def test_refused_for_now(server, deliver, client):
    """The recipient that was refused for now is tried again, and nobody else."""
    server.fail(rcpt=TO[1], code=450, times=2)
    (result,) = deliver(message(*TO), retry=SOON)

    assert result
    assert [each.address for each in result.recipients] == list(TO)
    assert delivered(server) == [(TO[0], TO[2], TO[3]), (TO[1],)]
    assert len(result.replies) == 2
    assert client.queue == ()


def test_results_stay_in_order(server, deliver):
    """Messages that were refused for now have their results in their places."""
    server.fail(rcpt=TO[0], code=450, times=1)
    server.fail(content=TO[2], code=451, times=2)
    results = deliver(*each(), retry=SOON)

    assert all(results)
    assert [each.envelope.recipients[0] for each in results] == list(TO)
    assert sorted(delivered(server)) == [(address,) for address in TO]


def test_attempts_end(server, deliver):
    """After the last attempt the refusal is the result."""
    rule = server.fail(rcpt=TO[0], code=450)
    first, second = deliver(message(TO[0]), message(TO[1]), retry=SOON)

    assert [(each.code, each.transient) for each in first.refused] == [(450, True)]
    assert second
    assert first.retryable == message(TO[0])
    assert rule.hits == 1 + 3


def test_refused_for_good(server, deliver, client):
    """What is refused for good is not tried again."""
    rule = server.fail(rcpt=TO[0], code=550)
    (result,) = deliver(message(TO[0]), retry=SOON)

    assert [each.permanent for each in result.refused] == [True]
    assert rule.hits == 1
    assert client.queue == ()


@pytest.mark.parametrize("again", [False, True])
def test_uncertain(server, deliver, client, again):
    """What may have been delivered is sent again only where the caller asks for that."""
    server.fail(content=TO[0], drop="after", times=1)
    first, second = deliver(message(TO[0]), message(TO[1]), retry=SOON, retry_uncertain=again)

    assert second
    assert first.uncertain is not again
    assert delivered(server).count((TO[0],)) == 1 + again
    assert client.uncertain == (() if again else (message(TO[0]),))


def test_uncertain_to_the_end(server, deliver, client):
    """After the last attempt it is uncertain, and not in the queue."""
    server.fail(content=TO[0], drop="after")
    (result,) = deliver(message(TO[0]), retry=SOON, retry_uncertain=True)

    assert result.uncertain
    assert client.uncertain == (message(TO[0]),)
    assert client.queue == ()


def test_uncertain_since_an_earlier_call(server, client):
    """A call sends again what was lost in it, and not what an earlier one left in doubt."""
    server.fail(rcpt=TO[1], code=450, times=2)
    server.fail(content=TO[0], drop="after", times=1)
    client.send(message(TO[0], TO[1]))
    assert client.send(retry=SOON, retry_uncertain=True)

    assert delivered(server) == [(TO[0],), (TO[1],)]
    assert client.uncertain == (message(TO[0]),)


FATES = {"for good": {"code": 550}, "for now": {"code": 450}}


@pytest.mark.parametrize("fate", FATES)
@pytest.mark.parametrize("place", ["rcpt", "content"])
def test_uncertain_whatever_becomes_of_a_copy(server, deliver, client, place, fate):
    """The first copy may be delivered: a refusal of another one takes nothing back."""
    server.fail(content=TO[0], drop="after", times=1)
    # The rule before it takes the first content, and nothing of the first RCPT.
    later = server.fail(**{place: TO[0]}, **FATES[fate], after=int(place == "rcpt"))
    (result,) = deliver(message(TO[0]), retry=SOON, retry_uncertain=True)

    assert delivered(server) == [(TO[0],)]
    assert result.uncertain
    assert result.recipients[0].status == "uncertain"
    assert result.retryable is None
    assert client.uncertain == (message(TO[0]),)
    assert client.queue == ()
    assert (later.hits == 1) is (fate == "for good")


@pytest.mark.parametrize("place", ["mail", "data"])
def test_not_sent(server, deliver, place):
    """What was not sent since each connection ended is sent over a later one."""
    server.fail(**{place: "a@x.test"}, drop=True, times=3)
    results = deliver(*each(), retry=SOON)

    assert all(results)
    assert delivered(server) == [(address,) for address in TO]


def test_no_connection_at_first(server, deliver):
    """Connecting is tried again too."""
    server.fail(connect="smtp", code=421, times=2)

    assert all(deliver(message(TO[0]), retry=SOON))


def test_no_connection_between(server, deliver):
    """So is connecting after a lost connection."""
    server.fail(mail="a@x.test", drop=True, times=1, after=1)
    server.fail(connect="smtp", code=421, times=2, after=1)

    assert all(deliver(*each(), retry=SOON))
    assert delivered(server) == [(address,) for address in TO]


def test_without_policy(server, deliver):
    """Nothing is tried again unless the caller asks for it."""
    rule = server.fail(rcpt=TO[0], code=450, times=1)
    (result,) = deliver(message(TO[0]))

    assert result.retryable == message(TO[0])
    assert rule.hits == 1


def test_deadline(server, client):
    """The deadline of the call ends the attempts, and the report says so."""
    server.fail(rcpt=TO[0], code=450)
    with client.deadline(0.3):
        report = client.send(message(TO[0]), retry=RetryPolicy(attempts=None, delay=20, jitter=0))

    assert isinstance(report.error, MailTimeout)
    assert report[0].recipients[0].stage is SendStage.RCPT
    assert client.queue == (message(TO[0]),)


def test_stream_reads_no_further_than_the_window(server, client):
    """While a message waits, the iterable is not read without end."""
    server.fail(rcpt=TO[0], code=450, times=2)
    read = 0

    def counted():
        nonlocal read
        yield message(TO[0])
        for _ in range(500):
            read += 1
            yield message(TO[1])

    results = client.stream(counted(), retry=SOON)
    assert next(results)
    assert read <= client.options.window + 1
    assert sum(map(bool, results)) == 500


@pytest.mark.parametrize(
    ("wrong", "text"),
    [({"retry": 3}, "RetryPolicy"), ({"retry_uncertain": True}, "needs retry")],
    ids=["no policy", "uncertain alone"],
)
def test_wrong_options(deliver, wrong, text):
    """What cannot be meant is refused before anything is sent."""
    with pytest.raises(UsageError, match=text):
        deliver(message(TO[0]), **wrong)
