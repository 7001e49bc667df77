"""What is attached: files, octets, open files, messages."""

import io
import os

import pytest

from netmail.errors import MessageError
from netmail.mime.parser import parse
from netmail.mime.writer.message import Message
from support.messages import read, simple


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.pdf", "application/pdf"),
        ("a.PNG", "image/png"),
        ("a.tar.gz", "application/gzip"),
        ("a", "application/octet-stream"),
        ("a.ünï", "application/octet-stream"),
        ("a.html", "text/html"),
    ],
)
def test_guessed_type(name, kind):
    """The media type is guessed from the name's suffix."""
    assert next(read(simple().attachment(b"x", name)).iter_attachments()).get_content_type() == kind


@pytest.mark.parametrize("kind", ["text", "text/", "text/x; y=z", "multipart/mixed", "é/x"])
def test_wrong_type(kind):
    """A media type is type/subtype, and no multipart."""
    with pytest.raises(MessageError):
        simple().attachment(b"x", "x", content_type=kind)


def test_attachment_that_was_read():
    """An attachment of a mail that was read can be attached again."""
    first = parse(simple().attachment(b"\0x", "ä.bin").as_bytes())
    second = parse(simple().attachment(first.attachments).as_bytes())

    assert [(one.filename, one.content) for one in second.attachments] == [("ä.bin", b"\0x")]


def seen_by_the_standard_library(built: Message, **way: bool) -> list[tuple[str, str]]:
    """Return type and encoding of each part below an attached message, itself included."""
    part = read(built, **way).get_payload()[0]
    return [
        (each.get_content_type(), str(each["Content-Transfer-Encoding"])) for each in part.walk()
    ]


EIGHT_BIT = "From: a@x\r\n\r\né\r\n".encode()


@pytest.mark.parametrize("source", ["mail", "file", "octets", "stream", "part"])
def test_eight_bit_message(source, tmp_path):
    """An 8-bit mail is seen by all readers: as it is where the transport allows, else encoded."""
    path = tmp_path / "x.eml"
    path.write_bytes(EIGHT_BIT)
    outer = b"Content-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n" + EIGHT_BIT
    built = {
        "mail": lambda: simple().attachment(parse(EIGHT_BIT)),
        "file": lambda: simple().attachment(path),
        "octets": lambda: simple().attachment(EIGHT_BIT, "x.eml"),
        "stream": lambda: simple().attachment(io.BytesIO(EIGHT_BIT), "x.eml"),
        "part": lambda: simple().attachment(parse(outer).attachments[0]),
    }[source]()

    assert [
        seen_by_the_standard_library(built),
        seen_by_the_standard_library(built, eight_bit=True),
        parse(built.as_bytes()).attachments[0].message.text,
        parse(built.as_bytes(eight_bit=True)).attachments[0].content,
        built.size(),
    ] == [
        [("message/rfc822", "7bit"), ("text/plain", "quoted-printable")],
        [("message/rfc822", "8bit"), ("text/plain", "None")],
        "é\n",
        EIGHT_BIT,
        len(built.as_bytes()),
    ]


def test_parts_of_an_eight_bit_message_are_encoded():
    """Each part by its type; what is ASCII, and the structure, stay as they are."""
    inner = (
        "From: a@x\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: 8bit\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\npreamble\r\n'
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding:\r\n 8bit\r\n\r\nGrüße aus dem Rheinland\r\n"
        "--b\r\nContent-Type: image/png\r\n\r\né\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: s\r\n\r\nô\r\n"
        "--b\r\n\r\nplain\r\n--b--\r\n"
    ).encode()
    built = simple().attachment(parse(inner))
    mail = parse(built.as_bytes()).attachments[0].message

    assert built.as_bytes().isascii()
    assert [
        (part.content_type, part.encoding, part.content) for part in mail.root.children[:2]
    ] == [
        ("text/plain", "quoted-printable", "Grüße aus dem Rheinland".encode()),
        ("image/png", "base64", "é".encode()),
    ]
    assert (mail.root.children[2].message.text, mail.root.children[3].raw) == (
        "ô",
        b"\r\nplain",
    )


@pytest.mark.parametrize(
    "octets",
    [
        (
            b"From: a@x\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n"
            b"--b\r\n\r\n\xe9\r\n--b\r\n\r\ns\r\n--b--\r\n"
        ),
        b"From: a@x\r\nSubject: \xc3\xa9\r\n\r\nx\r\n",
        b"From: a@x\r\n\r\nlone\rCR\r\n\nLF",
        b"From: a@x\r\nContent-Transfer-Encoding: base64\r\n\r\n\xe9\r\n",
    ],
    ids=["signed", "header", "line ends", "raw octets in base64"],
)
def test_message_that_must_not_change(octets):
    """It is a file then, and every octet survives: base64 is not permitted for a message."""
    part = read(simple().attachment(octets, "x.eml")).get_payload()[0]

    assert (part.get_content_type(), part.get_filename(), part.get_content()) == (
        "application/octet-stream",
        "x.eml",
        octets,
    )


def test_content_of_a_file():
    """web2py's message may be an open file."""
    assert parse(simple().content(io.StringIO("<html>")).as_bytes()).html == "<html>"


class Part:
    """An attachment of a mail, as hostile as it may be."""

    filename = None
    content_type = "multipart/mixed"
    content_id = "<ok@x>"
    content = "text"


def test_part_of_another_type():
    """An attachment that says it is a multipart is attached as octets."""
    part = read(simple().attachment(Part())).get_payload()[0]

    assert (part.get_content_type(), part.get_filename(), part["Content-ID"]) == (
        "application/octet-stream",
        "attachment",
        "<ok@x>",
    )


def test_content_id_with_space():
    """A Content-ID that a URL would have to escape is refused."""
    with pytest.raises(MessageError, match="URL"):
        simple().embed("my logo.png", b"x")


def test_device():
    """A device has no end, by its path and opened."""
    with pytest.raises(MessageError, match="no regular file"):
        simple().attachment("/dev/zero", "x")
    with open("/dev/zero", "rb") as file, pytest.raises(MessageError, match="device"):  # noqa: PTH123
        simple().attachment(file, "x")


def test_fifo(tmp_path):
    """A FIFO is refused at once; opening it would wait for a writer."""
    path = tmp_path / "fifo"
    os.mkfifo(path)

    with pytest.raises(MessageError, match="no regular file"):
        simple().attachment(path)


@pytest.mark.parametrize("size", [5, 500_000])
def test_file_that_changes_its_size(tmp_path, size):
    """A file that shrinks or grows while it is read is an error, not a broken message."""
    path = tmp_path / "x.bin"
    path.write_bytes(b"x" * 200_000)
    chunks = simple().attachment(path).chunks()
    for chunk in chunks:
        if len(chunk) > 50_000:
            break
    path.write_bytes(b"y" * size)

    with pytest.raises(MessageError, match="changed its size"):
        list(chunks)


def test_open_file_that_changes_its_size(tmp_path):
    """The same for an open file."""
    path = tmp_path / "x.bin"
    path.write_bytes(b"x" * 200_000)
    with path.open("rb") as file:
        chunks = simple().attachment(file).chunks()
        for chunk in chunks:
            if len(chunk) > 50_000:
                break
        path.write_bytes(b"")

        with pytest.raises(MessageError, match="changed its size"):
            list(chunks)
