"""Text that callers give: one line, and whole characters."""

import pytest

from netmail.errors import MessageError, UsageError
from netmail.text import check_text, split_verb, strings


@pytest.mark.parametrize("value", ["", "NOOP", "a b", "ünï", "\t", "\x7f", "\u2028", "\U0001f600"])
def test_one_line_is_returned(value):
    """A text without CR, LF, NUL and lone surrogates is returned unchanged."""
    assert check_text(value, "the command") == value


FORBIDDEN = {
    "crlf": ("NOOP\r\nDELE 1", r"the command must not hold CR \(at character 4\)"),
    "cr": ("a\rb", r"the command must not hold CR \(at character 1\)"),
    "lf": ("a\nb", r"the command must not hold LF \(at character 1\)"),
    "nul": ("\0", r"the command must not hold NUL \(at character 0\)"),
    "first surrogate": ("é\ud800", r"the command must not hold a lone surrogate \(at character 1"),
    "last surrogate": ("\udfff", r"the command must not hold a lone surrogate \(at character 0"),
}


@pytest.mark.parametrize("error", [UsageError, MessageError])
@pytest.mark.parametrize(("value", "sentence"), FORBIDDEN.values(), ids=FORBIDDEN)
def test_forbidden_characters(value, sentence, error):
    """What would begin another command or header, or cannot be encoded, is refused by name."""
    with pytest.raises(error, match=sentence):
        check_text(value, "the command", error)


def test_usage_error_is_the_default():
    """Where the caller names no class, the error is a UsageError."""
    with pytest.raises(UsageError):
        check_text("\n", "the command")


def test_refused_text_is_not_repeated():
    """The text may be a password: no part of it is in the error."""
    with pytest.raises(UsageError) as caught:
        check_text("opensesame\r\n", "password")

    assert "open" not in str(caught.value)


@pytest.mark.parametrize("value", [b"NOOP", None, 5, ["NOOP"]])
def test_other_types(value):
    """What is no str is the caller's mistake, whatever class the text's errors have."""
    with pytest.raises(UsageError, match=f"the command must be a str, not {type(value).__name__}"):
        check_text(value, "the command", MessageError)


@pytest.mark.parametrize("values", [("a", "b"), ["a", "b"], iter("ab"), {"a": 1, "b": 2}])
def test_strings(values):
    """Any iterable of str becomes a list."""
    assert strings(values, "flags") == ["a", "b"]


def test_one_string():
    """A str is one string, not an iterable of characters."""
    assert strings("ab", "flags") == ["ab"]


@pytest.mark.parametrize("values", [None, 5, b"", b"ab", bytearray(b"ab"), ["a", None], [b"a"]])
def test_no_strings(values):
    """Everything else is refused; octets too, which are an iterable of int."""
    with pytest.raises(UsageError, match="flags are a str or an iterable of str"):
        strings(values, "flags")


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("NOOP", ("NOOP", "")),
        ("", ("", "")),
        ("AUTH PLAIN x y", ("AUTH", "PLAIN x y")),
        ("AUTH\tPLAIN x", ("AUTH", "PLAIN x")),
        (" \tAUTH \t PLAIN", ("AUTH", "PLAIN")),
        ("AUTH\x0bPLAIN", ("AUTH", "PLAIN")),
        ("AUTH\x01PLAIN", ("AUTH", "PLAIN")),
        ("AUTH\xa0PLAIN", ("AUTH", "PLAIN")),
        ("AUTH\u3000PLAIN", ("AUTH", "PLAIN")),
    ],
)
def test_split_verb(line, parts):
    """A verb ends at any space or control character."""
    assert split_verb(line) == parts
