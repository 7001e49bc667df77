"""THREAD: the samples of RFC 5256 section 4, and threads of any depth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.errors import ProtocolError
from netmail.results.thread import Thread, ThreadMember
from netmail.wire.imap.data.thread import thread_data
from support.imap_responses import data


def read(text):
    """Read a response of threads."""
    return thread_data(data(b"* THREAD" + text))


def members(*given):
    """Make a thread."""
    return Thread(tuple(ThreadMember(*each) for each in given))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", []),
        (b" ", []),
        (b" (2)", [members((2,))]),
        (
            b" (2)(3 6 (4 23)(44 7 96))",
            [
                members((2,)),
                members(
                    *((3,), (6, 1, 3), (4, 2, 6), (23, 3, 4), (44, 2, 6), (7, 3, 44), (96, 4, 7))
                ),
            ],
        ),
        (b" ((3)(5))", [members((3, 1), (5, 1))]),
        (b" ((3 1)(5)) (7)", [members((3, 1), (1, 2, 3), (5, 1)), members((7,))]),
        (b" ()", [members()]),
    ],
)
def test_samples(text, expected):
    """Each message has its depth and the one that it replies to."""
    assert read(text) == expected


@pytest.mark.parametrize(
    "text", [b" 2", b" (2", b" 2)", b" (0)", b" (4294967296)", b" (a)", b" (2)x", b' ("2")']
)
def test_no_threads(text):
    """What holds anything else is refused."""
    with pytest.raises(ProtocolError):
        read(text)


@pytest.mark.usefixtures("in_time")
@pytest.mark.parametrize(
    "text",
    [
        b" (" + b" ".join(b"%d" % uid for uid in range(1, 100_001)) + b")",
        b" " + b"".join(b"(%d" % uid for uid in range(1, 100_001)) + b")" * 100_000,
        b" " + b"(" * 100_000 + b"1" + b")" * 100_000,
    ],
    ids=["a chain", "lists", "empty lists"],
)
def test_depth(text):
    """A hundred thousand replies to each other are compared and shown like any others."""
    threads = read(text)

    assert threads == read(text)
    assert str(threads[0].members[-1].depth) in repr(threads)


TREES = st.recursive(
    st.just(()), lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=20
)


@given(tree=TREES)
def test_round_trip(tree):
    """Any tree that is written is read."""
    expected = []
    text = b" " + write(tree, expected, iter(range(1, 1000)), 0, None)

    assert read(text) == [Thread(tuple(expected))]


def write(tree, expected, numbers, depth, parent):
    """Write a message with the replies to it, and note what is to be read."""
    uid = next(numbers)
    expected.append(ThreadMember(uid, depth, parent))
    replies = b"".join(write(each, expected, numbers, depth + 1, uid) for each in tree)
    return b"(%d%b%b)" % (uid, b" " if tree else b"", replies)


def test_use():
    """The members of a thread, and what replies to what."""
    [_, thread] = read(b" (2)(3 6 (4 23)(44 7 96))")

    assert thread.uids == (3, 6, 4, 23, 44, 7, 96)
    assert len(thread) == 7
    assert [thread.replies(), thread.replies(6), thread.replies(96)] == [[3], [4, 44], []]
    assert [member.depth for member in thread][:3] == [0, 1, 2]
