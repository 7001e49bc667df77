"""Relative URLs: found, refused or joined, and nothing else is touched."""

import pytest

from netmail import MessageError
from netmail.delivery.relative_urls import absolute_urls
from support.timing import cpu_limit

BASE = "https://x.test/app/"

RELATIVE = [
    ('<a href="go">', '<a href="https://x.test/app/go">'),
    ("<a class=b href='/go?a=1&amp;b=2'>", '<a class=b href="https://x.test/go?a=1&amp;b=2">'),
    ("<A HREF = go/there >", '<A HREF="https://x.test/app/go/there" >'),
    ("<img alt='a > b' src=//cdn.test/x.png>", "<img alt='a > b' src=\"https://cdn.test/x.png\">"),
    ('<td background="../x.png"/>', '<td background="https://x.test/x.png"/>'),
    ("é\n<p>\n<a href=''>", 'é\n<p>\n<a href="https://x.test/app/">'),
    (
        '<img srcset="a.png 1x, https://y.test/b.png 2x">',
        '<img srcset="https://x.test/app/a.png 1x, https://y.test/b.png 2x">',
    ),
    ("<form action=send method=post>", '<form action="https://x.test/app/send" method=post>'),
]
UNTOUCHED = [
    '<a href="https://y.test/">x</a><a href="mailto:a@x.test">',
    '<img src="cid:photo"><img src="data:image/png;base64,AA==">',
    '<a href="#top">',
    "<p style='background: url(x.png)'>",
    "<style>a { b: url(x.png) } <a href='x'></style>",
    "<!-- <a href='x'> -->",
    "<!--[if mso]><a href='x'><![endif]-->",
    "<p title=\"<a href='x'>\">",
    "a < b & <c &amp; {{ }}\r\n<p>unclosed <a hre",
    "<a href='http://[::1'>",
    "<img srcset='https://x.test/a.png 1x,https://x.test/b.png 2x'>",
    "",
]


@pytest.mark.parametrize(("html", "joined"), RELATIVE)
def test_relative_urls(html, joined):
    """Without a base they are refused; with one, only their values change."""
    assert absolute_urls(html, BASE) == joined
    with pytest.raises(MessageError, match="relative"):
        absolute_urls(html, None)


@pytest.mark.parametrize("html", UNTOUCHED)
def test_what_stays(html):
    """Whatever leads somewhere by itself, and all that is no URL, keeps every character."""
    assert absolute_urls(html, None) == html
    assert absolute_urls(html, BASE) == html


@pytest.mark.parametrize("part", ["<a href='x'>\n", "x" * 13, "=" * 13, "a " * 7])
def test_time_is_linear(part):
    """A large page takes as much time as its size asks for, whatever its tags are made of."""
    html = f"<a {part * 20_000} href='x'>"
    with cpu_limit(20):
        absolute_urls(html, BASE)
