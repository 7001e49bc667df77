"""Debian's Cyrus IMAP, unpacked into a cache beside whatever IMAP server is installed.

Debian lets one IMAP server be installed at a time, so Cyrus is downloaded with what it lacks here
and unpacked: no chroot, no mount. This file knows nothing of its configuration.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from servers.process import ServerMissing, am_root

PACKAGES = (
    "cyrus-imapd",
    "cyrus-pop3d",
    "libsasl2-modules",
    "libsasl2-modules-db",
    "sasl2-bin",
)
DOWNLOAD_SECONDS = 300


@dataclass(frozen=True, slots=True)
class CyrusPrograms:
    """The unpacked programs.

    Attributes:
        root: What would be "/" if they were installed.
    """

    root: Path

    def daemon(self, name: str) -> Path:
        """Return one of Cyrus's own programs, such as "imapd"."""
        return self.root / "usr/lib/cyrus/bin" / name

    def tool(self, name: str) -> Path:
        """Return a program for administrators, such as "saslpasswd2"."""
        return self.root / "usr/sbin" / name

    @property
    def env(self) -> Mapping[str, str]:
        """The environment in which the programs find their libraries."""
        libraries = sorted({str(path.parent) for path in self.root.rglob("*.so.[0-9]*")})
        plugins = [folder for folder in libraries if folder.endswith("/sasl2")]
        folders = [folder for folder in libraries if folder not in plugins]
        return {
            "PATH": os.environ.get("PATH", ""),
            "LD_LIBRARY_PATH": os.pathsep.join(folders),
            "SASL_PATH": os.pathsep.join(plugins),
        }


def cyrus_programs() -> CyrusPrograms:
    """Return the programs, downloaded and unpacked where the cache does not have them yet.

    Raises:
        ServerMissing: If they are not there and cannot be had; the sentence says why.
    """
    cache = _cache_folder()
    programs = CyrusPrograms(cache / "root")
    with _locked(cache):
        if not (cache / "complete").exists():
            _download(cache / "archives")
            shutil.rmtree(programs.root, ignore_errors=True)
            for package in sorted((cache / "archives").glob("*.deb")):
                _run("dpkg-deb", "-x", str(package), str(programs.root))
            shutil.rmtree(cache / "archives")
            # Cyrus gives up root, and has to enter its own folder afterwards.
            for folder in (cache, programs.root):
                folder.chmod(0o755)
            (cache / "complete").touch()
    return programs


def _cache_folder() -> Path:
    """Return the folder, outside the tree, that every user of this machine's root may enter."""
    if am_root():
        return Path("/var/cache/netmail-tests/cyrus")
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return home / "netmail-tests" / "cyrus"


@contextlib.contextmanager
def _locked(cache: Path) -> Iterator[None]:
    """Let one process at a time fill the cache; the tests' workers all ask for it."""
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ServerMissing(f"Cyrus is missing: {cache} cannot be made ({error})") from error
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _download(archives: Path) -> None:
    if os.environ.get("NETMAIL_NO_INSTALL"):
        raise ServerMissing("Cyrus is missing, and NETMAIL_NO_INSTALL forbids to download it")
    if shutil.which("apt-get") is None:
        raise ServerMissing("Cyrus is missing, and it is unpacked from Debian's packages only")
    (archives / "partial").mkdir(parents=True, exist_ok=True)
    # Nothing is installed or removed: --download-only. It fetches what this machine lacks, the
    # packages by name even where they are installed, since Cyrus loads its plugins from here.
    download = (
        *("apt-get", "-qq", "-y", "--download-only", "--reinstall", "--no-install-recommends"),
        *("-o", f"Dir::Cache::archives={archives}", "-o", "Debug::NoLocking=1"),
        *("install", *PACKAGES),
    )
    try:
        _run(*download)
    except ServerMissing:
        if not am_root():
            raise
        # A machine whose lists of packages are old, or were deleted to save space.
        _run("apt-get", "-qq", "update")
        _run(*download)


def _run(*command: str) -> None:
    try:
        subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS
        )
    except subprocess.CalledProcessError as error:
        raise ServerMissing(f"Cyrus is missing: {command[0]}: {error.stderr.strip()}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ServerMissing(f"Cyrus is missing: {error}") from error
