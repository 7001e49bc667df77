"""Long sets of UIDs: several commands in flight, and one result."""

import pytest

from netmail.errors import ImapError
from netmail.flows.imap import copy, move, search, store
from netmail.flows.imap.pipelining.call import Call
from netmail.flows.imap.pipelining.scheduler import Scheduler
from netmail.wire.imap.sequence_set import uid_sets
from support.imap_sessions import run, selected
from support.replay import replay

UIDS = [*range(1, 8_001, 2)]
SETS = uid_sets(UIDS)


def lines(command, sets=SETS):
    """Write the commands for all sets."""
    return "".join(f"C: T{n} {command.format(some)}\n" for n, some in enumerate(sets, 1))


def oks(form="", sets=SETS):
    """Write the tagged responses to all of them."""
    return "".join(f"S: T{n} OK {form.format(some)}done\n" for n, some in enumerate(sets, 1))


def test_hundred_thousand():
    """100,000 UIDs that are no neighbours leave in commands of 8,000 octets, all in flight."""
    uids = range(1, 200_001, 2)
    sets = uid_sets(uids)
    transcript = lines("UID STORE {} +FLAGS (x)", sets) + oks("", sets)
    session = selected()

    assert len(sets) > 50
    assert max(map(len, sets)) <= 8000
    assert replay(store.store(session, uids, "+FLAGS", "x", None), session.reader, transcript)


def test_copies_are_joined():
    """The results of all commands are one."""
    transcript = lines('UID COPY {} "x"') + oks("[COPYUID 9 {0} {0}] ")
    result = run(lambda imap: copy.copy(imap, UIDS, "x", None), transcript, selected)

    assert (result.uidvalidity, result.source, result.destination) == (9, *[tuple(UIDS)] * 2)


def test_moves_are_joined():
    """Untagged COPYUIDs are joined, in whatever order they come."""
    codes = "".join(f"S: * OK [COPYUID 9 {some} {some}] moved\n" for some in SETS)
    transcript = lines('UID MOVE {} "x"') + codes + oks()
    result = run(
        lambda imap: move.move(imap, UIDS, "x", None), transcript, selected, capabilities="MOVE"
    )

    assert (result.uidvalidity, result.source) == (9, tuple(UIDS))


def test_refused():
    """One that is refused raises after the others."""
    transcript = lines("UID STORE {} +FLAGS (x)") + oks().replace("T2 OK", "T2 NO")

    with pytest.raises(ImapError, match="UID STORE: NO"):
        run(lambda imap: store.store(imap, UIDS, "+FLAGS", "x", None), transcript, selected)


def test_copying_move_deletes_nothing_after_a_refusal():
    """Where a copy is refused, nothing is deleted."""
    transcript = lines('UID COPY {} "x"') + oks().replace("T2 OK", "T2 NO")

    with pytest.raises(ImapError, match="UID COPY: NO"):
        run(
            lambda imap: move.move(imap, UIDS, "x", None),
            transcript,
            selected,
            capabilities="UIDPLUS",
        )


def test_in_a_pipeline():
    """No other call comes between the commands of one."""
    first = len(SETS) + 1
    transcript = (
        lines("UID STORE {} +FLAGS (x)")
        + oks()
        + f"C: T{first} UID SEARCH KEYWORD x\nS: * SEARCH 1\nS: T{first} OK done\n"
    )

    def flow(session):
        calls = [
            Call(store.store(session, UIDS, "+FLAGS", "x", None)),
            Call(search.search(session, "KEYWORD x", None)),
        ]
        yield from Scheduler(session, calls).run()
        return [call.pending.result() for call in calls]

    assert run(flow, transcript, selected) == [True, [1]]
