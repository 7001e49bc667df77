"""The text in RTF, and the HTML that it was made of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.mime.content.rtf import read_rtf
from support.timing import cpu_limit

FONTS = rb"{\fonttbl{\f0\fswiss\fcharset0 Arial;}{\f1\fcharset204 Arial Cyr;}{\f2\fcharset128 MS;}}"


@pytest.mark.parametrize(
    ("rtf", "text"),
    [
        (rb"{\rtf1\ansi Hello\par Bob}", "Hello\nBob"),
        (b"{\\rtf1 one\r\ntwo}", "onetwo"),
        (rb"{\rtf1\ansi\ansicpg1251 \'ef\'f0}", "пр"),
        (rb"{\rtf1\ansi" + FONTS + rb"\f1 \'ef\'f0{\f0 \'e9}\f2 \'93\'fa\plain \'e9}", "прé日é"),
        (rb"{\rtf1 \u8364?\u-10179?\u-8704?}", "€\U0001f600"),
        (rb"{\rtf1 \uc2\u8364 xyz}", "€z"),
        (rb"{\rtf1 \uc0\u8364z}", "€z"),
        (rb"{\rtf1 \{a\}\\b\~c\tab d}", "{a}\\b\xa0c\td"),
        (rb"{\rtf1{\*\generator X;}{\info{\author A}}{\pict 00ff}text}", "text"),
        (rb"{\rtf1{\field{\*\fldinst HYPERLINK x}{\fldrslt link}}}", "link"),
        (b"{\\rtf1 a\\bin3 }{\\b}", "ab"),
        (rb"{\rtf1\ldblquote Hi\rdblquote\emdash}", "“Hi”—"),
        (rb"{\rtf1 open {\b text", "open text"),
        (rb"}}}text\'", "text"),
        (b"", ""),
    ],
)
def test_text(rtf, text):
    """Text, its characters and its line ends; everything else is left out."""
    found = read_rtf(rtf)

    assert found.text == text
    assert not found.is_html


@pytest.mark.parametrize(
    ("rtf", "html"),
    [
        (rb"{\*\htmltag19 <html>}{\*\htmltag64 <p>}Hi{\*\htmltag72 </p>}", "<html><p>Hi</p>"),
        (rb"\htmlrtf {\b \htmlrtf0 bold\htmlrtf }\htmlrtf0 .", "bold."),
        (rb"{\*\mhtmltag80 <img>}{\*\htmltag80 <img src=\'22x\'22>}", '<img src="x">'),
        (rb"{\*\htmltag84 &nbsp;}\htmlrtf\'a0\htmlrtf0 x", "&nbsp;x"),
        (rb"{\*\htmltag96 \{color:red\}\par }x\line y", "{color:red}\nx\ny"),
        (rb"\htmlrtf {\htmlrtf0 in}\htmlrtf out\htmlrtf0 ", "in"),
        (rb"\htmlrtf\f1\htmlrtf0 \'ef", "п"),
    ],
)
def test_html(rtf, html):
    """The HTML is what RTF readers do not show, and the text that both show."""
    head = rb"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0" + FONTS

    found = read_rtf(head + rtf + b"}")

    assert found.text == html
    assert found.is_html


@given(st.binary(max_size=200) | st.text("\\{}'*\nufbinhtmlag10- ").map(str.encode))
def test_anything(data):
    """Nothing raises, and no half of a pair is left."""
    for head in (b"", rb"{\rtf1\fromhtml1 ", rb"{\rtf1{\fonttbl"):
        read_rtf(head + data).text.encode()


@pytest.mark.parametrize(
    "piece", [b"{", b"}", b"{}", rb"\u1", rb"\'e9\f1 ", rb"{\*\htmltag ", b"\\", rb"\uc1\u9 "]
)
def test_time_in_proportion(piece):
    """Each token is looked at once."""
    with cpu_limit(10):
        read_rtf(rb"{\rtf1\fromhtml1 " + piece * (1_000_000 // len(piece)))
