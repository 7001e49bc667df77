"""The structure and the encodings that a message's content leads to."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial

import pytest

from netmail.errors import MessageError, UsageError
from netmail.mime.parser import parse
from netmail.mime.writer.message import Message
from netmail.mime.writer.transfer import (
    Encoding,
    base64_lines,
    base64_size,
    quoted_printable,
    text_encoding,
)


def simple(**fields) -> Message:
    return Message("ann@example.org", "bob@example.org", "Hi", **fields)


def read(built: Message, **way: bool) -> EmailMessage:
    return message_from_bytes(built.as_bytes(**way), policy=policy.default)


def types(built: Message) -> list[str]:
    return [part.get_content_type() for part in read(built).walk()]


ALTERNATIVE = ["multipart/alternative", "text/plain", "text/html"]


@pytest.mark.parametrize(
    ("built", "structure"),
    [
        (simple(), ["text/plain"]),
        (simple(text="t"), ["text/plain"]),
        (simple(html="h"), ["text/html"]),
        (simple(text="t", html="h"), ALTERNATIVE),
        (
            simple(html="h").attachment(b"i", "i.png", content_id="i"),
            ["multipart/related", "text/html", "image/png"],
        ),
        (
            simple(text="t", html="h").attachment(b"i", "i.png", content_id="i"),
            ["multipart/related", *ALTERNATIVE, "image/png"],
        ),
        (
            simple(text="t", html="h")
            .attachment(b"i", "i.png", content_id="i")
            .attachment(b"f", "f.pdf"),
            ["multipart/mixed", "multipart/related", *ALTERNATIVE, "image/png", "application/pdf"],
        ),
        (simple().attachment(b"f", "f.pdf"), ["multipart/mixed", "application/pdf"]),
        (
            simple(text="t").attachment(b"i", "i.png", content_id="i"),
            ["multipart/mixed", "text/plain", "image/png"],
        ),
    ],
)
def test_structure(built, structure):
    """Each level of mixed, related and alternative is there only where it is needed."""
    assert types(built) == structure


def test_related_type():
    """A related multipart names the type of its root (RFC 2387)."""
    built = simple(text="t", html="h").embed("i.png", b"i")

    assert read(built).get_param("type") == "multipart/alternative"


def test_embedded():
    """An embedded image has the Content-ID that its name promises, and is inline."""
    part = read(simple(html='<img src="cid:logo.png">').embed("logo.png", b"x")).get_payload()[1]

    assert (part["Content-ID"], part.get_content_disposition(), part.get_filename()) == (
        "<logo.png>",
        "inline",
        "logo.png",
    )


@pytest.mark.parametrize(
    ("text", "eight_bit", "encoding"),
    [
        (b"plain\r\n", False, Encoding.SEVEN_BIT),
        ("é\r\n".encode(), True, Encoding.EIGHT_BIT),
        (b"mostly plain " * 9 + "é".encode(), False, Encoding.QUOTED_PRINTABLE),
        ("漢字".encode() * 9, False, Encoding.BASE64),
        (b"x" * 999, False, Encoding.QUOTED_PRINTABLE),
        (b"x" * 998, False, Encoding.SEVEN_BIT),
        ("é".encode() * 600, True, Encoding.BASE64),
        (b"a" * 30 + b"\0", True, Encoding.QUOTED_PRINTABLE),
        (b"From me", False, Encoding.QUOTED_PRINTABLE),
        (b"x\r\nFrom me", True, Encoding.QUOTED_PRINTABLE),
        (b"", False, Encoding.SEVEN_BIT),
    ],
)
def test_text_encoding(text, eight_bit, encoding):
    """The lightest encoding is chosen that brings a text home."""
    assert text_encoding(text, eight_bit=eight_bit) is encoding


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (b"a=b\r\n", b"a=3Db\r\n"),
        (b"trailing \r\n", b"trailing=20\r\n"),
        (b"no end ", b"no end=20"),
        (b"x" * 80, b"x" * 75 + b"=\r\n" + b"x" * 5),
        (b"From me\r\nFrom us", b"=46rom =\r\nme\r\n=46rom =\r\nus"),
        (b".\r\nx", b"=2E\r\nx"),
        (b"a From b", b"a From b"),
    ],
)
def test_quoted_printable(text, written):
    """Quoted-printable guards trailing spaces, lone dots and "From "."""
    assert quoted_printable(text) == written


@pytest.mark.parametrize("size", [0, 1, 2, 3, 56, 57, 58, 114, 115, 1000])
def test_base64_size(size):
    """The size of base64 is known without encoding."""
    assert base64_size(size) == len(base64_lines(bytes(size)))


@pytest.mark.parametrize(
    ("way", "encodings"),
    [
        ({}, ["quoted-printable", "base64"]),
        ({"eight_bit": True}, ["8bit", "base64"]),
        ({"eight_bit": True, "binary": True}, ["8bit", "binary"]),
    ],
)
def test_ways(way, encodings):
    """What the way allows decides how parts are encoded."""
    built = simple(text="Eine längere Zeile mit wenigen Umlauten").attachment(b"\0\xff", "x.bin")
    parts = read(built, **way).get_payload()

    assert [part["Content-Transfer-Encoding"] for part in parts] == encodings


def test_long_lines():
    """No line is ever longer than 998 octets, whatever the text."""
    octets = simple(text="x" * 5000, html="é" * 5000).as_bytes(eight_bit=True)

    assert max(map(len, octets.split(b"\r\n"))) <= 998


def test_charset():
    """Another charset is used where it reaches, and UTF-8 where it does not."""
    built = simple(text="é", html="漢", encoding="ISO-8859-1")

    assert [part.get_content_charset() for part in read(built).get_payload()] == [
        "iso-8859-1",
        "utf-8",
    ]


@pytest.mark.parametrize("charset", ["utf-16", "x-nope", "utf-8\r\nX: y", ""])
def test_wrong_charset(charset):
    """A charset must exist, and have ASCII in it."""
    with pytest.raises(MessageError):
        simple(encoding=charset)


def test_callables():
    """A text may be made when the message is written: once, and only then."""
    calls = []

    def make(kind):
        calls.append(kind)
        return f"made {kind}"

    built = simple(plain=partial(make, "text"), rich=partial(make, "html"))
    before = list(calls)
    octets = built.as_bytes()

    assert before == []
    assert calls == ["text", "html"]
    assert built.size() == len(octets)
    assert b"made text" in octets


def test_callable_of_something_else():
    """A callable must give text."""
    with pytest.raises(UsageError):
        simple(text=lambda: 5).as_bytes()


def test_lone_surrogate_in_text():
    """A text that cannot be encoded is refused."""
    with pytest.raises(MessageError, match="surrogate"):
        simple(text="a\ud800").as_bytes()


ICS = "BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:request\nSUMMARY:Grüße\nEND:VCALENDAR\n"


def test_calendar():
    """An invitation is shown beside the text, and attached; the methods agree."""
    seen = read(simple(text="Come").calendar(ICS))
    shown = seen.get_payload()[0].get_payload()[1]
    attached = seen.get_payload()[1]

    assert (
        shown.get_content_type(),
        shown.get_param("method"),
        shown.get_content_charset(),
        shown["Content-Disposition"],
        attached.get_filename(),
        attached.get_payload(decode=True),
    ) == (
        "text/calendar",
        "REQUEST",
        "utf-8",
        None,
        "invite.ics",
        ICS.replace("\n", "\r\n").encode(),
    )


def test_calendar_without_method():
    """A method that the object lacks is written into it."""
    seen = read(simple().calendar(ICS.replace("METHOD:request\n", "").encode(), "cancel"))

    assert b"VCALENDAR\r\nMETHOD:CANCEL\r\n" in seen.get_payload()[1].get_payload(decode=True)


@pytest.mark.parametrize(
    ("ics", "method"),
    [
        (ICS, "CANCEL"),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR\n", None),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR\n", "X Y"),
        ("hello", "REQUEST"),
        (b"BEGIN:VCALENDAR\nX:\xff\n", "REQUEST"),
    ],
)
def test_wrong_calendar(ics, method):
    """What is no calendar object, or has another method, is refused."""
    with pytest.raises(MessageError):
        simple().calendar(ics, method)


PNG = "iVBORw0KGgo="


def test_inline_images():
    """Images in data: URLs become parts, the same one once."""
    html = (
        f"<img src=\"data:image/png;base64,{PNG}\"><img src='data:image/PNG;base64,{PNG}'>"
        f'<p style="background: url(data:image/svg+xml,%3Csvg/%3E)">'
        '<img src="data:image/png;base64,***"><a href="data:text/html,x">'
    )
    seen = read(simple(html=html).inline_images().seed("s"))
    parts = seen.get_payload()

    assert (
        [part.get_filename() for part in parts[1:]],
        [part["Content-ID"] for part in parts[1:]],
        parts[1].get_content(),
        parts[0].get_content(),
    ) == (
        ["image1.png", "image2.svg"],
        ["<image1.s@netmail>", "<image2.s@netmail>"],
        b"\x89PNG\r\n\x1a\n",
        (
            "<img src=\"cid:image1.s@netmail\"><img src='cid:image1.s@netmail'>"
            '<p style="background: url(cid:image2.s@netmail)">'
            '<img src="data:image/png;base64,***"><a href="data:text/html,x">'
        ),
    )


def test_text_from_html():
    """A missing text is made from the HTML, on request."""
    built = simple(html="<p>Hello <b>you</b></p>").text_from_html()

    assert (parse(built.as_bytes()).text.strip(), types(built)) == ("Hello you", ALTERNATIVE)
