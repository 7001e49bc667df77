"""The player of transcripts is a judge: it must see where a client differs from the file."""

from urllib.parse import unquote, urlsplit

import pytest

from netmail.testing import MailServer
from support.player import Player, play
from support.recorder import line, record
from support.replay import TRANSCRIPTS
from support.transcripts import parse

STAT = """
call: stat()
result: {"count": 2, "size": 80}
C: STAT
S: +OK 2 80
"""
GONE = """
call: retr(9)
raises: Pop3Error: no such
C: RETR 9
S: -ERR no such message
"""
SENT = """
call: add_message(Envelope("ann@example.test", ("bob@example.test",), b"A: b\\r\\n\\r\\n")).send()
accepted: bob@example.test 250
C: MAIL FROM:<ann@example.test>
S: 250 Ok
C: RCPT TO:<bob@example.test>
S: 250 Ok
C: DATA
S: 354 go
C: A: b
C:
C: .
S: 250 Ok
"""


def transcript(text, protocol="pop3"):
    """A session that no file has."""
    return parse(TRANSCRIPTS / protocol / "example" / "session.txt", text)


@pytest.mark.parametrize(
    "text",
    [
        STAT,
        GONE,
        STAT + GONE,
        'capabilities: TOP, UIDL\n\ncall: "TOP" in capabilities\nresult: True',
        "call: [\n  1,\n  2]\nresult: [1,\n  2]",
        "call: stat()\nthen: result['count'] == 2\nC: STAT\nS: +OK 2 80",
        "limits: line=100\n\ncall: noop()\nraises: ProtocolError\nC: NOOP\nS! +OK " + "x" * 200,
    ],
    ids=["result", "error", "both", "offers", "continued", "fact", "limits"],
)
def test_sessions_are_played(text):
    """What is expected is found."""
    play(transcript(text))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (STAT.replace("80}", "81}"), "line 2: {'count': 2, 'size': 80}"),
        (STAT.replace("C: STAT", "C: LIST"), "line 4"),
        (STAT.replace("C: STAT\nS: +OK 2 80", ""), "the transcript is at its end"),
        (STAT + "C: NOOP", "line 6"),
        (STAT.replace("result", "raises"), "no error"),
        (GONE.replace("Pop3Error", "ImapError"), "line 2: Pop3Error"),
        (GONE.replace("raises: Pop3Error: no", "raises: Pop3Error: such"), "no such message"),
        (GONE.replace("raises: Pop3Error: no such", "result: 1"), "line 2: Pop3Error"),
        (STAT.replace("result: {", "then: result == {").replace("80}", "81}"), "line 2: not"),
        ("call: capabilities\nresult: {}\nC: CAPA\nS: +OK", "does not go over the wire"),
    ],
    ids=[
        "result",
        "command",
        "silent",
        "unsent",
        "no error",
        "other error",
        "other text",
        "error",
        "fact",
        "no wire",
    ],
)
def test_differences_fail(text, sentence):
    """What differs fails with where it is."""
    with pytest.raises(AssertionError) as failed:
        play(transcript(text))
    assert sentence in str(failed.value)


def test_recipients_are_compared():
    """Of a report, the recipients and their codes are compared."""
    play(transcript(SENT, "smtp"))
    with pytest.raises(AssertionError, match=r"accepted: bob@example\.test 250"):
        play(transcript(SENT.replace("test 250", "test 251"), "smtp"))
    with pytest.raises(AssertionError, match=r"line 2, refused: $"):
        play(transcript(SENT.replace("C: MAIL", "refused: eve@example.test 550\nC: MAIL"), "smtp"))


def test_strict_sessions_must_fail():
    """Where a file says that the option `strict` makes a difference, it does."""
    text = "call: noop()\nresult: True\nstrict:\nC: T1 NOOP\nS: T1 OK done"

    with pytest.raises(AssertionError, match="line 1: nothing fails"):
        Player(transcript(text, "imap"), size=1, strict=True).play()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("result: 1\ncall: noop()", "line 1: result: is not known"),
        ("call: noop()\noptions: tls=0", "line 2: options: belongs before"),
        ("limits: line=1\nlimits: line=2\ncall: noop()", "line 2: limits: is there twice"),
        ("call: noop()\nnonsense: 1", "line 2: nonsense: is not known"),
        ("# nothing", "has no call"),
    ],
)
def test_misplaced_keys_are_refused(text, sentence):
    """A misspelt key is not overlooked."""
    with pytest.raises(AssertionError, match=sentence):
        transcript(text)


@pytest.mark.parametrize(
    ("octets", "written"),
    [
        (b"+OK\r\n", "S: +OK\n"),
        (b"\r\n", "S:\n"),
        ("Grüße\r\n".encode(), "S: Grüße\n"),
        (b"a \r\n", "S! a \\r\\n\n"),
        (b"a\tb\xff\r\n", "S! a\\tb\\xff\\r\\n\n"),
        (b"'\"\\", "S! \\'\"\\\\\n"),
    ],
)
def test_recorded_lines(octets, written):
    """A recorded line is what a replay reads, and an editor may take off no space."""
    assert line("S", octets) == written
    assert parse(TRANSCRIPTS / "pop3/x/y.txt", "call: noop()\n" + written).steps[0].wire


def test_a_recording_can_be_played():
    """What is recorded from a server plays, and has the server's lines and what was returned."""
    calls = ["stat()", "retr(1)", "retr(2)", "quit()"]
    asked = transcript("# An example.\n" + "\n".join(f"call: {call}" for call in calls))
    with MailServer({"ann": "secret"}) as server:
        server.deliver(b"Subject: x\r\n\r\n.dot\r\n", "ann")
        parts = urlsplit(server.url_for("pop3"))
        options = {"host": parts.hostname, "port": parts.port}
        options |= {"username": unquote(parts.username), "password": unquote(parts.password)}
        text = record(asked, options)

    play(transcript(text))
    assert "call: stat()\nresult: {'count': 1, 'size': 20}\nC: STAT\nS: +OK 1 20\n" in text
    assert "raises: Pop3Error" in text
    assert "S: ..dot\n" in text
