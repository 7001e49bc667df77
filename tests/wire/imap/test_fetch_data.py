"""FETCH responses: messages, updates of flags, and what cannot be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.errors import ProtocolError
from netmail.wire.imap.fetch_data import fetched_messages
from support.fetched import message_of, one, reading

FLAGS = st.lists(st.sampled_from([rb"\Seen", b"$Work", b"x]y", b"NIL", b"a[b"]), max_size=3)
USUAL = st.builds(
    lambda number, uid, flags, end: b"* %d FETCH (UID %d FLAGS (%b)%b" % (number, uid, flags, end),
    st.integers(0, 2**33),
    st.integers(0, 2**33),
    FLAGS.map(b" ".join),
    st.sampled_from([b")", b" BODY[] ", b" BODY[1] "]),
)
# The usual text with something else in one place.
SPOILT = st.builds(
    lambda text, at, other: text[:at] + other + text[at + 1 :],
    USUAL,
    st.integers(0, 60),
    st.sampled_from([b"", b" ", b"0", b"x", b"(", b")", b'"', b"\\", b"NIL ", b"UID 5 ", b"\xff"]),
)
FRAGMENTS = st.tuples(
    USUAL | SPOILT, st.lists(st.binary(max_size=9), max_size=1), st.sampled_from([b")", b" )", b""])
).map(lambda parts: [parts[0], *(each for body in parts[1] for each in (body, parts[2]))])


@given(FRAGMENTS, st.booleans())
def test_quick_pattern_agrees(fragments, only_flags):
    """What the quick pattern reads, the grammar reads too, even strictly."""
    message = one(fragments, only_flags=only_flags)
    if message is not None and message._flags is not None:
        # In lower case the quick pattern does not match.
        slow = [fragments[0].replace(b" FETCH (UID ", b" FETCH (uid ", 1), *fragments[1:]]
        other = one(slow, only_flags=only_flags, strict=True)

        assert other._flags is None
        assert (other.uid, other.flags, other.body) == (message.uid, message.flags, message.body)
        assert message.defect is None


def test_quote_in_flags():
    """A flag holds no quote: what looks usual but has one is left to the grammar, which refuses."""
    message = message_of('* 1 FETCH (UID 1 FLAGS ("Seen))', only_flags=True)

    assert (message.uid, message.flags) == (1, None)
    assert message.defect is not None


def test_defective_response():
    """A response that cannot be parsed is a message if its UID can be found."""
    message = message_of(r"* 3 FETCH (UID 5 FLAGS (\Seen", only_flags=True)

    assert (message.uid, message.flags, message.raw) == (5, None, rb"* 3 FETCH (UID 5 FLAGS (\Seen")
    assert "not closed" in message.defect
    assert message_of('* 3 FETCH (X "UID 5" FLAGS (') is None
    with pytest.raises(ProtocolError):
        message_of(r"* 3 FETCH (UID 5 FLAGS (\Seen", strict=True)


def test_unreadable_responses_are_returned():
    """What has no UID that can be found is for the caller to keep."""
    broken = [[b"* 3 FETCH (FLAGS ("], [b"* 3 FETCH (UID x)"], [b"* 3 FETCH (UID 5000000000)"]]

    assert fetched_messages(broken, reading(), only_flags=True) == ([], broken)


@pytest.mark.parametrize("text", ["FLAGS ()", r"UID 5 FLAGS (\Seen)", "UID 5 FLAGS () MODSEQ (5)"])
def test_updates_are_no_messages(text):
    """A change of flags, which nobody asked for, is not taken for a message without content."""
    assert message_of(f"* 3 FETCH ({text})") is None


def test_uid_alone():
    """A message of which the server has nothing that was asked for exists all the same."""
    batch = [[b"* 1 FETCH (UID 7)"], [b"* 2 FETCH (UID 8 FLAGS ())"], [b"* 3 FETCH (FLAGS ())"]]
    messages, broken = fetched_messages(batch, reading())

    assert [message.uid for message in messages] == [7]
    assert broken == []
