"""Content as a file that is decoded while it is read."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.mime.streams import buffered


@given(st.lists(st.binary(max_size=20), max_size=6), st.integers(1, 30))
def test_any_chunks_in_any_amounts(chunks, amount):
    """However the octets come and are taken, they are the same."""
    stream = buffered(iter(chunks))

    assert b"".join(iter(lambda: stream.read(amount), b"")) == b"".join(chunks)


def test_lines():
    """Lines go over the borders of chunks."""
    assert list(buffered(iter([b"a\nb", b"", b"c\n", b"d"]))) == [b"a\n", b"bc\n", b"d"]


def test_chunks_are_taken_when_needed():
    """A chunk is not made before the file is read up to it."""
    made = []

    def chunks():
        for number in range(3):
            made.append(number)
            yield b"x" * io.DEFAULT_BUFFER_SIZE

    stream = buffered(chunks())
    stream.read(1)

    assert made == [0]


def test_for_reading_only():
    """It has no name and takes no octets."""
    stream = buffered(iter([b"a"]))

    assert stream.readable()
    assert not stream.writable()
    with pytest.raises(io.UnsupportedOperation):
        stream.write(b"b")
