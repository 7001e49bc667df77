"""UID MOVE and what replaces it, exactly as they go over the wire."""

import pytest

from netmail.errors import CapabilityError, ImapError
from netmail.flows.imap.move import move
from netmail.results.imap import CopyResult
from support.imap_sessions import run, selected
from support.replay import replay

UIDPLUS = "IMAP4rev1 UIDPLUS"


MOVE = "IMAP4rev1 UIDPLUS MOVE"


def moving(uids, destination="Archive"):
    """Move."""
    return lambda imap: move(imap, uids, destination, None)


def test_move():
    """MOVE, with COPYUID in an untagged OK, RFC 6851 section 4.3."""
    transcript = """
        C: T1 UID MOVE 1:2 "Archive"
        S: * OK [COPYUID 4 1:2 7:8] moved
        S: * 1 EXPUNGE
        S: * 1 EXPUNGE
        S: T1 OK done
    """
    imap = selected(MOVE)

    assert replay(move(imap, [2, 1], "Archive", None), imap.reader, transcript) == CopyResult(
        4, (1, 2), (7, 8)
    )
    assert imap.mailbox is not None
    assert imap.mailbox.exists == 8


FALLBACK = """
    C: T1 UID COPY 1:2 "Archive"
    S: T1 OK [COPYUID 4 1:2 7:8] done
    C: T2 UID STORE 1:2 +FLAGS.SILENT (\\Deleted)
    S: T2 OK done
    C: T3 UID EXPUNGE 1:2
    S: T3 OK done
"""


@pytest.mark.parametrize("uids", [[1, 2], iter([1, 2]), (uid for uid in (2, 1))])
def test_move_without_move(uids):
    """COPY, STORE, UID EXPUNGE, of the same messages each; an iterator serves for all three."""
    imap = selected(UIDPLUS)

    assert replay(move(imap, uids, "Archive", None), imap.reader, FALLBACK) == CopyResult(
        4, (1, 2), (7, 8)
    )


def test_move_of_an_open_set():
    """A set such as "1:*" is resolved first, so that no message is deleted without a copy."""
    transcript = "C: T1 UID SEARCH UID 1:*\nS: * SEARCH 2 1\nS: T1 OK done" + FALLBACK.replace(
        "T3", "T4"
    ).replace("T2", "T3").replace("T1", "T2")

    assert run(moving("1:*"), transcript, selected, capabilities=UIDPLUS).source == (1, 2)


def test_move_of_an_empty_open_set():
    """An open set that no message is in moves nothing."""
    transcript = "C: T1 UID SEARCH UID 50:60\nS: * SEARCH\nS: T1 OK done"

    assert run(moving("50:60"), transcript, selected, capabilities=UIDPLUS) == CopyResult()


def test_move_stops_at_the_first_refusal():
    """A copy that failed deletes nothing."""
    with pytest.raises(ImapError, match="full"):
        run(
            moving([1, 2]),
            'C: T1 UID COPY 1:2 "Archive"\nS: T1 NO [OVERQUOTA] full',
            selected,
            capabilities=UIDPLUS,
        )


def test_move_without_anything():
    """Without MOVE and UIDPLUS nothing is done, not even a SELECT."""
    with pytest.raises(CapabilityError, match="bare EXPUNGE") as caught:
        run(lambda imap: move(imap, 1, "Archive", "Other"), "")
    assert caught.value.capability == "UIDPLUS"


def test_rev2_has_both():
    """IMAP4rev2 has MOVE, UIDPLUS and UNSELECT within itself."""
    transcript = 'C: T1 UID MOVE 1 "A"\nS: T1 OK done'

    assert run(moving(1, "A"), transcript, selected, capabilities="IMAP4rev2")
