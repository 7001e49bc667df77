"""A limit of time for tests of data that is large, or made to be slow."""

import time

import pytest

SECONDS = 3.0


@pytest.fixture
def in_time():
    """Fail a test that takes longer than linear work does."""
    begun = time.perf_counter()
    yield
    assert time.perf_counter() - begun < SECONDS
