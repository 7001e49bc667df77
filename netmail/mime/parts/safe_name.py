"""File names that senders chose, made safe for a local folder.

This file knows file systems; it knows no message.
"""

import os
import unicodedata
from pathlib import Path

_LONGEST = 200
"""Octets of a name: file systems allow 255, and a number may be added."""

_FORBIDDEN = frozenset('<>:"/\\|?*')
"""Characters that Windows allows in no name."""

_DEVICES = frozenset(
    [
        *("con", "prn", "aux", "nul", "conin$", "conout$"),
        *(f"{device}{number}" for device in ("com", "lpt") for number in "0123456789¹²³"),
    ]
)
"""Names that Windows gives to devices, in any case of letters and with any ending."""

_EXTENSIONS = {
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/vcard": ".vcf",
    "message/rfc822": ".eml",
    "message/delivery-status": ".txt",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/svg+xml": ".svg",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/pgp-signature": ".asc",
    "application/pkcs7-signature": ".p7s",
}
"""Endings for parts without a name; a table, since `mimetypes` reads files of the system."""


def safe_name(name: str | None, content_type: str = "") -> str:
    """Make a file name that stays in its folder on every system.

    Args:
        name: The sender's name, perhaps a path from another system.
        content_type: The media type, for the ending of a part without a name.

    Returns:
        One path component: no separators, no control or format characters, not hidden, no
        device name of Windows, at most 200 octets in UTF-8.
    """
    # "C:\\Windows\\evil.exe", "../../etc/passwd": only the last component counts.
    base = (name or "").replace("\\", "/").rstrip("/ .").rpartition("/")[2]
    kept = "".join(
        "_" if char in _FORBIDDEN else char
        for char in unicodedata.normalize("NFC", base)
        # Cf includes U+202E, which displays "gnp.exe" as "exe.png".
        if unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    )
    kept = kept.strip().lstrip(".").rstrip(". ")
    if not kept:
        return "attachment" + _EXTENSIONS.get(content_type, ".bin")
    if kept.partition(".")[0].strip().lower() in _DEVICES:
        kept = f"_{kept}"
    return _shorten(kept)


def _shorten(name: str) -> str:
    stem, ending = os.path.splitext(name)  # noqa: PTH122 - Path().suffix differs for "a. b"
    room = _LONGEST - len(ending.encode()) if len(ending.encode()) < 32 else _LONGEST
    ending = ending if room < _LONGEST or not ending else ""
    stem = stem if ending or room < _LONGEST else name
    if len(stem.encode()) <= room:
        return stem + ending
    # Windows drops spaces and dots at the end of a name; here they are where the cut is.
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(". ") + ending


def open_new(folder: Path, name: str) -> tuple[int, Path]:
    """Create a file that did not exist, numbering the name where it did.

    Args:
        folder: An existing folder.
        name: A name from `safe_name()`.

    Returns:
        A file descriptor for writing, and the path.
    """
    stem, ending = os.path.splitext(name)  # noqa: PTH122 - as above
    number = 0
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    flags |= getattr(os, "O_NOFOLLOW", 0)
    while True:
        path = folder / (f"{stem}-{number}{ending}" if number else name)
        try:
            return os.open(path, flags, 0o666), path
        except FileExistsError:
            number += 1
