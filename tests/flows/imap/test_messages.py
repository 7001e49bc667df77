"""UID FETCH, STORE, COPY, MOVE, EXPUNGE, exactly as they go over the wire."""

import pytest

from netmail.errors import CapabilityError, ImapError, ProtocolError, StateError, UsageError
from netmail.flows.imap import copy, expunge, fetch, move, store
from netmail.results.imap import CopyResult
from netmail.wire.imap.sequence_set import uid_sets
from support.imap_sessions import logged_in, run, selected
from support.replay import replay

FETCH_ONE = "C: T1 UID FETCH 7 (UID BODY.PEEK[])"
UIDPLUS = "IMAP4rev1 UIDPLUS"
MOVE = "IMAP4rev1 UIDPLUS MOVE"


def fetching(uids, path=None):
    """Fetch."""
    return lambda imap: fetch.fetch(imap, uids, path)


def moving(uids, destination="Archive"):
    """Move."""
    return lambda imap: move.move(imap, uids, destination, None)


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
        "UID behind",
        "other items",
        "lower case, literal8",
        "two literals",
        "news before",
        "news after",
        "bare LF",
    ],
)
def test_fetch_one(response):
    """The body is found wherever it stands, and never taken for protocol."""
    transcript = f"{FETCH_ONE}\nS! {response}\\r\\n\nS: T1 OK done"

    assert run(fetching(7), transcript, selected) == b")\r\n* x"


def test_fetch_quoted():
    """A short body may come in quotes."""
    transcript = f'{FETCH_ONE}\nS: * 3 FETCH (UID 7 BODY[] "a \\"b\\" \\\\c")\nS: T1 OK done'

    assert run(fetching(7), transcript, selected) == b'a "b" \\c'


@pytest.mark.parametrize(
    "said", ["", "S: * 3 FETCH (UID 7 BODY[] NIL)\n", "S: * 3 FETCH (UID 7)\n"]
)
def test_fetch_missing(said):
    """One message that is not there raises, and so is told from an empty one."""
    with pytest.raises(ImapError, match="no message with UID 7 in INBOX") as caught:
        run(fetching(7), f"{FETCH_ONE}\n{said}S: T1 OK done", selected)
    assert caught.value.code == "NONEXISTENT"


def test_fetch_unreadable():
    """One message whose response cannot be read is not taken for one that is missing."""
    with pytest.raises(ProtocolError, match="no FETCH response could be read"):
        run(fetching(7), f"{FETCH_ONE}\nS: * 3 FETCH (UID 7 BODY[]\nS: T1 OK done", selected)


def test_fetch_unreadable_after_many():
    """That holds when as many responses are kept aside as there can be."""
    imap = selected()
    noise = "".join(f"S: * {number}\n" for number in range(150))
    replay(imap.noop(), imap.reader, f"C: T1 NOOP\n{noise}S: T1 OK done")

    transcript = "C: T2 UID FETCH 7 (UID BODY.PEEK[])\nS: * 3 FETCH (UID 7 BODY[]\nS: T2 OK done"
    with pytest.raises(ProtocolError):
        replay(fetch.fetch(imap, 7, None), imap.reader, transcript)
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


@pytest.mark.parametrize("uids", [[], set(), iter(())])
def test_empty_sets_cost_nothing(uids):
    """No UIDs, no round trip: not even the mailbox is selected."""
    uids = list(uids)
    talks = [
        lambda imap: fetch.fetch(imap, uids, "X"),
        lambda imap: store.store(imap, uids, "FLAGS", "x", "X"),
        lambda imap: copy.copy(imap, uids, "Y", "X"),
        lambda imap: move.move(imap, uids, "Y", "X"),
        lambda imap: expunge.expunge(imap, "X", uids),
    ]

    results = [run(talk, "", logged_in, capabilities=MOVE) for talk in talks]
    assert results == [{}, True, CopyResult(), CopyResult(), True]


def test_long_sets_are_split():
    """A set longer than servers take goes out in several commands, the results joined."""
    uids = range(1_000_000, 1_004_000, 2)
    first, second = uid_sets(uids)
    transcript = f"""
        C: T1 UID COPY {first} A
        S: T1 OK [COPYUID 5 1000000,1000002 1:2]
        C: T2 UID COPY {second} A
        S: T2 OK [COPYUID 5 1003998 3]
    """

    copied = run(lambda imap: copy.copy(imap, uids, "A", None), transcript, selected)
    assert copied == CopyResult(5, (1_000_000, 1_000_002, 1_003_998), (1, 2, 3))


@pytest.mark.parametrize(
    ("flags", "written"),
    [
        ("\\Seen", "(\\Seen)"),
        ("\\Seen $Junk", "(\\Seen $Junk)"),
        (["\\Seen", "work"], "(\\Seen work)"),
        ([], "()"),
    ],
)
def test_store(flags, written):
    """Flags as one string or one by one."""
    transcript = f"C: T1 UID STORE 1 -FLAGS.SILENT {written}\nS: T1 OK done"

    assert (
        run(lambda i: store.store(i, 1, "-flags.silent", flags, None), transcript, selected) is True
    )


@pytest.mark.parametrize("command", ["FLAG", "", "+FLAGS (x)", "FLAGS\r\n", None, 5])
def test_store_unknown(command):
    """Only the six commands there are."""
    with pytest.raises(UsageError, match=r"store\(\) takes"):
        run(lambda imap: store.store(imap, 1, command, "x", None), "", selected)


def test_copy():
    """COPYUID tells where the messages are."""
    transcript = """
        C: T1 UID COPY 1:2,5 Archive
        S: T1 OK [COPYUID 38505 1:2,5 9,4:3] done
    """
    expected = CopyResult(38505, (1, 2, 5), (9, 4, 3))

    assert run(lambda i: copy.copy(i, [1, 2, 5], "Archive", None), transcript, selected) == expected


def test_copied_is_true():
    """What succeeded is true even where the server tells nothing."""
    copied = run(
        lambda i: copy.copy(i, 1, "A", None), "C: T1 UID COPY 1 A\nS: T1 OK done", selected
    )

    assert copied == CopyResult()
    assert copied


def test_copy_trycreate():
    """TRYCREATE is in the error's code; nothing is stored after a copy that failed."""
    with pytest.raises(ImapError) as caught:
        run(
            lambda imap: copy.copy(imap, 1, "new", None),
            "C: T1 UID COPY 1 new\nS: T1 NO [TRYCREATE] no such mailbox",
            selected,
        )
    assert (caught.value.code, caught.value.command) == ("TRYCREATE", "UID COPY")


def test_move():
    """MOVE, with COPYUID in an untagged OK, RFC 6851 section 4.3."""
    transcript = """
        C: T1 UID MOVE 1:2 Archive
        S: * OK [COPYUID 4 1:2 7:8] moved
        S: * 1 EXPUNGE
        S: * 1 EXPUNGE
        S: T1 OK done
    """
    imap = selected(MOVE)

    assert replay(move.move(imap, [2, 1], "Archive", None), imap.reader, transcript) == CopyResult(
        4, (1, 2), (7, 8)
    )
    assert imap.mailbox is not None
    assert imap.mailbox.exists == 8


FALLBACK = """
    C: T1 UID COPY 1:2 Archive
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

    assert replay(move.move(imap, uids, "Archive", None), imap.reader, FALLBACK) == CopyResult(
        4, (1, 2), (7, 8)
    )


def test_move_of_an_open_set():
    """What "1:*" stands for is settled first: mail that comes meanwhile is not deleted uncopied."""
    transcript = "C: T1 UID SEARCH UID 1:*\nS: * SEARCH 2 1\nS: T1 OK done" + FALLBACK.replace(
        "T3", "T4"
    ).replace("T2", "T3").replace("T1", "T2")

    assert run(moving("1:*"), transcript, selected, capabilities=UIDPLUS).source == (1, 2)


def test_move_of_an_empty_open_set():
    """An open set that stands for nothing moves nothing."""
    transcript = "C: T1 UID SEARCH UID 50:60\nS: * SEARCH\nS: T1 OK done"

    assert run(moving("50:60"), transcript, selected, capabilities=UIDPLUS) == CopyResult()


def test_move_stops_at_the_first_refusal():
    """A copy that failed deletes nothing."""
    with pytest.raises(ImapError, match="full"):
        run(
            moving([1, 2]),
            "C: T1 UID COPY 1:2 Archive\nS: T1 NO [OVERQUOTA] full",
            selected,
            capabilities=UIDPLUS,
        )


def test_move_without_anything():
    """Without MOVE and UIDPLUS nothing is done, not even a SELECT."""
    with pytest.raises(CapabilityError, match="bare EXPUNGE") as caught:
        run(lambda imap: move.move(imap, 1, "Archive", "Other"), "")
    assert caught.value.capability == "UIDPLUS"


def test_rev2_has_both():
    """IMAP4rev2 has MOVE, UIDPLUS and UNSELECT within itself."""
    transcript = "C: T1 UID MOVE 1 A\nS: T1 OK done"

    assert run(moving(1, "A"), transcript, selected, capabilities="IMAP4rev2")


def test_expunge():
    """EXPUNGE of all, and of some by UID."""
    everything = "C: T1 EXPUNGE\nS: * 4 EXPUNGE\nS: T1 OK done"
    some = "C: T1 UID EXPUNGE 4,6\nS: T1 OK done"

    assert run(lambda imap: expunge.expunge(imap, None, None), everything, selected) is True
    assert (
        run(lambda i: expunge.expunge(i, None, {6, 4}), some, selected, capabilities=UIDPLUS)
        is True
    )


def test_expunge_of_some_needs_uidplus():
    """Some UIDs are never expunged by a bare EXPUNGE."""
    with pytest.raises(CapabilityError):
        run(lambda imap: expunge.expunge(imap, "Other", [1]), "")


@pytest.mark.parametrize(
    "change",
    [
        lambda imap: store.store(imap, 1, "FLAGS", "x", None),
        lambda imap: move.move(imap, 1, "Archive", None),
        lambda imap: expunge.expunge(imap, None, None),
        lambda imap: expunge.expunge(imap, "INBOX", [1]),
    ],
    ids=["store", "move", "expunge", "expunge some"],
)
def test_examined_mailbox_is_safe(change):
    """What examine() opened is not changed behind the caller's back."""
    imap = selected(MOVE)
    assert imap.mailbox is not None
    imap.mailbox.examined = True

    with pytest.raises(StateError, match=r"examine\(\) opened"):
        replay(change(imap), imap.reader, "")
