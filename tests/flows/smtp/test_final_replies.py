"""LMTP: a final reply for each recipient, and the session's beginning."""

import pytest

from netmail.errors import ConnectError, ConnectionLost, ProtocolError, SmtpError
from netmail.flows.handshake import Handshake
from netmail.flows.smtp.session import SmtpSession
from netmail.options.options import MailProtocol, parse_options
from netmail.results.smtp import SendStage, SendStatus
from support.replay import replay
from support.smtp_batch import PIPELINING, Batch, Call, envelope

OPTIONS = parse_options(MailProtocol.SMTP, "lmtp://localhost")
TO = ("a@x.test", "b@x.test", "c@x.test")
ENVELOPE = """
    C: MAIL FROM:<ann@x.test> SIZE=15
    C: RCPT TO:<a@x.test>
    C: RCPT TO:<b@x.test>
    C: RCPT TO:<c@x.test>
    S: 250 Ok
    S: 250 Ok
    S: 250 Ok
    S: 250 Ok
    C: DATA
    S: 354 go
    C! A: b\\r\\n\\r\\nhello\\r\\n.\\r\\n
"""


@pytest.fixture(params=[None, 1], ids=["whole", "octets"])
def size(request):
    """How many octets of the server's arrive at a time; None for whole turns."""
    return request.param


@pytest.fixture
def batch():
    """An LMTP session with a message for three recipients."""
    made = Batch(SmtpSession(OPTIONS))
    made.session.capabilities = dict(PIPELINING)
    made.queue.add(envelope(*TO))
    return made


def sent(batch, final, size):
    """Send up to the final replies; return the report, and whether another connection is wanted."""
    task = Call(batch)

    def sending():
        more = yield from task.over()
        return task.report(), more

    return replay(sending(), batch.session.reader, ENVELOPE + final, size=size)


def codes(result):
    """The recipients' letters with their codes: accepted, refused."""
    return [
        {each.address[0]: each.code for each in group}
        for group in (result.accepted, result.refused)
    ]


def test_one_reply_each(batch, size):
    """Each recipient has its own outcome, also where a reply has several lines."""
    replies = "S: 250-2.1.5 good\nS: 250 2.1.5 delivered\nS: 550 5.2.1 no\nS: 452 4.2.2 full\n"
    report, more = sent(batch, replies, size)

    assert codes(report[0]) == [{"a": 250}, {"b": 550, "c": 452}]
    assert report[0].stage is SendStage.DONE
    assert report[0].error is None
    assert not report
    # 452 after the content is about the mailbox: the message is not sent again at once.
    assert not more
    assert batch.pending == [("c@x.test",)]
    assert batch.uncertain == []


def test_all_refused(batch, size):
    """A message that no mailbox takes has an error."""
    report, _ = sent(batch, "S: 550 no\nS: 550 no\nS: 450 later\n", size)

    assert codes(report[0]) == [{}, {"a": 550, "b": 550, "c": 450}]
    assert report[0].stage is SendStage.REPLY
    assert type(report[0].error) is SmtpError
    assert not report[0].uncertain
    assert batch.pending == [("c@x.test",)]


@pytest.mark.parametrize("end", ["EOF", "LOST", "TIMEOUT"])
def test_lost_between_the_replies(batch, size, end):
    """What was decided is kept; the others are uncertain, and are not sent again."""
    report, _ = sent(batch, f"S: 250 Ok\nS: 450 later\n{end}", size)

    assert codes(report[0]) == [{"a": 250}, {"b": 450}]
    assert report[0].recipients[2].status is SendStatus.UNCERTAIN
    assert report[0].uncertain
    assert batch.pending == [("b@x.test",)]
    assert batch.uncertain == [("c@x.test",)]


def test_closing_between_the_replies(batch, size):
    """A 421 refuses its recipient, and leaves the others uncertain."""
    report, _ = sent(batch, "S: 250 Ok\nS: 421 4.3.2 closing\n", size)

    assert codes(report[0]) == [{"a": 250}, {"b": 421}]
    assert report[0].uncertain
    assert type(report[0].error) is ConnectionLost
    assert batch.uncertain == [("c@x.test",)]


def test_no_final_reply(batch, size):
    """A reply that is neither positive nor a refusal ends the connection."""
    report, more = sent(batch, "S: 250 Ok\nS: 354 go\n", size)

    assert type(report[0].error) is ProtocolError
    assert codes(report[0]) == [{"a": 250}, {}]
    assert batch.uncertain == [("b@x.test", "c@x.test")]
    assert not more


# -- the beginning of a session ----------------------------------------------------------------


def opened(transcript, size, **options):
    """Open a session as libcurl leaves it: connected, and nothing sent or read."""
    session = SmtpSession(parse_options(MailProtocol.SMTP, "lmtp://localhost", **options))
    replay(session.open(Handshake((), encrypted=False)), session.reader, transcript, size=size)
    return session


def test_greeting(size):
    """RFC 2033 section 4.1: LHLO, and the extensions."""
    transcript = "S: 220-foo.edu\nS: 220 LMTP\nC: LHLO {}\nS: 250-foo.edu\nS: 250 SIZE 10\n"
    session = opened(transcript.format("localhost"), size)

    assert session.capabilities == {"SIZE": ("10",)}
    assert opened(transcript.format("me.test"), size, local_hostname="me.test").capabilities


def test_no_service(size):
    """A server without service is an error of connecting."""
    with pytest.raises(ConnectError, match="554 no service here"):
        opened("S: 554 no service here\n", size)


def test_smtp_server(size):
    """A server of SMTP refuses LHLO."""
    with pytest.raises(SmtpError, match="LHLO: 502"):
        opened("S: 220 mx\nC: LHLO localhost\nS: 502 5.5.1 not implemented\n", size)
