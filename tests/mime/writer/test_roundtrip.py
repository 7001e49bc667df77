"""What goes into a message comes out of it: building judged by our own reader."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netmail.address import Address
from netmail.mime.outgoing import outgoing
from netmail.mime.parser import parse
from netmail.mime.writer.message import Message
from support.outgoing import stored_octets
from support.timing import full

# Everything but what a header cannot hold.
ONE_LINE = st.text(
    st.characters(blacklist_characters="\r\n\0", blacklist_categories=["Cs"]), max_size=120
)
# Our reader trims names, and takes any white space or control character in them for one space.
NAME = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=120).map(
    lambda text: " ".join(text.split())
)
TEXT = st.text(st.characters(blacklist_characters="\r\0", blacklist_categories=["Cs"]))
DOMAIN = st.sampled_from(["example.org", "x", "a-b.example", "[127.0.0.1]"])
LOCAL = st.one_of(
    st.text("abcXYZ09!#$%&'*+/=?^_`{|}~-", min_size=1, max_size=30),
    st.text(" abc@,;:<>()[].!", max_size=20).map(lambda text: f'"{text}"'),
)
ADDRESS = st.builds(
    lambda name, local, domain: Address(name, f"{local}@{domain}"), NAME, LOCAL, DOMAIN
)


@given(ONE_LINE)
def test_subject(subject):
    """Any subject comes back."""
    built = Message("a@x", subject=subject)

    assert parse(built.as_bytes()).subject == subject


@given(st.lists(ADDRESS, min_size=1, max_size=6))
def test_addresses(addresses):
    """Any names and addresses come back."""
    built = Message("a@x", addresses)

    assert parse(built.as_bytes()).to == addresses


@given(TEXT, TEXT, st.booleans())
def test_texts(text, html, eight_bit):
    """Any texts come back, in 7 bits or 8; but a byte order mark at the beginning is no text."""
    mail = parse(Message("a@x", text=text, html=html).as_bytes(eight_bit=eight_bit))

    assert (mail.text, mail.html) == (text.removeprefix("\ufeff"), html.removeprefix("\ufeff"))


def test_byte_order_mark():
    """The mark that some editors write before a text is not taken for a part of it."""
    mail = parse(Message("a@x", text="\ufeffab", html="\ufeff").as_bytes())

    assert (mail.text, mail.html) == ("ab", "")


@given(TEXT)
def test_single_text(text):
    """A text alone comes back."""
    assert parse(Message("a@x", text=text).as_bytes()).text == text.removeprefix("\ufeff")


@settings(max_examples=full(60, quick=20))
@given(
    st.lists(st.tuples(NAME.filter(bool), st.binary(max_size=300)), min_size=1, max_size=4),
    st.booleans(),
)
def test_attachments(files, binary):
    """Any file names and contents come back."""
    built = Message("a@x", text="t")
    for name, octets in files:
        built.attachment(octets, name, content_type="application/octet-stream")
    found = parse(built.as_bytes(binary=binary)).attachments

    assert [(one.filename, one.content) for one in found] == files


@pytest.mark.parametrize("name", ["ü.txt", "\x7f", "a\tb", "日" * 90, 'a"b\\', "=?utf-8?q?x?="])
def test_what_is_built_has_no_defects(name):
    """The strict reader takes what the builder writes, whatever the file's name."""
    built = Message("Jürgen <a@x>", "b@x", "ü" * 90, text="t").attachment(b"x", name)

    assert parse(built.as_bytes(), strict=True).attachments[0].filename == name


@given(st.binary(max_size=300), st.sampled_from(["text/plain", "text/csv", "text/html"]))
def test_text_files(octets, kind):
    """A file of text comes back octet for octet."""
    built = Message("a@x", text="t").attachment(octets, "x.txt", content_type=kind)

    assert [one.content for one in parse(built.as_bytes()).attachments] == [octets]


@given(st.lists(st.tuples(st.integers(0, 200_000), st.integers(0, 255)), max_size=3))
@settings(max_examples=full(20, quick=10))
def test_large_files(sizes):
    """Files of all sizes come back, through streams, and `size()` is right."""
    built = Message("a@x", text="t")
    contents = [bytes([octet]) * size for size, octet in sizes]
    for octets in contents:
        built.attachment(io.BytesIO(octets), "x.bin")
    octets = built.as_bytes()

    assert ([one.content for one in parse(octets).attachments], built.size()) == (
        contents,
        len(octets),
    )


@given(TEXT, st.booleans())
def test_nested(text, binary):
    """A message attached to a message comes back octet for octet."""
    inner = parse(Message("a@x", subject="in", text=text, html="<p>").as_bytes())
    outer = parse(Message("a@x", text="out").attachment(inner).as_bytes(binary=binary))

    assert [one.content for one in outer.attachments] == [inner.raw]


def test_unchanged():
    """A message that was read goes out again octet for octet."""
    raw = b"From: a@x\r\nTo: b@x\r\nX-Odd:   y \r\n\r\nbody\xff\n.\r\nend"

    assert (stored_octets(parse(raw)), outgoing(parse(raw)).envelope.recipients) == (raw, ("b@x",))


def test_bcc_of_a_mail():
    """Its Bcc goes into the envelope, and nothing else changes."""
    raw = b"From: a@x\r\nBcc: h@x,\r\n\tj@x\r\nTo: b@x\r\nBCC : k@x\r\n\r\nbcc: not this\r\n"
    ready = outgoing(parse(raw))

    assert (ready.envelope.recipients, ready.as_bytes()) == (
        ("b@x", "h@x", "j@x", "k@x"),
        b"From: a@x\r\nTo: b@x\r\n\r\nbcc: not this\r\n",
    )


@given(ONE_LINE)
def test_any_header(value):
    """Any text in a header of one's own comes back."""
    mail = parse(Message("a@x").header(("X-Test", value)).as_bytes())

    assert mail.headers["X-Test"] == value.strip(" \t")


def _dotted(local: str) -> bool:
    return "" not in local.split(".")


@given(st.text("äöü漢abc.", min_size=1, max_size=20).filter(_dotted))
def test_utf8_addresses(local):
    """Local parts of any script come back, if the transport supports them."""
    built = Message(f"{local}@bücher.example", subject="é")
    octets = built.as_bytes(utf8=True)

    assert (parse(octets).from_[0].address, built.needs_smtputf8) == (
        f"{local}@xn--bcher-kva.example",
        not local.isascii(),
    )
