"""How gpg is run: what others can see of it, and when it is ended."""

import stat

import pytest

import netmail
from netmail.crypto import pgp
from netmail.crypto.errors import CryptoError
from netmail.crypto.pgp.program import Gpg
from support.pgp_keys import BOB, LOCKED, PASSPHRASE


@pytest.fixture
def script(tmp_path):
    """Make a program of a few lines."""

    def write(*lines):
        path = tmp_path / "program"
        path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return str(path)

    return write


def test_command_line(keys, script, tmp_path):
    """No passphrase is in the arguments or the environment, and no configuration is read."""
    seen = tmp_path / "seen"
    program = script(f'echo "$@" >>{seen}', f"env >>{seen}", 'exec gpg "$@"')
    backend = pgp.GnuPG(keys, PASSPHRASE, program=program)
    message = netmail.message(LOCKED, BOB, "x").text("y")

    assert pgp.verify(pgp.sign(message, backend=backend), keys).valid

    text = seen.read_text()
    assert PASSPHRASE not in text
    assert "--passphrase-fd=" in text
    for option in ("--no-options", "--batch", "--no-tty", "--pinentry-mode=loopback"):
        assert option in text
    assert "LC_ALL=C" in text


def run(program, *, limit=1000, timeout=60.0, pieces=()):
    """Run a program in place of gpg."""
    return Gpg(None, None, program, limit=limit, timeout=timeout).run("-", pieces=pieces)


def test_program_that_does_not_end(script):
    """A program that hangs is ended after the time it has."""
    with pytest.raises(CryptoError, match=r"more than 0.2 seconds"):
        run(script("exec sleep 60"), timeout=0.2)


def test_program_that_does_not_stop(script):
    """A program that writes without end is ended."""
    with pytest.raises(CryptoError, match="more than 1000 octets"):
        run(script("exec yes"))


def test_program_that_does_not_read(script):
    """A program that ends before it has read everything is no error of its own."""
    assert run(script("echo done"), pieces=[bytes(1 << 20)] * 4).output == b"done\n"


def test_both_pipes_full(script):
    """A program that writes while it reads does not stop."""
    pieces = [bytes(1 << 16)] * 64
    assert len(run(script("exec cat"), pieces=pieces, limit=1 << 30).output) == 1 << 22
