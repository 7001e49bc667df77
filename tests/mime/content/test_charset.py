"""Charsets right, wrong and unknown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail import DefectKind, parse
from netmail.mime.content.charset import decode_text, html_label


def text(content, content_type):
    field = f"Content-Type: {content_type}\n" if content_type else ""
    mail = parse(field.encode() + b"Content-Transfer-Encoding: 8bit\n\n" + content)
    return mail.html or mail.text


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("gb18030", "汉字𠀀"),
        ("iso-2022-jp", "日本語テスト"),
        ("big5", "繁體中文"),
        ("koi8-r", "Привет"),
        ("windows-1251", "Привет"),
        ("utf-16", "Hej €"),
        ("utf-7", "Hej €"),
        ("shift_jis", "日本語"),
        ("euc-jp", "日本語"),
        ("euc-kr", "한국어"),
        ("iso-8859-15", "5 €"),
        ("hz", "汉字"),
        ("tis-620", "ไทย"),
        ("windows-1255", "שלום"),
    ],
)
def test_right_label(label, expected):
    """A text in the charset it names."""
    data = {"label": label.replace("tis-620", "cp874")}

    assert text(expected.encode(data["label"]), f"text/plain; charset={label}") == expected


@pytest.mark.parametrize(
    ("label", "codec", "expected"),
    [
        (None, "utf-8", "Grüße"),
        (None, "cp1252", "Grüße"),
        ("us-ascii", "utf-8", "Grüße €"),
        ("us-ascii", "cp1252", "Grüße €"),
        ("gb2312", "gbk", "鎔镕"),
        ("iso-8859-1", "cp1252", "“quoted” €"),
        ("shift_jis", "cp932", "①髙"),
        ("ks_c_5601-1987", "cp949", "똠방각하"),
        ("utf-8", "latin-1", "Grüße aus Köln"),
        ("gb2312", "utf-8", "中文字符测试一"),
        ("iso-8859-9", "cp1254", "“İstanbul”"),
        ("euc-kr", "cp949", "똠방각하"),
        ("iso-8859-11", "cp874", "ไทย€"),
    ],
)
def test_wrong_label(label, codec, expected):
    """A text in a superset of the charset it names, or in another one."""
    kind = f"text/plain; charset={label}" if label else None

    assert text(expected.encode(codec), kind) == expected


@pytest.mark.parametrize(
    "html",
    [
        '<html><head><meta charset="windows-1251"></head>Привет',
        '<META http-equiv="Content-Type" content="text/html; charset=windows-1251">Привет',
    ],
)
def test_charset_of_a_meta(html):
    """HTML without a charset parameter names its charset itself."""
    assert text(html.encode("cp1251"), "text/html") == html


def test_charset_parameter_beats_meta():
    """The part's own label counts."""
    html = '<meta charset="windows-1251">Grüße'

    assert text(html.encode(), "text/html; charset=utf-8") == html


def test_octets_that_windows_1252_lacks():
    """Its five holes are controls, as in the WHATWG superset: nothing else is lost."""
    assert text(b"\x81 caf\xe9 \x80", "text/plain; charset=iso-8859-1") == "\x81 café €"


def test_utf_8_under_a_western_label():
    """Octets that windows-1252 refuses and UTF-8 does not are UTF-8."""
    assert text("Á".encode(), "text/plain; charset=windows-1252") == "Á"


def test_no_meta_no_label():
    """HTML without either has no label."""
    assert html_label(b"<p>hello") == ""


def test_byte_order_mark_is_no_text():
    """A mark before the text goes, and beats the label."""
    assert text(b"\xef\xbb\xbfGr\xc3\xbc\xc3\x9fe", "text/plain; charset=iso-8859-1") == "Grüße"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark(codec):
    """The order of octets is seen from the zeros."""
    assert text("Hello".encode(codec), "text/plain; charset=utf-16") == "Hello"


def test_bad_octets_cost_no_others():
    """One cut character in a long text is one lost character."""
    data = ("日本語のテキスト" * 10).encode()[:-1]
    read = text(data, "text/plain; charset=utf-8")

    assert read.startswith("日本語のテキスト" * 9)
    assert read.count("\ufffd") == 1


@pytest.mark.parametrize(
    ("label", "codec", "expected"),
    [
        ("utf-8", "utf-8", "Grüße aus Köln, schöne Brücke"),
        ("utf-8", "utf-8", "déjà"),
        ("", "utf-8", "Grüße aus Köln, schöne Brücke"),
        ("iso-8859-1x", "utf-8", "Grüße aus Köln, schöne Brücke"),
        ("big5", "big5", "繁體中文測試"),
        ("gb2312", "gbk", "简体中文测试"),
        ("euc-jp", "euc_jp", "日本語のテキスト"),
        ("euc-kr", "euc_kr", "한국어시험"),
        ("iso-2022-jp", "iso2022_jp", "日本語のテキスト"),
    ],
)
@pytest.mark.parametrize("bad", [b"\xc3", b"\xff"])
def test_one_bad_octet_costs_itself(label, codec, expected, bad):
    """The share of valid characters shows the charset, not the one that is bad."""
    kind = f"text/plain; charset={label}" if label else None

    assert text(expected.encode(codec) + bad, kind) == f"{expected}\ufffd"


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("utf-8", "utf-8"),
        ("shift_jis", "cp932"),
        ("iso-2022-jp", "iso2022_jp"),
        ("gb2312", "gbk"),
        ("euc-kr", "cp949"),
    ],
)
def test_bad_octets_in_the_middle_of_a_text(label, codec):
    """The text before and after the defect is read."""
    content = "日本日本日本".encode(codec) + b"\x80\n" + "日本日本日本".encode(codec)
    read = text(content, f"text/plain; charset={label}")

    assert (read[:6], read[-6:]) == ("日本日本日本", "日本日本日本")


@pytest.mark.parametrize("text_", ["Grüße", "Café", "naïve café"])
def test_western_text_labelled_utf_8_stays_western(text_):
    """Not one valid sequence: the label is wrong, the text whole."""
    assert text(text_.encode("cp1252"), "text/plain; charset=utf-8") == text_


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Grüße aus Köln, schöne Brücke".encode() + b"\xc3", "Grüße aus Köln, schöne Brücke\ufffd"),
        (b"=?utf-8?q?Gr=C3=BC=C3=9Fe_aus_K=C3?=", "Grüße aus K\ufffd"),
        (b"=?utf-8?b?5pel5pys6Kqe44M=?=", "日本語\ufffd"),
        (b"=?shift_jis?b?k/qWe4zqgw==?=", "日本語\ufffd"),
        (b"=?iso-2022-jp?b?GyRCRnxLXDhsJQ==?=", "日本語\ufffd"),
    ],
)
def test_subject_cut_inside_a_character(raw, expected):
    """The cut costs the last character, not the others."""
    assert parse(b"Subject: " + raw + b"\n\n").subject == expected


@pytest.mark.parametrize(
    ("label", "content", "kind"),
    [
        ("x-nope", b"abc", DefectKind.UNKNOWN_CHARSET),
        ("utf-8", b"\xff\xfeabc", DefectKind.WRONG_CHARSET),
        ("utf-8", "日本語のテキスト".encode() * 5 + b"\xe6", DefectKind.UNDECODABLE),
    ],
)
def test_wrong_charsets_are_defects(label, content, kind):
    """An unknown label, a wrong one, and lost characters."""
    mail = parse(f"Content-Type: text/plain; charset={label}\n\n".encode() + content)

    assert kind in {defect.kind for defect in mail.defects}


@given(
    st.binary(), st.sampled_from(["", "utf-8", "us-ascii", "gb2312", "iso-2022-jp", "utf-16", "x"])
)
def test_anything_decodes(data, label):
    """No octets and no label raise."""
    assert isinstance(decode_text(data, label), str)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_utf_8_needs_no_label(value):
    """What was UTF-8 is read as UTF-8; a mark at the beginning goes."""
    assert decode_text(value.encode()) == value.removeprefix("\ufeff")


@pytest.mark.parametrize(
    ("raw", "view"),
    [
        (b"Content-Type: text/plain; charset=utf-7\n\n+27o-x", lambda mail: mail.text),
        (b"Subject: =?utf-7?q?+27o-x?=\n\n", lambda mail: mail.subject),
        (b"From: =?utf-7?q?+27o-x?= <a@b.example>\n\n", lambda mail: mail.from_[0].name),
        (
            b"Content-Disposition: attachment; filename*=utf-7''+27o-x\n\n",
            lambda mail: mail.root.filename,
        ),
    ],
)
def test_half_a_pair_in_utf_7(raw, view):
    """Half of a surrogate pair is no character: the text can be encoded."""
    assert view(parse(raw)) == "\ufffdx"
