"""POP3's conversations as transcripts, each run whole and octet by octet."""

import pytest

from netmail.errors import (
    CapabilityError,
    ConnectionLost,
    MailTimeout,
    Pop3Error,
    ProtocolError,
    TlsError,
    UsageError,
)
from netmail.flows.handshake import Handshake
from netmail.flows.pop3 import commands
from netmail.flows.pop3.session import Pop3Session
from netmail.options.options import TLS_ALL, TLS_CONTROL, MailProtocol, parse_options
from support.replay import replay, replay_both

OPTIONS = parse_options(MailProtocol.POP3, host="localhost")


def session():
    """A session after a dial without login."""
    return Pop3Session(OPTIONS)


def run(talk, transcript):
    """Run a conversation both ways from fresh sessions."""
    return replay_both(session, talk, transcript)


# -- what each command says and understands ---------------------------------------------------

COMMANDS = {
    "stat": (commands.stat, "C: STAT\nS: +OK 2 320", {"count": 2, "size": 320}),
    "list": (
        commands.list_messages,
        "C: LIST\nS: +OK 2 messages\nS: 1 120\nS: 2 200\nS: .",
        [{"uid": 1, "size": 120}, {"uid": 2, "size": 200}],
    ),
    "list of nothing": (commands.list_messages, "C: LIST\nS: +OK\nS: .", []),
    "list of one": (
        lambda p: commands.list_messages(p, 2),
        "C: LIST 2\nS: +OK 2 200",
        [{"uid": 2, "size": 200}],
    ),
    "uid_list": (
        commands.uidl,
        "C: UIDL\nS: +OK\nS: 1 abc\nS: 2   d.f\nS: .",
        [{"uid": 1, "id": "abc"}, {"uid": 2, "id": "d.f"}],
    ),
    "uid_list of one": (
        lambda p: commands.uidl(p, 7),
        "C: UIDL 7\nS: +OK 7 abc",
        [{"uid": 7, "id": "abc"}],
    ),
    "retr": (
        lambda p: commands.retr(p, 1),
        "C: RETR 1\nS: +OK 14 octets\nS: A: b\nS: \nS: ..\nS: ..x\nS: .",
        b"A: b\r\n\r\n.\r\n.x\r\n",
    ),
    "retr of nothing": (lambda p: commands.retr(p, 1), "C: RETR 1\nS: +OK\nS: .", b""),
    "retr of bare line ends": (
        lambda p: commands.retr(p, 1),
        "C: RETR 1\nS: +OK\nS! a\\n.\\nb\\r.\\r\\r\\n.\\r\\n",
        b"a\n.\nb\r.\r\r\n",
    ),
    "retr of a reply": (
        lambda p: commands.retr(p, 1),
        "C: RETR 1\nS: +OK\nS: -ERR no\nS: +OK yes\nS: .",
        b"-ERR no\r\n+OK yes\r\n",
    ),
    "top": (
        lambda p: commands.top(p, 3),
        "C: TOP 3 0\nS: +OK\nS: A: b\nS: \nS: .",
        b"A: b\r\n\r\n",
    ),
    "top of lines": (
        lambda p: commands.top(p, 3, 1),
        "C: TOP 3 1\nS: +OK\nS: A: b\nS: .",
        b"A: b\r\n",
    ),
    "dele": (lambda p: commands.dele(p, 1), "C: DELE 1\nS: +OK deleted", "deleted"),
    "noop": (lambda p: p.noop(), "C: NOOP\nS: +OK", ""),
    "rset": (commands.rset, "C: RSET\nS: +OK 2 messages", "2 messages"),
    "quit": (lambda p: p.quit(), "C: QUIT\nS: +OK bye", "bye"),
    "capa": (
        commands.capa,
        "C: CAPA\nS: +OK\nS: TOP\nS: SASL PLAIN\nS: .",
        {"TOP": (), "SASL": ("PLAIN",)},
    ),
    "exec": (lambda p: commands.exec(p, "NOOP"), "C: NOOP\nS: +OK still here", "still here"),
    "exec with path": (lambda p: commands.exec(p, "LIST", "2"), "C: LIST 2\nS: +OK 2 200", "2 200"),
    "exec of a list": (
        lambda p: commands.exec(p, "list"),
        "C: list\nS: +OK 1 message\nS: 1 120\nS: .",
        "1 message\r\n1 120\r\n",
    ),
    "exec of a body": (
        lambda p: commands.exec(p, "RETR 1"),
        "C: RETR 1\nS: +OK\nS: ..x\nS: caf\u00e9\nS: .",
        "\r\n.x\r\ncafé\r\n",
    ),
    "exec without transfer": (
        lambda p: commands.exec(p, "RETR", "1", True),
        "C: RETR 1\nS: +OK 6 octets\nS: text\nS: .",
        "6 octets",
    ),
    "exec of what nobody knows": (
        lambda p: commands.exec(p, " XTND  LANG de "),
        "C: XTND  LANG de\nS: +OK deutsch",
        "deutsch",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("talk", "transcript", "value"), COMMANDS.values(), ids=COMMANDS)
def test_command(talk, transcript, value):
    """A command says what RFC 1939 says and returns what the server meant."""
    assert run(talk, transcript) == value


@pytest.mark.parametrize(
    ("talk", "line"),
    [
        (commands.stat, "STAT"),
        (commands.list_messages, "LIST"),
        (lambda p: commands.list_messages(p, 9), "LIST 9"),
        (commands.uidl, "UIDL"),
        (lambda p: commands.retr(p, 9), "RETR 9"),
        (lambda p: commands.top(p, 9), "TOP 9 0"),
        (lambda p: commands.dele(p, 9), "DELE 9"),
        (lambda p: p.noop(), "NOOP"),
        (commands.rset, "RSET"),
        (lambda p: p.quit(), "QUIT"),
        (commands.capa, "CAPA"),
        (lambda p: commands.exec(p, "LIST"), "LIST"),
    ],
    ids=["stat", "list", "list 9", "uidl", "retr", "top", "dele", "noop", "rset", "quit", "capa",
         "exec"],
)  # fmt: skip
def test_refusal(talk, line):
    """-ERR ends every command at once, with the server's words; no body follows it."""
    with pytest.raises(Pop3Error, match="not today") as caught:
        run(talk, f"C: {line}\nS: -ERR [SYS/TEMP] not today")

    error = caught.value
    assert (error.command, error.code, error.transient) == (line.split()[0], "SYS/TEMP", True)


# -- what never reaches the server ------------------------------------------------------------


@pytest.mark.parametrize("uid", [0, -1, 2**32, True, "1", "1\r\nDELE 2", 1.0])
@pytest.mark.parametrize("name", ["list_messages", "uidl", "retr", "top", "dele"])
def test_wrong_message_number(name, uid):
    """What is no message number is refused, and nothing is sent."""
    with pytest.raises(UsageError, match="message number"):
        run(lambda p: getattr(commands, name)(p, uid), "")


@pytest.mark.parametrize("count", [-1, True, False, "1", None, 1.0])
def test_wrong_count_of_lines(count):
    """What is no count of lines is refused, and nothing is sent."""
    with pytest.raises(UsageError, match="count of lines"):
        run(lambda p: commands.top(p, 1, count), "")


@pytest.mark.parametrize(
    "arguments",
    [
        ("NOOP\r\nDELE 1",),
        ("LIST", "1\nDELE 1"),
        ("NOOP\0",),
        ("",),
        ("  ",),
        ("\ud800",),
        ("LIST", 1),
        ("LIST", ["1"]),
    ],
    ids=["crlf", "lf-in-path", "nul", "empty", "blank", "surrogate", "int-path", "list-path"],
)
def test_exec_refuses(arguments):
    """No line end from a caller begins a command of its own."""
    with pytest.raises(UsageError):
        run(lambda p: commands.exec(p, *arguments), "")


@pytest.mark.parametrize("command", ["QUIT", "quit ", "STLS", "AUTH PLAIN", "USER x", "PASS x"])
def test_exec_refuses_state(command):
    """What begins or ends a session is refused, and the sentence says what to use."""
    with pytest.raises(UsageError, match="use "):
        run(lambda p: commands.exec(p, command), "")


# -- what the server may not say --------------------------------------------------------------


@pytest.mark.parametrize("words", ["+OK", "+OK 9 9", "* BYE", ".", "junk"])
def test_server_speaks_unasked(words):
    """What came before the command is not taken for its answer, and the command is not sent."""
    with pytest.raises(ProtocolError, match="unsolicited"):
        run(commands.stat, f"S: {words}")


def test_server_says_why_it_closes():
    """An -ERR unasked is a farewell: it is told, and not taken for an answer."""
    with pytest.raises(
        ConnectionLost, match="closed the connection: -ERR Disconnected for inactivity"
    ):
        run(commands.stat, "S: -ERR Disconnected for inactivity.")


def test_closed_before_the_command():
    """A connection that was closed silently is found before anything is sent."""
    with pytest.raises(ConnectionLost, match="closed the connection"):
        run(lambda p: commands.dele(p, 1), "EOF")


@pytest.mark.parametrize("reply", ["", "S! +O", "S! +OK 2 3"])
@pytest.mark.parametrize(
    ("event", "error"),
    [("EOF", ConnectionLost), ("LOST", ConnectionLost), ("TIMEOUT", MailTimeout)],
)
def test_no_whole_status_line(reply, event, error):
    """Half a line is no answer, however it ends."""
    with pytest.raises(error):
        run(commands.stat, f"C: STAT\n{reply}\n{event}")


@pytest.mark.parametrize("reply", ["", "S: text", "S! text\\r\\n.", "S! text\\r\\n.\\r"])
@pytest.mark.parametrize(
    ("event", "error"),
    [("EOF", ConnectionLost), ("LOST", ConnectionLost), ("TIMEOUT", MailTimeout)],
)
def test_no_whole_body(reply, event, error):
    """A message that is cut is never returned."""
    with pytest.raises(error):
        run(lambda p: commands.retr(p, 1), f"C: RETR 1\nS: +OK\n{reply}\n{event}")


def test_cancelled_in_the_middle():
    """A flow that is closed while it waits just ends."""
    talk = session()

    assert replay(commands.retr(talk, 1), talk.reader, "C: RETR 1\nS: +OK\nS! half\nCANCEL") is None


@pytest.mark.parametrize(
    ("talk", "transcript"),
    [
        (lambda p: commands.list_messages(p, 2), "C: LIST 2\nS: +OK 3 200"),
        (lambda p: commands.uidl(p, 2), "C: UIDL 2\nS: +OK 3 abc"),
    ],
    ids=["list", "uidl"],
)
def test_answer_for_another_message(talk, transcript):
    """The entry of another message is not what was asked for."""
    with pytest.raises(ProtocolError, match="another message"):
        run(talk, transcript)


# -- capabilities -----------------------------------------------------------------------------


def with_capabilities(*lines):
    """A session whose dial heard CAPA's answer."""

    def make():
        talk = session()
        said = [("S", b"+OK ready"), ("C", b"CAPA"), ("S", b"+OK")]
        said += [("S", line) for line in lines]
        replay(talk.open(Handshake((*said, ("S", b".")), encrypted=False)), talk.reader, "")
        return talk

    return make


def test_capabilities_of_the_dial():
    """What libcurl asked is not asked again."""
    talk = with_capabilities(b"TOP", b"sasl PLAIN")()

    assert talk.capabilities == {"TOP": (), "SASL": ("PLAIN",)}


@pytest.mark.parametrize(
    "lines",
    [
        [("C", b"CAPA"), ("S", b"-ERR what")],
        [],
        [("C", b"USER capa"), ("S", b"+OK"), ("S", b"TOP"), ("S", b".")],
    ],
    ids=["refused", "not-asked", "a-user's-name"],
)
def test_no_capabilities(lines):
    """A server that does not know CAPA offers everything, as far as is known."""
    talk = session()
    dialled = Handshake((("S", b"+OK ready"), *lines), encrypted=False)
    replay(talk.open(dialled), talk.reader, "")

    assert talk.capabilities == {}
    assert replay(commands.top(talk, 1), talk.reader, "C: TOP 1 0\nS: +OK\nS: .") == b""


def test_capability_only_after_login():
    """Some servers tell of TOP only after the login: it is asked once more before refusing."""
    make = with_capabilities(b"USER")
    transcript = "C: CAPA\nS: +OK\nS: TOP\nS: .\nC: TOP 1 0\nS: +OK\nS: x\nS: ."

    assert replay_both(make, lambda p: commands.top(p, 1), transcript) == b"x\r\n"


def test_capability_missing():
    """Without TOP the error names it, and the server is not asked a second time."""
    talk = with_capabilities(b"USER")()
    with pytest.raises(CapabilityError):
        replay(commands.top(talk, 1), talk.reader, "C: CAPA\nS: +OK\nS: USER\nS: .")
    with pytest.raises(CapabilityError, match="TOP") as caught:
        replay(commands.top(talk, 1), talk.reader, "")

    assert caught.value.capability == "TOP"


@pytest.mark.parametrize("tls", [TLS_CONTROL, TLS_ALL])
def test_dial_without_the_tls_that_was_asked_for(tls):
    """Whatever libcurl makes of the option, a session in clear is not begun."""
    talk = Pop3Session(parse_options(MailProtocol.POP3, host="localhost", tls=tls))

    with pytest.raises(TlsError, match="in clear"):
        replay(talk.open(Handshake((("S", b"+OK"),), encrypted=False)), talk.reader, "")
