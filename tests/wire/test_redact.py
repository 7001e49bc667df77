"""Secrets that a server repeats."""

import pytest

from netmail.wire.redact import redact


@pytest.mark.parametrize(
    ("text", "secrets", "shown"),
    [
        ("bad: PASS opensesame", [b"opensesame"], "bad: PASS ***"),
        ("bad: b3BlbnNlc2FtZQ==", [b"opensesame", b"b3BlbnNlc2FtZQ=="], "bad: ***"),
        ("opensesame opensesame2", [b"opensesame", b"opensesame2"], "*** ***"),
        ("bad user", [b"a"], "bad user"),
        ("bad ßecret", ["ßecret".encode()], "bad ***"),
        ("bad \udcff\udcfe\udcff\udcfe", [b"\xff\xfe\xff\xfe"], "bad ***"),
        ("bad", [], "bad"),
    ],
    ids=["plain", "base64", "longest-first", "too-short", "utf8", "octets", "none"],
)
def test_redact(text, secrets, shown):
    """What a server repeats of the client's secrets is replaced in its text."""
    assert redact(text, secrets) == shown
