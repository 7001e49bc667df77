"""The reader's buffer: lines, blocks, dotted bodies, limits, growth."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.errors import ProtocolError
from netmail.limits import ServerLimits
from netmail.wire.reader import DIRECT, INITIAL, KEPT, USUAL, Reader

SIZES = st.lists(st.integers(1, 40), max_size=60)


def fed(data, limits=None):
    """A reader that holds `data`."""
    reader = Reader(limits)
    reader.feed(data)
    return reader


def chunks(data, sizes):
    """Cut `data` at `sizes`; the rest comes in one piece."""
    for size in sizes:
        yield data[:size]
        data = data[size:]
    yield data


def take(reader, pieces, attempt):
    """Feed pieces until `attempt` finds something; the pieces that are left are fed afterwards."""
    found = attempt()
    for piece in pieces:
        reader.feed(piece)
        found = attempt() if found is None else found
    return found


# -- lines ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "line", "left"),
    [
        (b"+OK\r\n", b"+OK", 0),
        (b"+OK\n", b"+OK", 0),
        (b"\r\n", b"", 0),
        (b"\n", b"", 0),
        (b"a\rb\r\nc", b"a\rb", 1),
        (b"a\r\r\n", b"a\r", 0),
        (b"one\r\ntwo\r\n", b"one", 5),
        (b"\0\xff\r\n", b"\0\xff", 0),
    ],
    ids=["crlf", "lf", "empty", "empty-lf", "bare-cr", "two-cr", "two", "binary"],
)
def test_line(data, line, left):
    """A line ends in CRLF, or in LF alone; the rest stays."""
    reader = fed(data)

    assert reader.line() == line
    assert reader.available == left


@pytest.mark.parametrize("data", [b"", b"+OK", b"+OK\r"])
def test_line_is_not_whole(data):
    """Without LF there is no line yet."""
    assert fed(data).line() is None


def test_empty_line_does_not_reach_back():
    """The CR before a line that was taken is no part of the next line."""
    reader = fed(b"a\r\n\n")
    reader.line()

    assert reader.line() == b""


@given(st.lists(st.binary(max_size=30).filter(lambda b: b"\n" not in b)), SIZES)
def test_lines_do_not_depend_on_chunks(lines, sizes):
    """However octets are cut, the lines are the same."""
    data = b"".join(line + b"\r\n" for line in lines)
    reader = Reader()
    found = []
    for piece in chunks(data, sizes):
        reader.feed(piece)
        while (line := reader.line()) is not None:
            found.append(line)

    assert found == lines


def test_line_limit_while_it_arrives():
    """A line that does not end raises as soon as it is too long."""
    reader = fed(b"x" * 101, ServerLimits(line=100))

    with pytest.raises(ProtocolError, match=r"limits\.line"):
        reader.line()


def test_line_limit_of_a_whole_line():
    """A whole line in one piece obeys the same limit."""
    reader = fed(b"x" * 101 + b"\n", ServerLimits(line=100))

    with pytest.raises(ProtocolError, match=r"limits\.line"):
        reader.line()


def test_line_as_long_as_the_limit():
    """The limit itself is allowed."""
    reader = fed(b"x" * 99 + b"\r\n", ServerLimits(line=100))

    assert reader.line() == b"x" * 99


def test_line_longer_than_the_buffer():
    """The buffer grows with a long line and keeps what follows."""
    long = b"x" * (3 * INITIAL)
    reader = fed(b"first\r\n" + long + b"\r\nlast\r\n")

    assert [reader.line() for _ in range(4)] == [b"first", long, b"last", None]


# -- blocks -----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, INITIAL, DIRECT - 1, DIRECT, DIRECT + 1, 3 * DIRECT + 7])
def test_block(size):
    """A block is exactly as long as asked; what follows is the next line."""
    block = bytes(range(256)) * (size // 256) + b"\r\n" * (size % 256)
    block = block[:size]
    reader = fed(b"head\r\n")
    reader.line()
    found = take(reader, chunks(block + b"tail\r\n", [1000, 70_000]), lambda: reader.exactly(size))

    assert found == block
    assert reader.line() == b"tail"
    assert reader.available == 0


@given(st.binary(max_size=500), st.binary(max_size=50), SIZES)
def test_blocks_do_not_depend_on_chunks(block, rest, sizes):
    """However octets are cut, the block and the rest are the same."""
    reader = Reader()
    found = take(reader, chunks(block + rest, sizes), lambda: reader.exactly(len(block)))

    assert found == block
    assert reader.peek() == rest[:200]
    assert reader.available == len(rest)


@given(st.lists(st.integers(1, 2 * DIRECT), max_size=6))
def test_large_blocks_do_not_depend_on_chunks(sizes):
    """The same where the block is read into memory of its own."""
    block = b"0123456789" * (DIRECT // 5)
    reader = Reader()
    found = take(reader, chunks(block + b"ok\r\n", sizes), lambda: reader.exactly(len(block)))

    assert found == block
    assert reader.line() == b"ok"


def test_room_ends_where_a_large_block_ends():
    """The driver cannot read beyond a large block into its memory."""
    reader = fed(b"x" * 10)
    reader.exactly(DIRECT)
    reader.feed(b"y" * (DIRECT - 15))

    assert len(reader.get_buffer()) == 5


def test_announced_block_costs_nothing():
    """A huge size alone takes no memory."""
    tracemalloc.start()
    try:
        reader = fed(b"begin")
        reader.exactly(10**12)
        reader.feed(b"more")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 2 * DIRECT + 2 * INITIAL


# -- dotted bodies ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "body", "left"),
    [
        (b".\r\n", b"", 0),
        (b"\r\n.\r\n", b"\r\n", 0),
        (b"a\r\n.\r\nnext", b"a\r\n", 4),
        (b"a\r\n..\r\n.\r\n", b"a\r\n..\r\n", 0),
        (b"..\r\n.\r\n", b"..\r\n", 0),
        (b"a\n.\nb\r\n.\r\n", b"a\n.\nb\r\n", 0),
        (b"a\r.\rb\r\n.\r\n", b"a\r.\rb\r\n", 0),
        (b"a\n.\r\nb\r\n.\r\n", b"a\n.\r\nb\r\n", 0),
        (b"a\r\n.\nb\r\n.\r\n", b"a\r\n.\nb\r\n", 0),
        (b".\r\n.\r\n", b"", 3),
        (b".a\r\n.\r\n", b".a\r\n", 0),
    ],
    ids=[
        "empty", "empty-line", "rest", "two-dots", "dots-first", "lf-dot-lf", "cr-dot-cr",
        "lf-dot-crlf", "crlf-dot-lf", "twice", "dot-first",
    ],
)  # fmt: skip
@pytest.mark.parametrize("size", [None, 1])
def test_dotted(data, body, left, size):
    """CRLF dot CRLF alone ends a body, wherever it is cut."""
    reader = fed(b"+OK\r\n")
    reader.line()
    sizes = [] if size is None else [size] * len(data)
    found = take(reader, chunks(data, sizes), reader.dot_terminated)

    assert found == body
    assert reader.available == left


@pytest.mark.parametrize(
    ("data", "body", "left"),
    [
        (b".\n", b"", 0),
        (b".\r\n", b"", 0),
        (b"a\n.\n", b"a\n", 0),
        (b"a\r\n.\n+OK", b"a\r\n", 3),
        (b"a\n.\r\n", b"a\n", 0),
        (b"a\r.\r\n.\n", b"a\r.\r\n", 0),
        (b"..\n.\rx\n.\n", b"..\n.\rx\n", 0),
    ],
    ids=["empty", "empty-crlf", "lf", "crlf-dot-lf", "lf-dot-crlf", "cr-dot", "no-ends"],
)
@pytest.mark.parametrize("size", [None, 1])
def test_dotted_in_lf(data, body, left, size):
    """Where LF ends lines, it ends the body too."""
    reader = fed(b"+OK\n")
    reader.line()
    sizes = [] if size is None else [size] * len(data)
    found = take(reader, chunks(data, sizes), lambda: reader.dot_terminated(bare_lf=True))

    assert found == body
    assert reader.available == left


@pytest.mark.parametrize(("data", "bare"), [(b"+OK\n", True), (b"+OK\r\n", False)])
def test_bare_lf(data, bare):
    """The reader knows how the last line ended."""
    reader = fed(b"x\r\ny\n" + data)
    for _ in range(3):
        reader.line()

    assert reader.bare_lf == bare


@pytest.mark.parametrize("data", [b"", b".", b".\r", b"a\r\n.", b"a\r\n.\r", b"a\r\n", b"..\r\n"])
def test_dotted_is_not_whole(data):
    """A cut terminator ends nothing."""
    assert fed(data).dot_terminated() is None


@given(st.lists(st.binary(max_size=20).filter(lambda b: b"\n" not in b)), SIZES)
def test_dotted_does_not_depend_on_chunks(lines, sizes):
    """However octets are cut, the body and what follows are the same."""
    body = b"".join(b".." + line + b"\r\n" for line in lines)
    reader = Reader()
    found = take(reader, chunks(body + b".\r\n" + b"+OK\r\n", sizes), reader.dot_terminated)

    assert found == body
    assert reader.line() == b"+OK"


@pytest.mark.parametrize("data", [b"x" * 101, b"x" * 101 + b"\r\n.\r\n"], ids=["cut", "whole"])
def test_dotted_limit(data):
    """A body that is too long raises, whole or not."""
    reader = fed(data, ServerLimits(literal=100))

    with pytest.raises(ProtocolError, match=r"limits\.literal"):
        reader.dot_terminated()


def test_dotted_octet_by_octet_is_linear():
    """The search does not begin again with each octet: 60,000 attempts end at once."""
    reader = Reader()
    body = b"\r\n.\r" * 15_000
    found = take(reader, (bytes([octet]) for octet in body + b"\r\n.\r\n"), reader.dot_terminated)

    assert found == body + b"\r\n"


# -- the buffer -------------------------------------------------------------------------------


def test_peek_takes_nothing():
    """Octets that were shown are still there, and at most 200 are shown."""
    reader = fed(b"x" * 300)

    assert reader.peek() == b"x" * 200
    assert reader.available == 300


def test_room_is_never_empty():
    """There is always somewhere to read into, or a driver would take it for the end."""
    reader = Reader()
    for _ in range(5):
        reader.buffer_updated(len(reader.get_buffer()))

    assert len(reader.get_buffer()) > 0
    assert reader.available == 8 * USUAL


def test_arrived_and_taken_count():
    """Progress can be seen: octets in, lines and blocks out."""
    reader = fed(b"one\r\ntwo\r\nthree")
    reader.line()
    reader.line()
    reader.exactly(5)

    assert reader.received == 15
    assert reader.consumed == 3


def test_large_buffer_is_given_back():
    """One large message does not keep its memory for the rest of the session."""
    reader = fed(b"x" * (4 * KEPT) + b"\r\n.\r\n")
    reader.dot_terminated()

    assert len(reader.get_buffer()) == USUAL


def test_many_small_lines_do_not_grow_the_buffer():
    """Octets that were taken make room."""
    reader = Reader()
    for _ in range(5000):
        reader.feed(b"x" * 50 + b"\r\nrest")
        reader.line()
        reader.exactly(4)

    assert len(reader.get_buffer()) == INITIAL


def test_buffer_that_was_full_grows():
    """A connection that receives much has a large buffer, whatever is left of what it received."""
    at_a_line_end, within_a_line = Reader(), Reader()
    for reader, rest in ((at_a_line_end, b""), (within_a_line, b"x")):
        data = b"x" * (INITIAL - 2 - len(rest)) + b"\r\n" + rest
        reader.feed(data)
        reader.line()

        assert len(reader.get_buffer()) == USUAL - len(rest)


def test_release():
    """Before a long wait the memory of what was taken is given back, and of nothing else."""
    reader = fed(b"x" * USUAL + b"\r\n")
    reader.release()
    held = len(reader.get_buffer())
    reader.line()
    reader.release()

    assert held >= USUAL - 2
    assert len(reader.get_buffer()) == INITIAL


def test_reset_forgets():
    """A new connection begins with nothing: no octets, no end, no half block, no closing text."""
    reader = fed(b"rest")
    reader.exactly(DIRECT)
    reader.eof, reader.closing_text = True, "BYE"
    reader.reset()
    reader.feed(b"+OK\r\n")

    assert reader.line() == b"+OK"
    assert not reader.eof
    assert reader.closing_text == ""
    assert reader.received == 5


def test_lines_that_never_end_the_buffer():
    """Where a part of the next line always waits, what was taken still makes room."""
    reader = Reader()
    reader.feed(b"0")
    for _ in range(3000):
        reader.feed(b"123456789" * 5 + b"\r\n0")
        assert reader.line() == b"0" + b"123456789" * 5

    assert len(reader.get_buffer()) <= USUAL
    assert reader.peek() == b"0"
