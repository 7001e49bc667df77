"""Which commands may be in flight together."""

from collections import Counter

import pytest

from netmail.flows.imap.pipelining.ambiguity import is_known, kinds_of, may_join
from netmail.flows.imap.pipelining.command import Command
from netmail.flows.imap.responses import Responses
from netmail.wire.imap import encode
from netmail.wire.imap.search_program import search_program


def command(line, about=None):
    """Make a command from a line."""
    name = next(each for each in NAMES if line.startswith(each))
    rest = line[len(name) :].strip().encode()
    parts = encode.parts_of([rest] if rest else [])
    return Command(name, parts, Responses(fetches=name == "UID FETCH"), about)


NAMES = (
    *("UID SEARCH", "UID FETCH", "UID STORE", "UID COPY", "UID MOVE", "UID EXPUNGE", "UID SORT"),
    *("EXPUNGE", "STATUS", "NOOP", "APPEND", "LIST", "LSUB", "CREATE", "GETQUOTAROOT", "GETQUOTA"),
)


def joins(later, *earlier):
    """Tell whether one may be sent while others are in flight."""
    by_kind = {}
    for each in earlier:
        for kind in kinds_of(each):
            by_kind.setdefault(kind, []).append(each)
    return may_join(later, Counter(each.name for each in earlier), by_kind)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("UID FETCH 1 FLAGS", "UID STORE 1 FLAGS ()"),
        ("UID STORE 1 FLAGS ()", "UID SEARCH UNSEEN"),
        ("UID SEARCH ALL", "NOOP"),
        ("UID STORE 1 FLAGS ()", "UID COPY 1 x"),
        ("UID COPY 1 x", "EXPUNGE"),
        ("UID COPY 1 x", "UID COPY 2 x"),
        ("CREATE x", "APPEND x {3}"),
        ("UID FETCH 1 BODY[]", "UID FETCH 2 BODY[]"),
        ("UID SEARCH RETURN (ALL) SEEN", "UID SEARCH RETURN (MIN) UNSEEN"),
        ("UID SEARCH ALL", "LIST x y"),
        ("NOOP", "UID SEARCH LARGER 1000 UID 1:5,9"),
        ("UID EXPUNGE 1", "UID EXPUNGE 2"),
    ],
)
def test_together(earlier, later):
    """These are in flight together."""
    assert joins(command(later), command(earlier))


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("NOOP", "UID SEARCH 1:5"),
        ("NOOP", "UID SEARCH NOT 7"),
        ("NOOP", "UID SEARCH OR (1:2) SEEN"),
        ("NOOP", "UID SEARCH $"),
        ("NOOP", "UID SEARCH *"),
        ("NOOP", "UID SEARCH RETURN (SAVE) SEEN"),
        ("UID SEARCH ALL", "UID SEARCH SEEN"),
        ("UID SEARCH RETURN (ALL) ALL", "UID SEARCH SEEN"),
        ("UID SEARCH ALL", "UID SORT (DATE) UTF-8 ALL"),
        ("LIST x y", "LSUB x y"),
        ("EXPUNGE", "UID SEARCH ALL"),
        ("EXPUNGE", "UID FETCH 1 FLAGS"),
        ("UID MOVE 1 x", "UID STORE 1 FLAGS ()"),
        ("UID MOVE 1 x", "UID MOVE 2 x"),
        ("APPEND x", "UID SEARCH ALL"),
        ("UID COPY 1 x", "STATUS x"),
        ("GETQUOTA x", "GETQUOTAROOT x"),
    ],
)
def test_one_after_the_other(earlier, later):
    """These are not in flight together."""
    assert not joins(command(later), command(earlier))
    assert joins(command(later))


def test_status():
    """STATUS of the same mailbox waits, since its responses name no more than the mailbox."""
    first, same, other = (command("STATUS x", about) for about in ("a", "a", "b"))

    assert joins(other, first)
    assert not joins(same, first)


def test_numbers_in_quotes():
    """Text in quotes is no sequence number."""
    assert joins(command(r'UID SEARCH SUBJECT " 5 \" 7 "'), command("NOOP"))


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("UNSEEN LARGER 1000 YOUNGER 60", True),
        ('UID 1:5 SUBJECT "5 6" MODSEQ 7', True),
        ("UNSEEN 5", False),
        ("LARGER 1000 1:5", False),
        ("SUBJECT grün 5", False),
        ("SUBJECT grün LARGER 5", True),
    ],
)
def test_numbers_of_a_query(keys, expected):
    """Numbers are no sequence numbers in a query as `search()` writes it: in tokens."""
    parts = encode.parts_of([b"RETURN (ALL)", *search_program(keys).arguments()])
    later = Command("UID SEARCH", parts, Responses(fetches=False), None)

    assert joins(later, command("UID SEARCH RETURN (ALL) SEEN")) is expected


def test_fetches_are_few():
    """At most 16 commands look at each other's FETCH responses."""
    fetches = [command("UID FETCH 1 FLAGS") for _ in range(16)]

    assert joins(fetches[0], *fetches[1:])
    assert not joins(command("UID FETCH 2 FLAGS"), *fetches)


@pytest.mark.parametrize("name", ["SELECT", "EXAMINE", "CLOSE", "UNSELECT", "LOGOUT", "X", "IDLE"])
def test_alone(name):
    """What changes the session, and what is not known, is not in flight with anything."""
    assert not is_known(name)
