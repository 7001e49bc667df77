"""The header of a packed file."""

import pytest

from netmail.mime.content.packed_file import disposition


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("a.txt", 'attachment; filename="a.txt"'),
        ('a\r\nX: 1";b', 'attachment; filename="aX: 1\';b"'),
        ("a\\b", 'attachment; filename="a/b"'),
        ("", 'attachment; filename=""'),
    ],
)
def test_disposition(name, value):
    """No name ends the field or its quoted string."""
    assert disposition(name) == value
