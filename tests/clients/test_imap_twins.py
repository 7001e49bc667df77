"""The blocking IMAP client and its asyncio twin are the same, but for waiting."""

import inspect

import pytest

from netmail.clients.async_imap import AsyncImap
from netmail.clients.imap import Imap


def members(kind):
    """Return the public members of a client by name."""
    return {name: value for name, value in inspect.getmembers(kind) if not name.startswith("_")}


BLOCKING, ASYNCIO = members(Imap), members(AsyncImap)


def test_names():
    """Both have the same members; closing by the usual name of each kind apart."""
    assert set(BLOCKING) - {"close_connection"} == set(ASYNCIO) - {"aclose"}


@pytest.mark.parametrize("name", sorted(set(BLOCKING) & set(ASYNCIO)))
def test_signature(name):
    """Same parameters, defaults, results and words."""
    one, other = BLOCKING[name], ASYNCIO[name]
    if isinstance(one, property):
        one, other = one.fget, other.fget

    assert inspect.signature(one) == inspect.signature(other)
    assert inspect.getdoc(one) == inspect.getdoc(other)


@pytest.mark.parametrize(
    "name", sorted(name for name, value in BLOCKING.items() if inspect.isfunction(value))
)
def test_one_waits(name):
    """What blocks in one is awaited in the other."""
    assert inspect.iscoroutinefunction(ASYNCIO[name])
