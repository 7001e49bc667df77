"""What may reach a command line, and what may not be shown."""

import pytest

from netmail.errors import UsageError
from netmail.wire.safe import check_single_line, number, redact, strings


@pytest.mark.parametrize("value", ["", "NOOP", "a b", "ünï", "\t", "\x7f", "\u2028"])
def test_one_line_passes(value):
    """What stays on one line is returned as it is."""
    assert check_single_line(value, "the command") == value


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("NOOP\r\nDELE 1", "line end"),
        ("a\rb", "line end"),
        ("a\nb", "line end"),
        ("a\0b", "line end or NUL"),
        ("\ud800", "surrogate"),
        (b"NOOP", "must be a str, not bytes"),
        (None, "must be a str, not NoneType"),
    ],
    ids=["crlf", "cr", "lf", "nul", "surrogate", "bytes", "none"],
)
def test_one_line_refuses(value, sentence):
    """What would begin a command of its own, or cannot be written, is refused by its name."""
    with pytest.raises(UsageError, match=f"the command.*{sentence}"):
        check_single_line(value, "the command")


@pytest.mark.parametrize("value", [1, 2**32 - 1])
def test_number_passes(value):
    """1 to 2**32 - 1."""
    assert number(value, "a UID") == value


@pytest.mark.parametrize("value", [0, -1, 2**32, True, False, "1", 1.0, None, [1]])
def test_number_refuses(value):
    """Everything else is refused, so that nothing but digits reaches a command."""
    with pytest.raises(UsageError, match="a UID must be"):
        number(value, "a UID")


@pytest.mark.parametrize("values", [("a", "b"), ["a", "b"], iter("ab"), {"a": 1, "b": 2}])
def test_strings_passes(values):
    """Any iterable of str."""
    assert strings(values, "flags") == ["a", "b"]


@pytest.mark.parametrize("values", [None, 5, b"", b"ab", bytearray(b"ab"), ["a", None], [b"a"]])
def test_strings_refuses(values):
    """All else is refused by its name."""
    with pytest.raises(UsageError, match="flags are a str or an iterable of str"):
        strings(values, "flags")


@pytest.mark.parametrize(
    ("words", "secrets", "shown"),
    [
        ("bad: PASS opensesame", [b"opensesame"], "bad: PASS ***"),
        ("bad: b3BlbnNlc2FtZQ==", [b"opensesame", b"b3BlbnNlc2FtZQ=="], "bad: ***"),
        ("opensesame opensesame2", [b"opensesame", b"opensesame2"], "*** ***"),
        ("bad user", [b"a"], "bad user"),
        ("bad ßecret", ["ßecret".encode()], "bad ***"),
        ("bad", [], "bad"),
    ],
    ids=["plain", "base64", "longest-first", "too-short", "utf8", "none"],
)
def test_conceal(words, secrets, shown):
    """What a server repeats of ours is taken out of its words."""
    assert redact(words, secrets) == shown
