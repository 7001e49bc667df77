"""The one door: what `import netmail` offers."""

import importlib.metadata
import pydoc
import subprocess
import sys
from pathlib import Path

import pytest

import netmail

PACKAGE = Path(netmail.__file__).parent


@pytest.mark.parametrize("name", netmail.__all__)
def test_every_public_name_is_there(name: str) -> None:
    """Each name in `__all__` loads."""
    assert getattr(netmail, name) is not None


def test_public_names_are_sorted_and_unique() -> None:
    """`__all__` lists each name once, in the order of a dictionary."""
    assert netmail.__all__ == sorted(set(netmail.__all__))


def test_no_other_module_of_the_package_lists_names() -> None:
    """There is one list of public names: the table of homes in `netmail/__init__.py`."""
    lazy = [path for path in PACKAGE.rglob("__init__.py") if "__getattr__" in path.read_text()]

    assert lazy == [PACKAGE / "__init__.py"]


def test_version_is_the_distributions() -> None:
    """`netmail.__version__` is what pip shows."""
    assert netmail.__version__ == importlib.metadata.version("netmail")


def test_misspelt_name_is_an_attribute_error() -> None:
    """A name that does not exist is refused as Python does it."""
    with pytest.raises(AttributeError, match="has no attribute 'Imp'"):
        netmail.Imp  # noqa: B018 -- the access is the test


def test_dir_lists_the_public_names() -> None:
    """Completion in a shell sees what is not loaded yet, and nothing private."""
    assert set(netmail.__all__) == {name for name in dir(netmail) if not name.startswith("__")}


def test_help_is_readable() -> None:
    """`help(netmail)` begins with what the package is, and shows every public class."""
    text = pydoc.plain(pydoc.render_doc(netmail))

    assert "SMTP, IMAP, POP3 and MIME for Python" in text[:200]
    assert "class Imap(" in text


CLIENTS_LEAVE_OUT = (
    "asyncio email ssl certifi hmac hashlib urllib.parse netmail.mime netmail.results.events "
    "netmail.testing"
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
