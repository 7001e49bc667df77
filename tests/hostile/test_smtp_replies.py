"""Malformed SMTP replies: none is accepted, and each ends in a documented error in bounded memory.

The table has families of malformed replies, each at every place where a reply is awaited.
"""

import itertools
from collections.abc import Callable, Iterator

import pytest

from netmail.errors import ConnectionLost, ProtocolError, SmtpError
from netmail.flows.flow import PEEK, Close, Flow, Send
from netmail.flows.smtp import commands
from netmail.results.smtp import SendReport
from support.smtp_batch import Batch, batch_of, envelope, sending

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
    "spaces": b"   \r\n",
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
    "space before the code": b" 250 Ok\r\n",
    "no space": b"250Ok\r\n",
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
    "421": b"421 4.3.2 shutting down\r\n",
    "421 in several lines": b"421-4.3.2 shutting\r\n421 4.3.2 down\r\n",
    "421 within a reply": b"250-Ok\r\n421 down\r\n",
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


# Where a reply is awaited: the conversation, and the good replies before it.
PLACES: dict[str, tuple[Callable[[Batch], Flow[object]], bytes]] = {
    "NOOP": (lambda batch: batch.session.noop(), b""),
    "VRFY": (lambda batch: commands.verify(batch.session, "bob"), b""),
    "EXPN": (lambda batch: commands.expn(batch.session, "staff"), b""),
    "HELP": (lambda batch: commands.help(batch.session), b""),
    "RSET": (lambda batch: commands.rset(batch.session), b""),
    "exec": (lambda batch: commands.exec(batch.session, "EHLO me"), b""),
    "MAIL": (sending, b""),
    "RCPT": (sending, MAIL),
    "DATA": (sending, MAIL + MAIL),
    "content": (sending, GO),
}
MALFORMED = {**CUT, **WRONG}
CASES = list(itertools.product(PLACES, MALFORMED))


def one_message() -> Batch:
    """A session with one message to send."""
    return batch_of(envelope(), offered={"PIPELINING": ()})


def received(good: bytes, bad: bytes, *, endless: bool = False) -> Iterator[bytes]:
    """What the server sends, a piece a wait: good replies, the bad one, and the end."""
    yield from (line + b"\r\n" for line in good.split(b"\r\n")[:-1])
    yield bad
    if endless:
        yield from itertools.repeat(bad, MOST // len(bad))


def outcome(batch: Batch, flow: Flow[object], pieces: Iterator[bytes]) -> object:
    """Run a conversation; return its value, or the error it ends in."""
    reader = batch.session.reader
    try:
        request = next(flow)
        while True:
            if not isinstance(request, Send | Close) and request is not PEEK:
                piece = next(pieces, None)
                if piece is None:
                    reader.eof = True
                else:
                    reader.feed(piece)
            request = next(flow)
    except StopIteration as end:
        return end.value
    except DOCUMENTED as error:
        return error


def judge(place: str, found: object, batch: Batch) -> None:
    """The outcome is an error, and the message is pending or uncertain as the report says."""
    if PLACES[place][0] is not sending:
        assert isinstance(found, DOCUMENTED)
        return
    assert isinstance(found, SendReport)
    assert not found
    assert found.accepted == ()
    assert isinstance(found.error, DOCUMENTED)
    assert isinstance(found[0].error, DOCUMENTED)
    assert batch.uncertain == ([("bob@x.test",)] if found[0].uncertain else [])
    assert batch.pending == ([] if found[0].uncertain else [("bob@x.test",)])


@pytest.mark.parametrize(("place", "malformed"), CASES, ids=map(" ".join, CASES))
def test_malformed_reply(place, malformed):
    """No malformed reply is accepted."""
    batch = one_message()
    conversation, good = PLACES[place]
    found = outcome(batch, conversation(batch), received(good, MALFORMED[malformed]))

    judge(place, found, batch)


@pytest.mark.parametrize("flood", FLOODS)
@pytest.mark.parametrize("place", PLACES)
def test_flood(place, flood):
    """Replies without end are refused at the limit, and take no more memory than it allows."""
    batch = one_message()
    conversation, good = PLACES[place]
    found = outcome(batch, conversation(batch), received(good, FLOODS[flood], endless=True))
    reader = batch.session.reader

    judge(place, found, batch)
    assert reader.received <= reader.limits.line + 256 * 1024
    assert len(reader._buffer) <= 4 * reader.limits.line


def test_final_reply_before_the_content():
    """A reply that arrives with the 354 does not reply to the content."""
    batch = one_message()
    found = outcome(batch, sending(batch), iter([MAIL + MAIL, b"354 go\r\n250 2.0.0 Ok\r\n"]))

    judge("content", found, batch)
    assert not found[0].uncertain


def test_replies_before_the_commands():
    """Replies that arrive before the commands do not reply to them."""
    batch = one_message()
    batch.session.reader.feed(MAIL * 9)
    found = outcome(batch, sending(batch), iter([]))

    judge("MAIL", found, batch)
