"""Messages a second, with a clock of the test's."""

import pytest

from netmail.clients.pools.rate import Rate
from netmail.errors import UsageError


def test_evenly_spaced():
    """Each message has its moment; there is no burst at the beginning."""
    rate = Rate(4)

    assert [rate.take(10.0) for _ in range(4)] == [0.0, 0.25, 0.5, 0.75]


def test_time_that_passes_saves_nothing():
    """After a pause the next message goes at once, and those after it wait again."""
    rate = Rate(4)
    rate.take(10.0)

    assert [rate.take(100.0) for _ in range(3)] == [0.0, 0.25, 0.5]


def test_wait_takes_nothing():
    """Looking at the clock takes no moment."""
    rate = Rate(4)
    rate.take(10.0)

    assert [rate.wait(10.0), rate.wait(10.1), rate.wait(11.0)] == [0.25, pytest.approx(0.15), 0.0]


def test_no_limit():
    """Without a rate nothing waits."""
    rate = Rate(None)

    assert not rate.is_limited
    assert [rate.take(10.0) for _ in range(3)] == [0.0] * 3


@pytest.mark.parametrize("rate", [0, -1, "5", True, float("nan"), float("inf")], ids=repr)
def test_wrong_rate(rate):
    """A rate is a number above 0."""
    with pytest.raises(UsageError, match="rate"):
        Rate(rate)
