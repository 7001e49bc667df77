"""UID FETCH, exactly as it goes over the wire."""

import pytest

from netmail.errors import ImapError, ProtocolError
from netmail.flows.imap.fetch import fetch
from support.imap_sessions import run, selected
from support.replay import replay

FETCH_ONE = "C: T1 UID FETCH 7 (UID BODY.PEEK[])"


def fetching(uids, path=None):
    """Fetch."""
    return lambda imap: fetch(imap, uids, path)


@pytest.mark.parametrize(
    "response",
    [
        "* 3 FETCH (UID 7 BODY[] {6}\\r\\n)\\r\\n* x)",
        "* 3 FETCH (BODY[] {6}\\r\\n)\\r\\n* x UID 7)",
        "* 3 FETCH (FLAGS (\\\\Seen) UID 7 BODY[] {6}\\r\\n)\\r\\n* x X-OTHER (1 {1}\\r\\n( NIL))",
        "* 3 fetch (uid 7 body[] ~{6}\\r\\n)\\r\\n* x)",
        "* 3 FETCH (UID 7 X {3}\\r\\n)\\r\\n BODY[] {6}\\r\\n)\\r\\n* x)",
        "* 4 FETCH (FLAGS () UID 8)\\r\\n* 3 FETCH (UID 7 BODY[] {6}\\r\\n)\\r\\n* x)",
        "* 3 FETCH (UID 7 BODY[] {6}\\r\\n)\\r\\n* x)\\r\\n* 3 FETCH (UID 7 FLAGS (\\\\Seen))",
        "* 3 FETCH (UID 7 BODY[] {6}\\r\\n)\\r\\n* x)\\n* 5 EXISTS",
    ],
    ids=[
        "usual",
        "UID last",
        "other items",
        "lower case, literal8",
        "two literals",
        "updates before",
        "updates after",
        "bare LF",
    ],
)
def test_fetch_one(response):
    """The body is found wherever it is, and never taken for protocol."""
    transcript = f"{FETCH_ONE}\nS! {response}\\r\\n\nS: T1 OK done"

    assert run(fetching(7), transcript, selected) == b")\r\n* x"


def test_fetch_quoted():
    """A short body may come in quotes."""
    transcript = f'{FETCH_ONE}\nS: * 3 FETCH (UID 7 BODY[] "a \\"b\\" \\\\c")\nS: T1 OK done'

    assert run(fetching(7), transcript, selected) == b'a "b" \\c'


@pytest.mark.parametrize("response", ["", "S: * 3 FETCH (UID 7)\n"])
def test_fetch_missing(response):
    """One message that does not exist raises, so that it differs from an empty one."""
    with pytest.raises(ImapError, match="no message with UID 7 in INBOX") as caught:
        run(fetching(7), f"{FETCH_ONE}\n{response}S: T1 OK done", selected)
    assert caught.value.code == "NONEXISTENT"


@pytest.mark.parametrize("uids", [7, "6:7", "*"])
@pytest.mark.parametrize("content", ["NIL", "nil FLAGS ()", ""])
def test_no_content(uids, content):
    """A message without content is neither a missing one nor an empty one, also in a set."""
    transcript = f"""
        C: T1 UID FETCH {uids} (UID BODY.PEEK[])
        S: * 3 FETCH (UID 7 BODY[] {content})
        S: T1 OK done
    """

    with pytest.raises(ImapError, match="no content of UID 7 in INBOX, although") as caught:
        run(fetching(uids), transcript, selected)
    assert caught.value.code == "UNAVAILABLE"


def test_content_after_none():
    """A second response has the content that the first one lacks."""
    responses = "S: * 3 FETCH (UID 7 BODY[] NIL)\nS! * 3 FETCH (UID 7 BODY[] {1}\\r\\na)\\r\\n\n"

    assert run(fetching(7), f"{FETCH_ONE}\n{responses}S: T1 OK done", selected) == b"a"


@pytest.mark.parametrize(
    ("uids", "sent", "expected"),
    [
        ([7, 99999], "7,99999", [7]),
        ("5:7", "5:7", [5, 7]),
        ("7:5", "7:5", [5, 7]),
        ("6:*", "6:*", [7, 9]),
        ("*", "*", [9]),
        ("20:*", "20:*", [9]),
        ("1:2,*:8", "1:2,*:8", [9]),
        ([99999], "99999", []),
    ],
)
def test_only_what_was_asked_for(uids, sent, expected):
    """GNU imap4d responds to UIDs that do not exist with other messages."""
    responses = "".join(
        f"S! * {uid} FETCH (UID {uid} BODY[] {{1}}\\r\\na)\\r\\n\n" for uid in (5, 7, 9)
    )
    transcript = f"C: T1 UID FETCH {sent} (UID BODY.PEEK[])\n{responses}S: T1 OK done"

    assert list(run(fetching(uids), transcript, selected)) == expected


@pytest.mark.parametrize(
    "response",
    [
        "{1}\\r\\nabc)\\r\\n",
        "{1}\\r\\na\\r\\nb\\r\\n)\\r\\n",
        "{2}\\r\\na)\\r\\n",
        "{3}\\r\\na)\\r\\n",
        "{4}\\r\\na)\\r\\n",
    ],
    ids=["too short", "a line too short", "too long", "far too long", "as long as it goes"],
)
@pytest.mark.parametrize("uids", [7, "7:8"])
def test_miscounted_literal(uids, response):
    """A wrong length is an error that ends the connection, and no wait for more."""
    sent = f"C: T1 UID FETCH {uids} (UID BODY.PEEK[])\nS! * 3 FETCH (UID 7 BODY[] {response}"

    with pytest.raises(ProtocolError):
        run(fetching(uids), f"{sent}\nS: T1 OK done\nTIMEOUT", selected)


def test_fetch_unreadable():
    """One message whose response cannot be read is not taken for a missing one."""
    with pytest.raises(ProtocolError, match="no FETCH response could be read"):
        run(fetching(7), f"{FETCH_ONE}\nS: * 3 FETCH (UID 7 BODY[]\nS: T1 OK done", selected)


def test_fetch_unreadable_after_many():
    """That holds when as many responses are kept aside as there can be."""
    imap = selected()
    noise = "".join(f"S: * {number}\n" for number in range(150))
    replay(imap.noop(), imap.reader, f"C: T1 NOOP\n{noise}S: T1 OK done")

    transcript = "C: T2 UID FETCH 7 (UID BODY.PEEK[])\nS: * 3 FETCH (UID 7 BODY[]\nS: T2 OK done"
    with pytest.raises(ProtocolError):
        replay(fetch(imap, 7, None), imap.reader, transcript)
    assert len(imap.unparsed) == 100


def test_fetch_many():
    """A set gives a dictionary by UID, without what does not exist."""
    transcript = """
        C: T1 UID FETCH 3:5,9 (UID BODY.PEEK[])
        S! * 1 FETCH (UID 3 BODY[] {1}\\r\\na)\\r\\n
        S! * 2 FETCH (UID 9 BODY[] {0}\\r\\n)\\r\\n
        S: T1 OK done
    """

    assert run(fetching([9, 5, 4, 3, 3]), transcript, selected) == {3: b"a", 9: b""}


def test_one_bad_response_among_many():
    """A response that is not understood is kept aside, and costs no other."""
    imap = selected()
    transcript = """
        C: T1 UID FETCH 1:3 (UID BODY.PEEK[])
        S! * 1 FETCH (UID 1 BODY[] {1}\\r\\na)\\r\\n
        S! * 2 FETCH (UID 2 BODY[] {1}\\r\\nb\\r\\n
        S: * 17
        S! * 3 FETCH (UID 3 BODY[] {1}\\r\\nc)\\r\\n
        S: T1 OK done
    """

    bodies = replay(fetch(imap, "1:3", None), imap.reader, transcript)
    assert bodies == {1: b"a", 3: b"c"}
    assert [raw.data for raw in imap.unparsed] == [b"* 17", b"* 2 FETCH (UID 2 BODY[] b"]
