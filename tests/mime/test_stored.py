"""What a mailbox keeps of messages of several kinds."""

from email import message_from_bytes
from email.message import EmailMessage
from io import BytesIO, StringIO

import pytest

from netmail.envelope import Envelope
from netmail.errors import MessageError, UsageError
from netmail.mime.parser import parse
from netmail.mime.stored import stored
from netmail.mime.writer.message import Message
from support.outgoing import stored_octets


def test_no_recipients():
    """A message without recipients can be stored."""
    draft = Message("a@example.org", subject="later")

    assert stored_octets(draft) == draft.as_bytes()


@pytest.mark.parametrize(
    "message",
    [b"c\n", bytearray(b"c\n"), memoryview(b"c\n"), BytesIO(b"c\n"), Envelope("a@x", (), b"c\n")],
    ids=["bytes", "bytearray", "memoryview", "file", "envelope"],
)
def test_stored_octets(message):
    """Octets, and an envelope's content, are stored as they are."""
    assert stored_octets(message) == b"c\n"


@pytest.mark.parametrize("message", ["text", None, 5, StringIO("text"), object()], ids=type)
def test_stored_wrong_types(message):
    """What is no message is not stored."""
    with pytest.raises(UsageError, match="is no message"):
        stored_octets(message)


def test_stored_draft_of_the_standard_library():
    """It is stored with its Bcc, without new fields, and needs no author."""
    draft = EmailMessage()
    draft["To"], draft["Bcc"] = "b@example.org", "c@example.org"
    draft.set_payload("Hello\n")

    assert stored_octets(draft) == b"To: b@example.org\r\nBcc: c@example.org\r\n\r\nHello\r\n"


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "unknown", ""])
def test_stored_in_eight_bits(charset):
    """A mailbox keeps octets over 127 of a body that was read, for a signature may cover them."""
    kind = f"Content-Type: text/plain; charset={charset}\r\n".encode() if charset else b""
    raw = kind + b"Content-Transfer-Encoding: 8bit\r\nSubject: x\r\n\r\n\xc3\xa9\xff\r\n"

    assert stored_octets(message_from_bytes(raw)) == raw


def test_stored_utf8():
    """A local part outside ASCII is stored as UTF-8, for it cannot be written otherwise."""
    draft = Message("ü@example.org", "b@example.org")

    assert "ü@example.org".encode() in stored_octets(draft)


def test_stored_mail_is_what_came():
    """A mail that was read is stored octet for octet: no author needed, its Bcc kept."""
    octets = b"Subject: draft\nBcc: gil@example.org\n\nx\n"

    assert stored_octets(parse(octets)) == octets


def test_path(tmp_path):
    """A file at a path is read when it is sent, and not before."""
    path = tmp_path / "message.eml"
    path.write_bytes(b"c\n")
    found = stored(path)
    path.write_bytes(b"changed\n")

    assert b"".join(found.content.blocks()) == b"changed\n"
    assert found.is_canonical is False


def test_no_such_file(tmp_path):
    """A path of no file is an error that names the file."""
    with pytest.raises(MessageError, match=r"append\(\): .*nowhere"):
        stored(tmp_path / "nowhere")


def test_message_is_written_twice():
    """What is set later does not change a message whose size was measured."""
    draft = Message("a@example.org", subject="later", text="x\n")
    found = stored(draft)
    octets = draft.as_bytes()
    draft.text("other")

    assert b"".join(found.content.blocks()) == b"".join(found.content.blocks()) == octets
    assert found.content.size() == len(octets)
    assert found.is_canonical is True
