"""Each quick reader gives what the thorough one gives."""

import binascii

from hypothesis import given
from hypothesis import strategies as st

from netmail import parse
from netmail.address import mailboxes
from netmail.mime.content import charset, transfer
from netmail.mime.defects import ignore
from netmail.mime.fields import encoded_words
from netmail.mime.fields.addresses import address_list
from netmail.mime.fields.header_block import HeaderBlock
from netmail.mime.fields.headers import Headers


def pieces(*kinds: bytes, most: int = 24) -> st.SearchStrategy[bytes]:
    """Octets in which what matters is close together."""
    return st.lists(st.sampled_from(kinds), max_size=most).map(b"".join)


QUOTED_PRINTABLE = pieces(
    b"\r", b"\n", b"\r\n", b" ", b"\t", b"=", b"=\r\n", b"=\n", b"=\r", b"==", b"=3D", b"a", most=6
)  # fmt: skip
BLOCKS = pieces(
    b"From", b"to", b"Cc", b"X", b":", b": ", b" :", b"\t:", b" ", b"\t", b"\r\n", b"\n", b"\r",
    b"\r\n ", b"\n\t", b"a@b.c", b"=?utf-8?q?=C3=A4?=", b"\x0b", b"a", most=40,
)  # fmt: skip
SEARCHED = BLOCKS.map(lambda raw: raw.replace(b"\x0b", b"").replace(b"\r", b""))
"""Before a colon the search skips spaces and tabs only, the cutting all white space."""

PADDING = b"X-Long: " + b"x" * 400 + b"\r\n"
"""Makes a block too long to be cut at once."""


@given(QUOTED_PRINTABLE)
def test_clean_quoted_printable(data: bytes):
    """What is found clean is decoded as if it had been cleaned."""
    expected = binascii.a2b_qp(transfer._cleaned(data))

    assert expected == transfer.decode_transfer(data, "quoted-printable")


@given(
    st.text(alphabet="YWJj+/=\n ä", max_size=20)
    | st.binary().map(binascii.b2a_base64).map(bytes.decode)
)
def test_clean_base64_words(text: str):
    """A word that binascii takes strictly is what the tolerant reader makes of it."""
    expected = transfer.decode_transfer(text.encode(), "base64")

    assert expected == encoded_words._base64(text, ignore)


@given(BLOCKS)
def test_texts_are_fields(raw: bytes):
    """A block cut as text has the names and the values of one cut as octets."""
    block = HeaderBlock(raw)
    headers = Headers.from_block(block)
    expected = [(field.name.decode(), headers.text(field.value)) for field in block.fields()]

    assert expected == block.texts(lone_cr=block.has_lone_cr())


@given(SEARCHED, st.sampled_from([b"from", b"to", b"cc", b"x"]))
def test_search_finds_fields(raw: bytes, name: bytes):
    """A block searched by name gives the values of that block cut into fields."""
    block = HeaderBlock(PADDING + raw)
    expected = [field.value for field in block.fields() if field.name.lower() == name]

    assert expected == block.every(name)


@given(SEARCHED, st.sampled_from([b"from", b"to", b"cc", b"x"]))
def test_first_is_first_of_every(raw: bytes, name: bytes):
    """The first field that is found is the first of all."""
    block = HeaderBlock(PADDING + raw)

    assert next(iter(block.every(name)), None) == block.first(name)


@given(st.lists(st.sampled_from(["=?utf-8?q?=C3=A4?= <a@b.c>", "x@y.z", "Doe, J", "g: a@b;"])))
def test_addresses_of_a_decoded_field(written: list[str]):
    """Addresses are the same whether or not the field was decoded before."""
    text = ", ".join(written)
    mail = parse(f"To: {text}\r\nFrom: {text}\r\n\r\n".encode())
    mail.headers.items()
    expected = mailboxes(address_list(text))

    assert (expected, expected) == (mail.to, mail.from_)


@given(BLOCKS)
def test_addresses_are_not_shared(raw: bytes):
    """A list that was given away may be changed without changing what is read next."""
    mail = parse(b"From: =?utf-8?q?=C3=A4?= <a@b.c>," + raw)
    mail.headers.items()
    expected = mail.groups("from").copy()
    mail.groups("from").clear()

    assert expected == mail.groups("from")


@given(st.binary())
def test_western(data: bytes):
    """windows-1252 without its holes is what the table says, which has them."""
    expected = data.decode("latin-1").translate(charset._CP1252)

    assert expected == charset.western(data)


@given(pieces(b"\r", b"\n", b"\r\n", b"a", b"\xc3\xa4"))
def test_line_ends_of_text(body: bytes):
    """Text without CR is text whose line ends are LF already."""
    mail = parse(b"Content-Type: text/plain; charset=utf-8\n\n" + body)
    expected = body.decode().replace("\r\n", "\n").replace("\r", "\n")

    assert expected == mail.root.text
