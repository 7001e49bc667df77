"""What is imported when, and what is said where the extra is missing."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys
sys.modules["cryptography"] = None
import netmail
from netmail.crypto import SealedMessage, dkim
try:
    dkim.sign
except netmail.UsageError as error:
    print(error)
"""


def printed(program):
    """What a new process prints."""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, check=True, timeout=60, text=True).stdout


def test_missing_extra():
    """The error names the extra to install."""
    assert "pip install netmail[crypto]" in printed(PROGRAM)


def test_import_costs_nothing():
    """Neither netmail nor the package of signatures loads the primitives before they are used."""
    program = "import sys, netmail, netmail.crypto, netmail.crypto.dkim; print(*sys.modules)"

    loaded = printed(program).split()

    assert "netmail.crypto.dkim" in loaded
    assert not {"cryptography", "asn1crypto", "pycurl"}.intersection(loaded)


def test_core_does_not_load_it():
    """Building and reading messages loads nothing of it."""
    program = "import sys, netmail; netmail.message; netmail.parse; print(*sys.modules)"

    assert "netmail.crypto" not in printed(program).split()


def test_unknown_name():
    """A name that is not there is an AttributeError, as of any module."""
    from netmail.crypto import dkim

    with pytest.raises(AttributeError, match="nothing"):
        dkim.nothing  # noqa: B018 -- asking for it is the test
