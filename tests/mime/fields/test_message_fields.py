"""A message's fields as values: its sender, its thread."""

import pytest

from netmail import parse


def test_sender_and_return_path():
    """One address each, or none."""
    mail = parse("Sender: Ann <a@b.example>\nReturn-Path: <>\n\n")

    assert (mail.sender.address, mail.return_path) == ("a@b.example", "")
    assert (parse("\n").sender, parse("\n").return_path) == (None, None)


@pytest.mark.parametrize(
    ("subject", "base"),
    [
        ("Lunch", "Lunch"),
        ("Re: Lunch", "Lunch"),
        ("RE: re: Fwd: Lunch", "Lunch"),
        ("Re[2]: Lunch", "Lunch"),
        ("[list] Re: Lunch", "Lunch"),
        ("Re: [list] Lunch", "Lunch"),
        ("Lunch (fwd)", "Lunch"),
        ("[Fwd: Lunch]", "Lunch"),
        ("[Fwd: Re: Lunch (fwd)]", "Lunch"),
        ("AW: Lunch", "Lunch"),
        ("  Lunch   today ", "Lunch today"),
        ("[list]", "[list]"),
        ("", ""),
    ],
)
def test_thread_subject(subject, base):
    """RFC 5256 section 2.1."""
    assert parse(f"Subject: {subject}\n\n").thread_subject() == base
