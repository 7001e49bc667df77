"""Configuration in its two shapes, and directives as values of dataclasses."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from netmail import RetryPolicy, UsageError
from netmail.delivery.directives import check_names, nested, read_directives

POLICY = RetryPolicy()


@dataclass
class Example:
    """One directive of each kind."""

    name: str
    count: int = 1
    share: float = 0.5
    loud: bool = False
    path: str | Path | None = None
    retry: RetryPolicy = POLICY


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"a.b": 1, "a.c": 2}, {"a": {"b": 1, "c": 2}}),
        ({"a": {"b": 1}, "a.c": 2}, {"a": {"b": 1, "c": 2}}),
        ({"a": {"b.c": 1}}, {"a": {"b": {"c": 1}}}),
        ({}, {}),
    ],
)
def test_nested(config, expected):
    """Dots and dictionaries mean the same."""
    assert nested(config) == expected


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [("mail", {"use": 1}), ("mail.", {"use": 1}), ("a.b", {}), ("other", {})],
)
def test_prefix(prefix, expected):
    """Keys without the prefix are left out."""
    assert nested({"mail.use": 1, "x": 2}, prefix) == expected


@pytest.mark.parametrize(
    ("config", "prefix"),
    [
        ({"a": 1, "a.b": 2}, None),
        ({"a.b": 2, "a": 1}, None),
        ({"a": 1, "a.b.c": 2}, None),
        ({"a": 1}, "a"),
        ({1: 2}, None),
        ({"a": 1, "a.b": {"c": 1}}, None),
    ],
)
def test_contradictions(config, prefix):
    """A key cannot be a value and a group."""
    with pytest.raises(UsageError):
        nested(config, prefix)


def test_values():
    """Numbers and truths may be written as text; what is not given has its default."""
    given = {"use": "x", "name": "n", "count": "3", "share": 1, "loud": "Yes", "path": Path("p")}

    assert read_directives(Example, given, "here") == Example("n", 3, 1.0, True, Path("p"))


def test_policy():
    """A policy is a group of its own."""
    found = read_directives(Example, {"name": "n", "retry": {"delay": "2"}}, "here")

    assert found.retry == RetryPolicy(delay=2.0)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "'name' is missing"),
        ({"name": "n", "cuont": 1}, "'count'"),
        ({"name": 5}, "name is 5, not str"),
        ({"name": "n", "count": "many"}, "count is 'many', not int"),
        ({"name": "n", "count": "1.5"}, "not int"),
        ({"name": "n", "count": True}, "not int"),
        ({"name": "n", "count": "inf"}, "not int"),
        ({"name": "n", "loud": "perhaps"}, "not bool"),
        ({"name": "n", "path": 5}, "str or Path or NoneType"),
        ({"name": "n", "retry": {"dely": 1}}, "'delay'"),
    ],
)
def test_wrong_values(given, why):
    """The sentence names the directive."""
    with pytest.raises(UsageError, match=why):
        read_directives(Example, given, "here")


def test_names():
    """Where nothing is near, all are named."""
    with pytest.raises(UsageError, match="it knows: one, two"):
        check_names(["zzzzz"], ["two", "one"], "here")
