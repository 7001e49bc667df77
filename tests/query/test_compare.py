"""Texts compared without case, and patterns of SQL."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.query.compare import fold, is_like, ordinary
from support.timing import cpu_limit


@pytest.mark.parametrize(
    ("one", "other"),
    [("Hello", "hELLO"), ("É", "e\u0301"), ("K", "\u212a"), ("", "")],
)
def test_equal(one, other):
    """Case and composition do not count."""
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("straße", "strasse"), ("café", "cafe"), ("a", "")])
def test_different(one, other):
    """What no server finds is no equality here."""
    assert fold(one) != fold(other)


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("Hello", "h%", True),
        ("Hello", "%L_", True),
        ("Hello", "hello", True),
        ("Hello", "hell", False),
        ("Hello", "_____", True),
        ("Hello", "______", False),
        ("Hello", "%", True),
        ("", "%", True),
        ("", "", True),
        ("x", "", False),
        ("50%", r"50\%", True),
        ("501", r"50\%", False),
        ("a\nb", "a%b", True),
        ("a.b", "a_b", True),
        ("axb", r"a\_b", False),
        ("ab", "ab%ab", False),
        ("abab", "ab%ab", True),
        ("back\\", "back\\", True),
        ("E\u0301t", "_t", True),
    ],
)
def test_like(text, pattern, expected):
    """A sign is ordinary where a backslash is before it."""
    assert is_like(text, pattern) is expected


@given(st.text("ab", max_size=12), st.text("ab%_", max_size=8))
def test_like_is_a_regular_expression(text, pattern):
    """Pieces in their order find what backtracking finds."""
    written = "".join({"%": ".*", "_": "."}.get(each, each) for each in pattern)

    assert is_like(text, pattern) == bool(re.fullmatch(written, text))


def test_ordinary():
    """The texts between the signs, without their backslashes."""
    assert ordinary(r"a%b_c\%d%") == ["a", "b", "c%d"]


def test_long_pattern():
    """A pattern takes the time of its length."""
    with cpu_limit(5):
        assert is_like("x" * 200_000, "x" * 200_000)
        assert not is_like("x", "x" * 200_000)
