"""Malformed SMTP replies: each ends in a documented error, in bounded memory, never in an answer.

The table is made of families of faults, each put in every place where a reply is awaited.
"""

import itertools
from collections.abc import Callable, Iterator

import pytest

from netmail.envelope import Envelope
from netmail.errors import ConnectionLost, ProtocolError, SmtpError
from netmail.flows.flow import PEEK, Close, Flow, Send
from netmail.flows.smtp import batch, commands
from netmail.flows.smtp.queue import SendQueue
from netmail.flows.smtp.session import SmtpSession
from netmail.options.options import MailProtocol, parse_options
from netmail.results.smtp import SendReport

OPTIONS = parse_options(MailProtocol.SMTP, host="localhost")
DOCUMENTED = (ConnectionLost, ProtocolError, SmtpError)
MOST = 24 * 1024 * 1024
"""Octets that a flood has; a flow that takes them all would take any number."""

# What the server sends in place of the reply, and then closes.
CUT = {
    "silence": b"",
    "one digit": b"2",
    "code only": b"250",
    "text without line end": b"250 Ok",
    "carriage return only": b"250 Ok\r",
    "continued": b"250-Ok\r\n",
    "continued and cut": b"250-Ok\r\n250",
    "continued twice": b"250-Ok\r\n250-still\r\n",
}
WRONG = {
    "empty line": b"\r\n",
    "blank line": b"   \r\n",
    "text": b"Ok\r\n",
    "code of two digits": b"25 Ok\r\n",
    "code of four digits": b"2500 Ok\r\n",
    "code 000": b"000 Ok\r\n",
    "code 100": b"100 Ok\r\n",
    "code 199": b"199 Ok\r\n",
    "code 600": b"600 Ok\r\n",
    "code 999": b"999 Ok\r\n",
    "negative code": b"-250 Ok\r\n",
    "hexadecimal code": b"0xfa Ok\r\n",
    "letter O for zero": b"25O Ok\r\n",
    "blank before the code": b" 250 Ok\r\n",
    "no blank": b"250Ok\r\n",
    "tab": b"250\tOk\r\n",
    "plus": b"250+Ok\r\n",
    "code changes to a refusal": b"250-Ok\r\n550 no\r\n",
    "code changes to an agreement": b"550-no\r\n250 Ok\r\n",
    "code changes in the middle": b"250-Ok\r\n251-Ok\r\n250 Ok\r\n",
    "no code in the last line": b"250-Ok\r\nOk\r\n",
    "empty line in a reply": b"250-Ok\r\n\r\n250 Ok\r\n",
    "POP3": b"+OK\r\n",
    "IMAP": b"* OK ready\r\n",
    "HTTP": b"HTTP/1.1 200 OK\r\n\r\n",
    "TLS alert": b"\x15\x03\x03\x00\x02\x02\x28\n",
    "TLS handshake": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n",
    "SSH": b"SSH-2.0-OpenSSH_9.2\r\n",
    "NULs": b"\0\0\0\0\r\n",
    "binary": bytes(range(256)) + b"\r\n",
    "UTF-16": "250 Ok\r\n".encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf250 Ok\r\n",
    "digits of another script": "٢٥٠ Ok\r\n".encode(),
    "challenge": b"334 VXNlcm5hbWU6\r\n",
    "goodbye": b"421 4.3.2 shutting down\r\n",
    "goodbye in several lines": b"421-4.3.2 shutting\r\n421 4.3.2 down\r\n",
    "goodbye within a reply": b"250-Ok\r\n421 down\r\n",
}
FLOODS = {
    "endless line": b"x" * 65_536,
    "endless line with a code": b"250 " + b"x" * 65_532,
    "endless reply": b"250-more\r\n" * 1_000,
    "endless reply of long lines": b"250-" + b"x" * 60_000 + b"\r\n",
    "endless NULs": b"\0" * 65_536,
    "endless empty lines": b"\r\n" * 1_000,
}

MAIL = b"250 Ok\r\n"
GO = MAIL + MAIL + b"354 go\r\n"


def send(flows: SmtpSession) -> Flow[SendReport]:
    """Send the message that waits."""
    return batch.send(flows, flows.queue)


# Where a reply is awaited: the conversation, and the good replies before it.
PLACES: dict[str, tuple[Callable[[SmtpSession], Flow[object]], bytes]] = {
    "NOOP": (lambda flows: flows.noop(), b""),
    "VRFY": (lambda flows: commands.verify(flows, "bob"), b""),
    "EXPN": (lambda flows: commands.expn(flows, "staff"), b""),
    "HELP": (commands.help, b""),
    "exec": (lambda flows: commands.exec(flows, "EHLO me"), b""),
    "MAIL": (send, b""),
    "RCPT": (send, MAIL),
    "DATA": (send, MAIL + MAIL),
    "content": (send, GO),
}
FAULTS = {**CUT, **WRONG}
CASES = list(itertools.product(PLACES, FAULTS))


def session() -> SmtpSession:
    """A session with one message to send."""
    flows = SmtpSession(OPTIONS)
    flows.queue = SendQueue()
    flows.capabilities = {"PIPELINING": ()}
    flows.queue.add(Envelope("ann@x.test", ("bob@x.test",), b"A: b\r\n\r\nhello\r\n"))
    return flows


def answers(good: bytes, fault: bytes, *, endless: bool) -> Iterator[bytes]:
    """What the server sends, a piece a wait: good replies, the fault, and the end."""
    yield from (line + b"\r\n" for line in good.split(b"\r\n")[:-1])
    yield fault
    if endless:
        yield from itertools.repeat(fault, MOST // len(fault))


def outcome(flows: SmtpSession, flow: Flow[object], pieces: Iterator[bytes]) -> object:
    """Run a conversation; return its value, or the error it ends in."""
    try:
        want = next(flow)
        while True:
            if not isinstance(want, Send | Close) and want is not PEEK:
                piece = next(pieces, None)
                if piece is None:
                    flows.reader.eof = True
                else:
                    flows.reader.feed(piece)
            want = next(flow)
    except StopIteration as end:
        return end.value
    except DOCUMENTED as error:
        return error


def judge(place: str, found: object, flows: SmtpSession) -> None:
    """An error stands where an answer could; the message is where the truth is."""
    if PLACES[place][0] is not send:
        assert isinstance(found, DOCUMENTED)
        return
    assert isinstance(found, SendReport)
    assert not found
    assert found.accepted == ()
    assert isinstance(found.error, DOCUMENTED)
    assert isinstance(found[0].error, DOCUMENTED)
    kept = flows.queue.uncertain if found[0].uncertain else flows.queue.pending
    assert [item.recipients for item in kept] == [("bob@x.test",)]
    assert len(flows.queue.uncertain) + len(flows.queue.pending) == 1


def test_there_are_a_hundred():
    """The table has what it promises."""
    assert len(CASES) + len(PLACES) * len(FLOODS) >= 100


@pytest.mark.parametrize(("place", "fault"), CASES, ids=map(" ".join, CASES))
def test_malformed_reply(place, fault):
    """No malformed reply is taken for an answer."""
    flows = session()
    talk, good = PLACES[place]
    found = outcome(flows, talk(flows), answers(good, FAULTS[fault], endless=False))

    judge(place, found, flows)


@pytest.mark.parametrize("flood", FLOODS)
@pytest.mark.parametrize("place", PLACES)
def test_flood(place, flood):
    """A reply without end is given up long before its end, in bounded memory."""
    flows = session()
    talk, good = PLACES[place]
    found = outcome(flows, talk(flows), answers(good, FLOODS[flood], endless=True))

    judge(place, found, flows)
    assert flows.reader.received <= flows.reader.limits.line + 256 * 1024
    assert len(flows.reader._buffer) <= 4 * flows.reader.limits.line


def test_answer_that_came_with_the_354():
    """What came before the content was sent is no answer to it."""
    flows = session()
    found = outcome(
        flows, batch.send(flows, flows.queue), iter([MAIL + MAIL, b"354 go\r\n250 2.0.0 Ok\r\n"])
    )

    judge("content", found, flows)
    assert not found[0].uncertain


def test_answers_that_came_before_the_commands():
    """Replies that were slipped in before we spoke are no answers."""
    flows = session()
    flows.reader.feed(MAIL * 9)
    found = outcome(flows, batch.send(flows, flows.queue), iter([]))

    judge("MAIL", found, flows)
