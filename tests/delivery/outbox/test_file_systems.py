"""Where a file lies, by Linux's table of mounts."""

from pathlib import Path

import pytest

from netmail import UsageError
from netmail.delivery.outbox import Outbox, file_systems

MOUNTS = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:27 / /home rw - nfs4 server:/home rw,vers=4.2
31 30 0:28 / /home/ann/local rw - xfs /dev/sdb1 rw
32 22 0:29 / /mnt/my\040share rw master:1 - cifs //server/share rw
33 22 0:30 / /over rw - ext4 /dev/sdc1 rw
34 33 0:31 / /over rw - fuse.sshfs ann@server: rw
not a mount
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/outbox.sqlite", "ext4"),
        ("/home/outbox.sqlite", "nfs4"),
        ("/home/ann/local/outbox.sqlite", "xfs"),
        ("/homes/outbox.sqlite", "ext4"),
        ("/mnt/my share/outbox.sqlite", "cifs"),
        ("/over/outbox.sqlite", "fuse.sshfs"),
    ],
)
def test_file_system_of(path, kind):
    """The longest mount point that holds the path counts, and the last of the same place."""
    assert file_systems.file_system_of(Path(path), MOUNTS) == kind


def test_unknown():
    """Without a table nothing is known."""
    assert file_systems.file_system_of(Path("/x"), "") == ""


def test_refused(tmp_path, monkeypatch):
    """An outbox on a network file system is refused, before anything is written."""
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"22 1 8:1 / {tmp_path.resolve()} rw - nfs4 server:/ rw\n")
    monkeypatch.setattr(file_systems, "MOUNTS", mounts)

    with Outbox(tmp_path / "o") as outbox, pytest.raises(UsageError, match="nfs4"):
        outbox.status()
    assert not (tmp_path / "o").exists()

    monkeypatch.setattr(file_systems, "MOUNTS", tmp_path / "none")
    with Outbox(tmp_path / "o") as outbox:
        assert outbox.status().queued == 0
