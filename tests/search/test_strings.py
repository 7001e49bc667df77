"""Search keys of text."""

import pytest

from netmail import UsageError
from netmail import search as S  # noqa: N812

NAMES = ["bcc", "body", "cc", "from_", "subject", "text", "to"]


@pytest.mark.parametrize("name", NAMES)
def test_names(name):
    """A key has its function's name, and its text in quotes."""
    assert str(getattr(S, name)("to")) == f'{name.strip("_").upper()} "to"'


def test_header():
    """Name and text of a field; without text, whether there is such a field."""
    assert str(S.header("List-Id", "x")) == 'HEADER "List-Id" "x"'
    assert str(S.header("List-Id")) == 'HEADER "List-Id" ""'


@pytest.mark.parametrize("text", ["a\r\nb", "a\0", "\ud800", b"x", None, 5], ids=ascii)
@pytest.mark.parametrize("name", [*NAMES, "header"])
def test_refused(name, text):
    """No text ends the line, and what is no text is refused."""
    with pytest.raises(UsageError):
        getattr(S, name)(text)
