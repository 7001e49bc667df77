"""Where octets go: paths, files, and files that take less than they are given."""

import io

import pytest

from netmail.errors import UsageError
from netmail.flows.file_target import Target


class Slow(io.BytesIO):
    """A file that takes two octets at a time, as an unbuffered one may."""

    def write(self, data, /):
        return super().write(data[:2])


class Silent:
    """A file whose write() returns nothing."""

    def __init__(self):
        self.written = b""

    def write(self, data, /):
        self.written += data


def test_path(tmp_path):
    """A file is made at the first piece, and closed at the end."""
    path = tmp_path / "x"
    target = Target(str(path), 0, None)
    assert not path.exists()
    target.write(b"ab", 5)
    target.write(b"cde", 5)
    target.close()

    assert path.read_bytes() == b"abcde"
    assert target.done == 5


def test_existing_path(tmp_path):
    """A file that is there is written from its beginning, or from the offset."""
    path = tmp_path / "x"
    path.write_bytes(b"0123456789")
    target = Target(path, 4, None)
    target.write(b"ab", 6)
    target.close()
    assert path.read_bytes() == b"0123ab"
    target = Target(path, 0, None)
    target.write(b"new", 3)
    target.close()

    assert path.read_bytes() == b"new"


def test_nothing_to_continue(tmp_path):
    """An offset into a file that is not there is an error, not a file with a hole."""
    with pytest.raises(FileNotFoundError):
        Target(tmp_path / "x", 4, None).write(b"ab", 6)


@pytest.mark.parametrize("file", [Slow(), io.BytesIO()], ids=["slow", "usual"])
def test_file(file):
    """A file object gets every octet, from where it is, and stays open."""
    target = Target(file, 7, None)
    target.write(b"abcde", 12)
    target.close()

    assert file.getvalue() == b"abcde"
    assert target.done == 12


def test_silent_file():
    """A file that does not say how much it took has taken all."""
    file = Silent()
    Target(file, 0, None).write(b"abcde", None)

    assert file.written == b"abcde"


def test_progress():
    """Each piece is reported, with the offset."""
    seen = []
    target = Target(io.BytesIO(), 10, lambda *progress: seen.append(progress))
    target.write(b"ab", 15)
    target.write(b"cde", 15)

    assert seen == [(12, 15), (15, 15)]


@pytest.mark.parametrize(
    ("target", "progress"), [(5, None), (None, None), (b"x", None), ("a\0b", None), ("x", 5)]
)
def test_wrong(target, progress):
    """What is no target, or no callback, is refused."""
    with pytest.raises(UsageError):
        Target(target, 0, progress)
