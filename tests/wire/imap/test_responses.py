"""Status responses, response names, and values."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.errors import ProtocolError
from netmail.wire.imap import responses
from netmail.wire.imap.encode import Literal, string
from netmail.wire.imap.responses import ResponseCode, StatusResponse, values
from support.timing import cpu_limit


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"* OK hello", StatusResponse(b"*", "OK", ResponseCode(), "hello")),
        (b"* ok", StatusResponse(b"*", "OK", ResponseCode(), "")),
        (b"T1 NO [TRYCREATE] no", StatusResponse(b"T1", "NO", ResponseCode("TRYCREATE"), "no")),
        (
            b"T1 OK [appenduid 1 2]x",
            StatusResponse(b"T1", "OK", ResponseCode("APPENDUID", "1 2"), "x"),
        ),
        (b"* OK [UIDNEXT 7]", StatusResponse(b"*", "OK", ResponseCode("UIDNEXT", "7"), "")),
        (b"* OK [X (a]b c)] t", StatusResponse(b"*", "OK", ResponseCode("X", "(a]b c)"), "t")),
        (b'* OK [X "a]b" 1] t', StatusResponse(b"*", "OK", ResponseCode("X", '"a]b" 1'), "t")),
        (b'* OK [X ("a)]" b)] t', StatusResponse(b"*", "OK", ResponseCode("X", '("a)]" b)'), "t")),
        (b'* OK [X "a] t', StatusResponse(b"*", "OK", ResponseCode("X", '"a'), "t")),
        (b"* OK [X (a] t", StatusResponse(b"*", "OK", ResponseCode("X", "(a"), "t")),
        (b"* OK [X t", StatusResponse(b"*", "OK", ResponseCode(), "[X t")),
        (b"* OK [] t", StatusResponse(b"*", "OK", ResponseCode(), "[] t")),
        (b"* BYE \xc3\xa4\xff", StatusResponse(b"*", "BYE", ResponseCode(), "ä\udcff")),
        (b"* PREAUTH x", StatusResponse(b"*", "PREAUTH", ResponseCode(), "x")),
        (b"* OKAY x", None),
        (b"* 3 OK x", None),
        (b"OK x", None),
        (b"", None),
    ],
)
def test_status(line, expected):
    """Status, code and text are separated; no octet is lost."""
    assert responses.status(line) == expected


@pytest.mark.parametrize(
    ("line", "name", "number"),
    [
        (b"* 3 EXISTS", "EXISTS", 3),
        (b"* LIST () NIL x", "LIST", None),
        (b"* search", "SEARCH", None),
        (b"* 0 fetch (", "FETCH", 0),
        (b"* X-GM.1_a-b z", "X-GM.1_A-B", None),
    ],
)
def test_data(line, name, number):
    """A response's name in upper case, and its number."""
    found = responses.data([line])

    assert found is not None
    assert found.name == name
    assert found.number == number


@pytest.mark.parametrize(
    "line", [b"* ", b"*  X", b"* 3", b"* 3 4", b"* (", b"* 99999999999 EXISTS", b"X"]
)
def test_no_data(line):
    """A line without a name is no data."""
    assert responses.data([line]) is None


@pytest.mark.parametrize(
    ("fragments", "expected"),
    [
        ([b""], []),
        ([b"a 1 NIL nil"], [b"a", b"1", None, None]),
        ([b'"a b" "" "NIL"'], [b"a b", b"", b"NIL"]),
        ([rb'"a\"b\\c\d"'], [rb'a"b\c\d']),
        ([b"(a (b) ())c"], [[b"a", [b"b"], []], b"c"]),
        ([b"BODY[HEADER.FIELDS (A B)]<0> x"], [b"BODY[HEADER.FIELDS (A B)]<0>", b"x"]),
        ([b"(a ", b"x y)", b" b)"], [[b"a", b"x y)", b"b"]]),
        ([b"a[ [ body[x b[]"], [b"a[", b"[", b"body[x b[]"]),
        ([b"\\Seen $x a]b"], [b"\\Seen", b"$x", b"a]b"]),
    ],
)
def test_values(fragments, expected):
    """Atoms, strings, literals, NIL and lists."""
    assert values(fragments) == expected


@pytest.mark.parametrize(
    "fragments",
    [[b"("], [b")"], [b'"a'], [b'"a\\'], [b"(a "], [b"(", b"x", b""], [b"()" * 3 + b")"]],
)
def test_values_refused(fragments):
    """What is not closed, or closes nothing, is no list of values."""
    with pytest.raises(ProtocolError):
        values(fragments)


def written(value):
    """Write values as a server does, in fragments."""
    if value is None:
        return [b"NIL"]
    if isinstance(value, bytes):
        out = string(value)
        return [b"", out.data, b""] if isinstance(out, Literal) else [out]
    fragments = [b"("]
    for at, inner in enumerate(value):
        joined = written(inner)
        fragments[-1] += (b" " if at else b"") + joined[0]
        fragments += joined[1:]
    fragments[-1] += b")"
    return fragments


@given(st.recursive(st.none() | st.binary(max_size=30), lambda inner: st.lists(inner, max_size=4)))
def test_values_round_trip(value):
    """What the encoder writes, the parser reads back."""
    assert values(written(value)) == [value]


def test_nesting():
    """Lists nest as deep as the limit says, and depth costs no stack."""
    deep = b"(" * 100_000 + b")" * 100_000

    assert len(values([deep], nesting=100_000)) == 1
    with pytest.raises(ProtocolError, match="nest more than 256 deep"):
        values([deep])


@pytest.mark.parametrize(
    "data",
    [
        b'"' + b"\\\\" * 500_000,
        b'"a" ' * 250_000 + b'"',
        b"[" * 1_000_000,
        b"a[" * 500_000,
        b"BODY[ " * 150_000,
        b" " * 1_000_000 + b'"',
        b"]" * 1_000_000 + b"[",
        b'"' * 1_000_001,
    ],
    ids=range(8),
)
def test_hostile_values(data):
    """A million hostile octets are read or refused in linear time."""
    with cpu_limit(1), suppress(ProtocolError):
        values([data])


@pytest.mark.parametrize(
    "data",
    [
        b'"a"' * 300_000,
        b"(" * 1_000_000,
        b'"' * 1_000_001,
        b"(a)" * 300_000 + b'"',
        b"\\" * 1_000_000,
    ],
)
def test_hostile_codes(data):
    """A response code of a million octets is read in linear time."""
    with cpu_limit(1):
        responses.status(b"* OK [X " + data)
        responses.status(b"* OK [X " + data + b"] t")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("42", 42),
        ("9" * 19, 10**19 - 1),
        ("9" * 20, None),
        ("9" * 5000, None),
        ("-1", None),
        ("٣", None),
        ("", None),
        (None, None),
        ("1 ", None),
        ("1_0", None),
    ],
)
def test_number(text, number):
    """Digits, ASCII only, and no more than a 64-bit number has."""
    assert responses.number64(text) == number


def test_raw_is_bounded():
    """What is kept of a response is cut at 64 KiB."""
    kept = responses.raw([b"x" * 100_000, b"y" * 100_000, b"z"], "why")

    assert len(kept.data) == 65536
    assert kept.reason == "why"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"* [COPYUID 55 31 6]", ResponseCode("COPYUID", "55 31 6")),
        (b"* [COPYUID 55 31 6] copied", ResponseCode("COPYUID", "55 31 6")),
        (b"* []", None),
        (b"* [x", None),
        (b"* OK [X]", None),
        (b"* x [X]", None),
        (b"[X]", None),
    ],
)
def test_bare_code(line, expected):
    """A response code without a status, as Office 365 sends it."""
    found = responses.bare_code(line)

    assert (found and found.code) == expected
