"""What a flow yields, and how it waits for octets."""

import pytest

from netmail.errors import ConnectionLost
from netmail.flows.flow import Send, connection_lost, receive
from netmail.wire.reader import Reader
from support.replay import replay


def test_repr_of_send_hides_what_is_hidden():
    """A trace with local variables shows what the log shows."""
    assert repr(Send(b"NOOP")) == "Send(b'NOOP')"
    assert repr(Send(b"PASS hunter22", b"PASS ***")) == "Send(b'PASS ***')"


@pytest.mark.parametrize("size", [None, 1], ids=["whole", "octets"])
def test_receive(size):
    """The attempt is repeated until it finds something."""
    reader = Reader()

    assert replay(receive(reader, reader.line), reader, "S: hello", size=size) == b"hello"


def test_receive_at_the_end():
    """If the stream ends before that, the connection is lost."""
    reader = Reader()
    with pytest.raises(ConnectionLost, match="closed the connection; call connect"):
        replay(receive(reader, reader.line), reader, "S! hel\nEOF")


@pytest.mark.parametrize(
    ("closing_text", "message"),
    [
        ("", "the server closed the connection; call connect() to reconnect"),
        ("421 idle", "the server closed the connection: 421 idle; call connect() to reconnect"),
    ],
)
def test_connection_lost(closing_text, message):
    """The error has the server's closing text and says what to do."""
    reader = Reader()
    reader.closing_text = closing_text

    assert message == str(connection_lost(reader))
