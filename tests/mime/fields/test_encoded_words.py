"""Encoded words (RFC 2047) and raw 8-bit text in headers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail import DefectKind, parse
from netmail.mime.fields.encoded_words import decode_encoded_words


def subject(raw):
    return parse(b"Subject: " + raw + b"\nTo: a@b.example\n\nbody\n").subject


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"=?utf-8?q?Caf=C3=A9?=", "Café"),
        (b"=?utf-8?B?Q2Fmw6k=?=", "Café"),
        (b"=?iso-8859-1?Q?a_b?=", "a b"),
        (b"=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        (b"=?utf-8?q?a?=\n =?iso-8859-1?q?=E9?=", "aé"),
        (b"x =?utf-8?q?a?= y", "x a y"),
        (b"=?utf-8*en?q?language?=", "language"),
        (b"=?UTF-8?q?=e2=82=ac?=", "€"),
    ],
)
def test_well_formed(raw, expected):
    """RFC 2047 as it is written."""
    assert subject(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"=?utf-8?q?Caf=C3?= =?utf-8?q?=A9?=", "Café"),
        (b"=?utf-8?b?Q2Fmww==?=\n =?utf-8?b?qQ==?=", "Café"),
        (b"=?utf-8?b?Q2Fmw?= =?utf-8?b?6k=?=", "Café"),
        (b"=?iso-2022-jp?b?GyRCJUY=?= =?iso-2022-jp?b?JTklSBsoQg==?=", "テスト"),
        (b"=?utf-8?q?=E2=82?= =?utf-8?b?rA==?=", "€"),
        (b"=?utf-8?q?=E2?= =?UTF-8?q?=82?= =?utf-8?q?=AC?=", "€"),
    ],
)
def test_split_inside_a_character(raw, expected):
    """Adjacent encoded words are joined before their charset is decoded."""
    assert subject(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"pre=?utf-8?q?=C3=A9?=post", "preépost"),
        (b"=?utf-8?q?a?==?utf-8?q?b?=", "ab"),
        (b"=?x-nope?q?Caf=C3=A9?=", "Café"),
        (b"=?x-nope?q?Caf=E9?=", "Café"),
        (b"=?iso-8859-1?Q?Fr\xf6sche?=", "Frösche"),
        (b"=?utf-8?q?a b c?=", "a b c"),
        ("=?ascii?q?Frösche?=".encode(), "Frösche"),
        ("=?koi8-r?q?Привет?=".encode(), "Привет"),
        (b"=?utf-8?b?Q2Fm\n w6k=?=", "Café"),
        (b'"=?utf-8?q?Caf=C3=A9?="', '"Café"'),
        (b"=?utf-8?q?half", "=?utf-8?q?half"),
        (b"=?utf-8?x?what?=", "=?utf-8?x?what?="),
        (b"=?utf-8?q?what?_?=", "what? "),
        (b"=?utf-8?q?open =?utf-8?q?closed?=", "=?utf-8?q?open closed"),
        (b"=?utf-8?b?Q2Fmw6k?=", "Café"),
        (b"=?utf-8?b?Q2Fmw6k=!!?=", "Café"),
        (b"=?utf-8?q?=ZZ?=", "=ZZ"),
        (b"=??q?a?=", "=??q?a?="),
        (b"=?utf-8?q??=", ""),
        (b"=?utf-8?Q?=41?=", "A"),
    ],
)
def test_illegal(raw, expected):
    """What breaks RFC 2047 and is meant nevertheless."""
    assert subject(raw) == expected


def test_newline_in_a_word_makes_no_header():
    """Line ends that come out of an encoded word become spaces."""
    assert subject(b"=?utf-8?q?a=0D=0ABcc:_x=00?=") == "a  Bcc: x"


def test_raw_utf_8():
    """RFC 6532: raw UTF-8."""
    assert subject("Žluťoučký kůň".encode()) == "Žluťoučký kůň"


def test_raw_latin_1():
    """Raw octets that are no UTF-8 are windows-1252."""
    assert subject("Grüße für €5".encode("cp1252")) == "Grüße für €5"


def test_raw_octets_in_the_messages_charset():
    """Raw octets are read in the charset that the header names."""
    raw = b"Content-Type: text/plain; charset=koi8-r\nSubject: " + "Привет".encode("koi8-r")

    assert parse(raw + b"\n\n").subject == "Привет"


@pytest.mark.parametrize("raw", [b"=?utf-8?b?w6?=", b"=?x-nope?q?a?=", b"=?utf-8?q?=C3?="])
def test_bad_words_are_defects(raw):
    """A word that does not decode is reported."""
    mail = parse(b"Subject: " + raw + b"\n\n")

    assert DefectKind.BAD_ENCODED_WORD in {defect.kind for defect in mail.defects}


def test_limit_of_words():
    """Beyond the limit encoded words stay as written."""
    kinds = []
    text = decode_encoded_words("=?utf-8?q?a?= " * 4, limit=2, report=kinds.append)

    assert text == "aa =?utf-8?q?a?= =?utf-8?q?a?= "
    assert kinds == [DefectKind.TOO_MANY_ENCODED_WORDS]


@given(st.text())
def test_any_text_decodes_to_text_without_line_ends(text):
    """Nothing raises, and no CR, LF or NUL comes out."""
    assert not {"\r", "\n", "\0"} & set(decode_encoded_words(text))


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0")))
def test_round_trip(text):
    """Encoded words in UTF-8, cut anywhere, are read again."""
    data = text.encode()
    words = [
        f"=?utf-8?q?{''.join(f'={octet:02X}' for octet in data[i : i + 5])}?="
        for i in range(0, len(data), 5)
    ]

    assert decode_encoded_words("\n ".join(words)) == text


@pytest.mark.parametrize("padded", ["w7w=", "w7zDvA=="])
def test_padded_words_side_by_side_are_no_defect(padded):
    """Each word may end in padding of its own."""
    noted = []
    text = decode_encoded_words(f"=?utf-8?b?{padded}?= =?utf-8?b?{padded}?=", report=noted.append)

    assert (set(text), noted) == ({"ü"}, [])


def test_byte_order_mark_in_a_word_is_a_character():
    """A word names its charset and needs no mark."""
    assert decode_encoded_words("=?utf-8?b?77u/YQ==?=") == "\ufeffa"
