"""The tree of parts as callers use it."""

import pickle

import pytest

from netmail import BodyStructure

TEXT = BodyStructure("1.1", "text/plain", {"charset": "utf-8"}, size=5)
HTML = BodyStructure("1.2", "text/html", content_id="html@x")
IMAGE = BodyStructure("2", "image/png", disposition="inline")
NAMED = BodyStructure("3", "text/plain", {"name": "old.txt"})
FILE = BodyStructure("4", "text/plain", disposition="attachment")
INNER = BodyStructure("5.1", "text/plain", disposition_params={"filename": " new.txt "})
MESSAGE = BodyStructure("5", "message/rfc822", children=(INNER,))
BODY = BodyStructure("1", "multipart/alternative", children=(TEXT, HTML))
TREE = BodyStructure("TEXT", "multipart/mixed", children=(BODY, IMAGE, NAMED, FILE, MESSAGE))


def test_walk():
    """Parts come in the order in which they are in the message."""
    expected = [TREE, BODY, TEXT, HTML, IMAGE, NAMED, FILE, MESSAGE, INNER]

    assert list(TREE.walk()) == expected
    assert list(INNER.walk()) == [INNER]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("text/plain", TEXT),
        ("TEXT/HTML", HTML),
        ("image/*", IMAGE),
        ("multipart/*", TREE),
        ("5.1", INNER),
        ("TEXT", TREE),
        ("<html@x>", HTML),
        ("audio/*", None),
        ("text/*x", None),
        ("9", None),
    ],
)
def test_find(wanted, expected):
    """A part is found by type, section or Content-ID."""
    assert TREE.find(wanted) is expected


def test_attachments():
    """All but the text to be read; a message in the message counts as one file."""
    assert TREE.attachments() == [IMAGE, NAMED, FILE, MESSAGE]
    assert TEXT.attachments() == []
    assert INNER.attachments() == [INNER]


def test_names():
    """The name of Content-Disposition is preferred, and the old one is read too."""
    assert [part.filename for part in (TEXT, NAMED, INNER)] == [None, "old.txt", "new.txt"]
    assert [part.charset for part in (TEXT, HTML)] == ["utf-8", ""]
    assert [part.is_multipart for part in (TREE, MESSAGE)] == [True, False]


def test_it_is_a_value():
    """A tree is equal by content, and can be kept."""
    assert pickle.loads(pickle.dumps(TREE)) == TREE
    with pytest.raises(AttributeError):
        TREE.size = 1
