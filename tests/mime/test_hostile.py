"""Hostile messages are read in bounded time: those that were slow in CPython are among them."""

import subprocess
import sys
import tracemalloc

import pytest

from netmail import DefectKind, Mail, MessageLimits, parse
from netmail.errors import LimitError
from support.timing import cpu_limit

BOUND = 0.5
"""Seconds, the issue's own."""
MULTIPART = b"Content-Type: multipart/mixed; boundary=b\n\n"
SIGNED = MULTIPART.replace(b"mixed", b"signed")
ARMOR = b"-----BEGIN PGP MESSAGE-----\n"


def _deep(count):
    lines = [f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(count)]
    return "".join(lines).encode() + b"\nx"


def _signatures(deep, count):
    """Multiparts that are signed within each other around an encrypted part, many of them."""
    signed = "".join(
        f"Content-Type: multipart/signed; boundary=s{n}s\n\n--s{n}s\n" for n in range(deep)
    )
    ends = "".join(
        f"--s{n}s\nContent-Type: application/pkcs7-signature\n\nx\n--s{n}s--\n"
        for n in reversed(range(deep))
    )
    one = f"--b\n{signed}Content-Type: multipart/encrypted; boundary=e\n\n--e\n\nx\n--e--\n{ends}"
    return MULTIPART + one.encode() * count


def _field(name, value):
    return f"{name}: {value}\n\nbody\n".encode()


HOSTILE = {
    "50,000 addresses": _field("To", ", ".join(f"user{n}@host.example" for n in range(45_000))),
    "50,000 names": _field("To", ", ".join(["Ann Doe"] * 50_000)),
    "50,000 quoted": _field("To", ", ".join(['"A, B" <a@b.example>'] * 20_000)),
    "100,000 semicolons": _field("Content-Type", "a/b" + ";" * 100_000),
    "20,000 parameters": _field(
        "Content-Type", "a/b" + "".join(f"; p{n}=1" for n in range(20_000))
    ),
    "20,000 sections": _field(
        "Content-Type", "a/b" + "".join(f"; name*{n}=1" for n in range(20_000))
    ),
    "20,000 encoded words": _field("Subject", " ".join(["=?utf-8?q?a?="] * 20_000)),
    "100,000 opened words": _field("Subject", "=?" * 100_000),
    "100,000 half words": _field("Subject", "=?a?q?" * 100_000),
    "100,000 words never closed": _field("Subject", "=?a?q?x" * 100_000),
    "words closed at the end": _field("Subject", "=?a?q?x" * 100_000 + "?="),
    "20,000 nested comments": _field("To", "(" * 20_000 + ")" * 20_000 + "a@b.example"),
    "20,000 open comments": _field("To", "(" * 20_000),
    "20,000 nested groups": _field("To", "a:" * 20_000 + ";" * 20_000),
    "100,000 angles": _field("To", "<" * 100_000),
    "100,000 quotes": _field("To", '"' * 100_001),
    "100,000 escapes": _field("To", '"' + "\\" * 100_000),
    "100,000 escaped quotes": _field("To", '"\\' * 100_000),
    "colons after an at": _field("To", '"a"' * 40_000 + "@" + ":" * 100_000),
    "100,000 brackets": _field("To", "[" * 100_000),
    "100,000 ats": _field("To", "@" * 100_000),
    "100,000 dots": _field("To", " . " * 70_000 + "@"),
    "route that never ends": _field("To", "<@a" + ",@a" * 50_000),
    "1,000-deep multipart": _deep(1_000),
    "20,000-deep message": b"Content-Type: message/rfc822\n\n" * 20_000,
    "20,000-deep digest": MULTIPART.replace(b"mixed", b"digest") + b"--b\n\n" * 20_000,
    "100,000 parts": MULTIPART + b"--b\n\n\n" * 100_000,
    "100,000 parts without blank lines": MULTIPART + b"--b\nX\n" * 100_000,
    "40,000 encrypted parts": SIGNED + b"--b\nContent-Type: application/pkcs7-mime\n\nx\n" * 40_000,
    "90-deep signatures of encrypted parts": _signatures(90, 300),
    "100,000 armored texts": b"Content-Type: text/plain\n\n" + ARMOR * 100_000,
    "100,000 lines that look like boundaries": MULTIPART + b"--b\n\n" + b"--bx\n" * 100_000,
    "100,000 long boundaries": MULTIPART + b"--b" + b"x" * 100_000 + b"\n--" * 100_000,
    "100,000 closing boundaries": MULTIPART + b"--b\n\nx\n" + b"--b--\n" * 100_000,
    "multiparts never divided": MULTIPART.replace(b"=b", b"=c")
    + b"--real\nContent-Type: multipart/mixed\n\n" * 5_000,
    "100,000 folded lines": _field("X", "\n a" * 100_000),
    "100,000 lines of junk": b"junk\n" * 100_000 + b"Subject: s\n\n",
    "100,000 headers": b"X: 1\n" * 9_000 + b"\n",
    "50,000 references": _field("References", " ".join(f"<{n}@a.example>" for n in range(50_000))),
    "50,000 open references": _field("References", "<" * 100_000),
    "references without an at": _field("References", "a*" * 100_000),
    "100,000 ats in references": _field("References", "@" * 100_000),
    "blanks in a subject": _field("Subject", "Re: " * 50_000),
    "brackets in a subject": _field("Subject", "[" * 100_000),
    "blobs in a subject": _field("Subject", "[x]" * 50_000),
    "forwards in a subject": _field("Subject", "[fwd: " * 20_000 + "]" * 20_000),
    "a long date": _field("Date", "(" * 50_000 + "1 " * 50_000),
    "a long Received": _field("Received", "from (" * 20_000 + ";" * 20_000),
    "a long Authentication-Results": _field(
        "Authentication-Results", "a=b " * 30_000 + ";" * 9_999
    ),
    "a long List-Unsubscribe": _field("List-Unsubscribe", "<" * 50_000 + "(" * 50_000),
    "blanks before line ends": b"Content-Transfer-Encoding: quoted-printable\n\n" + b" " * 400_000,
    "equals signs": b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=" * 400_000,
    "padding": b"Content-Transfer-Encoding: base64\n\n" + b"A=" * 200_000,
    "junk in base64": b"Content-Transfer-Encoding: base64\n\n" + b"AAAA!AAA\n" * 50_000,
    "begin lines": b"\n" + b"begin 644 a\n" * 40_000,
    "uuencode never ended": b"\n" + (b"begin 644 a\n" + b"!80\n" * 50) * 900,
    "nested tags": b"Content-Type: text/html\n\n" + b"<div><blockquote>" * 20_000 + b"x",
    "route of names": _field("To", "<@a" + ",b" * 50_000),
    "group of members": _field("To", "G:" + "a b," * 50_000),
    "open comments in HTML": b"Content-Type: text/html\n\n" + b"<!--" * 100_000,
    "open declarations": b"Content-Type: text/html\n\n" + b"<!" * 100_000,
    "raw elements": b"Content-Type: text/html\n\n" + b"<title>" * 60_000,
    "angles in HTML": b"Content-Type: text/html\n\n" + b"<" * 1_000_000,
    "quotes in a tag": b"Content-Type: text/html\n\n<a " + b"'\"" * 100_000,
    "attributes": b"Content-Type: text/html\n\n<a " + b"b " * 100_000 + b">",
    "nested lists": b"Content-Type: text/html\n\n" + b"<ul><li>x" * 20_000,
    "open tags": b"Content-Type: text/html\n\n" + b"<a href='" * 10_000,
    "open entities": b"Content-Type: text/html\n\n" + b"&" * 100_000,
    "open metas": b"Content-Type: text/html\n\n" + b"<meta " * 50_000,
    "links": b"Content-Type: text/html\n\n" + b"<a href=http://a.example>" * 20_000,
}


def read_everything(raw):
    """Touch every view of a message."""
    try:
        mail = parse(raw)
    except LimitError as error:
        mail = error.mail
    assert isinstance(mail, Mail)
    for name in (
        "subject",
        "from_",
        "to",
        "date",
        "message_id",
        "references",
        "received",
        "report",
    ):
        getattr(mail, name)
    mail.thread_subject()
    assert mail.authentication_results is not None
    assert mail.list_unsubscribe is not None
    mail.headers.items()
    mail.text_from_html()
    mail.text_unwrapped()
    for attachment in mail.attachments[:50]:
        assert attachment.content is not None
    return mail


@pytest.mark.parametrize("name", HOSTILE)
def test_reading_is_quick(name):
    """Each attack is read, every view of it, in under half a second."""
    with cpu_limit(BOUND):
        read_everything(HOSTILE[name])


@pytest.mark.parametrize("name", HOSTILE)
def test_inspecting_is_bounded(name):
    """Looking for every defect is linear too; it reads all a second time."""
    try:
        mail = parse(HOSTILE[name])
    except LimitError as error:
        mail = error.mail
    with cpu_limit(3 * BOUND):
        assert isinstance(mail.defects, list)


def test_beyond_the_depth_is_an_opaque_leaf():
    """What is nested deeper is not opened, and reported."""
    mail = parse(_deep(150))
    parts = list(mail.walk())

    assert len(parts) == MessageLimits().depth + 1
    assert DefectKind.TOO_DEEP in {defect.kind for defect in mail.defects}
    assert parts[-1].content.startswith(b"--b100")


def test_memory_of_an_index_does_not_grow_with_the_message():
    """25 MB cost less than 2 MiB beside the octets themselves."""
    line = b"A" * 76 + b"\r\n"
    raw = MULTIPART + b"--b\nContent-Transfer-Encoding: base64\n\n" + line * 330_000 + b"--b--\n"
    tracemalloc.start()
    mail = parse(raw)
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert used < 2 << 20
    assert len(list(mail.walk())) == 2


def test_a_mapped_file_is_saved_in_flat_memory(tmp_path):
    """Memory does not grow with the attachment, neither by `save()` nor by `open()`."""
    path = tmp_path / "big"
    head = b"--b\nContent-Type: a/b; name=big\nContent-Transfer-Encoding: base64\n\n"
    with path.open("wb") as file:
        file.write(MULTIPART + head)
        for _ in range(200):
            file.write((b"QUJD" * 19 + b"\n") * 1000)
        file.write(b"--b--\n")
    tracemalloc.start()
    mail = parse(path, limits=MessageLimits(size=1000))
    saved = mail.attachments[0].save(tmp_path / "out")
    with mail.attachments[0].open() as file:
        read = sum(len(piece) for piece in iter(lambda: file.read(50_000), b""))
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert saved.stat().st_size == read == 200 * 1000 * 57
    assert used < 4 << 20


@pytest.mark.parametrize(
    "raw",
    [
        "Content-Type: text/plain; name*\n\n",
        "Content-Disposition: x; name*=\n\n",
        "To: (c):\n\n",
        'To: "\n\n',
        "To: =?utf-8?q?a=0Ab?= <a@b.example>\n\n",
        "To: List 1: a@b.example, c@d.example; List 2: d@e.example;\n\n",
        "To: <>\n\n",
        "To: @\n\n",
        "Message-ID: <\n\n",
        "Message-ID: <>\n\n",
        "Message-ID: abc\n\n",
        "Content-Type: multipart/mixed\n\nx",
        "Content-Type: text/plain; charset=nope\n\nx",
        "Content-Disposition: inline; filename*0*=\n\n",
        "Content-Type: message/delivery-status\n\nx",
        "Content-Transfer-Encoding: base64 \n\n=",
        "Date: 0 0 0\n\n",
        "Date: Mon, 99999999999999999999 Jan 2024 10:00:00 +0000\n\n",
        "Date: Mon, 1 Jan 2024 10:00:00 +99999999999\n\n",
    ],
)
def test_inputs_that_crash_others(raw):
    """What raises in the standard library's parsers is read."""
    mail = read_everything(raw.encode())

    assert isinstance(mail.to_json(), str)


def test_binary_body_keeps_its_line_ends(tmp_path):
    """gh-128949: CR and CRLF in a binary body stay."""
    path = tmp_path / "m"
    path.write_bytes(b"Content-Type: a/b\r\nContent-Transfer-Encoding: binary\r\n\r\na\rb\r\nc\n")

    assert parse(path).root.content == b"a\rb\r\nc\n"


def test_8bit_attachment_is_not_mangled():
    """gh-105285: octets in an 8bit part are its content."""
    data = bytes(range(1, 10)) + bytes(range(11, 256))
    raw = b"Content-Type: a/b\nContent-Transfer-Encoding: 8bit\n\n" + data

    assert parse(raw).root.content == data


def test_base64_after_padding_is_not_hidden():
    """gh-137687: what follows the first padding is content, and a defect."""
    mail = parse(b"Content-Transfer-Encoding: base64\n\nQQ==QkI=")

    assert mail.text == "ABB"
    assert DefectKind.BASE64_AFTER_PADDING in {defect.kind for defect in mail.defects}


HUGE = """
import resource, sys
import netmail
netmail.parse(b"From: a@b.example\\n\\nx").to_json()
resource.setrlimit(resource.RLIMIT_DATA, (48 << 20, 48 << 20))
(attachment,) = netmail.parse(sys.argv[1]).attachments
with attachment.open() as file:
    size = sum(len(chunk) for chunk in iter(lambda: file.read(1 << 20), b""))
try:
    print(size, len(attachment.content))
except MemoryError:
    print(size, "too large at once")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit counts maps on Linux only")
def test_a_file_of_1_gb_is_read_in_48_mib(tmp_path):
    """It is mapped, and streamed: the kernel grants no more, which shows when all is asked for."""
    path = tmp_path / "huge.eml"
    with path.open("wb") as file:
        file.write(MULTIPART + b"--b\nContent-Type: application/octet-stream\n\n")
        file.seek(1 << 30, 1)  # a hole: nothing is written
        file.write(b"\n--b--\n")
    done = subprocess.run(
        [sys.executable, "-c", HUGE, str(path)], capture_output=True, text=True, check=True
    )

    assert done.stdout == f"{1 << 30} too large at once\n"
