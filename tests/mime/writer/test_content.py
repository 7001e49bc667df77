"""Sources of octets: memory, files on disk, open files."""

import io
import os

import pytest

from netmail.errors import MessageError, UsageError
from netmail.mime.parser import parse
from support.messages import simple


class Pipe:
    """A file that can be read once, in pieces of its own size."""

    name = "/tmp/pipe.bin"

    def __init__(self, octets: bytes) -> None:
        self._file = io.BytesIO(octets)

    def read(self, size: int = -1) -> bytes:
        return self._file.read(min(size, 1000) if size > 0 else size)


def test_pipe():
    """A file that cannot be read twice is kept, so that the message can be."""
    octets = os.urandom(1 << 20) + b"x" * 1000
    built = simple().attachment(Pipe(octets))
    first, second = parse(built.as_bytes()), parse(built.as_bytes())

    assert [(one.filename, one.content) for one in first.attachments + second.attachments] == [
        ("pipe.bin", octets)
    ] * 2


def test_file_from_its_position():
    """An open file is attached from its position, each time the message is written."""
    file = io.BytesIO(b"0123456789")
    file.seek(4)
    built = simple().attachment(file, "x.bin")
    built.as_bytes()

    assert parse(built.as_bytes()).attachments[0].content == b"456789"


def test_text_file():
    """A file opened as text is attached as UTF-8."""
    built = simple().attachment(io.StringIO("é\n"), "x.txt")

    assert parse(built.as_bytes()).attachments[0].content == "é\n".encode()


def test_file_gone(tmp_path):
    """A file that is gone when the message is written is a MessageError."""
    path = tmp_path / "x.bin"
    path.write_bytes(b"x")
    built = simple().attachment(path)
    path.unlink()

    with pytest.raises(MessageError):
        built.as_bytes()
    with pytest.raises(MessageError):
        built.size()


def test_octets_of_all_kinds():
    """bytes, bytearray and memoryview are octets."""
    built = simple()
    for octets in (b"x", bytearray(b"x"), memoryview(b"x")):
        built.attachment(octets, "x.bin")

    assert [one.content for one in parse(built.as_bytes()).attachments] == [b"x"] * 3


def test_unnamed_file(tmp_path):
    """A file that was opened by its number has no name of its own."""
    path = tmp_path / "x.bin"
    path.write_bytes(b"x")
    with open(os.open(path, os.O_RDONLY), "rb") as file, pytest.raises(UsageError):  # noqa: PTH123
        simple().attachment(file)


def test_chunks_are_small(tmp_path):
    """A large file is written in small pieces."""
    path = tmp_path / "large.bin"
    path.write_bytes(bytes(3_000_000))

    assert max(map(len, simple().attachment(path).chunks())) < 100_000
