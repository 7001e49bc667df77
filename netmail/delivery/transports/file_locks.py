"""The locks of an mbox file: fcntl and a file beside it, in the order of its other users.

This file must not know what is written.
"""

import contextlib
import errno
import fcntl
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from time import sleep
from typing import Final

from netmail.delivery.errors import TransportFailed

KINDS: Final = ("fcntl", "dotlock")
STALE_SECONDS: Final = 1800.0
"""Exim's limit too: after that time the owner of a dotlock is taken for dead."""
# Waits are short, since each holder needs a few ms, and random, so that two do not meet for ever.
_WAIT_SECONDS: Final = (0.001, 0.01)
# fcntl's locks belong to the process: its threads need another. Each file keeps its own for ever.
_THREADS: Final[dict[str, threading.Lock]] = {}


@contextlib.contextmanager
def locked(file: int, path: str, kinds: tuple[str, ...], timeout: float) -> Iterator[None]:
    """Hold the locks of a file during a block.

    The first is never held while the second is waited for: programs that take them in another
    order would wait for each other for ever.

    Args:
        file: The open file.
        path: Its path, beside which the dotlock lies.
        kinds: Of `KINDS`, the first first.
        timeout: Seconds.

    Raises:
        TransportFailed: If another holds them for so long.
        OSError: If the file, or its folder, does not allow locks.
    """
    deadline = time.monotonic() + timeout
    own = _THREADS.setdefault(os.path.realpath(path), threading.Lock())
    if not own.acquire(timeout=timeout):
        raise _waited(path, timeout)
    try:
        while True:
            with ExitStack() as held:
                if all(_LOCKS[kind](file, path, held) for kind in kinds):
                    yield
                    return
            if time.monotonic() > deadline:
                raise _waited(path, timeout)
            sleep(random.uniform(*_WAIT_SECONDS))  # noqa: S311 -- not for secrets
    finally:
        own.release()


def _waited(path: str, timeout: float) -> TransportFailed:
    return TransportFailed(f"{path} is locked by another program for {timeout:g} s")


def _fcntl(file: int, path: str, held: ExitStack) -> bool:
    del path
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in {errno.EACCES, errno.EAGAIN}:
            return False
        raise
    held.callback(fcntl.lockf, file, fcntl.LOCK_UN)
    return True


def _dotlock(file: int, path: str, held: ExitStack) -> bool:
    del file
    name = f"{path}.lock"
    try:
        lock = os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
    except FileExistsError:
        _remove_stale(name)
        return False
    held.callback(_unlink, name)
    with open(lock, "wb") as content:  # noqa: PTH123 -- it is open already
        content.write(b"%d\n" % os.getpid())
    return True


def _remove_stale(name: str) -> None:
    """Remove a dotlock that its owner cannot hold any more."""
    with contextlib.suppress(FileNotFoundError):
        if time.time() - os.stat(name).st_mtime > STALE_SECONDS:  # noqa: PTH116
            os.unlink(name)  # noqa: PTH108


def _unlink(name: str) -> None:
    # Another program may have taken it for stale.
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name)  # noqa: PTH108


_LOCKS: Final[dict[str, Callable[[int, str, ExitStack], bool]]] = {
    "fcntl": _fcntl,
    "dotlock": _dotlock,
}
