"""Folders of gpg's keys, made by gpg itself.

This file must not know what is tested.
"""

import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from support.programs import judge_program

ANN, BOB, CAROL = "ann@example.test", "bob@example.test", "carol@example.test"
PASSPHRASE = "pass phrase ä"
LOCKED = "dora@example.test"
"""Whose key has a passphrase."""


def gpg(home, *arguments, octets=b"", check=True):
    """Run gpg as another program does; what it writes is returned."""
    command = ["gpg", "--homedir", str(home), "--batch", "--no-tty", "--quiet", "--yes"]
    command += ["--pinentry-mode", "loopback", *arguments]
    done = subprocess.run(command, input=octets, capture_output=True, timeout=120, check=False)
    assert not check or done.returncode == 0, done.stderr
    return done.stdout


def new_key(home, who, kind="rsa2048", passphrase="", expires="0"):
    """Make a key with a subkey to encrypt for; its fingerprint is returned."""
    secret = ["--passphrase", passphrase]
    gpg(home, *secret, "--quick-generate-key", f"Name <{who}>", *usual(kind), expires)
    fingerprint = fingerprints(home, who)[0]
    cipher = "cv25519" if kind == "ed25519" else "rsa2048"
    gpg(home, *secret, "--quick-add-key", fingerprint, cipher, "encr", expires)
    return fingerprint


def usual(kind):
    """The kind of key, and what it is for."""
    return kind, "sign"


def fingerprints(home, who):
    """The fingerprints of the keys of an address."""
    listed = gpg(home, "--with-colons", "--list-keys", f"<{who}>", check=False).decode()
    lines = listed.splitlines()
    return [
        lines[number + 1].split(":")[9]
        for number, line in enumerate(lines)
        if line.startswith("pub:")
    ]


@contextmanager
def folder_of_keys():
    """A folder for keys; the agent that gpg starts for it is ended."""
    judge_program("gpg", "gnupg")
    # Not below pytest's folder: the path of the agent's socket would be too long.
    home = Path(tempfile.mkdtemp(prefix="pgp"))
    try:
        yield home
    finally:
        subprocess.run(
            ["gpgconf", "--homedir", str(home), "--kill", "all"], check=False, timeout=60
        )
        shutil.rmtree(home, ignore_errors=True)
