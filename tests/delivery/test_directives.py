"""Configuration in its two shapes, and directives as values of dataclasses."""

from dataclasses import dataclass, field
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


@pytest.mark.parametrize(
    ("config", "prefix", "why"),
    [(None, None, "a mapping, not NoneType"), ([], None, "a mapping, not list"), ({}, 5, "a str")],
)
def test_no_configuration(config, prefix, why):
    """What is no mapping, and a prefix that is no text, are refused."""
    with pytest.raises(UsageError, match=why):
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


@dataclass
class Private:
    """A directive that is a secret."""

    key: str = field(repr=False)


NO_NUMBERS = ["nan", "inf", "-inf", "1e999", float("nan"), float("inf"), 10**400, "9" * 5000, 1e300]


@pytest.mark.parametrize("wrong", NO_NUMBERS, ids=lambda each: f"{each!r:.12}")
@pytest.mark.parametrize("name", ["count", "share"])
def test_numbers_that_are_none(name, wrong):
    """No system waits until they are over, and none counts so far."""
    if name == "count" and wrong == 1e300:
        return
    with pytest.raises(UsageError, match=f"example: {name} is .*, not (int|float)"):
        read_directives(Example, {"name": "x", name: wrong}, "example")


@pytest.mark.parametrize(("text", "reason"), [("a\0b", "NUL"), ("\ud800", "surrogate")])
@pytest.mark.parametrize("name", ["name", "path"])
def test_text_that_no_system_takes(name, text, reason):
    """A path or a field of a request cannot have it: it is found with the configuration."""
    with pytest.raises(UsageError, match=f"example: {name} has .*{reason}"):
        read_directives(Example, {"name": "x", name: text}, "example")


@pytest.mark.parametrize("wrong", [["hush"], b"hush", {"hush": 1}])
def test_secret_of_the_wrong_kind(wrong):
    """The error names the directive, and does not show what may be a secret."""
    with pytest.raises(UsageError, match="example: key is a value, not str") as caught:
        read_directives(Private, {"key": wrong}, "example")

    assert "hush" not in str(caught.value)


def test_groups_without_end():
    """A group that holds itself is refused, as one is that is too deep."""
    endless = {}
    endless["a"] = endless

    with pytest.raises(UsageError, match="too deep"):
        nested(endless)
