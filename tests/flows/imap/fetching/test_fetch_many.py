"""UID FETCH of many: which extension an item needs, and what is kept of broken responses."""

import pytest

from netmail.errors import CapabilityError, ProtocolError, UsageError
from netmail.flows.imap.fetching.fetch_many import fetch_many
from netmail.wire.imap.sequence_set import uid_sets
from support.imap_sessions import run, selected
from support.replay import collected


def fetched(items, uids="1:*", path=None):
    """Return the conversation that collects the messages."""
    return lambda session: collected(fetch_many(session, uids, items, path))


NEEDS = {
    "BINARY.PEEK[1]": "BINARY",
    "BINARY.SIZE[1]": "BINARY",
    "MODSEQ": "CONDSTORE",
    "PREVIEW (LAZY)": "PREVIEW",
    "SAVEDATE": "SAVEDATE",
    "EMAILID": "OBJECTID",
    "threadid": "OBJECTID",
    "X-GM-LABELS": "X-GM-EXT-1",
}


@pytest.mark.parametrize("item", NEEDS)
def test_extension_is_missing(item):
    """Nothing is sent to a server without it, and the error names it."""
    with pytest.raises(CapabilityError) as caught:
        run(fetched(item), "", selected)

    assert caught.value.capability == NEEDS[item]


@pytest.mark.parametrize("item", NEEDS)
def test_extension_is_there(item):
    """With it the item is sent."""
    lines = f"C: T1 UID FETCH 1:* (UID {item})\nS: T1 OK done"

    assert run(fetched(item), lines, selected, capabilities=f"IMAP4rev1 {NEEDS[item]}") == []


def test_binary_is_in_rev2():
    """IMAP4rev2 contains BINARY, and QRESYNC contains CONDSTORE."""
    lines = "C: T1 UID FETCH 1 (UID BINARY[1])\nS: T1 OK done"

    assert run(fetched("BINARY[1]", 1), lines, selected, capabilities="IMAP4rev2") == []
    lines = "C: T1 UID FETCH 1 (UID MODSEQ)\nS: T1 OK done"
    assert run(fetched("MODSEQ", 1), lines, selected, capabilities="QRESYNC") == []


def test_wrong_arguments():
    """What is wrong is raised by the call, before anything runs."""
    for uids, items, path in (("x", "FLAGS", None), (1, "x]", None), (1, "FLAGS", "a\nb")):
        with pytest.raises(UsageError):
            fetch_many(selected(), uids, items, path)


def test_long_sets():
    """A long set is several commands, one after the other, and nothing comes twice."""
    uids = range(1, 8_000, 2)
    sets = uid_sets(uids)
    lines = [
        f"C: T{number} UID FETCH {some} (UID FLAGS)\nS: T{number} OK done"
        for number, some in enumerate(sets, 1)
    ]

    assert len(sets) > 1
    assert run(fetched("FLAGS", uids), "\n".join(lines), selected) == []


def test_empty_set():
    """No UIDs, no round trip."""
    assert run(fetched("FLAGS", [], "X"), "", selected) == []


BROKEN = """
C: T1 UID FETCH 1:* (UID FLAGS)
S: * 1 FETCH (UID 5 FLAGS (
S: * 2 FETCH (FLAGS (
S: * 3 FETCH (FLAGS ())
S: * 4 FETCH (UID 8 FLAGS ())
S: T1 OK done
"""


def test_broken_responses_cost_no_others():
    """One with a UID is a message with a defect, one without is kept in `unparsed`."""

    def talk(session):
        messages = yield from fetched("FLAGS")(session)
        return [(each.uid, each.defect is None) for each in messages], len(session.unparsed)

    assert run(talk, BROKEN, selected) == ([(5, False), (8, True)], 1)


def test_broken_responses_are_errors_if_strict():
    """To test a server, the first one ends the conversation."""
    with pytest.raises(ProtocolError):
        run(fetched("FLAGS"), BROKEN, selected, strict=True)
