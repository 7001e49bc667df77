"""Messages that are measured before they are sent in pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.errors import MessageError
from netmail.flows.measured import MAX_HEADER, Measure, MeasuredPieces, measure
from netmail.mime.writer.content import FileAt, Octets
from netmail.wire import dot

BLOCKS = st.lists(
    st.lists(st.sampled_from([b"\r\n", b"\r", b"\n", b"a", b"\0", b"\xff", b": "])).map(b"".join)
)


@given(BLOCKS)
def test_measure(blocks):
    """It is what the whole has, however the whole is cut."""
    whole = b"".join(blocks)
    written = dot.crlf(whole)

    assert measure(blocks) == Measure(
        len(written), len(whole), b"\0" in whole, written.partition(b"\r\n\r\n")[0]
    )


def test_header_without_end():
    """No more of a header is kept than has a use."""
    found = measure([b"x" * 100_000] * 100)

    assert len(found.header) < MAX_HEADER + 100_000
    assert found.size == 10_000_000


@given(BLOCKS, st.booleans())
def test_pieces(blocks, is_raw):
    """What is sent has the size that was announced."""
    whole = b"".join(blocks)
    found = measure(blocks)
    size = found.raw_size if is_raw else found.size
    seen = []
    pieces = MeasuredPieces(
        Octets(whole), size, is_raw=is_raw, progress=lambda *numbers: seen.append(numbers)
    )

    assert b"".join(pieces.pieces()) == (whole if is_raw else dot.crlf(whole))
    assert not size or seen[-1] == (size, size)


@pytest.mark.parametrize("size", [99, 101])
def test_changed_meanwhile(size, tmp_path):
    """A message of another size than announced is an error, and no octet more is sent."""
    path = tmp_path / "message.eml"
    path.write_bytes(b"x" * 100)
    sent = []
    with pytest.raises(MessageError, match="changed"):
        sent.extend(MeasuredPieces(FileAt(str(path)), size, is_raw=True).pieces())

    assert len(b"".join(sent)) <= size
