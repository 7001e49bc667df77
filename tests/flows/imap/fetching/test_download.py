"""One message into a file: pieces, other literals, and what is not there."""

import pytest

from netmail.errors import ConnectionLost, ImapError, UsageError
from netmail.flows.imap.fetching.download import download
from netmail.flows.streaming import Streaming
from support.imap_sessions import run, selected
from support.replay import collected, replay

COMMAND = "C: T1 UID FETCH 7 (UID BODY.PEEK[])\n"
DONE = "S: T1 OK done\n"


def fetched(uid=7, section="", offset=0):
    """Return the conversation that joins the pieces, and the sizes that came with them."""

    def talk(session):
        pieces = yield from collected(download(session, uid, section, None, offset))
        return b"".join(piece.data for piece in pieces), {piece.total for piece in pieces}

    return talk


WHOLE = "S: * 3 FETCH (UID 7 BODY[] {5}\nS! a\\r\\nbc)\\r\\n\n"
RESPONSES = {
    "literal": WHOLE,
    "flags first": "S: * 3 FETCH (UID 7 FLAGS () BODY[] {5}\nS! a\\r\\nbc)\\r\\n\n",
    "UID last": "S: * 3 FETCH (BODY[] {5}\nS! a\\r\\nbc UID 7)\\r\\n\n",
    "another message's": f"S: * 2 FETCH (UID 6 BODY[] {{3}}\nS! xyz)\\r\\n\n{WHOLE}",
    "another section": "S: * 3 FETCH (UID 7 BODY[1] {3}\nS! xyz BODY[] {5}\\r\\na\\r\\nbc)\\r\\n\n",
    "twice": 2 * WHOLE,
    "quoted": 'S: * 3 FETCH (UID 7 BODY[] "abcde")\n',
}


@pytest.mark.parametrize("name", RESPONSES)
def test_forms(name):
    """Wherever the server puts it, the content is that of the message, once."""
    content, totals = run(fetched(), COMMAND + RESPONSES[name] + DONE, selected)

    assert content == (b"abcde" if name == "quoted" else b"a\r\nbc")
    assert totals == {5}


def test_short_by_a_line_end():
    """A line end that the server's count leaves out is in the file."""
    lines = "S: * 3 FETCH (UID 7 BODY[] {1}\nS! a\\r\\n)\\r\\n\n"
    content, _ = run(fetched(), COMMAND + lines + DONE, selected)

    assert content == b"a\r\n"


def test_empty():
    """An empty message is there."""
    lines = COMMAND + "S: * 3 FETCH (UID 7 BODY[] {0}\nS: )\n" + DONE

    assert run(fetched(), lines, selected) == (b"", {0})


@pytest.mark.parametrize("line", ["", "S: * 3 FETCH (UID 7 BODY[] NIL)\n", "S: * 3 FETCH (X (\n"])
def test_not_there(line):
    """A message or a section that does not exist is an error."""
    with pytest.raises(ImapError, match="no message with UID 7") as caught:
        run(fetched(), COMMAND + line + DONE, selected)

    assert caught.value.code == "NONEXISTENT"


def test_offset():
    """The rest of a part is asked for, and counted from the beginning."""
    lines = """
    C: T1 UID FETCH 7 (UID BODY.PEEK[1.HEADER]<3.4294967295>)
    S: * 3 FETCH (UID 7 BODY[1.HEADER]<3> {2}
    S: ab)
    """

    assert run(fetched(section="1.HEADER", offset=3), lines + DONE, selected) == (b"ab", {5})


def test_pieces_come_before_the_end():
    """What has arrived of a literal is handed over before the rest of it."""
    session = selected()
    steps = Streaming(download(session, 7, "", None, 0))
    lines = COMMAND + "S: * 3 FETCH (UID 7 BODY[] {1000000}\nS! abc"

    assert replay(steps.next(), session.reader, lines) == [(b"abc", 1_000_000)]
    with pytest.raises(ConnectionLost):
        replay(steps.next(), session.reader, "EOF")
    assert session._fragmentizer.hold is None


def test_left_in_the_middle():
    """The rest of a literal is dropped, and the session is in step."""
    session = selected()
    steps = Streaming(download(session, 7, "", None, 0))
    replay(steps.next(), session.reader, COMMAND + "S: * 3 FETCH (UID 7 BODY[] {6}\nS! abc")
    replay(steps.leave(), session.reader, "S! def)\\r\\n\n" + DONE)

    assert replay(session.noop(), session.reader, "C: T2 NOOP\nS: T2 OK done")


@pytest.mark.parametrize(
    "arguments",
    [(0, "", None, 0), ("7", "", None, 0), (7, "x", None, 0), (7, "", "\n", 0), (7, "", None, -1)],
)
def test_wrong_arguments(arguments):
    """What is wrong is raised by the call."""
    with pytest.raises(UsageError):
        download(selected(), *arguments)
