"""Hosts: which of them are certainly this machine, and which are addresses."""

import pytest

from netmail.errors import UsageError
from netmail.options.hosts import ascii_host, is_address, is_loopback

LOOPBACK = {
    "localhost": True,
    "LOCALHOST": True,
    "127.0.0.1": True,
    "127.255.255.254": True,
    "::1": True,
    "0:0:0:0:0:0:0:1": True,
    "127.example.com": False,
    "127.1": False,
    "localhost.example": False,
    "x.localhost": False,
    "::2": False,
    "10.0.0.1": False,
    "127.0.0.1.example": False,
}


@pytest.mark.parametrize(("host", "expected"), LOOPBACK.items(), ids=LOOPBACK)
def test_loopback(host, expected):
    """Only what is certainly this machine counts as loopback."""
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    ("text", "expected"), {"10.0.0.1": True, "::1": True, "10.1": False, "a": False}.items()
)
def test_address(text, expected):
    """An address is written in full."""
    assert is_address(text) is expected


def test_ascii_host():
    """A name beyond ASCII becomes A-labels; the error for another one does not repeat it."""
    assert ascii_host("host", "bü.test") == "xn--b-eha.test"
    with pytest.raises(UsageError, match="host is no valid name") as caught:
        ascii_host("host", "secret\u2028ü")
    assert "secret" not in str(caught.value)
