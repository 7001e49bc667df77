"""Octets through the compression of a stream and back."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.curl.deflate import Deflate
from netmail.errors import ProtocolError


def deflated(*pieces: bytes, mode: int = zlib.Z_SYNC_FLUSH) -> bytes:
    """What a server sends."""
    deflator = zlib.compressobj(wbits=-15)
    return b"".join(deflator.compress(piece) + deflator.flush(mode) for piece in pieces)


def inflate(deflate: Deflate, size: int) -> bytes:
    """Everything that comes without more input, through buffers of `size` octets."""
    found = bytearray()
    while deflate.has_input:
        buffer = bytearray(size)
        count = deflate.inflate_into(memoryview(buffer))
        found += buffer[:count]
    return bytes(found)


@given(st.lists(st.binary(max_size=300)), st.integers(1, 64), st.integers(1, 40))
def test_inflate(pieces, size, cut):
    """What was compressed comes back, however it is cut on the line and into buffers."""
    sent = deflated(*pieces)
    deflate = Deflate()
    found = b""
    for start in range(0, len(sent), cut):
        deflate.feed(sent[start : start + cut])
        found += inflate(deflate, size)

    assert found == b"".join(pieces)


@given(st.lists(st.binary(min_size=1, max_size=300)))
def test_compress(pieces):
    """Each piece can be read by the other side at once."""
    deflate, inflator = Deflate(), zlib.decompressobj(wbits=-15)

    for piece in pieces:
        assert inflator.decompress(deflate.compress(memoryview(piece))) == piece


def test_received_before():
    """Octets that came with the reply to COMPRESS are the first of the stream."""
    assert inflate(Deflate(deflated(b"* OK first\r\n")), 100) == b"* OK first\r\n"


def test_no_bomb():
    """A gigabyte out of a megabyte is never in memory at once: the buffer is the bound."""
    deflate = Deflate(deflated(bytes(1 << 20)) * 4)
    buffer = bytearray(1 << 10)

    assert deflate.inflate_into(memoryview(buffer)) == len(buffer)
    assert deflate.has_input


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        (b"* OK plain text\r\n", "is broken"),
        (deflated(b"", mode=zlib.Z_FINISH), "ended before the connection"),
    ],
    ids=["plain", "end"],
)
def test_broken(octets, message):
    """What is no DEFLATE, and its end, is an error."""
    with pytest.raises(ProtocolError, match=message):
        inflate(Deflate(octets), 100)
