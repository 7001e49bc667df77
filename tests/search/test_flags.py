"""Search keys of flags."""

import pytest

from netmail import UsageError
from netmail import search as S  # noqa: N812

NAMES = [
    *("answered", "deleted", "draft", "flagged", "new", "old", "recent", "seen"),
    *("unanswered", "undeleted", "undraft", "unflagged", "unseen"),
]


@pytest.mark.parametrize("name", NAMES)
def test_names(name):
    """A key has its function's name."""
    assert str(getattr(S, name)()) == name.upper()


def test_all():
    """ALL is a key as well."""
    assert str(S.all_()) == "ALL"


def test_keywords():
    """A keyword is an atom."""
    assert str(S.keyword("$Forwarded") & S.unkeyword("work")) == "KEYWORD $Forwarded UNKEYWORD work"


@pytest.mark.parametrize("name", ["", "a b", r"\Seen", "x)", "é", "a\r\nb"])
def test_no_keyword(name):
    """What is no atom is no keyword."""
    with pytest.raises(UsageError):
        S.keyword(name)
    with pytest.raises(UsageError):
        S.unkeyword(name)
