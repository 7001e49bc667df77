"""What is imported when, and the error where the extra is missing."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys
sys.modules["cryptography"] = None
import netmail
from netmail.crypto import SealedMessage
try:
    from netmail.crypto import {user}
except netmail.UsageError as error:
    print(error)
"""


def printed(program):
    """What a new process prints."""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, check=True, timeout=60, text=True).stdout


@pytest.mark.parametrize("user", ["dkim", "smime"])
def test_missing_extra(user):
    """The error names what is missing, and the extra that brings it."""
    text = printed(PROGRAM.format(user=user))

    assert text.startswith("cryptography is missing")
    assert "pip install netmail[crypto]" in text


def test_import_costs_nothing():
    """Neither netmail nor the package of signatures loads the primitives before they are used."""
    loaded = printed("import sys, netmail, netmail.crypto; print(*sys.modules)").split()

    assert "netmail.crypto" in loaded
    assert not {"cryptography", "pycurl"}.intersection(loaded)


def test_core_does_not_load_it():
    """Building and reading messages loads nothing of it."""
    program = "import sys, netmail; netmail.message; netmail.parse; print(*sys.modules)"

    assert "netmail.crypto" not in printed(program).split()
