"""BODYSTRUCTURE of the usual form: the same as the thorough reader returns."""

import pytest
from hypothesis import given

from netmail.flows.imap.header_decoding import HEADER_DECODING
from netmail.wire.imap import responses
from netmail.wire.imap.data.body_fields import MAX_DEPTH
from netmail.wire.imap.data.body_structure import body_structure
from netmail.wire.imap.data.usual_body import usual_body
from support.imap_data import BODIES

TEXT = b'("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 5 1 NIL NIL NIL NIL)'


@given(text=BODIES)
def test_both_readers_agree(text):
    """The reader of the usual form returns what the thorough one does, which refuses nothing."""
    slow = body_structure(responses.values([text])[0], HEADER_DECODING, strict=True)
    fast = usual_body(text, HEADER_DECODING)

    assert fast is None or fast == slow
    assert fast is not None or b"\\" in text or b"rfc822" in text


@pytest.mark.parametrize(
    "text",
    [
        b"NIL",
        b"()",
        b'("text" "plain" NIL NIL NIL "7bit" 5)',
        b'("image" "png" NIL NIL NIL "7bit" 5 7)',
        b'("multipart" "mixed" NIL NIL NIL "7bit" 5)',
        b'("text/x" "plain" NIL NIL NIL "7bit" 5 1)',
        b'("message" "rfc822" NIL NIL NIL "7bit" 5)',
        TEXT + b" ",
        TEXT[:-1],
        b"(" + TEXT + b"x",
        b"(" + TEXT + b' "mixed")x',
        b"(" * (MAX_DEPTH + 1) + TEXT + b' "mixed")' * (MAX_DEPTH + 1),
    ],
)
def test_it_gives_up(text):
    """Another form is left to the thorough reader."""
    assert usual_body(text, HEADER_DECODING) is None


def test_values_are_not_shared():
    """The parameters of one part are not those of another, though they are read once."""
    parts = usual_body(b"(" + TEXT * 2 + b' "mixed")', HEADER_DECODING)
    assert parts is not None
    first, second = parts.children

    first.params["charset"] = "x"
    assert second.params == {"charset": "utf-8"}


@pytest.mark.parametrize(
    "text",
    [
        b'("" "plain" NIL NIL NIL "7bit" 5)',
        b'("image" "" NIL NIL NIL "" 5)',
        b"(" + TEXT + b' "")',
        b"(" + TEXT + b' "mixed" ("" "") ("" NIL) "" "")',
        TEXT.replace(b'("charset" "utf-8")', b'("charset" "a" "CHARSET" "b")'),
        TEXT.replace(b'("charset" "utf-8")', b'("a" "b" "name*0" "x" "name*1" "y")'),
        TEXT.replace(b'("charset" "utf-8")', b'("a" "b" "name" "=?utf-8?q?=C3=BC?=")'),
    ],
)
def test_both_readers_agree_on_rare_values(text):
    """Empty and repeated strings are the same to both."""
    fast = usual_body(text, HEADER_DECODING)

    assert fast == body_structure(responses.values([text])[0], HEADER_DECODING)
