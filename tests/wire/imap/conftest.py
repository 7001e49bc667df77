"""A limit of time for tests of data that is large, or made to be slow."""

import pytest

from support.timing import cpu_limit

SECONDS = 3.0


@pytest.fixture
def in_time():
    """Fail a test that takes longer than linear work does."""
    with cpu_limit(SECONDS):
        yield
