"""The syntax of URLs: parts, and percent-encoding."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.errors import UsageError
from netmail.options.uri import Url, host_and_port, join_url, split_url
from netmail.secret import Secret

SPLIT = {
    "host": ("imap://h", Url(scheme="imap", host="h")),
    "no host": ("imap://", Url(scheme="imap", host="")),
    "port": ("imap://h:143", Url(scheme="imap", host="h", port=143)),
    "empty port": ("imap://h:", Url(scheme="imap", host="h")),
    "address": ("imap://[::1]:143", Url(scheme="imap", host="::1", port=143)),
    "capital scheme": ("IMAPS://h", Url(scheme="imaps", host="h")),
    "user": ("imap://u@h", Url(scheme="imap", host="h", username="u")),
    "password": ("imap://u:p@h", Url(scheme="imap", host="h", username="u", password=Secret("p"))),
    "empty password": (
        "imap://u:@h",
        Url(scheme="imap", host="h", username="u", password=Secret("")),
    ),
    "colon in the password": (
        "imap://u:p:q@h",
        Url(scheme="imap", host="h", username="u", password=Secret("p:q")),
    ),
    "at in the user": ("imap://u@x@h", Url(scheme="imap", host="h", username="u@x")),
    "mechanism": (
        "imap://u;AUTH=PLAIN@h",
        Url(scheme="imap", host="h", username="u", auth="PLAIN"),
    ),
    "mechanism alone": ("imap://;AUTH=*@h", Url(scheme="imap", host="h", auth="*")),
    "percent codes": (
        "imap://%c3%bc:%40%2F@h/a%20b",
        Url(scheme="imap", host="h", username="ü", password=Secret("@/"), path="a b"),
    ),
    "query": (
        "imap://h?a=1&b=c+d&a=%26",
        Url(scheme="imap", host="h", query=(("a", "1"), ("b", "c+d"), ("a", "&"))),
    ),
}


@pytest.mark.parametrize(("text", "url"), SPLIT.values(), ids=SPLIT)
def test_split(text, url):
    """Each part is found and percent-decoded."""
    assert split_url(text) == url


@pytest.mark.parametrize(
    "text",
    ["h", "://h", "imap:h", "im ap://h", "imap://h#f", "imap://a b", "imap://%zz", "imap://[::1"],
)
def test_no_url(text):
    """What is no URL is refused."""
    with pytest.raises(UsageError):
        split_url(text)


@pytest.mark.parametrize(
    ("host", "port", "text"),
    [("h", None, "h"), ("h", 25, "h:25"), ("::1", 25, "[::1]:25"), ("a/b", 25, "a%2Fb:25")],
)
def test_host_and_port(host, port, text):
    """An IPv6 address is put into brackets."""
    assert host_and_port(host, port) == text


TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
NAME = st.text(string.ascii_letters, min_size=1, max_size=8)


@given(
    st.builds(
        Url,
        scheme=st.sampled_from(["imap", "smtps"]),
        host=NAME,
        username=st.none() | TEXT.filter(bool),
        password=st.none() | TEXT.map(Secret),
        auth=st.none() | NAME,
        port=st.none() | st.integers(0, 99_999),
        path=TEXT,
        query=st.lists(st.tuples(NAME, TEXT), max_size=3).map(tuple),
    )
)
def test_joining_inverts_splitting(url):
    """Whatever the parts hold, they are read again as they were."""
    assert split_url(join_url(url)) == url
