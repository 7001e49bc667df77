"""How gpg is run: what others can see of it, and when it is ended."""

import pickle
import stat
import sys

import pytest

import netmail
from netmail.crypto import pgp
from netmail.crypto.errors import CryptoError, KeyUnusable
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


@pytest.mark.parametrize(
    "lines",
    [("sleep 60", "true"), ("sleep 60 &", "exit 0"), ("trap '' TERM", "sleep 60", "sleep 60")],
    ids=["waits for it", "leaves it", "ignores SIGTERM"],
)
def test_programs_of_the_program(lines, script):
    """What the program has started keeps the pipes open, and is ended with it."""
    with pytest.raises(CryptoError, match=r"more than 0.2 seconds"):
        run(script(*lines), timeout=0.2)


def test_status_without_end(script):
    """Status lines without end take no memory without end."""
    code = "import os, sys; [given] = [each for each in sys.argv if '--status-fd=' in each]"
    code += "; fd = int(given.partition('=')[2])"
    lines = f'exec {sys.executable} -c "{code}', "while True: os.write(fd, b'x' * 65536)", '" "$@"'
    endless = script(*lines)

    with pytest.raises(CryptoError, match="octets of status"):
        run(endless)


@pytest.mark.parametrize(
    ("program", "arguments", "error"),
    [
        ("/", (), netmail.UsageError),
        (__file__, (), netmail.UsageError),
        ("a\0b", (), netmail.UsageError),
        ("true", ("a\0b",), netmail.UsageError),
        ("true", ("\ud800",), netmail.UsageError),
        ("true", ("x" * 1000,) * 5000, CryptoError),
    ],
    ids=["folder", "no program", "NUL", "NUL in a name", "surrogate", "too many names"],
)
def test_program_that_cannot_be_run(program, arguments, error):
    """Whatever the system refuses is an error of netmail's."""
    with pytest.raises(error, match="cannot be run"):
        Gpg(None, None, program, limit=1000, timeout=60.0).run(*arguments)


@pytest.mark.parametrize("wrong", ["a\nb", "a\0b", "x" * 4097, "\ud800", b"x" * 70_000])
def test_passphrase_that_gpg_cannot_read(wrong):
    """Gpg would read a part of it, or wait for ever; the error does not repeat it."""
    with pytest.raises(KeyUnusable) as caught:
        pgp.GnuPG(None, wrong)

    assert str(wrong) not in str(caught.value)


@pytest.mark.parametrize("wrong", [0, -1.0, float("nan"), float("inf")])
def test_wrong_timeout(wrong):
    """A time that never comes would make gpg wait for ever."""
    with pytest.raises(netmail.UsageError, match="timeout"):
        pgp.GnuPG(timeout=wrong)


def test_passphrase_is_shown_nowhere():
    """No attribute shows the passphrase, and a back end that has one is not pickled."""
    backend = pgp.GnuPG(None, PASSPHRASE)

    shown = repr(backend) + repr(vars(backend)) + repr(vars(backend._gpg))

    assert PASSPHRASE not in shown
    assert "***" in shown
    with pytest.raises(netmail.UsageError, match="not pickled"):
        pickle.dumps(backend)
