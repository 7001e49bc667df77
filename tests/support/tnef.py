"""Octets of a winmail.dat, written for the tests: MS-OXTNEF."""

import struct

EMBEDDED = bytes.fromhex("0703020000000000c000000000000046")
STRING8, STRING, BINARY, OBJECT, NUMBER, TIME = 0x1E, 0x1F, 0x102, 0x0D, 0x03, 0x40


def attribute(number, data):
    """Return an attribute with its checksum."""
    head = struct.pack("<BII", 2, number, len(data))
    return head + data + struct.pack("<H", sum(data) & 0xFFFF)


def properties(*triples):
    """Return a list of properties: type, tag and value."""
    data = struct.pack("<I", len(triples))
    for kind, tag, value in triples:
        data += struct.pack("<HH", kind, tag)
        if isinstance(value, int):
            data += value.to_bytes(8 if kind == TIME else 4, "little")
            continue
        octets = value
        if isinstance(value, str):
            octets = (value + "\0").encode("utf-16-le" if kind == STRING else "cp1252")
        data += struct.pack("<II", 1, len(octets)) + octets + b"\0" * (-len(octets) % 4)
    return data


def winmail(*attributes):
    """Return a whole stream."""
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(attributes)


def message(*triples):
    """Return the attribute with the properties of the message."""
    return attribute(0x00069003, properties(*triples))


def recipients(*rows):
    """Return the attribute with the table of recipients."""
    return attribute(0x00069004, struct.pack("<I", len(rows)) + b"".join(rows))


START = attribute(0x00069002, b"\0" * 14)
"""The attribute that begins a file."""


def file(name, content):
    """Return the attributes of a file."""
    title = attribute(0x00018010, name.encode("cp1252") + b"\0")
    return START + title + attribute(0x0006800F, content)


def embedded(name, stream):
    """Return the attributes of a message inside."""
    listed = properties((OBJECT, 0x3701, EMBEDDED + stream), (STRING, 0x3001, name))
    return START + attribute(0x00069005, listed)


def stored_rtf(rtf):
    """Return RTF in the form that is not compressed."""
    return struct.pack("<4L", len(rtf) + 12, len(rtf), 0x414C454D, 0) + rtf


def part(stream):
    """Return a message that is a winmail.dat."""
    return b"Content-Type: application/ms-tnef; name=winmail.dat\n\n" + stream
