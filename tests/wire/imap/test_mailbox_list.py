"""SEARCH, LIST, STATUS and FETCH data that is large, or made to be slow."""

import time

import pytest

from netmail.errors import ProtocolError, UsageError
from netmail.wire.imap import mailbox_list, msg_att, responses, search, status_att

SECONDS = 3.0


def data(*pieces):
    """A response of these pieces."""
    found = responses.data(list(pieces))
    assert found is not None
    return found


@pytest.fixture
def in_time():
    """Fail a test that takes longer than linear work does."""
    begun = time.perf_counter()
    yield
    assert time.perf_counter() - begun < SECONDS


@pytest.mark.usefixtures("in_time")
def test_million_results():
    """A million UIDs on one line."""
    response = data(b"* SEARCH " + b" ".join(b"%d" % uid for uid in range(1, 1_000_001)))

    assert search.search_results([response]) == list(range(1, 1_000_001))


@pytest.mark.usefixtures("in_time")
@pytest.mark.parametrize(
    "keys",
    [
        "SUBJECT x " * 100_000,
        "(" * 300_000,
        "(SEEN) " * 100_000,
        '"a" ' * 200_000,
        '"' + "\\\\" * 300_000,
        "é " * 200_000,
        " " * 500_000 + '"',
    ],
    ids=range(7),
)
def test_long_queries(keys):
    """A query of a million characters is written or refused in linear time."""
    try:
        written = search.search_program(keys)
    except UsageError:
        return
    assert written


@pytest.mark.usefixtures("in_time")
@pytest.mark.parametrize(
    "line",
    [
        b'* LIST () "/" ' + b"a " * 500_000,
        b"* LIST (" + b"\\X " * 300_000 + b') "/" x',
        b"* LIST " + b"(" * 1_000_000,
        b'* LIST () "/" "' + b"\\" * 1_000_001,
        b'* LIST () "/" ' + b'"' * 1_000_001,
        b"* LIST (" + b"x" * 1_000_000,
        b'* LIST () "/" ' + b"&" * 500_000,
        b'* LIST () "/" ' + b"&A-" * 300_000,
        b'* LIST () "/" x (' + b"(" * 500_000,
    ],
    ids=range(9),
)
def test_hostile_list(line):
    """A LIST of a million octets is read or refused in linear time."""
    try:
        folder, written = mailbox_list.mailbox_list(data(line))
    except ProtocolError:
        return
    assert folder["name"].encode("utf-8", "surrogateescape") or written


@pytest.mark.usefixtures("in_time")
@pytest.mark.parametrize(
    "line",
    [
        b"* STATUS x (" + b"A 1 " * 200_000 + b")",
        b"* STATUS " + b"(" * 1_000_000,
        b"* STATUS x (" + b" " * 1_000_000 + b")",
        b"* STATUS " + b"x" * 1_000_000 + b" (A 1)",
        b"* STATUS x (A " + b"9" * 1_000_000 + b")",
        b"* STATUS x " + b"()" * 500_000,
    ],
    ids=range(6),
)
def test_hostile_status(line):
    """So is a STATUS."""
    try:
        _, counts = status_att.status_att_list(data(line))
    except ProtocolError:
        return
    assert set(counts.values()) <= {1}


@pytest.mark.usefixtures("in_time")
@pytest.mark.parametrize(
    "line",
    [
        b"* 1 FETCH (UID " + b"9" * 1_000_000 + b" BODY[] x)",
        b"* 1 FETCH (" + b"A 1 " * 250_000 + b")",
        b"* 1 FETCH (" + b"(A 1) " * 50_000 + b")",
        b"* 1 FETCH (UID 1 BODY[" + b"x" * 1_000_000,
        b"* 1 FETCH (UID (1) BODY[] x)",
        b"* 1 FETCH (UID)",
        b"* 1 FETCH (((A B)))",
        b"* 1 FETCH ((A) B)",
    ],
    ids=range(8),
)
def test_hostile_fetch(line):
    """So is a FETCH, and none gives a body that nobody sent."""
    try:
        found = msg_att.uid_and_body(data(line))
    except ProtocolError:
        found = None

    assert found is None


@pytest.mark.parametrize("read", [mailbox_list.mailbox_list, status_att.status_att_list])
def test_strict_blank(read):
    """A blank at the end is refused where strict, and taken where not."""
    lines = {
        mailbox_list.mailbox_list: b'* LIST () "/" "x" ',
        status_att.status_att_list: b"* STATUS x (A 1 )",
    }
    response = data(lines[read])

    assert read(response)
    with pytest.raises(ProtocolError, match="a space at the end"):
        read(response, strict=True)


@pytest.mark.parametrize("line", [b"* SEARCH 1 ", b"* SEARCH "])
def test_strict_search(line):
    """SEARCH is strict about its blank too."""
    assert search.search_results([data(line)]) in ([], [1])
    with pytest.raises(ProtocolError, match="a space at the end"):
        search.search_results([data(line)], strict=True)
