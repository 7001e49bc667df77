"""The limits: one can be raised, none changes, and each has its reason."""

import inspect

import pytest

from netmail.limits import MessageLimits, ServerLimits

each = pytest.mark.parametrize("kind", [MessageLimits, ServerLimits])


@each
def test_one_limit_can_be_raised(kind):
    """A limit is given by name; the others keep their defaults."""
    name = kind._fields[0]
    raised = kind(**{name: 10**12})

    assert getattr(raised, name) == 10**12
    assert raised[1:] == kind()[1:]


@each
def test_limits_do_not_change(kind):
    """A limit that others share cannot be changed."""
    with pytest.raises(AttributeError):
        setattr(kind(), kind._fields[0], 1)


@each
def test_every_limit_has_its_reason(kind):
    """The docstring describes each."""
    missing = [name for name in kind._fields if f"\n    {name}: " not in inspect.getdoc(kind)]

    assert not missing
    assert all(value > 0 for value in kind())


def test_a_response_has_space_for_its_literal():
    """The longest literal fits into a response."""
    assert ServerLimits().response > ServerLimits().literal
