"""Any octets that a server may send: read, or refused by the one documented error.

Each target takes octets, so that another fuzzer can drive it as well; hypothesis does here, with
the tokens of the grammar to begin with.
"""

import random
import re
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netmail.errors import NetmailError, ProtocolError
from netmail.flows.flow import RECEIVE
from netmail.flows.imap import copy, fetch, select, status
from netmail.flows.imap import exec as execute
from netmail.flows.imap import mailbox_list as lists
from netmail.flows.imap import search as uid_search
from netmail.flows.imap.uploads import append
from netmail.limits import ServerLimits
from netmail.wire.imap import (
    mailbox_list,
    msg_att,
    responses,
    search,
    search_program,
    status_att,
    utf7,
)
from netmail.wire.imap.fragments import Fragmentizer
from netmail.wire.imap.sequence_set import LARGEST, expand
from netmail.wire.reader import Reader
from support.imap_sessions import selected
from support.replay import TRANSCRIPTS, read_transcript
from support.timing import full
from support.transcripts import FILES, read

LIMITS = ServerLimits(line=400, literal=100, response=500, nesting=8)
WORDS = [
    *(
        b"* ",
        b"1 ",
        b"0 ",
        b"FETCH ",
        b"(",
        b")",
        b"UID ",
        b"BODY[] ",
        b"NIL",
        b'"',
        b"\\",
        b"{3}\r\n",
        b"{0}\r\n",
    ),
    *(
        b"~{1+}\r\n",
        b"LIST ",
        b'"/" ',
        b"STATUS ",
        b"MESSAGES ",
        b"SEARCH ",
        b"ESEARCH ",
        b"ALL ",
        b"1:3",
        b",",
    ),
    *(
        b"OK ",
        b"NO ",
        b"BYE ",
        b"[",
        b"] ",
        b"CAPABILITY ",
        b"T1 ",
        b"+ ",
        b"\r\n",
        b"\n",
        b"&AOQ-",
        b"&",
        b" ",
        b"-1",
    ),
    *(b"[UIDNEXT -\xff]", b"[\xd3\xca]", b"[\x9f] ", b"[ALERT]", b"[PERMANENTFLAGS ("),
    *(b"\xff", b"\0", b"99999999999", b"4294967296", b"[COPYUID 1 2:3 4:5]"),
]
OCTETS = st.lists(st.sampled_from(WORDS) | st.binary(max_size=8), max_size=25).map(b"".join)


def fragments_target(data):
    """Cut octets into responses."""
    reader = Reader(LIMITS)
    reader.feed(data)
    fragmentizer = Fragmentizer(reader)
    while (fragments := fragmentizer.next()) is not None:
        assert len(fragments) % 2 == 1
        assert sum(map(len, fragments)) <= 1000
        responses_target(fragments)


def responses_target(fragments):
    """Read one response by every reader."""
    values_target(fragments)
    status_target(fragments[0])
    response = responses.data(fragments, LIMITS.nesting)
    if response is not None:
        for read in (list_target, counts_target, search_target, fetch_target):
            try:
                read(response)
            except ProtocolError:
                continue


def values_target(fragments):
    """Read values."""
    try:
        assert isinstance(responses.values(fragments, LIMITS.nesting), list)
    except ProtocolError:
        return


def status_target(line):
    """Read a status line."""
    found = responses.status(line)
    if found is not None:
        assert found.status in {"OK", "NO", "BAD", "BYE", "PREAUTH"}
        assert found.code.name == found.code.name.upper()


def list_target(response):
    """Read a LIST."""
    folder, written = mailbox_list.mailbox_list(response)
    assert folder["name"] == utf7.decode(written)


def counts_target(response):
    """Read a STATUS."""
    _, counts = status_att.status_att_list(response)
    # MAILBOXID is a text, and NIL is no limit.
    assert all(number >= 0 for number in counts.values() if isinstance(number, int))


def search_target(response):
    """Read a SEARCH."""
    assert all(1 <= uid <= LARGEST for uid in search.search_results([response]))


def fetch_target(response):
    """Read a FETCH."""
    found = msg_att.uid_and_body(response)
    # `None` where the server has no content of the message.
    assert found is None or (1 <= found[0] <= LARGEST and isinstance(found[1], bytes | None))


@pytest.mark.parametrize(
    "target",
    [
        fragments_target,
        status_target,
        lambda data: values_target([data]),
        lambda data: responses_target([b"* " + data]),
    ],
    ids=["fragmentizer", "status", "values", "responses"],
)
@settings(deadline=None)
@given(data=OCTETS)
def test_octets(target, data):
    """No octets end in anything but a value or a ProtocolError."""
    with suppress(ProtocolError):
        target(data)


@given(OCTETS)
def test_numbers_and_names(data):
    """Sets and names of any octets are read, or are none."""
    uids = expand(data.decode("latin-1"), 1000)

    assert uids is None or all(1 <= uid <= LARGEST for uid in uids)
    assert isinstance(utf7.decode(data), str)


@given(st.text())
def test_queries(text):
    """Any query is written on one line, or refused."""
    try:
        parts = search_program.search_program(text).arguments()
    except NetmailError:
        return
    octets = b"".join(
        part
        for parts_ in parts
        for part in (parts_ if isinstance(parts_, tuple) else (parts_,))
        if isinstance(part, bytes)
    )
    assert octets.isascii()
    assert not {13, 10, 0} & set(octets)


SEEDS = [
    response
    for path in FILES
    if path.relative_to(TRANSCRIPTS).parts[0] == "imap"
    for step in read(path).steps
    for turn in read_transcript(step.wire)
    if turn.who == "S"
    for response in re.split(rb"(?<=\r\n)(?=\* )", turn.data)
]
"""Every response of every transcript."""

CONVERSATIONS = {
    "fetch": lambda imap: fetch.fetch(imap, "1:9", None),
    "search": lambda imap: uid_search.search(imap, "ALL", None),
    "list": lambda imap: lists.list_mailboxes(imap, "", "*"),
    "status": lambda imap: status.status(imap, "x", "MESSAGES"),
    "select": lambda imap: select.select(imap, "x"),
    "copy": lambda imap: copy.copy(imap, "1:9", "x", None),
    "append": lambda imap: append.append(imap, "x", b"body", (), None),
    "exec": lambda imap: execute.exec(imap, "NOOP", None),
    "quit": lambda imap: imap.quit(),
}
MUTATIONS = full(200_000, quick=2_000)


def mutated(draw):
    """Return responses of servers, with a few octets and tokens of them changed."""
    octets = bytearray(b"".join(draw.choices(SEEDS, k=draw.randint(1, 4))))
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(octets) + 1)
        until = at + draw.choice((0, 0, 1, 1, 2, 8))
        word = draw.choice(WORDS)
        octets[at:until] = draw.choice((b"", bytes([draw.randrange(256)]), word))
    return bytes(octets)


def converse(name, octets, *, strict):
    """Run a conversation whose server sends these octets, an OK, and the end."""
    imap = selected("IMAP4rev1 UIDPLUS", strict=strict)
    later = [octets, b"T1 OK done\r\n"]
    if name == "append":
        later.insert(0, b"+ ready\r\n")
    for request in CONVERSATIONS[name](imap):
        if request is RECEIVE and later:
            imap.reader.feed(later.pop(0))
        elif request is RECEIVE:
            imap.reader.eof = True


def test_mutated_responses():
    """No response of a real server, changed anyhow, ends in anything but netmail's own errors.

    The pump would make a `ProtocolError` of another exception; here it would be seen.
    """
    draw = random.Random(7)
    names = list(CONVERSATIONS)
    for number in range(MUTATIONS):
        name, octets = names[number % len(names)], mutated(draw)
        try:
            converse(name, octets, strict=bool(draw.randrange(2)))
        except NetmailError:
            continue
        except Exception as error:
            raise AssertionError(f"{name} of {octets!r}") from error


TARGETS = {
    "fragmentizer": fragments_target,
    "status": status_target,
    "values": lambda data: values_target([data]),
    "responses": lambda data: responses_target([b"* " + data]),
}


@pytest.mark.parametrize("name", TARGETS)
def test_mutated_octets(name):
    """The splitter and each parser take any octets that are nearly a server's."""
    draw = random.Random(name)
    for _ in range(MUTATIONS):
        octets = mutated(draw)
        try:
            TARGETS[name](octets)
        except ProtocolError:
            continue
        except Exception as error:
            raise AssertionError(f"{name} of {octets!r}") from error
