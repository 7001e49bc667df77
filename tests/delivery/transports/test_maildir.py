"""The transport that puts messages into a maildir."""

import errno
import mailbox
import os

import pytest

from delivery.transports import appending
from delivery.transports.disk_readers import give_to_dovecot, read_by_dovecot, without_rights
from netmail import Envelope, Message, SendStatus, UsageError, envelope_of
from netmail.delivery import MessageFailed, TransportFailed
from netmail.delivery.transports import maildir
from netmail.delivery.transports.maildir import MaildirTransport
from servers.process import open_folder
from support.timing import full

PROCESSES = 8
MESSAGE = Envelope("a@x.test", ("b@x.test",), b"Subject: one\r\n\r\nline\r\nFrom here\r\n")


def files(folder):
    """Return the files of a maildir, by their folders."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def made(tmp_path, **directives):
    """Return a transport to a maildir that is made."""
    return MaildirTransport({"directory": tmp_path / "box", "create": True, **directives})


def test_octets(tmp_path):
    """The file is new, complete, and has no flags in its name."""
    result = made(tmp_path).deliver(MESSAGE)
    (file,) = (tmp_path / "box" / "new").iterdir()

    assert result.accepted[0].text == f"delivered to {file}"
    assert file.read_bytes() == (b"Return-Path: <a@x.test>\nSubject: one\n\nline\nFrom here\n")
    assert ":" not in file.name
    assert file.stat().st_mode & 0o777 == 0o600
    assert files(tmp_path / "box") == [f"new/{file.name}"]


@pytest.mark.parametrize("separator", [":", "!", ";"])
def test_standard_library(tmp_path, separator):
    """It is read back, whatever comes before flags; the flags are the reader's."""
    made(tmp_path, separator=separator).deliver(MESSAGE)
    box = mailbox.Maildir(tmp_path / "box", create=False)
    box.colon = separator
    ((key, message),) = box.items()
    message.set_subdir("cur")
    message.add_flag("S")
    box[key] = message

    assert message["Subject"] == "one"
    assert [name for name in files(tmp_path / "box") if name.endswith(f"{separator}2,S")]


def test_folder(tmp_path):
    """A folder of Maildir++, which the standard library finds by its name."""
    made(tmp_path, folder="Lists.Python").deliver(MESSAGE)
    box = mailbox.Maildir(tmp_path / "box", create=False)

    assert box.list_folders() == ["Lists.Python"]
    assert [each["Subject"] for each in box.get_folder("Lists.Python")] == ["one"]
    assert "box/.Lists.Python/maildirfolder" in files(tmp_path)


@pytest.mark.parametrize("folder", [None, "Lists"])
def test_not_made(tmp_path, folder):
    """Without `create` a missing folder is an error, which says what makes it."""
    transport = made(tmp_path, folder=folder, create="no")

    with pytest.raises(TransportFailed, match=r"cur, new, tmp is missing.*create=true") as caught:
        transport.deliver(MESSAGE)
    assert not caught.value.transient
    assert list(tmp_path.iterdir()) == []


def test_no_permission():
    """The sentence names what may not be written."""
    with open_folder("maildir") as folder:
        transport = made(folder)
        transport.deliver(MESSAGE)
        for path in [folder / "box", *(folder / "box").iterdir()]:
            path.chmod(0o555)
        with without_rights(), pytest.raises(TransportFailed, match="Permission") as caught:
            transport.deliver(MESSAGE)

        assert not caught.value.transient
        assert len(files(folder)) == 1


def test_disk_full(tmp_path):
    """The sentence says why, and nothing half written is left."""
    sentence = appending.limited(4096, use="maildir", directory=str(tmp_path / "box"), create=True)

    assert os.strerror(errno.EFBIG) in sentence
    assert files(tmp_path) == []


def test_attached_file_is_gone(tmp_path):
    """A message that cannot be written leaves nothing."""
    (tmp_path / "data.bin").write_bytes(bytes(2_000_000))
    message = Message("a@x.test", "b@x.test", "large", text="t").attachment(tmp_path / "data.bin")
    transport = made(tmp_path)
    envelope = envelope_of(message)
    (tmp_path / "data.bin").unlink()

    with pytest.raises(MessageFailed, match=r"data\.bin"):
        transport.deliver(envelope)
    assert files(tmp_path) == []


def test_folder_is_not_synced(tmp_path, monkeypatch):
    """A reader may have seen it, so it is neither removed nor delivered again."""
    transport = made(tmp_path)
    transport.deliver(MESSAGE)

    def broken(_):
        raise OSError(errno.EIO, "broken disk")

    monkeypatch.setattr(maildir, "sync_folder", broken)
    result = transport.deliver(MESSAGE)

    assert result.recipients[0].status is SendStatus.UNCERTAIN
    assert "broken disk" in result.recipients[0].text
    assert result.retryable is None


def test_many_programs(tmp_path):
    """Each of them delivers all, and makes the maildir."""
    count = full(125, quick=10)
    accepted = appending.start(
        count,
        *((f"p{each}", {}) for each in range(PROCESSES)),
        use="maildir",
        directory=str(tmp_path / "box"),
        folder="Many",
        create=True,
    )
    box = mailbox.Maildir(tmp_path / "box", create=False).get_folder("Many")
    expected = {f"p{each}-{number}" for each in range(PROCESSES) for number in range(count)}

    assert accepted == PROCESSES * count
    assert sorted(each["Subject"] for each in box) == sorted(expected)
    assert len(files(tmp_path)) == len(expected) + 1


@pytest.mark.parametrize("folder", ["", "a..b", ".", "../x", "a/b", "a.", "a\0"])
def test_wrong_folder(folder):
    """No name leads out of the maildir."""
    with pytest.raises(UsageError, match=r"folder (is|has)"):
        MaildirTransport({"directory": "box", "folder": folder})


@pytest.mark.parametrize("separator", ["", "::", "/", "a"])
def test_wrong_separator(separator):
    """The sentence names the directive."""
    with pytest.raises(UsageError, match="separator is"):
        MaildirTransport({"directory": "box", "separator": separator})


def test_dovecot(dovecot):
    """Dovecot reads what was delivered."""
    with open_folder("maildir") as folder:
        transport = made(folder)
        for number in range(5):
            transport.deliver(Message("a@x.test", "b@x.test", f"m{number}", text="t"))
        give_to_dovecot(folder)
        read = read_by_dovecot(dovecot, f"maildir:{folder / 'box'}")

    assert sorted(read) == [f"m{number}" for number in range(5)]
