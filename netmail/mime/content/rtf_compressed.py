"""Compressed RTF: the form in which Outlook keeps the text of a message.

This file knows the compression; it knows no RTF beyond the sample that fills the dictionary.
The output is bounded before each piece is written.
"""

import struct

from netmail.mime.defects import DefectHandler, DefectKind, ignore

_HEADER = struct.Struct("<4L")  # COMPSIZE RAWSIZE COMPTYPE CRC: MS-OXRTFCP section 2.1.3.1.1
_COMPRESSED = 0x75465A4C
_UNCOMPRESSED = 0x414C454D

# What the dictionary holds before the first octet: MS-OXRTFCP section 2.1.2.1.
_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}"
    rb"{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArialTimes New Roman"
    rb"Courier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_RING = 0xFFF
"""The dictionary has 4,096 octets, and is written round and round."""


def decompress_rtf(data: bytes, limit: int, *, report: DefectHandler = ignore) -> bytes:
    """Decompress RTF.

    Args:
        data: The value of PidTagRtfCompressed.
        limit: Octets that the result may have.
        report: Called with BAD_TNEF if the data is defective or the result is cut at the limit.

    Returns:
        The RTF; of defective data what is before the defect. The checksum is not looked at.

    MS-OXRTFCP section 3.1.3.2.
    """
    if len(data) < _HEADER.size:
        report(DefectKind.BAD_TNEF)
        return b""
    size, raw_size, kind, _ = _HEADER.unpack_from(data)
    stop = min(raw_size, limit)
    # COMPSIZE counts the other three fields of the header too.
    contents = data[_HEADER.size : size + 4]
    if kind == _UNCOMPRESSED:
        result = contents[:stop]
    elif kind == _COMPRESSED:
        result = _expanded(contents, stop)
    else:
        result = b""
    if len(result) < raw_size:
        report(DefectKind.BAD_TNEF)
    return result


def _expanded(data: bytes, stop: int) -> bytes:
    """Expand tokens: octets, and references into what was written before."""
    written = bytearray(_DICTIONARY)
    stop += len(_DICTIONARY)
    position, end = 0, len(data)
    while position < end and len(written) < stop:
        flags = data[position]
        position += 1
        for bit in range(8):
            if not flags >> bit & 1:
                written += data[position : position + 1]
                position += 1
                continue
            reference = int.from_bytes(data[position : position + 2])
            piece = _referenced(written, reference) if position + 2 <= end else b""
            if not piece:
                return bytes(written[len(_DICTIONARY) : stop])
            written += piece
            position += 2
    return bytes(written[len(_DICTIONARY) : stop])


def _referenced(written: bytearray, reference: int) -> bytes:
    """Return what a reference of 12 bits offset and 4 bits length means; b"" at the end mark."""
    distance = len(written) - (reference >> 4) & _RING
    length = (reference & 0xF) + 2
    # An offset that equals the place written to ends the data; one that nothing was written to
    # yet is a defect.
    if distance == 0 or distance > len(written):
        return b""
    start = len(written) - distance
    piece = bytes(written[start : start + length])
    # A piece that reaches over the end repeats itself.
    return (piece * (length // len(piece) + 1))[:length]
