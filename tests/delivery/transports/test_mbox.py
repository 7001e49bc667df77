"""The transport that appends to an mbox file, beside other programs that use it."""

import errno
import mailbox
import os
import socket
import threading

import pytest

from delivery.transports import appending
from delivery.transports.disk_readers import give_to_dovecot, read_by_dovecot, without_rights
from netmail import Envelope, Message, SendStatus, UsageError, envelope_of, parse_mbox
from netmail.delivery import MessageFailed, TransportFailed
from netmail.delivery.transports import mbox
from netmail.delivery.transports.mbox import MboxTransport
from servers.process import open_folder
from support.timing import full

PROCESSES = 8
MESSAGE = Envelope("a@x.test", ("b@x.test",), b"Subject: one\r\n\r\nline\r\nFrom here\r\n>From x")


def subjects(path):
    """Return the subjects that the standard library reads."""
    box = mailbox.mbox(path, create=False)
    try:
        return [message["Subject"] for message in box]
    finally:
        box.close()


def test_octets(tmp_path):
    """A separator line, LF, and From_ lines quoted so that it can be undone."""
    file = tmp_path / "box"
    result = MboxTransport({"file": file}).deliver(MESSAGE)
    first, _, rest = file.read_bytes().partition(b"\n")

    assert result.accepted[0].text == f"appended to {file}"
    assert first.startswith(b"From a@x.test ")
    assert rest == (b"Return-Path: <a@x.test>\nSubject: one\n\nline\n>From here\n>>From x\n\n")
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_read_back(tmp_path):
    """Netmail's own reader undoes the quoting, and the standard library finds each message."""
    transport = MboxTransport({"file": str(tmp_path / "box")})
    for _ in range(3):
        transport.deliver(MESSAGE)
    texts = [mail.text for mail in parse_mbox(tmp_path / "box")]

    assert texts == ["line\nFrom here\n>From x\n"] * 3
    assert subjects(tmp_path / "box") == ["one"] * 3


@pytest.mark.parametrize("sender", ["", '"two words"@x.test'])
def test_separator_line(tmp_path, sender):
    """The sender in it has no space; without one it is the name that all use."""
    MboxTransport({"file": tmp_path / "box"}).deliver(
        Envelope(sender, ("b@x.test",), MESSAGE.content)
    )
    line = (tmp_path / "box").read_text().partition("\n")[0]

    assert line.split(" ")[1] == (sender.replace(" ", "-") or "MAILER-DAEMON")
    assert subjects(tmp_path / "box") == ["one"]


@pytest.mark.parametrize("left", [b"From a\nSubject: cut", b"From a\nSubject: cut\n\nx\n"])
def test_after_half_a_message(tmp_path, left):
    """What an interrupted program has left does not swallow the next message."""
    (tmp_path / "box").write_bytes(left)
    MboxTransport({"file": tmp_path / "box"}).deliver(MESSAGE)

    assert subjects(tmp_path / "box") == ["cut", "one"]


def test_large(tmp_path):
    """A message with large files is read from them while it is written."""
    (tmp_path / "data.bin").write_bytes(bytes(range(256)) * 8_000)
    message = Message("a@x.test", "b@x.test", "large", text="t")
    message.attachment(tmp_path / "data.bin")
    MboxTransport({"file": tmp_path / "box"}).deliver(message)
    (mail,) = parse_mbox(tmp_path / "box")

    assert mail.attachments[0].content == bytes(range(256)) * 8_000


def test_attached_file_is_gone(tmp_path):
    """A message that cannot be written is removed from the file again."""
    (tmp_path / "data.bin").write_bytes(bytes(2_000_000))
    message = Message("a@x.test", "b@x.test", "large", text="t").attachment(tmp_path / "data.bin")
    envelope = envelope_of(message)
    transport = MboxTransport({"file": tmp_path / "box"})
    transport.deliver(MESSAGE)
    before = (tmp_path / "box").read_bytes()
    (tmp_path / "data.bin").unlink()

    with pytest.raises(MessageFailed, match=r"data\.bin"):
        transport.deliver(envelope)
    assert (tmp_path / "box").read_bytes() == before


def test_disk_full(tmp_path):
    """The sentence says why, and nothing half written is left."""
    transport = MboxTransport({"file": tmp_path / "box"})
    transport.deliver(MESSAGE)
    before = (tmp_path / "box").read_bytes()
    sentence = appending.limited(4096, use="mbox", file=str(tmp_path / "box"))

    assert sentence == f"{tmp_path / 'box'}: {os.strerror(errno.EFBIG)}\n"
    assert (tmp_path / "box").read_bytes() == before


def test_not_removed(tmp_path, monkeypatch):
    """Where the file cannot be truncated back, nobody knows what a reader finds."""

    def broken(*_):
        raise OSError(errno.EIO, "broken disk")

    monkeypatch.setattr(mbox.os, "fsync", broken)
    monkeypatch.setattr(mbox.os, "ftruncate", broken)
    (tmp_path / "box").touch()
    result = MboxTransport({"file": tmp_path / "box"}).deliver(MESSAGE)

    assert [each.status for each in result.recipients] == [SendStatus.UNCERTAIN]
    assert result.retryable is None


def test_missing_folder(tmp_path):
    """No folder is made, and no later try can succeed."""
    with pytest.raises(TransportFailed, match=r"none/box: No such file") as caught:
        MboxTransport({"file": tmp_path / "none" / "box"}).deliver(MESSAGE)

    assert not caught.value.transient


def test_no_regular_file(tmp_path):
    """A pipe is no mailbox, nor is a folder or a socket."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        for name in ("pipe", "folder", "s"):
            with pytest.raises(TransportFailed):
                MboxTransport({"file": tmp_path / name}).deliver(MESSAGE)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["folder", "pipe", "s"]


def test_no_permission():
    """A file that its owner alone may change: the sentence names it."""
    with open_folder("mbox") as folder:
        (folder / "box").write_bytes(b"")
        (folder / "box").chmod(0o400)
        with without_rights(), pytest.raises(TransportFailed, match="box: Permission") as caught:
            MboxTransport({"file": folder / "box"}).deliver(MESSAGE)

    assert not caught.value.transient


def test_no_permission_for_the_dotlock():
    """A folder in which no lock can be made: nothing is written."""
    with open_folder("mbox") as folder:
        (folder / "box").write_bytes(b"")
        (folder / "box").chmod(0o666)
        folder.chmod(0o555)
        with without_rights(), pytest.raises(TransportFailed, match=r"box.lock: Permission"):
            MboxTransport({"file": folder / "box"}).deliver(MESSAGE)

        assert (folder / "box").read_bytes() == b""


def test_other_program_replaces_the_file(tmp_path, monkeypatch):
    """The standard library removes messages by renaming another file into its place."""
    path = tmp_path / "box"
    transport = MboxTransport({"file": path})
    transport.deliver(MESSAGE)
    transport.deliver(Envelope("", ("b@x.test",), b"Subject: two\r\n\r\n"))
    box = mailbox.mbox(path)
    box.lock()
    box.remove(0)

    def finish(seconds):
        """Do it while the transport waits for the locks of the file that it has opened."""
        del seconds
        box.flush()
        box.unlock()

    monkeypatch.setattr("netmail.delivery.transports.file_locks.sleep", finish)
    transport.deliver(MESSAGE)
    box.close()

    assert subjects(path) == ["two", "one"]


def test_many_programs(tmp_path):
    """Each of them delivers all; half of them take the locks in the other order."""
    count = full(125, quick=10)
    orders = [{"locks": "fcntl dotlock"}, {"locks": ["dotlock", "fcntl"]}]
    programs = [(f"p{each}", orders[each % 2]) for each in range(PROCESSES)]
    accepted = appending.start(
        count, *programs, use="mbox", file=str(tmp_path / "box"), timeout=200
    )
    expected = {f"p{each}-{number}" for each in range(PROCESSES) for number in range(count)}
    read = subjects(tmp_path / "box")

    assert accepted == PROCESSES * count
    assert sorted(read) == sorted(expected)
    assert sum(1 for _ in parse_mbox(tmp_path / "box")) == len(expected)


def test_many_threads(tmp_path):
    """Fcntl's locks are the process's, so threads need another."""
    transports = [MboxTransport({"file": tmp_path / "box", "locks": "fcntl"}) for _ in range(4)]

    def deliver(transport):
        for _ in range(10):
            transport.deliver(MESSAGE)

    threads = [threading.Thread(target=deliver, args=(each,)) for each in transports]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert subjects(tmp_path / "box") == ["one"] * 40


@pytest.mark.parametrize("locks", ["", "flock", "fcntl fcntl", "fcntl,dotlock,flock", []])
def test_wrong_locks(locks):
    """The sentence says which there are."""
    with pytest.raises(UsageError, match='"fcntl", "dotlock"'):
        MboxTransport({"file": "box", "locks": locks})


def test_dovecot(dovecot):
    """Dovecot reads what was appended."""
    with open_folder("mbox") as folder:
        transport = MboxTransport({"file": folder / "box", "locks": "dotlock, fcntl"})
        for number in range(5):
            transport.deliver(Message("a@x.test", "b@x.test", f"m{number}", text="From here\n"))
        give_to_dovecot(folder)
        read = read_by_dovecot(dovecot, f"mbox:{folder}/more:INBOX={folder / 'box'}")

    assert read == [f"m{number}" for number in range(5)]
