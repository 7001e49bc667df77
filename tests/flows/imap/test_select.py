"""Selecting a mailbox, on demand and by name, and leaving it."""

import pytest

from netmail.errors import CapabilityError, ImapError, ProtocolError, StateError
from netmail.flows.imap.fetch import fetch
from netmail.flows.imap.search import search
from netmail.flows.imap.select import check, close, examine, select, unselect
from netmail.results.imap import ImapState
from support.imap_sessions import logged_in, run, selected
from support.replay import replay

SELECTED = """
    C: T1 SELECT "INBOX"
    S: * FLAGS (\\Seen \\Deleted)
    S: * OK [PERMANENTFLAGS (\\Seen x]y \\*)] limited
    S: * 172 EXISTS
    S: * 1 RECENT
    S: * OK [UNSEEN 12] first unseen
    S: * OK [UIDVALIDITY 3857529045] valid
    S: * OK [UIDNEXT 4392] next
    S: * OK [HIGHESTMODSEQ 715194045007] mods
    S: T1 OK [READ-WRITE] done
"""
SHORT = "S: * 1 EXISTS\nS: T{0} OK done"


def test_select():
    """Everything that the server sends of a mailbox."""
    assert run(lambda imap: select(imap, "INBOX"), SELECTED) == {
        "name": "INBOX",
        "exists": 172,
        "recent": 1,
        "flags": ["\\Seen", "\\Deleted"],
        "permanent_flags": ["\\Seen", "x]y", "\\*"],
        "uidvalidity": 3857529045,
        "uidnext": 4392,
        "unseen": 12,
        "highestmodseq": 715194045007,
        "mailboxid": None,
        "read_only": False,
    }


def test_select_without_optional_responses():
    """What the server does not send is `None`."""
    state = run(lambda imap: select(imap, "x"), 'C: T1 SELECT "x"\n' + SHORT.format(1))

    assert state["exists"] == 1
    assert state["uidvalidity"] is None
    assert state["uidnext"] is None


def test_select_without_exists():
    """A mailbox without EXISTS is not taken for an empty one."""
    with pytest.raises(ProtocolError, match="without EXISTS"):
        run(lambda imap: select(imap, "x"), 'C: T1 SELECT "x"\nS: T1 OK done')


@pytest.mark.parametrize("number", ["0", "99999999999999999999", "x", "", "٣"])
def test_strange_numbers(number):
    """UIDVALIDITY 0 is taken, what is no number is not."""
    transcript = f'C: T1 SELECT "x"\nS: * 1 EXISTS\nS: * OK [UIDVALIDITY {number}] v\nS: T1 OK done'

    state = run(lambda imap: select(imap, "x"), transcript)
    assert state["uidvalidity"] == (0 if number == "0" else None)


def test_select_refused():
    """A refused SELECT leaves nothing selected, RFC 9051 section 6.3.2."""
    imap = selected()
    with pytest.raises(ImapError):
        replay(select(imap, "x"), imap.reader, 'C: T1 SELECT "x"\nS: T1 NO no such mailbox')

    assert imap.state == ImapState.AUTHENTICATED
    assert imap.selected is None


def test_examine():
    """EXAMINE opens read-only, whatever the server's code."""
    state = run(lambda imap: examine(imap, "x"), 'C: T1 EXAMINE "x"\n' + SHORT.format(1))

    assert state["read_only"] is True


def test_read_only():
    """The code READ-ONLY is reported."""
    transcript = 'C: T1 SELECT "x"\nS: * 1 EXISTS\nS: T1 OK [READ-ONLY] done'

    assert run(lambda imap: select(imap, "x"), transcript)["read_only"] is True


def test_updates_of_the_old_mailbox():
    """Unsolicited responses before SELECT are of the mailbox that was selected until then."""
    imap = selected()
    transcript = 'S: * OK [UIDVALIDITY 9] old\nS: * 9 RECENT\nC: T1 SELECT "x"\n' + SHORT.format(1)
    state = replay(select(imap, "x"), imap.reader, transcript)

    assert state["recent"] == 0
    assert state["uidvalidity"] is None


@pytest.mark.parametrize(
    ("path", "options", "name"),
    [(None, {}, "INBOX"), (None, {"mailbox": "Work"}, "Work"), ("x", {"mailbox": "Work"}, "x")],
)
def test_ensure_selected(path, options, name):
    """A call without a path works on the options' mailbox, or on INBOX."""
    transcript = f'C: T1 SELECT "{name}"\n{SHORT.format(1)}\nC: T2 UID SEARCH ALL\nS: * SEARCH 5\n'

    assert run(lambda i: search(i, "ALL", path), transcript + "S: T2 OK done", **options) == [5]


@pytest.mark.parametrize(("name", "path"), [("x", None), ("x", "x"), ("inbox", "INBOX")])
def test_selected_is_not_selected_again(name, path):
    """A path that is selected already costs no round trip."""
    transcript = "C: T1 UID SEARCH ALL\nS: * SEARCH\nS: T1 OK done"

    assert run(lambda i: search(i, "ALL", path), transcript, lambda: selected(name=name)) == []


def test_names_differ_in_case():
    """Only INBOX is the same in any case."""
    transcript = f'C: T1 SELECT "X"\n{SHORT.format(1)}\nC: T2 UID SEARCH ALL\nS: * SEARCH\nS: T2 OK'

    assert run(lambda i: search(i, "ALL", "X"), transcript, lambda: selected(name="x")) == []


def test_changed_uidvalidity():
    """UIDs that lost their meaning between two selections are not used."""
    imap = logged_in()
    responses = "S: * 1 EXISTS\nS: * OK [UIDVALIDITY {1}] v\nS: T{0} OK done"
    replay(select(imap, "a"), imap.reader, 'C: T1 SELECT "a"\n' + responses.format(1, 7))
    replay(select(imap, "b"), imap.reader, 'C: T2 SELECT "b"\n' + responses.format(2, 7))
    for number in (3, 4):  # twice, for a second try is no consent
        transcript = f'C: T{number} SELECT "a"\n' + responses.format(number, 8)
        with pytest.raises(StateError, match="UIDVALIDITY 7 is now 8"):
            replay(fetch(imap, 1, "a"), imap.reader, transcript)

    replay(select(imap, "a"), imap.reader, 'C: T5 SELECT "a"\n' + responses.format(5, 8))
    assert imap.uidvalidities == {"a": 8, "b": 7}


def test_close():
    """After close() the next call selects again."""
    imap = selected()
    replay(close(imap), imap.reader, "C: T1 CLOSE\nS: T1 OK done")

    assert imap.state == ImapState.AUTHENTICATED
    assert imap.selected is None


def test_unselect():
    """UNSELECT leaves the mailbox."""
    imap = selected("IMAP4rev1 UNSELECT")
    replay(unselect(imap), imap.reader, "C: T1 UNSELECT\nS: T1 OK done")

    assert imap.state == ImapState.AUTHENTICATED
    assert imap.selected is None


def test_unselect_missing():
    """Without UNSELECT nothing is sent."""
    with pytest.raises(CapabilityError, match="UNSELECT"):
        run(unselect, "", selected)


def test_check():
    """CHECK."""
    assert run(check, "C: T1 CHECK\nS: T1 OK done", selected) is True


@pytest.mark.parametrize(
    "conversation",
    [check, close, unselect],
    ids=["check", "close", "unselect"],
)
def test_nothing_selected(conversation):
    """What needs a selected mailbox raises before it sends anything."""
    with pytest.raises(StateError, match=r"needs it selected: select\(\) a mailbox"):
        run(conversation, "")


def test_not_logged_in():
    """Before the login nothing can be selected."""
    imap = logged_in()
    imap.state = ImapState.NOT_AUTHENTICATED

    with pytest.raises(StateError, match=r"not authenticated.*pass username"):
        replay(select(imap, "x"), imap.reader, "")
