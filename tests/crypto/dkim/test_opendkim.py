"""opendkim judges netmail's signatures; it reads keys from a file."""

import subprocess

import pytest

from netmail.crypto import dkim
from support.crypto_keys import (
    DOMAIN,
    KEY_NAME,
    SELECTOR,
    ed25519_key,
    letter,
    record,
    rsa_key,
)
from support.programs import judge_program


@pytest.fixture
def judge(tmp_path):
    """Ask opendkim about a message; what it prints is returned."""
    program = judge_program("opendkim", "opendkim")

    def ask(octets, key):
        keys, config, message = (tmp_path / name for name in ("keys", "config", "message"))
        keys.write_bytes(KEY_NAME.encode() + b" " + record(key) + b"\n")
        config.write_text(f"TestDNSData {keys}\nMode v\nSyslog no\n")
        message.write_bytes(octets)
        command = [program, "-x", str(config), "-v", "-v", "-t", str(message)]
        done = subprocess.run(command, capture_output=True, timeout=60, check=False)
        return (done.stdout + done.stderr).decode()

    return ask


@pytest.mark.parametrize("form", ["simple/simple", "simple/relaxed", "relaxed/relaxed"])
@pytest.mark.parametrize("make", [rsa_key, ed25519_key], ids=["rsa", "ed25519"])
def test_verified(judge, make, form):
    """Each algorithm is verified, in each canonical form."""
    octets = dkim.sign(letter(), SELECTOR, DOMAIN, make(), canonicalization=form).as_bytes()

    assert "dkim=pass" in judge(octets, make())


def test_changed(judge):
    """A changed body is noticed, so its verdict means something."""
    octets = dkim.sign(letter(), SELECTOR, DOMAIN, rsa_key()).as_bytes()

    assert "dkim=fail" in judge(octets.replace(b"Hello", b"Howdy"), rsa_key())
