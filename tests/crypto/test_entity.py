"""What is signed of a message, and what stays outside."""

import binascii

import pytest

import netmail
from netmail.crypto.entity import base64_lines, content_type, entity_of
from netmail.crypto.recipients import groups

HEADER = b"From: a@example.test\r\nBcc: x@example.test\r\nContent-Type: text/html\r\n"


def divided(octets):
    """The parts of a message."""
    return entity_of(netmail.Envelope("a@example.test", ("b@example.test",), octets))


def test_fields_are_divided():
    """What describes the content goes with it; Bcc is nowhere."""
    found = divided(HEADER + b"\r\nbody\r\n")

    assert found.outer == b"From: a@example.test\r\nMIME-Version: 1.0\r\n"
    assert found.as_bytes() == b"Content-Type: text/html\r\n\r\nbody\r\n"


def test_message_without_a_type():
    """A message without MIME is plain text."""
    part = divided(b"From: a@example.test\r\n\r\nbody\r\n").as_bytes()

    assert netmail.parse(part).text == "body\n"
    assert part.startswith(b"Content-Type: text/plain")


def test_other_fields_without_a_type():
    """A type is written where only other fields describe the content: parameters need it."""
    part = divided(b"From: a@example.test\r\nContent-Disposition: inline\r\n\r\nbody\r\n")

    assert part.header.startswith(b"Content-Type: text/plain")
    assert part.header.endswith(b"\r\nContent-Disposition: inline\r\n")


def test_type_with_parameters():
    """Values are quoted; what cannot be written in ASCII is left out."""
    written = content_type("a/b", {"x": 'say "\\"', "y": "ä", "z": "1"})

    assert netmail.parse(written + b"\r\n").root.params == {"x": 'say "\\"', "z": "1"}


@pytest.mark.parametrize(
    "size", [0, 1, 56, 57, 58, 114, 1000, 57 * 256, 57 * 256 + 1, 57 * 512, 57 * 513 - 1]
)
def test_base64(size):
    """Lines have 76 digits at most, and each is ended."""
    encoded = base64_lines(b"x" * size)

    assert all(len(line) <= 76 for line in encoded.split(b"\r\n"))
    assert size == 0 or encoded.endswith(b"\r\n")
    assert binascii.a2b_base64(encoded) == b"x" * size
    assert len(encoded) - len(encoded.replace(b"\r\n", b"")) == 2 * -(-size // 57)


@pytest.mark.parametrize(
    ("header", "recipients", "expected"),
    [
        (b"To: b@x.test\r\n", ("b@X.test",), [("b@X.test",)]),
        (b"To: b@x.test\r\nCc: c@x.test\r\n", ("b@x.test", "c@x.test"), [("b@x.test", "c@x.test")]),
        (b"To: b@x.test\r\n", ("c@x.test", "b@x.test"), [("b@x.test",), ("c@x.test",)]),
        (b"To: list@x.test\r\n", ("b@x.test",), [("b@x.test",)]),
    ],
)
def test_groups(header, recipients, expected):
    """Recipients that the header shows share a message, each other one is alone."""
    assert groups(netmail.Envelope("a@x.test", recipients), header) == expected


def test_no_recipient():
    """A message without recipients is for nobody."""
    with pytest.raises(netmail.UsageError, match="no recipient"):
        groups(netmail.Envelope("a@x.test", ()), b"To: b@x.test\r\n")
