"""The module of search keys as callers see it."""

import inspect
import subprocess
import sys
from datetime import date

import pytest

import netmail
from netmail import search as S  # noqa: N812
from netmail.search.key import bare, day, named, string

FUNCTIONS = [name for name in S.__all__ if inspect.isfunction(getattr(S, name))]


def test_names():
    """Nothing is exported but functions that make keys, and their type."""
    assert set(S.__all__) - {"SearchKey"} == set(FUNCTIONS)
    assert S.SearchKey is netmail.SearchKey


@pytest.mark.parametrize("name", FUNCTIONS)
def test_types(name):
    """Each function makes a key, and names its types."""
    signature = inspect.signature(getattr(S, name))

    assert signature.return_annotation in {S.SearchKey, "SearchKey"}
    assert all(each.annotation is not each.empty for each in signature.parameters.values())


def test_import():
    """The module is loaded when it is used, and loads neither libcurl nor a client."""
    probe = (
        "import sys, netmail; before = 'netmail.search' in sys.modules\n"
        "from netmail import search\n"
        "print(before, 'pycurl' in sys.modules, 'netmail.clients' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "False", "False"]


def test_makers():
    """A name, bare arguments, strings, and a day."""
    made = [bare("ALL"), named("UID", "5"), string("TO", "5")]

    assert list(map(str, made)) == ["ALL", "UID 5", 'TO "5"']
    assert day(date(2026, 11, 1)) == "1-Nov-2026"
