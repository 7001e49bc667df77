"""Different items of each message: commands in flight together, each with its own message."""

import pytest

from netmail.errors import CapabilityError, ImapError, UsageError
from netmail.flows.imap.fetching.fetch_each import fetch_each
from support.imap_sessions import run, selected

TRANSCRIPT = """\
C: T1 UID FETCH 7 (UID BODY.PEEK[]<3.2>)
C: T2 UID FETCH 9 (UID BODY.PEEK[1])
C: T3 UID FETCH 8 (UID RFC822.SIZE)
S: * 4 FETCH (UID 9 BODY[1] "nine")
S: * 2 FETCH (FLAGS (\\Seen))
S: * 2 FETCH (UID 7 BODY[]<3> {2}
S: ab)
S: T1 OK done
S: T2 OK done
S: T3 OK there is none
"""


def test_each_has_its_own():
    """Each message is read from its own responses, in whatever order; what is gone is left out."""
    items = {7: "BODY.PEEK[]<3.2>", 9: ["BODY.PEEK[1]"], 8: "RFC822.SIZE"}

    def sections(session):
        found = yield from fetch_each(session, items, None)
        return {uid: message.sections for uid, message in found.items()}

    assert run(sections, TRANSCRIPT, selected) == {
        7: {"<3>": b"ab"},
        9: {"1": b"nine"},
    }


def test_nothing():
    """No message is no command."""
    assert run(lambda imap: fetch_each(imap, {}, None), "", selected) == {}


def test_refused():
    """A refusal is raised when all have come."""
    lines = (
        "C: T1 UID FETCH 7 (UID FLAGS)\nC: T2 UID FETCH 8 (UID FLAGS)\n"
        "S: T1 NO busy\nS: * 2 FETCH (UID 8 FLAGS ())\nS: T2 OK done"
    )
    with pytest.raises(ImapError, match="busy"):
        run(lambda imap: fetch_each(imap, {7: "FLAGS", 8: "FLAGS"}, None), lines, selected)


@pytest.mark.parametrize("items", [{0: "FLAGS"}, {"x": "FLAGS"}, {7: "x]"}, {7: ""}, [7], "7"])
def test_wrong_arguments(items):
    """What is wrong is an error, and nothing is sent."""
    with pytest.raises(UsageError):
        run(lambda imap: fetch_each(imap, items, None), "", selected)


def test_extension_is_missing():
    """Nothing is sent to a server that does not know an item."""
    with pytest.raises(CapabilityError):
        run(lambda imap: fetch_each(imap, {7: "FLAGS", 8: "SAVEDATE"}, None), "", selected)
