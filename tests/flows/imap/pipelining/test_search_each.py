"""One search in each of several mailboxes: all commands leave together."""

import pytest

from netmail import search as S  # noqa: N812 -- as the documentation writes it
from netmail.errors import CapabilityError, ImapError, ProtocolError, StateError, UsageError
from netmail.flows.imap.pipelining.search_each import MAX_MAILBOXES, search_each
from support.imap_sessions import run, selected
from support.replay import replay

ESEARCH = """\
C: T1 SELECT "a"
C: T2 UID SEARCH RETURN (COUNT) UNSEEN
C: T3 SELECT "b"
C: T4 UID SEARCH RETURN (COUNT) UNSEEN
S: * 3 EXISTS
S: * OK [UIDVALIDITY 7] valid
S: T1 OK [READ-WRITE] done
S: * ESEARCH (TAG "T2") UID COUNT 2
S: T2 OK done
S: * 0 EXISTS
S: T3 OK [READ-ONLY] done
S: * 1 EXISTS
S: * ESEARCH (TAG "T4") UID COUNT 0
S: T4 OK done
"""
PLAIN = """\
C: T1 SELECT "a"
C: T2 UID SEARCH UNSEEN
C: T3 SELECT "b"
C: T4 UID SEARCH UNSEEN
S: * 3 EXISTS
S: T1 OK done
S: * SEARCH 9 7
S: T2 OK done
S: * 0 EXISTS
S: T3 OK done
S: * SEARCH
S: T4 OK done
"""


def searched(names=("a", "b"), query="UNSEEN", result="all"):
    """Return the conversation."""
    return lambda session: search_each(session, query, names, result)


def test_counts():
    """Each mailbox is counted, and the last one is selected."""
    session = selected(capabilities="IMAP4rev1 ESEARCH")
    flow = search_each(session, "UNSEEN", ["a", "b"], "count")
    found = replay(flow, session.reader, ESEARCH)

    assert {name: each.count for name, each in found.items()} == {"a": 2, "b": 0}
    assert session.mailbox.name == "b"
    assert session.mailbox.exists == 1
    assert session.uidvalidities["a"] == 7


def test_without_esearch():
    """A server without ESEARCH lists what it finds."""
    found = run(searched(), PLAIN, selected)

    assert {name: each.all for name, each in found.items()} == {"a": (7, 9), "b": ()}


def test_nothing():
    """Without mailboxes nothing is sent."""
    assert run(searched([]), "", selected) == {}


def test_many_mailboxes():
    """More mailboxes than are in flight together are searched after those."""
    names = [f"m{number}" for number in range(MAX_MAILBOXES + 1)]
    lines = []
    for batch in (names[:-1], names[-1:]):
        at = 1 if batch[0] == "m0" else 2 * MAX_MAILBOXES + 1
        for number, name in enumerate(batch):
            tag = at + 2 * number
            lines += [f'C: T{tag} SELECT "{name}"', f"C: T{tag + 1} UID SEARCH UNSEEN"]
        for number in range(len(batch)):
            tag = at + 2 * number
            lines += ["S: * 1 EXISTS", f"S: T{tag} OK done", f"S: * SEARCH {tag}"]
            lines += [f"S: T{tag + 1} OK done"]
    session = selected()
    found = replay(search_each(session, "UNSEEN", names, "all"), session.reader, "\n".join(lines))

    assert [found[name].all for name in ("m0", "m1", names[-1])] == [(1,), (3,), (201,)]


def test_literal():
    """A search whose text has to wait for the server is made in one mailbox after the other."""
    lines = """\
C: T3 SELECT "a"
S: * 3 EXISTS
S: T3 OK done
C: T4 UID SEARCH CHARSET UTF-8 SUBJECT {2}
S: + go on
C! \\xc3\\xa9\\r\\n
S: * SEARCH 7
S: T4 OK done
"""
    found = run(searched(["a"], 'SUBJECT "é"'), lines, selected)

    assert found["a"].all == (7,)


def test_refused_mailbox():
    """A mailbox that is refused is an error; the others are read, and none is searched for it."""
    lines = PLAIN.replace(
        "S: * 3 EXISTS\nS: T1 OK done\nS: * SEARCH 9 7\nS: T2 OK", "S: T1 NO\nS: T2 BAD"
    )
    session = selected()
    with pytest.raises(ImapError) as caught:
        replay(searched()(session), session.reader, lines.replace("T1 NO", "T1 NO no such mailbox"))

    assert caught.value.command == "SELECT"
    assert session.mailbox.name == "b"


def test_refused_query():
    """A query that is refused is an error of the search."""
    with pytest.raises(ImapError) as caught:
        run(searched(), PLAIN.replace("S: * SEARCH 9 7\nS: T2 OK done", "S: T2 BAD what"), selected)

    assert caught.value.command == "UID SEARCH"


def test_unreadable():
    """A response that breaks the grammar is an error, and the session stays in step."""
    session = selected()
    with pytest.raises(ProtocolError, match="EXISTS"):
        replay(searched()(session), session.reader, PLAIN.replace("S: * 3 EXISTS\n", ""))

    assert session.mailbox.name == "b"


def test_other_uids():
    """A mailbox whose UIDs have lost their meaning is an error."""
    session = selected()
    session.uidvalidities["a"] = 5
    with pytest.raises(StateError):
        replay(searched()(session), session.reader, PLAIN.replace("T1 OK", "T1 OK [UIDVALIDITY 6]"))

    assert session.mailbox.name == "b"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"result": "save"}, UsageError),
        ({"result": "update"}, UsageError),
        ({"result": "nothing"}, UsageError),
        ({"names": ["a\nb"]}, UsageError),
        ({"names": 5}, UsageError),
        ({"query": "("}, UsageError),
        ({"query": S.younger(5)}, CapabilityError),
    ],
)
def test_wrong_arguments(arguments, error):
    """What is wrong is an error, and nothing is sent."""
    with pytest.raises(error):
        run(searched(**arguments), "", selected)
