"""The transport that puts each message into a maildir, as a file of its own.

This file must not know any manager.
"""

import itertools
import os
import re
import secrets
import socket
import time
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Final

from netmail import Envelope, MessageError, MessageResult, Sendable, UsageError, envelope_of
from netmail.delivery.directives import read_directives
from netmail.delivery.errors import MessageFailed, TransportFailed
from netmail.delivery.results import accepted_result, uncertain_result
from netmail.delivery.transports.disk import (
    disk_failure,
    local_chunks,
    remove,
    sync_folder,
    write_all,
)

_PARTS: Final = ("cur", "new", "tmp")
_SEPARATORS: Final = ":;!,-_"
# The parts of "Lists.Python" are names on disk, and must not lead out of the maildir.
_FOLDER: Final = re.compile(r"[^./\x00]+(?:\.[^./\x00]+)*")
# What a host's name must not have in a file's name.
_IN_HOST: Final = str.maketrans({"/": r"\057", ":": r"\072"})
_NUMBERS: Final = itertools.count(1)


@dataclass(frozen=True)
class MaildirDirectives:
    """The directives of `maildir`.

    Attributes:
        directory: The path of the maildir.
        folder: A folder in it, such as "Lists.Python", as it is called on the disk; `None` for the
            maildir itself.
        create: Whether what is missing is made.
        separator: What comes before the flags in the names of messages that were seen, in `cur/`.
            A delivery goes to `new/`, where names have no flags: it writes nothing of it.
    """

    directory: str | PathLike[str]
    folder: str | None = None
    create: bool = False
    separator: str = ":"

    def __post_init__(self) -> None:
        if self.folder is not None and not _FOLDER.fullmatch(self.folder):
            raise UsageError(
                f"transport maildir: folder is {self.folder!r}, not names with dots between them"
            )
        if len(self.separator) != 1 or self.separator not in _SEPARATORS:
            raise UsageError(
                f"transport maildir: separator is {self.separator!r}, not one of {_SEPARATORS}"
            )


class MaildirTransport:
    """Delivers into `new/`, and has the message on the disk before it returns.

    Several programs may deliver at once, without locks.
    """

    def __init__(self, config: dict[str, object]) -> None:
        self._directives = read_directives(MaildirDirectives, config, "transport maildir")

    def startup(self) -> None:
        """Need nothing; folders are looked for with each message."""

    def deliver(self, message: Sendable) -> MessageResult:
        """Deliver one message; nothing of it is left where that fails.

        Raises:
            MessageFailed: If the message cannot be written.
            TransportFailed: If the folder is missing or cannot be written into.
        """
        envelope = envelope_of(message)
        folder = Path(self._directives.directory)
        try:
            if self._directives.folder is not None:
                folder /= f".{self._directives.folder}"
            self._check(folder)
            return _delivered(folder, envelope)
        except OSError as error:
            raise disk_failure(error, folder) from error
        except MessageError as error:
            raise MessageFailed(str(error)) from error

    def _check(self, folder: Path) -> None:
        missing = [part for part in _PARTS if not (folder / part).is_dir()]
        if not missing:
            return
        if not self._directives.create:
            raise TransportFailed(
                f"{folder} is no maildir: {', '.join(missing)} is missing; the directive "
                "create=true makes it",
                transient=False,
            )
        top = Path(self._directives.directory)
        _make(top)
        if folder != top:
            _make(folder)
            # Maildir++: the file says that this is a folder of another maildir.
            (folder / "maildirfolder").touch(mode=0o600)
            sync_folder(folder)
            sync_folder(top)

    def shutdown(self) -> None:
        """Need nothing."""


def _make(folder: Path) -> None:
    # Another program may make the same ones at the same moment.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for part in _PARTS:
        (folder / part).mkdir(mode=0o700, exist_ok=True)
    sync_folder(folder)


def _delivered(folder: Path, envelope: Envelope) -> MessageResult:
    """Write to `tmp/`, sync, and rename into `new/`."""
    name = _unique_name()
    draft, place = folder / "tmp" / name, folder / "new" / name
    try:
        # Readers look into new/ and cur/ only: half a message is never seen.
        file = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            for chunk in local_chunks(envelope):
                write_all(file, chunk)
            os.fsync(file)
        finally:
            os.close(file)
        os.rename(draft, place)  # noqa: PTH104 -- no other file has the name
    except BaseException:
        remove(draft)
        raise
    try:
        sync_folder(folder / "new")
    except OSError as error:
        # Readers may have seen it already, so it is not removed.
        return uncertain_result(envelope, f"{place}: {error.strerror}")
    return accepted_result(envelope, f"delivered to {place}")


def _unique_name() -> str:
    """Return a name that no other delivery has: time, process, number, chance and host."""
    moment = time.time_ns()
    host = socket.gethostname().translate(_IN_HOST)
    unique = f"M{moment // 1000 % 1_000_000}P{os.getpid()}Q{next(_NUMBERS)}R{secrets.token_hex(4)}"
    return f"{moment // 1_000_000_000}.{unique}.{host}"
