"""Text that a server sent: readable, and without loss."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.wire.server_text import decode, encode


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"Ok", "Ok"), ("grüß".encode(), "grüß"), (b"gr\xfc\xdf", "gr\udcfc\udcdf"), (b"", "")],
    ids=["ASCII", "UTF-8", "Latin-1", "empty"],
)
def test_decode(data, text):
    """UTF-8 is read; any other octet becomes a lone surrogate."""
    assert text == decode(data)


@given(st.binary())
def test_round_trip(data):
    """No octet is lost."""
    assert data == encode(decode(data))
