"""Text from HTML, and flowed text (RFC 3676)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail import parse
from netmail.mime.content.html_text import html_to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one<p>two", "one\n\ntwo\n"),
        ("a<br>b<br/>c", "a\nb\nc\n"),
        ("<b>bo</b>ld &amp; <i>more</i>", "bold & more\n"),
        ("<ul><li>a<li>b</ul>", "* a\n* b\n"),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b\n"),
        ("<ul><li>a<ul><li>b</ul></ul>", "* a\n  * b\n"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a\tb\nc\n"),
        ("x<blockquote>q</blockquote>y", "x\n\n> q\n\ny\n"),
        ('<a href="http://a.example/x">here</a>', "here <http://a.example/x>\n"),
        ('<a href="http://a.example/">a.example</a>', "a.example\n"),
        ('<a href="mailto:a@b.example">write</a>', "write <a@b.example>\n"),
        ('<a href="javascript:x">here</a>', "here\n"),
        ("<title>t</title><style>p{}</style><script>if(a<b)</script>x", "x\n"),
        ("<title>never closed <p>x", "never closed\n\nx\n"),
        ("<!-- no --><!DOCTYPE x>yes", "yes\n"),
        ("<pre>a\n  b</pre>", "a\n  b\n"),
        ("a  \n\t b", "a b\n"),
        ("&lt;p&gt; &euro; &#65; &nope;", "<p> € A &nope;\n"),
        ("1 < 2", "1 < 2\n"),
        ("<p title='a > b'>x</p>", "x\n"),
        ('<img src=x alt="logo">', "logo\n"),
        ("<div>a</div><div>b</div>", "a\nb\n"),
        ("a<hr>b", "a\n--------------------\nb\n"),
        ("<p <b>x", "x\n"),
        ("", ""),
    ],
)
def test_html_to_text(html, text):
    """Paragraphs, lists, tables, quotes, anchors; nothing that is not shown."""
    assert html_to_text(html) == text


def test_mail_without_text_gives_its_html():
    """The fallback is asked for; `text` itself stays empty."""
    mail = parse("Content-Type: text/html\n\n<p>Hello")

    assert (mail.text, mail.text_from_html()) == ("", "Hello\n")


def test_mail_with_text_gives_its_text():
    """The sender's own text comes first."""
    raw = "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nplain\n"
    mail = parse(raw + "--b\nContent-Type: text/html\n\n<p>html\n--b--\n")

    assert mail.text_from_html() == "plain"


@given(st.text(alphabet="<>/abp \"'=!-&;\n", max_size=200))
def test_any_html_is_read(html):
    """Nothing raises."""
    assert isinstance(html_to_text(html), str)
