"""Tag lists, read and written."""

import pytest

from netmail.crypto.dkim.tags import (
    TagError,
    folded_tags,
    folded_value,
    parsed_tags,
    without_signature,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", {}),
        (b" a = b ; c=d=e;", {"a": b"b", "c": b"d=e"}),
        (b"h=From:\r\n\tTo", {"h": b"From:\r\n\tTo"}),
        (b"p=", {"p": b""}),
    ],
)
def test_parsed(text, expected):
    """White space around names and values is dropped, within values it is kept."""
    assert parsed_tags(text) == expected


@pytest.mark.parametrize("text", [b"a", b"a=1; a=2", b"1=2", b"a b=c", b"\xff=1"])
def test_refused(text):
    """What is no tag list is refused."""
    with pytest.raises(TagError):
        parsed_tags(text)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b" v=1; b=abc", b" v=1; b="),
        (b" b=a\r\n b; bh=xyz=", b" b=; bh=xyz="),
        (b" v=1;\r\n\tb =\r\n\tabc;", b" v=1;\r\n\tb =;"),
    ],
)
def test_without_signature(value, expected):
    """Only the value of b= is taken out, up to the next semicolon."""
    assert without_signature(value) == expected


def test_folding():
    """Lines are short, and what is folded is read as it was."""
    tags = [("v", "1"), ("h", ":".join(["a-long-name"] * 20)), ("bh", "x" * 44)]

    field = folded_tags("DKIM-Signature", tags) + folded_value("y" * 344)

    assert max(map(len, field.split(b"\r\n"))) <= 78
    read = parsed_tags(field.partition(b":")[2])
    assert read["h"].replace(b"\r\n\t", b"").decode() == tags[1][1]
    assert read["b"].replace(b"\r\n\t", b"") == b"y" * 344
