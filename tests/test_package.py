"""The one door: what `import netmail` offers."""

import subprocess
import sys

import pytest

import netmail


@pytest.mark.parametrize("name", netmail.__all__)
def test_every_public_name_is_there(name: str) -> None:
    """Each name in `__all__` loads."""
    assert getattr(netmail, name) is not None


def test_public_names_are_complete_and_sorted() -> None:
    """`__all__` lists just what the table of homes lists, in ruff's order."""
    listed = [name for names in netmail._HOMES.values() for name in names.split()]

    assert set(netmail.__all__) == set(listed)
    assert len(netmail.__all__) == len(listed)


def test_misspelt_name_is_an_attribute_error() -> None:
    """A name that does not exist is refused as Python does it."""
    with pytest.raises(AttributeError, match="has no attribute 'Imp'"):
        netmail.Imp  # noqa: B018 -- the access is the test


def test_dir_lists_the_public_names() -> None:
    """Completion in a shell sees what is not loaded yet."""
    assert set(netmail.__all__) <= set(dir(netmail))


CLIENTS_LEAVE_OUT = (
    "asyncio email ssl certifi hmac hashlib urllib.parse netmail.mime netmail.testing"
)


@pytest.mark.parametrize(
    ("statement", "unloaded"),
    [
        ("import netmail", "pycurl typing dataclasses asyncio email ssl"),
        ("import netmail; netmail.parse", "pycurl asyncio email ssl"),
        ("import netmail; netmail.Message", "pycurl asyncio ssl email.message"),
        ("import netmail; netmail.Imap", CLIENTS_LEAVE_OUT),
        ("import netmail; netmail.POP3", CLIENTS_LEAVE_OUT),
        ("import netmail; netmail.Transport", CLIENTS_LEAVE_OUT),
    ],
)
def test_importing_loads_no_more_than_is_used(statement: str, unloaded: str) -> None:
    """Reading a message loads no libcurl, the blocking clients no asyncio."""
    probe = f"{statement}; import sys; print(*({unloaded.split()!r} & sys.modules.keys()))"
    probe = probe.replace(repr(unloaded.split()), repr(set(unloaded.split())))
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.split() == []
