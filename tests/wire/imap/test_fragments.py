"""The stream is cut into whole responses, whatever they mean."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.errors import ProtocolError
from netmail.limits import ServerLimits
from netmail.wire.imap.fragments import Fragmentizer
from netmail.wire.reader import Reader
from support.timing import cpu_limit, untraced


def split(data, size=None, limits=None):
    """Cut octets that arrive `size` at a time."""
    return list(split_one_by_one(data, size, limits))


def split_one_by_one(data, size=None, limits=None):
    """Cut octets that arrive `size` at a time; yield each response as soon as it is whole."""
    reader = Reader(limits)
    fragmentizer = Fragmentizer(reader)
    for at in range(0, len(data), size or len(data) or 1):
        reader.feed(data[at : at + (size or len(data))])
        while (fragments := fragmentizer.next()) is not None:
            yield fragments


def cut_or_refused(data, size=None):
    """Cut octets; return the responses, and the error that ends them."""
    found = []
    try:
        for fragments in split_one_by_one(data, size):
            found.append(fragments)  # noqa: PERF402 -- what came before an error counts
    except ProtocolError as error:
        return found, str(error)
    return found, None


CASES = {
    "line": (b"* 3 EXISTS\r\n", [[b"* 3 EXISTS"]]),
    "bare LF": (b"* 3 EXISTS\n", [[b"* 3 EXISTS"]]),
    "empty": (b"\r\n", [[b""]]),
    "literal": (b"* X {3}\r\na\r\n b\r\n", [[b"* X ", b"a\r\n", b" b"]]),
    "fetch": (b"* 1 FETCH (BODY[] {3}\r\na\r\n)\r\n", [[b"* 1 FETCH (BODY[] ", b"a\r\n", b")"]]),
    "two": (b"* X {1}\r\na{2}\r\nbc\r\n", [[b"* X ", b"a", b"", b"bc", b""]]),
    "empty literal": (b"* X {0}\r\n\r\n", [[b"* X ", b"", b""]]),
    "literal8": (b"* 1 FETCH (X ~{1}\r\n\0)\r\n", [[b"* 1 FETCH (X ", b"\0", b")"]]),
    "non-synchronizing": (b"* X {1+}\r\na\r\n", [[b"* X ", b"a", b""]]),
    "status": (b"* OK read {5}\r\n* 1 EXISTS\r\n", [[b"* OK read {5}"], [b"* 1 EXISTS"]]),
    "tagged": (b"T1 NO {5}\r\n", [[b"T1 NO {5}"]]),
    "request": (b"+ {5}\r\n", [[b"+ {5}"]]),
    "no length": (b"* X {a}\r\n", [[b"* X {a}"]]),
    "within quotes": (b'* X "{5}"\r\n', [[b'* X "{5}"']]),
    "protocol within": (
        b"* 1 FETCH (BODY[] {15}\r\n)\r\n* BYE x\r\n \r\n)\r\n",
        [[b"* 1 FETCH (BODY[] ", b")\r\n* BYE x\r\n \r\n", b")"]],
    ),
    "a line end not counted": (
        b"* 1 FETCH (BODY[] {13}\r\n)\r\n* BYE x\r\n \r\n)\r\n",
        [[b"* 1 FETCH (BODY[] ", b")\r\n* BYE x\r\n \r\n", b")"]],
    ),
    "not counted twice": (
        b"* 1 FETCH (X {1}\r\na\r\n Y {1}\r\nb\r\n)\r\n* X\r\n",
        [[b"* 1 FETCH (X ", b"a\r\n", b" Y ", b"b\r\n", b")"], [b"* X"]],
    ),
    "an end that is missing": (
        b"* 1 FETCH (X {1}\r\na\r\n* X\r\n",
        [[b"* 1 FETCH (X ", b"a", b""], [b"* X"]],
    ),
}


@pytest.mark.parametrize("size", [None, 1, 2, 7])
def test_refused_alike(size):
    """Octets after a literal of FETCH are refused, and what came before is kept."""
    data = b"* 3 EXISTS\r\n* 1 FETCH ({3}\r\n~{1+}\r\n"

    found, error = cut_or_refused(data, size)
    assert found == [[b"* 3 EXISTS"]]
    assert error is not None
    assert "a literal is longer than the server counted" in error


@pytest.mark.parametrize("size", [None, 1, 2, 7])
@pytest.mark.parametrize("name", CASES)
def test_cases(name, size):
    """Each response is whole, however its octets arrive."""
    data, expected = CASES[name]

    assert split(data, size) == expected


TEXT = st.binary(max_size=20).map(lambda text: text.translate(None, b"\r\n{}~"))


@given(st.lists(st.tuples(TEXT, st.binary(max_size=60)), max_size=6), TEXT, st.integers(1, 50))
def test_round_trip(literals, last, size):
    """What is written as text and literals is read so, cut anywhere."""
    fragments = [fragment for pair in literals for fragment in pair] + [last]
    fragments[0] = b"* X " + fragments[0]
    written = b"".join(
        b"{%d}\r\n%b" % (len(fragment), fragment) if at % 2 else fragment
        for at, fragment in enumerate(fragments)
    )

    assert split(written + b"\r\n", size) == [fragments]


@given(st.integers(1, 40), st.lists(st.binary(max_size=40), max_size=8))
def test_fast_path_agrees(size, bodies):
    """The fast path of the usual FETCH reads what the slow path does, octet by octet."""
    data = b"".join(
        b"* %d FETCH (UID %d BODY[] {%d}\r\n%b)\r\n" % (number, number, len(body), body)
        for number, body in enumerate(bodies, 1)
    )

    assert split(data) == split(data, size)
    assert [fragments[1] for fragments in split(data)] == bodies


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"* X {101}\r\n", "literal"),
        (b"* 1 FETCH (BODY[] {101}\r\n" + b"x" * 101 + b")\r\n", "literal"),
        (b"* X {99999999999999999999}\r\n", "literal"),
        (b"* X " + b"{90}\r\n" + b"x" * 90 + b"{90}\r\n" + b"x" * 90 + b"\r\n", "response"),
        (b"* X " + b"{0}\r\n" * 100, "response"),
        (b"x" * 301, "line"),
        (b"x" * 301 + b"\r\n", "line"),
    ],
)
def test_limits(data, name):
    """What is larger than its limit is refused, and the error names the limit."""
    limits = ServerLimits(line=300, literal=100, response=250)

    with pytest.raises(ProtocolError, match=rf"limits\.{name}"):
        split(data, limits=limits)


def test_many_literals_in_linear_time():
    """A hundred thousand literals cost ten times what ten thousand do."""
    took = []
    for count in (10_000, 100_000):
        data = b"* X" + b" {3}\r\nabc" * count + b"\r\n"
        with untraced():
            begun = time.process_time()
            assert len(split(data, 65_536)[0]) == 2 * count + 1
            took.append(time.process_time() - begun)

    assert took[1] < 30 * took[0] + 0.5


def test_long_line_in_linear_time():
    """A line of 8 MB that comes in small fragments is not searched repeatedly."""
    with cpu_limit(2):
        assert len(split(b"* 1 FETCH " + b"x" * 8_000_000 + b"\r\n", 4096)) == 1


@given(
    st.lists(
        st.sampled_from(
            [
                b"* ",
                b"1 FETCH (",
                b"{3}\r\n",
                b"abc",
                b")",
                b"\r\n",
                b"\n",
                b"{",
                b"}",
                b"OK ",
                b"~{1+}\r\n",
                b"\0",
                b'"',
            ]
        ),
        max_size=30,
    ),
    st.integers(1, 9),
)
def test_anything(parts, size):
    """Any octets are cut alike, or refused alike, however they arrive."""
    data = b"".join(parts)

    assert cut_or_refused(data) == cut_or_refused(data, size)
