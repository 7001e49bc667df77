"""LF octets from every kind of content, and what errors of the disk mean."""

import errno
import os

import pytest

from netmail import Envelope, LargeContent
from netmail.delivery.transports import disk


@pytest.mark.parametrize(
    "pieces",
    [
        [b"A: 1\r\n\r\nx\r\ny\r\n"],
        [b"A: 1\r", b"\n\r\nx\r\n", b"y", b"\r\n"],
        [b"A", b": 1\r\n", b"\r", b"\nx", b"\r\ny\r\n"],
        [b"A: 1\n\nx\ny\n"],
    ],
)
def test_line_ends(pieces):
    """No CRLF is missed where one piece ends and the next begins."""
    content = LargeContent(b"A: 1\r\n", sum(map(len, pieces)), lambda: iter(pieces))
    envelope = Envelope("a@x.test", ("b@x.test",), content)

    assert b"".join(disk.lf_chunks(envelope)) == b"A: 1\n\nx\ny\n"
    assert b"".join(disk.local_chunks(envelope)) == b"Return-Path: <a@x.test>\nA: 1\n\nx\ny\n"


def test_bare_cr():
    """Whatever is a line end for one program is one for all."""
    envelope = Envelope("a@x.test", ("b@x.test",), b"A: 1\r\n\r\nx\ry\r\r\nz\r")

    assert b"".join(disk.lf_chunks(envelope)) == b"A: 1\n\nx\ny\n\nz\n"


def test_return_path_is_not_doubled():
    """A message that was delivered before has one."""
    envelope = Envelope("a@x.test", ("b@x.test",), b"Return-path: <z@x.test>\r\n\r\nx")

    assert b"".join(disk.local_chunks(envelope)) == b"Return-path: <z@x.test>\n\nx\n"


@pytest.mark.parametrize(
    ("number", "transient"),
    [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EACCES, False), (errno.EROFS, False)],
)
def test_failures(number, transient):
    """A full disk may have space later; permissions have to be given."""
    error = OSError(number, os.strerror(number))
    failure = disk.disk_failure(error, "box")

    assert str(failure) == f"box: {os.strerror(number)}"
    assert failure.transient == transient


def test_part_of_a_write(tmp_path, monkeypatch):
    """What the disk does not take at once is written after it."""
    real = os.write
    monkeypatch.setattr(disk.os, "write", lambda file, view: real(file, view[:3]))
    with (tmp_path / "file").open("wb") as file:
        disk.write_all(file.fileno(), b"0123456789")

    assert (tmp_path / "file").read_bytes() == b"0123456789"


@pytest.mark.parametrize(("number", "raised"), [(errno.EINVAL, False), (errno.EIO, True)])
def test_folders_that_cannot_be_synced(tmp_path, monkeypatch, number, raised):
    """Some file systems have no fsync for folders; any other error counts."""

    def broken(_):
        raise OSError(number, "broken")

    monkeypatch.setattr(disk.os, "fsync", broken)
    if raised:
        with pytest.raises(OSError, match="broken"):
            disk.sync_folder(tmp_path)
    else:
        disk.sync_folder(tmp_path)
