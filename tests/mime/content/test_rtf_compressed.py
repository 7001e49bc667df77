"""Compressed RTF: what the specification defines, and what is hostile."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail import DefectKind
from netmail.mime.content.rtf_compressed import decompress_rtf
from support.tnef import stored_rtf

DICTIONARY = 207


def compressed(*tokens, size=None):
    """Write tokens: octets as they are, references as pairs of offset and length."""
    units = []
    for token in tokens:
        if isinstance(token, bytes):
            units += [(0, bytes([octet])) for octet in token]
        else:
            units.append((1, (token[0] << 4 | token[1] - 2).to_bytes(2)))
    runs = [units[start : start + 8] for start in range(0, len(units), 8)]
    contents = b"".join(
        bytes([sum(flag << bit for bit, (flag, _) in enumerate(run))])
        + b"".join(octets for _, octets in run)
        for run in runs
    )
    total = size if size is not None else 1 << 16
    return struct.pack("<4L", len(contents) + 12, total, 0x75465A4C, 0) + contents


def end(written):
    """Return the reference that ends the data after some octets."""
    return ((DICTIONARY + written) % 4096, 2)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (compressed(b"Hello", end(5), size=5), b"Hello"),
        (compressed((0, 6), b"1 x}", end(10), size=10), rb"{\rtf1 x}"[:6] + b"1 x}"),
        (compressed(b"ab", (DICTIONARY, 6), end(8), size=8), b"abababab"),
        (compressed(b"a", (DICTIONARY, 17), end(18), size=18), b"a" * 18),
        (stored_rtf(b"plain"), b"plain"),
        (compressed(b"x" * 5000, (DICTIONARY + 4990 - 4096, 9), size=5009), b"x" * 5009),
    ],
    ids=["octets", "dictionary", "repeats itself", "longest", "stored", "round the ring"],
)
def test_decompressed(data, expected):
    """Octets, references into the dictionary, and those that repeat themselves."""
    kinds = []

    assert decompress_rtf(data, 1 << 20, report=kinds.append) == expected
    assert not kinds


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", b""),
        (b"\0" * 16 + b"x", b""),
        (struct.pack("<4L", 13, 1, 1, 0) + b"x", b""),
        (compressed(b"Hello", size=9), b"Hello"),
        (compressed(b"Hello", (3000, 5), size=9), b"Hello"),
        (compressed(b"Hello", (0, 5), size=9)[:-1], b"Hello"),
    ],
    ids=["empty", "zeros", "unknown", "cut", "never written", "half a reference"],
)
def test_defective(data, expected):
    """Whatever is before the defect is kept."""
    kinds = []

    assert decompress_rtf(data, 1 << 20, report=kinds.append) == expected
    assert kinds == [DefectKind.BAD_TNEF] or data[:8] == b"\0" * 8


def test_limit():
    """Seventeen octets of each reference of two: the limit holds."""
    bomb = compressed(b"a", *[(DICTIONARY, 17)] * 200, size=1 << 30)

    assert decompress_rtf(bomb, 100) == b"a" * 100


@given(st.binary(max_size=300))
def test_anything(data):
    """Nothing raises, and nothing is longer than the limit."""
    head = struct.pack("<4L", len(data) + 12, 5000, 0x75465A4C, 0)

    assert len(decompress_rtf(head + data, 1000)) <= 1000
