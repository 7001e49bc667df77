"""Parameters and file names (RFC 2045 section 5.1, RFC 2231)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail import DefectKind, parse
from netmail.mime.fields.parameters import parameterized_value


def filename(*fields):
    return parse("\n".join([*fields, "", "x"]).encode("utf-8", "surrogateescape")).root.filename


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("attachment; filename*=utf-8''%e2%82%ac%20rates", "€ rates"),
        ("attachment; filename*=iso-8859-1'en'%A3", "£"),
        ('attachment; filename*0="long "; filename*1="name.txt"', "long name.txt"),
        (
            "attachment; filename*0*=utf-8''a%20; filename*1*=b%C3%A9; filename*2=\"c%20\"",
            "a béc%20",
        ),
        ("attachment; filename*1=b; filename*0=a", "ab"),
        ("attachment; filename=plain; filename*=utf-8''ext%C3%A9", "exté"),
        ("attachment; filename*=utf-8''ext; filename=plain", "ext"),
        ("attachment; filename*=caf%C3%A9", "café"),
        ("attachment; filename*0*=utf-8''%C3; filename*1*=%A9", "é"),
        ("attachment; filename*=utf-8''%ZZ%4", "%ZZ%4"),
        ("attachment; filename*=x-nope''%C3%A9", "é"),
    ],
)
def test_rfc_2231(raw, expected):
    """Charsets, sections, sections out of order, both forms, defects."""
    assert filename(f"Content-Disposition: {raw}") == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (["Content-Disposition: attachment; filename=a.txt"], "a.txt"),
        (["Content-Type: text/plain; name=a.txt"], "a.txt"),
        (
            [
                "Content-Type: text/plain; name=b.txt",
                "Content-Disposition: attachment; filename=a.txt",
            ],
            "a.txt",
        ),
        (['Content-Disposition: attachment; filename="=?utf-8?q?=C3=A4.txt?="'], "ä.txt"),
        (
            ['Content-Disposition: attachment; filename="=?utf-8?q?=C3?=\n =?utf-8?q?=A4.txt?="'],
            "ä.txt",
        ),
        (["Content-Disposition: attachment; filename==?utf-8?b?w6QudHh0?="], "ä.txt"),
        (["Content-Disposition: attachment; filename=my file.txt"], "my file.txt"),
        (['Content-Disposition: attachment; filename="a\\"b.txt"'], 'a"b.txt'),
        (['Content-Disposition: attachment; filename="C:\\Users\\a.txt"'], "C:\\Users\\a.txt"),
        (['Content-Disposition: attachment; filename="ä.txt"'], "ä.txt"),
        (['Content-Disposition: attachment; filename="gr\udcfc\udcdfe.txt"'], "grüße.txt"),
        (["Content-Disposition: filename=a.txt"], "a.txt"),
        (["Content-Disposition: attachment filename=a.txt"], "a.txt"),
        (['Content-Disposition: attachment; filename="a;b.txt"'], "a;b.txt"),
        (['Content-Disposition: attachment; filename="open.txt'], "open.txt"),
        (["Content-Disposition: attachment; FileName = a.txt ; size=1"], "a.txt"),
        (["Content-Disposition: attachment; filename=a.txt size=1"], "a.txt"),
        (["Content-Disposition: attachment; filename=a.txt (comment)"], "a.txt"),
        (['Content-Disposition: attachment; filename=""', "Content-Type: a/b; name=n"], "n"),
        (["Content-Disposition: attachment"], None),
        (["Content-Disposition: attachment; filename='a.txt'"], "'a.txt'"),
        (["Content-Disposition: attachment; filename=a=b.txt"], "a=b.txt"),
    ],
)
def test_file_names(fields, expected):
    """Every place and shape in which mailers write file names."""
    assert filename(*fields) == expected


@pytest.mark.parametrize(
    ("raw", "value", "params"),
    [
        ("text/plain", "text/plain", {}),
        ("Text/Plain; Charset=UTF-8", "text/plain", {"charset": "UTF-8"}),
        ("text/plain; charset=utf-8;", "text/plain", {"charset": "utf-8"}),
        ("text/plain;;;charset=utf-8", "text/plain", {"charset": "utf-8"}),
        ("text/plain charset=utf-8", "text/plain", {"charset": "utf-8"}),
        ("text/plain (a (b) c); charset (d) = (e) utf-8", "text/plain", {"charset": "utf-8"}),
        ("text/plain; charset", "text/plain", {}),
        ("text/plain; =x; charset=utf-8", "text/plain", {"charset": "utf-8"}),
        ("text/plain; charset=utf-8; charset=x", "text/plain", {"charset": "utf-8"}),
        ("text/plain, charset=utf-8", "text/plain", {"charset": "utf-8"}),
        ('text/plain; a="(b)"', "text/plain", {"a": "(b)"}),
        ("", "", {}),
        (";", "", {}),
    ],
)
def test_values(raw, value, params):
    """Comments, semicolons too many and too few, names without values."""
    result = parameterized_value(raw.encode())

    assert (result.value, result.params) == (value, params)


def test_content_type_that_is_none_is_text():
    """RFC 2045 section 5.2."""
    assert [
        parse(f"Content-Type: {raw}\n\nx").root.content_type
        for raw in ("", "what", "text", "a/b/c")
    ] == ["text/plain"] * 4


def test_parameters_have_a_limit():
    """The rest is left unread, and reported."""
    kinds = []
    raw = "a/b; " + "; ".join(f"p{number} = {number}" for number in range(9))
    result = parameterized_value(raw.encode(), limit=5, report=kinds.append)

    assert (len(result.params), kinds) == (5, [DefectKind.TOO_MANY_PARAMETERS])


def test_simple_parameters_have_the_same_limit():
    """The fast path counts too."""
    raw = "a/b" + "".join(f"; p{number}={number}" for number in range(9))

    assert len(parameterized_value(raw.encode(), limit=5).params) == 5


@given(st.text())
def test_any_text_is_read(text):
    """Nothing raises."""
    parameterized_value(text.encode("utf-8", "replace"))


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1))
def test_extended_round_trip(value):
    """RFC 2231 octets are read again."""
    encoded = "".join(f"%{octet:02X}" for octet in value.encode())

    assert parameterized_value(f"a; name*=utf-8''{encoded}".encode()).params[
        "name"
    ] == value.removeprefix("\ufeff")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters='\r\n"\\=?')))
def test_quoted_round_trip(value):
    """Quoted values are read as they are."""
    assert parameterized_value(f'a; name="{value}"'.encode()).params == {"name": value}
