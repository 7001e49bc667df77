"""Where a file lies: which file systems share files between machines, where SQLite loses them.

This file must not know what the file is for.
"""

import re
from pathlib import Path
from typing import Final

MOUNTS: Final = Path("/proc/self/mountinfo")
"""Linux's table of mounts; where it is missing, nothing is known."""

# Their locks, or the memory that WAL maps, are not shared between the machines that mount them.
NETWORK: Final = frozenset(
    {
        "9p",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "coda",
        "fuse.ceph",
        "fuse.glusterfs",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.sshfs",
        "gfs2",
        "glusterfs",
        "gpfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "ocfs2",
        "orangefs",
        "pvfs2",
        "smb2",
        "smb3",
        "smbfs",
    }
)

# Space, tab, line break and backslash of a path, as three octal digits: "/mnt/my\040disk".
_ESCAPED: Final = re.compile(r"\\([0-7]{3})")


def file_system_of(path: Path, mounts: str) -> str:
    """Return the type of the file system that holds a path, such as "ext4"; "" if it is unknown.

    Args:
        path: An absolute path.
        mounts: The text of `/proc/self/mountinfo`.
    """
    best, kind = -1, ""
    for line in mounts.splitlines():
        # 36 35 98:0 / /mnt rw,noatime master:1 - ext3 /dev/root rw
        left, found, right = line.partition(" - ")
        fields = left.split()
        if not found or len(fields) < 5:
            continue
        point = Path(_ESCAPED.sub(lambda octal: chr(int(octal[1], 8)), fields[4]))
        # A later line of the same place is mounted over the earlier one.
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), right.split(" ", 1)[0]
    return kind


def network_file_system(path: Path) -> str:
    """Return the type of the network file system that holds a path; "" for a local or unknown one.

    Args:
        path: The path; its folder exists.
    """
    try:
        mounts = MOUNTS.read_text("utf-8", "surrogateescape")
    except OSError:
        return ""
    kind = file_system_of(path.resolve(), mounts)
    return kind if kind in NETWORK else ""
