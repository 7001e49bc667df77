"""Tokens, one match after another."""

import re

from netmail.wire.imap.tokenizer import tokens

WORD = re.compile(r" *(\w+)")


def test_tokens():
    """Each match begins where the last one ended."""
    assert [found[1] for found in tokens(WORD, " ab  c")] == ["ab", "c"]


def test_garbage_ends_them():
    """Garbage is not skipped: the end of the last match shows where it begins."""
    assert [found.end() for found in tokens(WORD, "ab ! c")] == [2]


def test_octets():
    """Octets are read as text is."""
    assert [found[0] for found in tokens(re.compile(rb"[0-9]"), b"12")] == [b"1", b"2"]
