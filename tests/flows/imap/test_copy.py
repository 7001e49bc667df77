"""UID COPY, exactly as it goes over the wire."""

import pytest

from netmail.errors import ImapError
from netmail.flows.imap.copy import copy
from netmail.results.imap import CopyResult
from netmail.wire.imap.sequence_set import uid_sets
from support.imap_sessions import run, selected


def test_long_sets_are_split():
    """A set longer than servers take goes out in several commands, the results joined."""
    uids = range(1_000_000, 1_004_000, 2)
    first, second = uid_sets(uids)
    transcript = f"""
        C: T1 UID COPY {first} "A"
        C: T2 UID COPY {second} "A"
        S: T1 OK [COPYUID 5 1000000,1000002 1:2]
        S: T2 OK [COPYUID 5 1003998 3]
    """

    copied = run(lambda imap: copy(imap, uids, "A", None), transcript, selected)
    assert copied == CopyResult(5, (1_000_000, 1_000_002, 1_003_998), (1, 2, 3))


def test_copy():
    """COPYUID names the messages' UIDs before and after."""
    transcript = """
        C: T1 UID COPY 1:2,5 "Archive"
        S: T1 OK [COPYUID 38505 1:2,5 9,4:3] done
    """
    expected = CopyResult(38505, (1, 2, 5), (9, 4, 3))

    assert run(lambda i: copy(i, [1, 2, 5], "Archive", None), transcript, selected) == expected


def test_result_is_true():
    """A result is true even where the server sends no COPYUID."""
    copied = run(lambda i: copy(i, 1, "A", None), 'C: T1 UID COPY 1 "A"\nS: T1 OK done', selected)

    assert copied == CopyResult()
    assert copied


def test_copy_trycreate():
    """TRYCREATE is in the error's code; nothing is stored after a copy that failed."""
    with pytest.raises(ImapError) as caught:
        run(
            lambda imap: copy(imap, 1, "new", None),
            'C: T1 UID COPY 1 "new"\nS: T1 NO [TRYCREATE] no such mailbox',
            selected,
        )
    assert caught.value.code == "TRYCREATE"
    assert caught.value.command == "UID COPY"
