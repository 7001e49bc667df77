"""A message's octets, size and envelope."""

import io
from datetime import UTC, datetime

import pytest

from netmail.envelope import Envelope
from netmail.errors import MessageError
from netmail.mime.writer.message import Message
from support.messages import greeting, read, simple


def test_bcc_is_nowhere():
    """Bcc is in the envelope and not in the octets, however it was given."""
    built = greeting().bcc("hidden@example.org").header("bcc: veiled@example.org")
    octets = built.as_bytes()

    assert b"hidden" not in octets
    assert b"veiled" not in octets
    assert b"bcc" not in octets.lower()
    assert built.recipients == ("bob@example.org", "hidden@example.org", "veiled@example.org")


def test_envelope():
    """The envelope has the sender and each recipient once, without names or content."""
    built = greeting().cc("Bob <bob@EXAMPLE.org>, c@example.org")

    assert Envelope("ann@example.org", ("bob@example.org", "c@example.org"), None) == built.envelope


def test_lines():
    """The output is ASCII with CRLF line ends, whatever went in."""
    octets = greeting().text("é\nü\rö\r\nä\n" * 50).html("<p>漢字</p>\n").as_bytes()

    assert octets.isascii()
    assert octets.count(b"\n") == octets.count(b"\r\n")
    assert octets.count(b"\r") == octets.count(b"\r\n")


def test_repeatable():
    """Writing twice gives the same octets, identifier and boundaries included."""
    built = greeting().html("<p>x</p>").attachment(b"x", "x.bin")

    assert built.as_bytes() == built.as_bytes()


def test_fixed():
    """Two messages with the same date, identifier and seed have the same octets."""
    moment = datetime(2026, 11, 20, 12, tzinfo=UTC)

    def make() -> bytes:
        built = greeting().html("<p>").date(moment).message_id("<1@x>").seed("fixed")
        return built.as_bytes()

    assert make() == make()


def test_size():
    """`size()` says what `as_bytes()` and `write_to()` give."""
    built = greeting().html("<p>é").attachment(b"x" * 100_001, "ä.bin").attachment(b"", "empty")
    file = io.BytesIO()

    assert (len(built.as_bytes()), len(built.as_bytes())) == (built.size(), built.write_to(file))


def test_file(tmp_path):
    """A file is attached by its path, under its own name or another."""
    path = tmp_path / "données.pdf"
    path.write_bytes(b"%PDF" + bytes(range(256)) * 300)
    seen = read(greeting().attachment(path).attachment(str(path), "other.bin"))

    assert [
        ("données.pdf", "application/pdf", path.read_bytes()),
        ("other.bin", "application/octet-stream", path.read_bytes()),
    ] == [
        (part.get_filename(), part.get_content_type(), part.get_content())
        for part in seen.iter_attachments()
    ]


def test_copy():
    """A copy changes by itself, and has an identifier of its own."""
    first = simple(text="t").attachment(b"x", "x.bin")
    second = first.copy().to("cy@example.org").header("X-A: 1")

    assert first.recipients == ("bob@example.org",)
    assert second.recipients == ("bob@example.org", "cy@example.org")
    assert first.id != second.id


def test_envelope_without_author():
    """Without an author there is no envelope."""
    with pytest.raises(MessageError, match="author"):
        _ = Message(to="b@x").envelope


@pytest.mark.parametrize("setter", ["bcc", "reply_to", "notify", "return_path"])
def test_needs_smtputf8(setter):
    """A local part outside ASCII needs SMTPUTF8, wherever it is."""
    built = simple()
    getattr(built, setter)("ü@x")

    assert built.needs_smtputf8


def test_needs_no_smtputf8():
    """A name or a domain outside ASCII does not need SMTPUTF8."""
    assert not simple().cc("Ünï <u@bücher.example>").needs_smtputf8


def test_str_and_repr():
    """A message prints as itself, and shows itself in short."""
    built = simple(text="é").to("ü@x")

    assert "ü@x" in str(built)
    assert repr(built) == "<Message from 'ann@example.org' to 2 subject 'Hi'>"


WRITTEN = {
    "nothing": simple(),
    "text": simple(text="t"),
    "text beyond ASCII": simple(text="ä" * 500),
    "html": simple(html="<p>h</p>"),
    "attachment": simple(text=".\n").attachment(b"x" * 100_000, "f"),
    "message": simple(text="t").attachment(simple(text="inner")),
    "address beyond ASCII": simple(text="t").cc("ünï@example.org"),
}


@pytest.mark.parametrize("built", WRITTEN.values(), ids=WRITTEN)
def test_written(built):
    """What is written later has the size that is known now, and ends its last line."""
    content = built.written(utf8=built.needs_smtputf8)
    whole = built.as_bytes(utf8=built.needs_smtputf8)

    whole_lines = whole if whole.endswith(b"\n") else whole + b"\r\n"

    assert [bytes(content), b"".join(content.chunks())] == [whole_lines] * 2
    assert len(content) == len(whole_lines)
    assert content.header == whole.partition(b"\r\n\r\n")[0] + b"\r\n"


def test_written_is_a_snapshot():
    """Later changes of the message have no effect."""
    built = simple(text="first")
    content, whole = built.written(), built.as_bytes()
    built.text("second").subject("another")

    assert bytes(content) == whole + b"\r\n"
