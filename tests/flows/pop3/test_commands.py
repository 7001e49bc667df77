"""POP3's commands as transcripts: what is sent, and what each reply means."""

import pytest

from netmail.errors import (
    CapabilityError,
    ConnectionLost,
    MailTimeout,
    Pop3Error,
    ProtocolError,
    UsageError,
)
from netmail.flows.handshake import Handshake
from netmail.flows.pop3 import commands
from netmail.flows.pop3.session import Pop3Session
from netmail.limits import ServerLimits
from netmail.options.options import MailProtocol, parse_options
from support.replay import replay, replay_both

OPTIONS = parse_options(MailProtocol.POP3, host="localhost")


def session():
    """A session without login."""
    return Pop3Session(OPTIONS)


def run(conversation, transcript):
    """Run a conversation whole and octet by octet, from fresh sessions."""
    return replay_both(session, conversation, transcript)


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
    "uidl": (
        commands.uidl,
        "C: UIDL\nS: +OK\nS: 1 abc\nS: 2   d.f\nS: .",
        [{"uid": 1, "id": "abc"}, {"uid": 2, "id": "d.f"}],
    ),
    "uidl of one": (
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
    "rset": (commands.rset, "C: RSET\nS: +OK 2 messages", "2 messages"),
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
    "exec of an unknown command": (
        lambda p: commands.exec(p, " XTND  LANG de ", multiline=False),
        "C: XTND  LANG de\nS: +OK deutsch",
        "deutsch",
    ),
    "exec of an unknown list": (
        lambda p: commands.exec(p, "XTND XLST", multiline=True),
        "C: XTND XLST\nS: +OK\nS: 1 a\nS: .",
        "\r\n1 a\r\n",
    ),
    "exec of LANG alone": (
        lambda p: commands.exec(p, "LANG"),
        "C: LANG\nS: +OK languages\nS: en English\nS: de Deutsch\nS: .",
        "languages\r\nen English\r\nde Deutsch\r\n",
    ),
    "exec of LANG": (
        lambda p: commands.exec(p, "LANG de"), "C: LANG de\nS: +OK de Deutsch", "de Deutsch",
    ),
    "retr of LF": (
        lambda p: commands.retr(p, 1),
        "C: RETR 1\nS! +OK\\na\\n..\\n..x\\n\\n.\\n",
        b"a\n.\n.x\n\n",
    ),
    "retr of nothing in LF": (lambda p: commands.retr(p, 1), "C: RETR 1\nS! +OK\\n.\\n", b""),
    "retr of LF around CRLF": (
        lambda p: commands.retr(p, 1),
        "C: RETR 1\nS! +OK\\na\\r\\n..x\\r\\n.\\n",
        b"a\r\n.x\r\n",
    ),
    "retr of LF with a dot and CRLF": (
        lambda p: commands.retr(p, 1), "C: RETR 1\nS! +OK\\na\\n.\\r\\n", b"a\n",
    ),
    "retr of CRLF around LF": (
        lambda p: commands.retr(p, 1),
        "C: RETR 1\nS: +OK\nS! a\\n.\\n.b\\n+OK 1\\r\\n.\\r\\n",
        b"a\n.\n.b\n+OK 1\r\n",
    ),
    "list of LF": (
        commands.list_messages, "C: LIST\nS! +OK\\n1 120\\n.\\n", [{"uid": 1, "size": 120}],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("command", "transcript", "expected"), COMMANDS.values(), ids=COMMANDS)
def test_command(command, transcript, expected):
    """Each command sends its line and returns what the reply means."""
    assert expected == run(command, transcript)


LINES = {
    "STAT": commands.stat,
    "LIST": commands.list_messages,
    "LIST 9": lambda p: commands.list_messages(p, 9),
    "UIDL": commands.uidl,
    "UIDL 9": lambda p: commands.uidl(p, 9),
    "RETR 9": lambda p: commands.retr(p, 9),
    "TOP 9 0": lambda p: commands.top(p, 9),
    "DELE 9": lambda p: commands.dele(p, 9),
    "RSET": commands.rset,
    "CAPA": commands.capa,
    "XTND": lambda p: commands.exec(p, "XTND", multiline=True),
}


@pytest.mark.parametrize(("line", "command"), LINES.items(), ids=LINES)
def test_refusal(line, command):
    """-ERR ends every command at once, with the server's text; no body follows it."""
    with pytest.raises(Pop3Error, match="not today") as caught:
        run(command, f"C: {line}\nS: -ERR [SYS/TEMP] not today")

    assert caught.value.command == line.split()[0]
    assert caught.value.code == "SYS/TEMP"
    assert caught.value.transient


@pytest.mark.parametrize(
    "command", ["QUIT", "quit ", "STLS", "AUTH PLAIN", "USER x", "PASS x", "apop x y"]
)
def test_exec_refuses(command):
    """A command that begins or ends a session is refused; the error names what to use."""
    with pytest.raises(UsageError, match="use "):
        run(lambda p: commands.exec(p, command), "")


@pytest.mark.parametrize("command", ["", "  "], ids=["empty", "space"])
def test_exec_of_nothing(command):
    """An empty command is refused."""
    with pytest.raises(UsageError, match="needs a command"):
        run(lambda p: commands.exec(p, command), "")


@pytest.mark.parametrize("command", ["XTND", "help", "LAST 1"])
def test_exec_does_not_guess(command):
    """Before an unknown command is sent, the caller says whether its reply has a body."""
    with pytest.raises(UsageError, match="multiline=True"):
        run(lambda p: commands.exec(p, command), "")


@pytest.mark.parametrize("command", ["STAT", "LIST 1"])
def test_exec_knows_better(command):
    """The RFC's word on its commands is not overruled: a body waited for in vain would hang."""
    transcript = f"C: {command}\nS: +OK 1 5"

    assert run(lambda p: commands.exec(p, command, multiline=True), transcript) == "1 5"


# -- what the server must not send -------------------------------------------------------------


@pytest.mark.parametrize("reply", ["", "S: text", "S! text\\r\\n.", "S! text\\r\\n.\\r"])
@pytest.mark.parametrize(
    ("event", "error"),
    [("EOF", ConnectionLost), ("LOST", ConnectionLost), ("TIMEOUT", MailTimeout)],
)
def test_incomplete_body(reply, event, error):
    """A message that is cut off is never returned."""
    with pytest.raises(error):
        run(lambda p: commands.retr(p, 1), f"C: RETR 1\nS: +OK\n{reply}\n{event}")


def test_cancelled():
    """A flow that is closed while it waits ends."""
    current = session()
    transcript = "C: RETR 1\nS: +OK\nS! half\nCANCEL"

    assert replay(commands.retr(current, 1), current.reader, transcript) is None


@pytest.mark.parametrize(
    ("command", "transcript"),
    [
        (lambda p: commands.list_messages(p, 2), "C: LIST 2\nS: +OK 3 200"),
        (lambda p: commands.uidl(p, 2), "C: UIDL 2\nS: +OK 3 abc"),
    ],
    ids=["list", "uidl"],
)
def test_entry_of_another_message(command, transcript):
    """The entry of another message is an error."""
    with pytest.raises(ProtocolError, match="another message"):
        run(command, transcript)


def test_list_over_the_limit():
    """A list of more entries than the limit is refused, and the error names the limit."""
    current = Pop3Session(OPTIONS, ServerLimits(responses=2))
    transcript = "C: LIST\nS: +OK\nS: 1 5\nS: 2 5\nS: 3 5\nS: ."
    with pytest.raises(ProtocolError, match=r"limits\.responses"):
        replay(commands.list_messages(current), current.reader, transcript)


# -- TOP ---------------------------------------------------------------------------------------


def offering(*capabilities):
    """A maker of sessions whose server has announced these capabilities."""

    def make():
        current = session()
        lines = [("S", b"+OK ready"), ("C", b"CAPA"), ("S", b"+OK")]
        lines += [("S", capability) for capability in capabilities]
        handshake = Handshake((*lines, ("S", b".")), encrypted=False)
        replay(current.open(handshake), current.reader, "")
        return current

    return make


def test_top_announced_after_the_login():
    """If TOP is not announced before the login, CAPA is sent once more."""
    transcript = "C: CAPA\nS: +OK\nS: TOP\nS: .\nC: TOP 1 0\nS: +OK\nS: x\nS: ."

    assert replay_both(offering(b"USER"), lambda p: commands.top(p, 1), transcript) == b"x\r\n"


def test_top_not_announced():
    """Without TOP the error names it, and CAPA is not sent again by the next call."""
    current = offering(b"USER")()
    with pytest.raises(CapabilityError):
        replay(commands.top(current, 1), current.reader, "C: CAPA\nS: +OK\nS: USER\nS: .")
    with pytest.raises(CapabilityError, match="TOP") as caught:
        replay(commands.top(current, 1), current.reader, "")

    assert caught.value.capability == "TOP"


def test_top_without_capabilities():
    """A server without CAPA may offer everything: TOP is sent."""
    assert run(lambda p: commands.top(p, 1), "C: TOP 1 0\nS: +OK\nS: .") == b""
