"""Flowed text (RFC 3676), with its lines joined."""

import pytest

from netmail import parse
from netmail.mime.content.flowed import unflow


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a \nb\nc", "a b\nc"),
        ("a \n\nb", "a \nb"),
        ("> a \n> b", "> a b"),
        ("> a \nb", "> a \nb"),
        (">> a \n>> b\n> c", ">> a b\n> c"),
        ("a\n-- \nsignature", "a\n-- \nsignature"),
        ("a \n-- \nsignature", "a \n-- \nsignature"),
        (" >a", ">a"),
        ("", ""),
    ],
)
def test_unflow(text, expected):
    """RFC 3676: soft line ends, quotes, signatures, space-stuffing."""
    assert unflow(text) == expected


def test_unflow_with_delsp():
    """The space at the line's end goes too."""
    assert unflow("日本 \n語", delsp=True) == "日本語"


def test_mail_unwraps_on_request():
    """`text` is as sent, `text_unwrapped()` is joined."""
    mail = parse("Content-Type: text/plain; format=flowed\n\na \nb")

    assert (mail.text, mail.text_unwrapped()) == ("a \nb", "a b")


def test_flowed_parameters_in_any_case():
    """Format and DelSp are read whatever their letters."""
    mail = parse("Content-Type: text/plain; Format=Flowed; DelSp=Yes\n\n日本 \n語")

    assert mail.text_unwrapped() == "日本語"


def test_fixed_text_is_not_unwrapped():
    """Without format=flowed a space at the end means nothing."""
    assert parse("\na \nb").text_unwrapped() == "a \nb"
