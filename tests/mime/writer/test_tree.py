"""The tree of parts that a message is written as."""

import pytest

from support.messages import ALTERNATIVE, read, simple, types


@pytest.mark.parametrize(
    ("built", "structure"),
    [
        (simple(), ["text/plain"]),
        (simple(text="t"), ["text/plain"]),
        (simple(html="h"), ["text/html"]),
        (simple(text="t", html="h"), ALTERNATIVE),
        (
            simple(html="h").attachment(b"i", "i.png", content_id="i"),
            ["multipart/related", "text/html", "image/png"],
        ),
        (
            simple(text="t", html="h").attachment(b"i", "i.png", content_id="i"),
            ["multipart/related", *ALTERNATIVE, "image/png"],
        ),
        (
            simple(text="t", html="h")
            .attachment(b"i", "i.png", content_id="i")
            .attachment(b"f", "f.pdf"),
            ["multipart/mixed", "multipart/related", *ALTERNATIVE, "image/png", "application/pdf"],
        ),
        (simple().attachment(b"f", "f.pdf"), ["multipart/mixed", "application/pdf"]),
        (
            simple(text="t").attachment(b"i", "i.png", content_id="i"),
            ["multipart/mixed", "text/plain", "image/png"],
        ),
    ],
)
def test_structure(built, structure):
    """Each level of mixed, related and alternative is there only where it is needed."""
    assert types(built) == structure


def test_related_type():
    """A related multipart names the type of its root (RFC 2387)."""
    built = simple(text="t", html="h").embed("i.png", b"i")

    assert read(built).get_param("type") == "multipart/alternative"


def test_embedded():
    """An embedded image has the Content-ID that its name promises, and is inline."""
    part = read(simple(html='<img src="cid:logo.png">').embed("logo.png", b"x")).get_payload()[1]

    assert (part["Content-ID"], part.get_content_disposition(), part.get_filename()) == (
        "<logo.png>",
        "inline",
        "logo.png",
    )
