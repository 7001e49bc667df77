"""What of a text a server can look for."""

import pytest

from netmail.query.planning.runs import runs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("quarterly report", ["quarterly", "report"]),
        ("one two three four", ["three", "four", "one"]),
        ("a bc", []),
        ('say "hello" \\now', ["hello", "now", "say"]),
        ("Grüße", []),
        ("Grüße-123", ["e-123"]),
        ("e\u0301tude", ["tude"]),
        ("two  spaces", ["spaces", "two"]),
        ("", []),
    ],
)
def test_text(text, expected):
    """The longest pieces of printed ASCII, three at most."""
    assert runs(text, structured=False, decomposes=True) == expected


def test_addresses():
    """Nothing is asked for over a sign at which addresses are written again."""
    text = "Ann Lee <ann.lee@example.org>"

    assert runs(text, structured=True, decomposes=True) == ["example", "Ann", "Lee"]


def test_letters_with_twins():
    """A server that does not decompose is not asked for k and i."""
    assert runs("Kelvin invoice", structured=False, decomposes=False) == ["elv", "nvo"]
