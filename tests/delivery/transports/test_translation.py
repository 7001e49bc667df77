"""A message in pieces."""

import pytest

from netmail import Envelope, Message, envelope_of
from netmail.delivery import MessageFailed
from netmail.delivery.transports.translation import translation


def test_pieces():
    """Each recipient of the envelope is in one group."""
    message = Message("Ann <a@x.test>", ["b@x.test", "c@x.test"], "s", text="t\n", html="<p>t</p>")
    message.cc(["C <c@x.test>", "d@x.test"]).bcc("e@x.test")
    pieces = translation(envelope_of(message), "here")

    assert str(pieces.author) == "Ann <a@x.test>"
    assert [each.address for each in pieces.to] == ["b@x.test", "c@x.test"]
    assert [each.address for each in pieces.cc] == ["d@x.test"]
    assert [each.address for each in pieces.bcc] == ["e@x.test"]
    assert pieces.texts == {"text/plain": "t\n", "text/html": "<p>t</p>"}
    assert pieces.headers == {"Message-ID": message.id}


def test_addresses_are_compared_without_case():
    """The header may write them in another form than the envelope."""
    content = b"From: a@x.test\r\nTo: B <B@X.test>, b@x.test\r\n\r\nt"
    pieces = translation(Envelope("a@x.test", ("b@x.test",), content), "here")

    assert [str(each) for each in pieces.to] == ["B <B@X.test>"]
    assert pieces.bcc == ()


def test_long_field():
    """It comes in one line."""
    content = b"From: a@x.test\r\nX-Long: one\r\n two\r\n\tthree\r\n\r\nt"
    pieces = translation(Envelope("a@x.test", ("b@x.test",), content), "here")

    assert pieces.headers == {"X-Long": "one two\tthree"}


def test_attached_file_is_gone(tmp_path):
    """The message cannot be written."""
    (tmp_path / "data.bin").write_bytes(bytes(2_000_000))
    message = Message("a@x.test", "b@x.test", "large", text="t").attachment(tmp_path / "data.bin")
    envelope = envelope_of(message)
    (tmp_path / "data.bin").unlink()

    with pytest.raises(MessageFailed, match=r"data\.bin"):
        translation(envelope, "here")
