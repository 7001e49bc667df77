"""The structure and the encodings that a message's content leads to."""

from functools import partial

import pytest

from netmail.errors import MessageError, UsageError
from netmail.mime.parser import parse
from support.messages import ALTERNATIVE, read, simple, types


def test_charset():
    """Another charset is used where it reaches, and UTF-8 where it does not."""
    built = simple(text="é", html="漢", encoding="ISO-8859-1")

    assert [part.get_content_charset() for part in read(built).get_payload()] == [
        "iso-8859-1",
        "utf-8",
    ]


@pytest.mark.parametrize("charset", ["utf-16", "x-nope", "utf-8\r\nX: y", ""])
def test_wrong_charset(charset):
    """A charset must exist, and have ASCII in it."""
    with pytest.raises(MessageError):
        simple(encoding=charset)


def test_callables():
    """A text may be made when the message is written: once, and only then."""
    calls = []

    def make(kind):
        calls.append(kind)
        return f"made {kind}"

    built = simple(plain=partial(make, "text"), rich=partial(make, "html"))
    before = list(calls)
    octets = built.as_bytes()

    assert before == []
    assert calls == ["text", "html"]
    assert built.size() == len(octets)
    assert b"made text" in octets


def test_callable_of_something_else():
    """A callable must give text."""
    with pytest.raises(UsageError):
        simple(text=lambda: 5).as_bytes()


def test_lone_surrogate_in_text():
    """A text that cannot be encoded is refused."""
    with pytest.raises(MessageError, match="surrogate"):
        simple(text="a\ud800").as_bytes()


def test_text_from_html():
    """A missing text is made from the HTML, on request."""
    built = simple(html="<p>Hello <b>you</b></p>").text_from_html()

    assert (parse(built.as_bytes()).text.strip(), types(built)) == ("Hello you", ALTERNATIVE)
