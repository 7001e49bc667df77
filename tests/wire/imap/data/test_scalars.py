"""Values of a response by kind."""

import pytest

from netmail.wire.imap.data.scalars import number, text, texts


@pytest.mark.parametrize(
    ("value", "expected"), [(b"a", "a"), (None, None), ([b"a"], None), (b"\xff", "\udcff")]
)
def test_text(value, expected):
    """NIL and a list are no text."""
    assert text(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(b"a", ("a",)), (None, ()), ([b"a", None, [b"x"], b"b"], ("a", "b")), ([], ())],
)
def test_texts(value, expected):
    """A list, or one by itself."""
    assert texts(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(b"5", 5), (b"-5", None), (b"9" * 20, None), (None, None), ([], None)]
)
def test_number(value, expected):
    """What is no number is none."""
    assert number(value) == expected
