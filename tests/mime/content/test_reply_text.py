"""The part of a reply that its author wrote."""

import pytest

from netmail import parse
from support.timing import cpu_limit


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Yes.\n\nOn Mon, 15 Jan 2024, Ann wrote:\n> Coming?\n> Ann\n", "Yes."),
        ("Yes.\n\nOn Mon, 15 Jan 2024 at 10:00 Ann <a@b.example>\nwrote:\n\n> Coming?\n", "Yes."),
        ("Am 15.01.2024 um 10:00 schrieb Ann:\n> Kommst du?\nJa.\n", "Ja."),
        ("> Coming?\nYes.\n\n> When?\nAt 8.\n", "Yes.\n\nAt 8."),
        ("Yes.\n-- \nBob\nExample Ltd.\n", "Yes."),
        ("Yes.\n\n-----Original Message-----\nFrom: Ann\n\nComing?\n", "Yes."),
        ("Two things:\n> Coming?\nYes.\n", "Two things:\nYes."),
        ("a -- b\n--- not a signature\n", "a -- b\n--- not a signature"),
        ("Nothing quoted: 10 o'clock.\n", "Nothing quoted: 10 o'clock."),
        ("", ""),
    ],
)
def test_reply_text(text, expected):
    """Quotations, the lines that announce them, and the signature are left out."""
    assert parse(b"Subject: s\n\n" + text.encode()).reply_text == expected


def test_reply_text_of_html():
    """A message that has HTML only has a text too."""
    mail = parse(b"Content-Type: text/html\n\n<p>Yes.</p>")

    assert mail.reply_text == "Yes."


def test_hostile_replies_take_time_in_proportion():
    """No line makes the lines before it be looked at again."""
    with cpu_limit(5):
        text = parse(b"\n" + b"x1:\n\n\n>\nx\n" * 100_000 + b"x" * 1_000_000).reply_text

    assert text.startswith("x")
