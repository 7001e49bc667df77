"""Comments of structured fields (RFC 5322 section 3.2.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.mime.fields.comments import comment_end, without_comments
from support.timing import cpu_limit


@pytest.mark.parametrize(
    ("text", "kept", "comments"),
    [
        ("a", "a", []),
        ("a (b) c", "a   c", ["b"]),
        ("a(b)c", "a c", ["b"]),
        ("(a (b) c) d", "  d", ["a (b) c"]),
        (r"a (b\)c) d", "a   d", [r"b\)c"]),
        ('"(a)" b', '"(a)" b', []),
        (r'"\"(a)" b', r'"\"(a)" b', []),
        ('(a " b) c', "  c", ['a " b']),
        ("a (b", "a  ", ["b"]),
        ("a) b (c)", "a b  ", ["c"]),
        ("()", " ", [""]),
        ("(", " ", [""]),
        ("(a)(b)", "  ", ["a", "b"]),
    ],
)
def test_without_comments(text, kept, comments):
    """Each comment becomes a space; quoted strings are left alone."""
    assert without_comments(text) == (kept, comments)


@pytest.mark.parametrize(
    ("text", "most", "end"),
    [
        ("(a)b", None, 3),
        ("((a))", None, 5),
        ("((a))", 2, 5),
        ("((a))", 1, -1),
        ("(a", None, -1),
        (r"(\)", None, -1),
        (r"(\))", None, 4),
    ],
)
def test_comment_end(text, most, end):
    """The end is after the parenthesis that closes; there may be none."""
    assert comment_end(text, 0, most) == end


@given(st.text(alphabet='ab()\\" '))
def test_nothing_but_comments_goes(text):
    """What is left has no comment any more, and what was outside stays in its order."""
    kept, comments = without_comments(text)

    assert without_comments(kept)[0] == kept
    assert len(kept) <= len(text)
    assert all(comment in text for comment in comments)


@pytest.mark.parametrize(
    "text", ["(" * 200_000, "()" * 200_000, "(" * 99_999 + ")" * 99_999, '("' * 99_999]
)
def test_linear_time(text):
    """No depth and no number of comments takes long."""
    with cpu_limit(1):
        without_comments(text)
