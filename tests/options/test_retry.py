"""How often something is tried again, and when."""

from datetime import timedelta
from itertools import islice

import pytest

from netmail.errors import UsageError
from netmail.options.retry import RetryPolicy


def test_delays():
    """Each wait is twice as long as the one before, up to the longest."""
    policy = RetryPolicy(attempts=5, delay=1, max_delay=timedelta(seconds=5), jitter=0)

    assert list(policy.delays()) == [1, 2, 4, 5, 5]


def test_jitter():
    """A wait is longer or shorter by the share at most."""
    policy = RetryPolicy(attempts=1, delay=10, jitter=0.5)

    assert list(policy.delays(lambda: 0.0)) == [5]
    assert list(policy.delays(lambda: 0.5)) == [10]
    assert list(policy.delays(lambda: 1.0)) == [15]


def test_no_end():
    """Without a number of attempts there is no last one, and no wait without end."""
    policy = RetryPolicy(attempts=None, delay=1, max_delay=8, jitter=0)

    assert list(islice(policy.delays(), 2000))[-1] == 8


def test_none():
    """No attempt is a policy too."""
    assert list(RetryPolicy(attempts=0).delays()) == []


WRONG = [
    *({"attempts": -1}, {"attempts": 1.5}, {"attempts": True}, {"delay": 0}, {"delay": "x"}),
    *({"max_delay": -1}, {"jitter": 2}, {"jitter": -0.1}, {"jitter": None}),
]


@pytest.mark.parametrize("values", WRONG, ids=str)
def test_wrong(values):
    """What is no number of attempts, no duration and no share is refused."""
    with pytest.raises(UsageError):
        RetryPolicy(**values)
