"""Responses as large as mailboxes are, and larger: read in linear time, or refused by a limit."""

import pytest

from netmail.errors import ProtocolError
from netmail.flows.imap.exec import exec as execute
from netmail.flows.imap.fetch import fetch
from netmail.flows.imap.fetching.fetch_many import fetch_many
from netmail.flows.imap.search import search
from netmail.wire.imap import responses
from support.imap_sessions import selected
from support.replay import collected
from support.timing import cpu_limit

PIECE = 256 * 1024


def replied_to(flow_of, octets, **limits):
    """Run a conversation whose server sends these octets, in pieces as a connection has them."""
    session = selected("IMAP4rev1", **limits)
    at = 0
    flow = flow_of(session)
    try:
        request = next(flow)
        while True:
            if type(request).__name__ == "Receive" and request.name == "WAIT":
                session.reader.feed(octets[at : at + PIECE])
                at += PIECE
            request = flow.send(None)
    except StopIteration as end:
        return end.value


def literals(count):
    """One FETCH with so many literals."""
    parts = b"".join(b"BODY[%d] {1}\r\na " % number for number in range(1, count + 1))
    return b"* 1 FETCH (UID 5 " + parts + b"FLAGS ())\r\nT1 OK done\r\n"


def test_100_000_literals():
    """Their time grows with their number, and no faster."""
    octets = literals(100_000)
    with cpu_limit(6):
        [message] = replied_to(lambda imap: collected(fetch_many(imap, 5, "BODY[]", None)), octets)
        sections = message.sections

    assert len(sections) == 100_000


def test_100_000_literals_by_exec():
    """The same for a command as it is written."""
    octets = literals(100_000)
    with cpu_limit(6):
        result = replied_to(lambda imap: execute(imap, "UID FETCH 5 BODY[]", None), octets)

    assert len(result.literals) == 100_000


@pytest.mark.parametrize("name", [b"SEARCH", b"ESEARCH"])
def test_1_000_000_numbers(name):
    """A search that finds a million messages."""
    numbers = range(1, 2_000_000, 2)
    if name == b"SEARCH":
        octets = b"* SEARCH " + b" ".join(b"%d" % number for number in numbers)
    else:
        octets = b'* ESEARCH (TAG "T1") UID ALL 1:1000000'
    with cpu_limit(4):
        found = replied_to(lambda imap: search(imap, "ALL", None), octets + b"\r\nT1 OK done\r\n")

    assert len(found) == 1_000_000


def test_100_000_flags():
    """A message with as many keywords."""
    names = [f"keyword{number}" for number in range(100_000)]
    octets = f"* 1 FETCH (UID 5 FLAGS ({' '.join(names)}))\r\nT1 OK done\r\n".encode()
    with cpu_limit(3):
        [message] = replied_to(lambda imap: collected(fetch_many(imap, 5, "FLAGS", None)), octets)
        flags = message.flags

    assert list(flags) == names


def test_too_many_values():
    """More values than a response can need are refused before they fill the memory."""
    text = b"() " * (responses.MAX_VALUES // 2 + 1)
    with cpu_limit(3), pytest.raises(ProtocolError, match="values"):
        responses.values([b"(" + text + b")"])


def test_many_lines_of_values():
    """Literals between them do not hide their number."""
    fragments = [b"1 " * 100_000, b"x"] * (responses.MAX_VALUES // 100_000) + [b"1"]
    with cpu_limit(3), pytest.raises(ProtocolError, match="values"):
        responses.values(fragments)


def test_deep_lists():
    """No recursion: a depth over the limit is an error, and one below it none."""
    octets = b"* 1 FETCH (UID 5 X %b%b BODY[] {1}\r\na)\r\nT1 OK done\r\n"
    within = octets % (b"(" * 200, b")" * 200)
    beyond = octets % (b"(" * 100_000, b")" * 100_000)

    assert replied_to(lambda imap: fetch(imap, "5", None), within) == {5: b"a"}
    with cpu_limit(3), pytest.raises(ProtocolError):
        replied_to(lambda imap: fetch(imap, "5", None), beyond)
