"""Messages in pieces (RFC 2046 section 5.2.2), rejoined."""

import pytest

from netmail import parse, rejoin
from netmail.errors import MessageError


def _pieces():
    head = "From: a@b.example\nSubject: outer {0}\nX-Hop: {0}\n"
    kind = 'Content-Type: message/partial; id="i"; number={0}; total=3\n\n'
    inner = "Subject: whole\nMessage-ID: <1@a.example>\nContent-Type: text/html\n\n<p>one\n"
    bodies = [inner, "two\n", "three\n"]
    return [parse((head + kind).format(n) + bodies[n - 1]) for n in (1, 2, 3)]


def test_pieces_are_rejoined():
    """RFC 2046 section 5.2.2: in any order, inner fields where they count."""
    mail = rejoin(reversed(_pieces()))

    assert (mail.subject, mail.html) == ("whole", "<p>one\ntwo\nthree\n")
    assert mail.headers["x-hop"] == "1"


def test_missing_piece():
    """The error names the number."""
    with pytest.raises(MessageError, match="missing: 2"):
        rejoin(_pieces()[::2])


def test_no_pieces():
    """Mail that is no piece is left out."""
    with pytest.raises(MessageError, match="no message/partial"):
        rejoin([parse("\nx")])


def test_pieces_of_two_messages():
    """Pieces that do not belong together are refused."""
    other = parse('Content-Type: message/partial; id="j"; number=1; total=1\n\nx')
    with pytest.raises(MessageError, match="2 messages"):
        rejoin([*_pieces(), other])
