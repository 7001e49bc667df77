"""HTML cut into tags and text: WHATWG HTML section 13.1.2."""

import pytest

from netmail.mime.content.html_tokens import Tag, html_tokens


@pytest.mark.parametrize(
    ("html", "tokens"),
    [
        ("a", ["a"]),
        ("<b>x</B>", [("b", False), "x", ("b", True)]),
        ("1 < 2 &lt; 3", ["1 < 2 < 3"]),
        ("<p title='a > b'>x", [("p", False), "x"]),
        ("a<!-- <b> -->c", ["a", "c"]),
        ("<!DOCTYPE html>a", ["a"]),
        ("<script>if (a<b) x</script>c", [("script", False), ("script", True), "c"]),
        ("<title>open", [("title", False), ("title", True), "open"]),
        ("<p <b>x", [("b", False), "x"]),
        ("<!-- open", []),
    ],
)
def test_tokens(html, tokens):
    """Tags in lower case, text with its entities decoded, nothing of comments and scripts."""
    found = [
        (token.name, token.closing) if isinstance(token, Tag) else token
        for token in html_tokens(html)
    ]

    assert found == tokens


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (' href="a&amp;b"', "a&b"),
        (" HREF='a'", "a"),
        (" href=a", "a"),
        (" class=x href=a", "a"),
        (" href", ""),
        ("", ""),
    ],
)
def test_attribute(raw, value):
    """In any case and quotes, entities decoded; "" if it is missing."""
    assert Tag("a", closing=False, raw=raw).attribute("href") == value
