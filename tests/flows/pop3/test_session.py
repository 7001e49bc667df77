"""POP3's beginning and end, and each failure of a command, as transcripts."""

import pytest

from netmail.errors import ConnectionLost, MailTimeout, Pop3Error, ProtocolError, TlsError
from netmail.flows.handshake import Handshake
from netmail.flows.pop3.session import Pop3Session
from netmail.options.options import TLS_ALL, TLS_CONTROL, MailProtocol, parse_options
from support.replay import replay, replay_both

OPTIONS = parse_options(MailProtocol.POP3, host="localhost")


def session():
    """A session without login."""
    return Pop3Session(OPTIONS)


def run(conversation, transcript):
    """Run a conversation whole and octet by octet, from fresh sessions."""
    return replay_both(session, conversation, transcript)


def stat(current):
    """A command with a reply of one line."""
    return current.command(b"STAT")


@pytest.mark.parametrize(
    ("conversation", "transcript", "expected"),
    [
        (Pop3Session.noop, "C: NOOP\nS: +OK", ""),
        (Pop3Session.quit, "C: QUIT\nS: +OK bye", "bye"),
        (stat, "C: STAT\nS: +ok 2 320", "2 320"),
        (lambda p: p.multiline(b"UIDL"), "C: UIDL\nS: +OK\nS: 1 a\nS: ..\nS: .", b"1 a\r\n.\r\n"),
    ],
    ids=["noop", "quit", "any", "multi-line"],
)
def test_command(conversation, transcript, expected):
    """A command returns the text of its +OK, or the body after it."""
    assert expected == run(conversation, transcript)


@pytest.mark.parametrize("conversation", [Pop3Session.noop, Pop3Session.quit, stat])
def test_refusal(conversation):
    """-ERR is an error, of QUIT too: the server may have deleted nothing."""
    verb = conversation.__name__.upper()
    with pytest.raises(Pop3Error, match="no") as caught:
        run(conversation, f"C: {verb}\nS: -ERR no")

    assert verb == caught.value.command


@pytest.mark.parametrize("reply", ["+OK", "+OK 9 9", "* BYE", ".", "junk"])
def test_unsolicited_reply(reply):
    """A reply before the command is not taken for its reply, and the command is not sent."""
    with pytest.raises(ProtocolError, match="unsolicited"):
        run(stat, f"S: {reply}")


def test_server_tells_why_it_closes():
    """An unsolicited -ERR is the server's closing text."""
    text = "closed the connection: -ERR Disconnected for inactivity"
    with pytest.raises(ConnectionLost, match=text):
        run(stat, "S: -ERR Disconnected for inactivity.")


def test_closed_before_the_command():
    """A connection that was closed is found before anything is sent."""
    with pytest.raises(ConnectionLost, match="closed the connection"):
        run(stat, "EOF")


@pytest.mark.parametrize("reply", ["", "S! +O", "S! +OK 2 3"])
@pytest.mark.parametrize(
    ("event", "error"),
    [("EOF", ConnectionLost), ("LOST", ConnectionLost), ("TIMEOUT", MailTimeout)],
)
def test_incomplete_reply(reply, event, error):
    """A part of a line is no reply, however it ends."""
    with pytest.raises(error):
        run(stat, f"C: STAT\n{reply}\n{event}")


# -- the beginning -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            [("C", b"CAPA"), ("S", b"+OK"), ("S", b"TOP"), ("S", b"sasl PLAIN"), ("S", b".")],
            {"TOP": (), "SASL": ("PLAIN",)},
        ),
        ([("C", b"CAPA"), ("S", b"-ERR what")], {}),
        ([], {}),
        ([("C", b"USER capa"), ("S", b"+OK"), ("S", b"TOP"), ("S", b".")], {}),
    ],
    ids=["offered", "refused", "not sent", "a user's name"],
)
def test_capabilities_of_the_handshake(lines, expected):
    """The reply to libcurl's CAPA is read, and CAPA is not sent again."""
    current = session()
    handshake = Handshake((("S", b"+OK ready"), *lines), encrypted=False)
    replay(current.open(handshake), current.reader, "")

    assert expected == current.capabilities


@pytest.mark.parametrize("tls", [TLS_CONTROL, TLS_ALL])
def test_tls_is_demanded(tls):
    """A session in clear is refused if the options demand TLS."""
    current = Pop3Session(parse_options(MailProtocol.POP3, host="localhost", tls=tls))

    with pytest.raises(TlsError, match="in clear"):
        replay(current.open(Handshake((("S", b"+OK"),), encrypted=False)), current.reader, "")
