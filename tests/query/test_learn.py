"""What a server is asked before a key is trusted, and what its refusal teaches.

A test takes the server's part: it is sent each request of the flow.
"""

import pytest

from netmail import ImapError
from netmail.query.learn import find_refused, learn
from netmail.query.planning.keys import Name, both, numbers
from netmail.query.planning.knowledge import Knowledge
from netmail.query.requests import Call, Together
from netmail.query.table import TableFields

T = TableFields("INBOX", "INBOX")
SUBJECT = T.subject.contains("x")
REFUSED = ImapError("UID SEARCH", "no", "BAD")


def play(flow, *outcomes):
    """Run a flow with these outcomes, and return its requests."""
    requests = []
    left = iter([None, *outcomes])
    try:
        while True:
            requests.append(flow.send(next(left)))
    except StopIteration:
        return requests


def test_nothing_to_learn():
    """What each server knows is asked of none."""
    assert play(learn(Knowledge(), T.uid > 5, "INBOX")) == []
    known = Knowledge(server="dovecot")
    assert play(learn(known, T.seen == True, "INBOX")) == []  # noqa: E712 -- an expression


@pytest.mark.parametrize(("fields", "name"), [({"name": "Dovecot"}, "dovecot"), ({}, "")])
def test_identity(fields, name):
    """A server is asked for its name once."""
    known = Knowledge(frozenset({"ID"}))
    keyword = T.keywords.contains("x")

    assert play(learn(known, keyword, "INBOX"), fields) == [Call("id")]
    assert known.server == name
    assert known.uses("KEYWORD") is (name == "dovecot")
    assert play(learn(known, keyword, "INBOX")) == []


def test_gmail():
    """A server of which it is known that it finds whole terms only is not tried."""
    known = Knowledge(frozenset({"X-GM-EXT-1"}))

    assert play(learn(known, SUBJECT, "INBOX")) == []
    assert not known.uses("HEADER")


def test_empty_mailbox():
    """Without a sample nothing is learned, and nothing is trusted."""
    known = Knowledge()

    assert len(play(learn(known, SUBJECT, "INBOX"), [()])) == 1
    assert known.finds_substrings is None
    assert not known.uses("HEADER")


def test_refused_kind():
    """Each kind is tried alone, and those that are refused are left out."""
    known = Knowledge()
    key = both(numbers("SIZE", [(0, 5)]), Name("FLAG", ("seen",)), Name("WITHIN", ("5",)))
    [asked] = play(find_refused(known, [key, key], "INBOX"), [(), REFUSED, ()])

    assert isinstance(asked, Together)
    assert [str(each.key) for each in asked.asked] == [
        *("UID 1 SMALLER 6", "UID 1 SEEN", "UID 1 YOUNGER 5")
    ]
    assert known.left_out == {"FLAG"}


def test_refused_together():
    """Where each is fine alone, all that were together are left out."""
    known = Knowledge()
    key = both(numbers("SIZE", [(0, 5)]), Name("FLAG", ("seen",)))
    play(find_refused(known, [key], "INBOX"), [(), ()])

    assert known.left_out == {"SIZE", "FLAG"}
