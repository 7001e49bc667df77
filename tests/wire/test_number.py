"""Message numbers, UIDs and counts."""

import pytest

from netmail.errors import UsageError
from netmail.wire.number import number


@pytest.mark.parametrize("value", [1, 2**32 - 1])
def test_number(value):
    """1 to 2**32 - 1 are returned unchanged."""
    assert number(value, "a UID") == value


def test_count():
    """A count may be 0."""
    assert number(0, "a count of lines", least=0) == 0


HUGE = pytest.param(10**5000, id="5001 digits")


@pytest.mark.parametrize("value", [0, -1, 2**32, HUGE, True, False, "1", 1.0, None, [1]])
def test_no_number(value):
    """Everything else is refused, so that nothing but digits reaches a command."""
    with pytest.raises(UsageError, match="a UID must be"):
        number(value, "a UID")
