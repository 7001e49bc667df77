"""Headers that callers give."""

import pytest

from netmail.errors import MessageError
from support.messages import read, simple


@pytest.mark.parametrize("name", ["X A", "X-A b", "", "X:A", "Ünï", "X\tA", " X", "X ", "X" * 99])
def test_header_names(name):
    """A header name is one word of printable ASCII (gh-127794)."""
    with pytest.raises(MessageError):
        simple(text="Yo").header({name: "1"})


def test_space_before_colon():
    """No name is cut out of "X-A : 1"."""
    with pytest.raises(MessageError):
        simple(text="Yo").header("X-A : 1")


def test_replace_recipients():
    """header(..., replace=True) replaces recipients too."""
    built = simple().header("To: new@example.org", replace=True)

    assert built.recipients == ("new@example.org",)


def test_single_headers():
    """A header that may occur once is replaced when set again."""
    built = simple().header("References: <1@x>").header("References: <2@x>")

    assert read(built).get_all("References") == ["<2@x>"]


def test_header_of_addresses():
    """A header of addresses is checked and encoded as one."""
    built = simple().header("Errors-To: Ünï <u@x>")

    assert b"Errors-To: =?utf-8?b?w5xuw68=?= <u@x>\r\n" in built.as_bytes()
    with pytest.raises(MessageError):
        simple().header("Errors-To: nobody")
