"""Octets that are read as far as the limits reach."""

from netmail import MessageLimits
from netmail.query.fetching.read_mail import read_mail


def test_header_alone():
    """A header is a message without text."""
    assert read_mail(b"Subject: x\r\n").subject == "x"


def test_limits():
    """Of a message beyond the limits, what was read of it counts."""
    octets = b"Subject: x\r\nX: y\r\n" * (MessageLimits().header_fields // 2 + 1)

    assert read_mail(octets + b"\r\ntext").subject == "x"
