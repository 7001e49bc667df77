"""Transfer encodings (RFC 2045 section 6), broken and misnamed."""

import base64
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail import DefectKind, parse
from netmail.mime.content.transfer import decode_transfer, decode_transfer_chunks
from netmail.mime.fields.content_type import transfer_encoding
from support.messages import content


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"SGVs\nbG8=\n", b"Hello"),
        (b"SG!Vs*bG8=", b"Hello"),
        (b"SGVsbG8", b"Hello"),
        (b"SGVsbG8=IHdvcmxk", b"Hello world"),
        (b"SGVsbG8=\nIHdvcmxk\n", b"Hello world"),
        (b"SGVsbG8=\n\n_______________________\nThe list: http://lists.example\n", b"Hello"),
        (b"SGVsbG8h\n\n-- \nSent by a scanner, all is well.\n", b"Hello!"),
        (b"SGVsbG8=\nThis is a footer\n", b"Hello"),
        (b"VGhp\n****\ncyBpcyBpdA==", b"This is it"),
        (b"****\nVGhpcyBpcyBpdA==", b"This is it"),
        (b"VGhp\r\n****\r\n\r\n%%%\r\ncyBpcyBpdA==\r\n", b"This is it"),
        (b"This is a message in MIME format.\nVGhpcyBpcyBpdA==", b"This is it"),
        (b"SGVsbG8h\n****\nSGVsbG8h\n____\nThe list\n", b"Hello!Hello!"),
        (b"SGVsbG8h\n--\nJohn\n", b"Hello!"),
        (b"****\n", b""),
        (b"SGVs bG8=", b"Hello"),
        (b"  SGVsbG8=  \n", b"Hello"),
        (b"=SGVsbG8=", b"Hello"),
        (b"SGVsbG8====", b"Hello"),
        (b"SGVsbG8hA", b"Hello!"),
        (b"", b""),
        (b"====", b""),
        (b"SGVs\0bG8=", b"Hello"),
        (b"SGVs\r\n\r\nbG8=\r\n", b"Hello"),
    ],
)
def test_base64(body, expected):
    """Junk, missing padding, padding in the middle, footers."""
    assert content(b"base64", body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"a=3Db=\nc", b"a=bc"),
        (b"a=3db=\r\nc", b"a=bc"),
        (b"a =  \nb", b"a b"),
        (b"a  \t\nb", b"a\nb"),
        (b"a  \r\nb", b"a\r\nb"),
        (b"a=ZZb", b"a=ZZb"),
        (b"a=", b"a"),
        (b"a=\rb", b"ab"),
        (b"a==3Db", b"a==b"),
        (b"a==\nb", b"a=b"),
        (b"caf\xc3\xa9=21", "café!".encode()),
        (b"a=4", b"a=4"),
        (b"_=20_", b"_ _"),
    ],
)
def test_quoted_printable(body, expected):
    """Soft line ends, spaces at line ends, stray equals signs, raw octets."""
    assert content(b"quoted-printable", body) == expected


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (b"BASE64", "base64"),
        (b"base64 ", "base64"),
        (b"base64;", "base64"),
        (b'"base64"', "base64"),
        (b"base-64", "base64"),
        (b"(comment) base64", "base64"),
        (b"base64 ignored", "base64"),
        (b"quoted-printable;", "quoted-printable"),
        (b"quoted_printable", "quoted-printable"),
        (b"8-bit", "8bit"),
        (b"8bits", "8bit"),
        (b"7bits", "7bit"),
        (b"7-bit", "7bit"),
        (b"x-uuencode", "uuencode"),
        (b"uuencode", "uuencode"),
        (b"x-uue", "uuencode"),
        (b"binary", "binary"),
        (b"8bit\n", "8bit"),
        (b"x-made-up", "8bit"),
    ],
)
def test_odd_labels(label, expected):
    """Case, spaces, quotes, comments and semicolons around the name."""
    assert transfer_encoding(label) == expected


@pytest.mark.parametrize(
    ("label", "body", "kind"),
    [
        (b"base64", b"SGVs!bG8=", DefectKind.BAD_BASE64),
        (b"base64", b"SGVsbG8=SGVsbG8=", DefectKind.BASE64_AFTER_PADDING),
        (b"base64", b"SGVsbG8hA", DefectKind.BASE64_LENGTH),
        (b"quoted-printable", b"a=ZZ", DefectKind.BAD_QUOTED_PRINTABLE),
        (b"x-uuencode", b"~~~~", DefectKind.BAD_UUENCODE),
        (b"base64;", b"", DefectKind.ODD_ENCODING_LABEL),
        (b"x-made-up", b"", DefectKind.UNKNOWN_ENCODING),
    ],
)
def test_damage_is_a_defect(label, body, kind):
    """Each defect that was worked around is reported."""
    mail = parse(b"Content-Transfer-Encoding: " + label + b"\n\n" + body)

    assert kind in {defect.kind for defect in mail.defects}


@given(st.binary())
def test_base64_round_trip(data):
    """What was encoded is read again."""
    assert decode_transfer(base64.encodebytes(data), "base64") == data


@given(st.binary().filter(lambda data: b"\r\n" not in data))
def test_quoted_printable_round_trip(data):
    """Encoded octets are read again; without CRLF, beside which the encoder rewrites a lone LF."""
    assert decode_transfer(quopri.encodestring(data, quotetabs=True), "quoted-printable") == data


ENCODED = st.one_of(
    st.binary(max_size=300),
    st.binary().map(base64.encodebytes),
    st.text(alphabet="AB=/+ \n\r!_", max_size=80).map(str.encode),
    st.text(alphabet="=4a \t\n\r", max_size=80).map(str.encode),
)


def test_a_lone_cr_ends_no_line():
    """Spaces before a CR that no LF follows stay, with lines before it or without."""
    assert decode_transfer(b"a \r\nb \r", "quoted-printable") == b"a\r\nb \r"


@given(ENCODED, st.sampled_from(["base64", "quoted-printable", "uuencode", "8bit"]), st.data())
def test_chunks_give_the_same_as_the_whole(data, encoding, draw):
    """Streaming gives the same octets wherever the pieces are cut."""
    size = draw.draw(st.integers(1, 40))
    pieces = [data[i : i + size] for i in range(0, len(data), size)]

    assert b"".join(decode_transfer_chunks(pieces, encoding)) == decode_transfer(data, encoding)
