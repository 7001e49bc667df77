"""What a pipeline's call has returned."""

import pytest

from netmail.errors import ImapError, StateError
from netmail.results.pending import Pending


def test_not_done():
    """A call that was not made has no result."""
    pending = Pending("status")

    assert repr(pending) == "<Pending status(): not done>"
    with pytest.raises(StateError, match=r"status\(\) has no result"):
        pending.result()


def test_done():
    """The result is the value, which may be any."""
    pending = Pending("search")
    pending.end([])

    assert pending.result() == []
    assert repr(pending) == "<Pending search(): done>"


def test_failed():
    """The result is raised, each time."""
    pending = Pending("status")
    pending.end(error=ImapError("STATUS", "none", "NO"))

    assert repr(pending) == "<Pending status(): failed>"
    for _ in range(2):
        with pytest.raises(ImapError, match="none"):
            pending.result()
