"""Fuzz targets of the reading side.

Each target is a function of octets that raises only when netmail is wrong; the test run drives
them with hypothesis, and atheris can: `atheris.Setup(sys.argv, fuzz_parse); atheris.Fuzz()`.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail import Headers, Mail, MessageLimits, parse
from netmail.address import Address, mailboxes
from netmail.errors import LimitError
from netmail.mime.content.html_text import html_to_text
from netmail.mime.content.tnef import read_tnef
from netmail.mime.content.transfer import decode_transfer, decode_transfer_chunks
from netmail.mime.content.uuencode import find_files
from netmail.mime.fields.addresses import address_list
from netmail.mime.fields.dates import parse_date
from netmail.mime.fields.encoded_words import decode_encoded_words
from netmail.mime.fields.header_block import HeaderBlock
from netmail.mime.fields.parameters import parameterized_value

SMALL = MessageLimits(size=1 << 20, depth=8, parts=50, params=10, addresses=50, encoded_words=20)


def fuzz_parse(data: bytes) -> None:
    """A whole message: octets are kept, every view can be had, parts lie in their parents."""
    mail = _read(data)
    assert mail.raw == data
    mail.to_json()
    str(mail)
    assert mail.defects is not None
    for part in mail.walk():
        assert part.raw == data[part.offset : part.offset + len(part.raw)]
        assert b"".join(part.chunks()) == part.content
        assert part.raw_headers + part.raw_body == part.raw


def _read(data: bytes) -> Mail:
    try:
        return parse(data, limits=SMALL)
    except LimitError as error:
        if isinstance(error.mail, Mail):
            return error.mail
        raise


def fuzz_headers(data: bytes) -> None:
    """A header block: what is found by name is what is listed."""
    block = HeaderBlock(data.lstrip())
    headers = Headers.from_block(block)
    for name, value in headers.items():
        assert "\n" not in value
        if name.isascii() and name and " " not in name and "\t" not in name:
            assert headers.get(name) is not None


def fuzz_addresses(data: bytes) -> None:
    """An address field: no address with two "@", no line end in a name."""
    for address in mailboxes(address_list(data.decode("utf-8", "replace"), SMALL)):
        assert isinstance(address, Address)
        assert '"' in address.address or address.address.count("@") < 2
        assert not {"\r", "\n", "\0"} & set(address.name + address.address)


def fuzz_dates(data: bytes) -> None:
    """A date is aware or none."""
    date = parse_date(data.decode("utf-8", "replace"))
    assert date is None or date.utcoffset() is not None


def fuzz_parameters(data: bytes) -> None:
    """Parameters are texts, and no more than the limit."""
    assert len(parameterized_value(data, limit=5).params) <= 5


def fuzz_words(data: bytes) -> None:
    """A decoded value has no line ends."""
    assert not {"\r", "\n", "\0"} & set(decode_encoded_words(data.decode("utf-8", "replace")))


def fuzz_transfer(data: bytes) -> None:
    """Streaming gives what decoding the whole gives."""
    for encoding in ("base64", "quoted-printable", "uuencode"):
        pieces = [data[:7], data[7:20], data[20:]]
        assert b"".join(decode_transfer_chunks(pieces, encoding)) == decode_transfer(data, encoding)


def fuzz_html(data: bytes) -> None:
    """Text is made of anything."""
    assert isinstance(html_to_text(data.decode("utf-8", "replace")), str)


def fuzz_inner_files(data: bytes) -> None:
    """Files inside files stay within the limit."""
    assert sum(len(file.content) for file in find_files(data, 100)) <= 100 + len(data)
    found = read_tnef(b"\x78\x9f\x3e\x22\1\0" + data, MessageLimits(expanded=100))
    found.texts()
    assert sum(len(file.content) for file in found.files) <= 100


TARGETS = [
    fuzz_parse,
    fuzz_headers,
    fuzz_addresses,
    fuzz_dates,
    fuzz_parameters,
    fuzz_words,
    fuzz_transfer,
    fuzz_html,
    fuzz_inner_files,
]

PIECES = [
    *(b"\n", b"\r\n", b"\r", b" ", b"\t", b"\0", b":", b";", b",", b"=", b"<", b">", b"(", b")"),
    *(b'"', b"\\", b"[", b"]", b"12", b"\xff", b"\xc3", b"\xef\xbb\xbf", b"QUJD", b"=41", b"= \n"),
    *(b"?=", b"=?utf-8?q?", b"=?x?b?", b"--b", b"--b--", b"--c", b"a@b.example"),
    *(b"Content-Type: ", b"multipart/mixed; boundary=b", b"multipart/digest; boundary=c"),
    *(b"message/rfc822", b"text/html; charset=", b"utf-16", b"gb2312", b"application/ms-tnef"),
    *(b"Content-Transfer-Encoding: ", b"base64", b"quoted-printable", b"name*0*=", b"name*=x''%"),
    *(b"From: ", b"From ", b"To: ", b"Subject: ", b"Date: ", b"References: ", b"Received: "),
    *(b"begin 644 a\n", b"%2&5L;&\\\n", b"end\n", b"<p>", b"<!--", b"&amp;", b"<a href='"),
    *(b"Mon, 1 Jan 2024 10:00:00 +0100", b"2024-01-01", b"\x78\x9f\x3e\x22"),
]
"""What the grammars are made of: put together at random it goes deeper than octets do."""

DATA = st.one_of(
    st.binary(max_size=300), st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join)
)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.__name__)
def test_target(target):
    """Nothing but what the target allows, on octets and on pieces of grammar."""
    given(DATA)(target)()
