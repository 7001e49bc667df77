"""FetchedMessage: each attribute, defects, and the quick pattern beside the grammar."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.errors import ProtocolError
from netmail.wire.imap.fetched_message import Reading, fetched_messages

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


def message_of(text, *literals, only_flags=False, strict=False):
    """Read one response; its literals are where "%" is."""
    texts = text.split("%")
    fragments = [texts[0].encode()]
    for literal, rest in zip(literals, texts[1:], strict=True):
        fragments += [literal, rest.encode()]
    return one(fragments, only_flags=only_flags, strict=strict)


def one(fragments, **options):
    """Read one response; `None` if it is no message."""
    reading = Reading(strict=options.pop("strict", False))
    messages, _ = fetched_messages([fragments], reading, **options)
    return messages[0] if messages else None


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


ATTRIBUTES = {
    "flags": (r"FLAGS (\Seen $Work)", ("\\Seen", "$Work")),
    "size": ("RFC822.SIZE 44827", 44827),
    "internal_date": (
        'INTERNALDATE "17-Jul-1996 02:44:25 +0000"',
        datetime(1996, 7, 17, 2, 44, 25, tzinfo=UTC),
    ),
    "save_date": (
        'SAVEDATE " 7-Jul-1996 02:44:25 +0000"',
        datetime(1996, 7, 7, 2, 44, 25, tzinfo=UTC),
    ),
    "modseq": ("MODSEQ (12121231000)", 12121231000),
    "preview": ('PREVIEW "Gr\u00fc\u00dfe"', "Gr\u00fc\u00dfe"),
    "email_id": ("EMAILID (M6d99ac3275bb4e)", "M6d99ac3275bb4e"),
    "thread_id": ("THREADID (T64b478a75b7ea9)", "T64b478a75b7ea9"),
    "labels": (r'X-GM-LABELS (\Inbox "a b" M&APY-rz)', ("\\Inbox", "a b", "M\u00f6rz")),
    "gmail_message_id": ("X-GM-MSGID 1278455344230334865", 1278455344230334865),
    "gmail_thread_id": ("X-GM-THRID 1266894439832287888", 1266894439832287888),
    "binary_sizes": ("BINARY.SIZE[1.2] 5", {"1.2": 5}),
}
NIL = {"save_date": "SAVEDATE NIL", "preview": "PREVIEW NIL", "thread_id": "THREADID NIL"}


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_attribute(name):
    """Each item is an attribute, wherever UID is."""
    written, expected = ATTRIBUTES[name]

    for text in (f"* 3 FETCH (UID 5 {written})", f"* 3 FETCH ({written} UID 5)"):
        message = message_of(text, only_flags=name in {"flags", "modseq"})
        assert (message.uid, getattr(message, name)) == (5, expected)
        assert message.defect is None


@pytest.mark.parametrize("name", [*ATTRIBUTES, "body"])
def test_missing(name):
    """What was not sent is `None`, and for the dictionaries empty."""
    message = message_of("* 3 FETCH (UID 5 FLAGS ())", only_flags=True)

    assert getattr(message, name) in (None, {}, ())


@pytest.mark.parametrize("name", NIL)
def test_nil(name):
    """Where the grammar has NIL, it is `None` and no defect."""
    message = message_of(f"* 3 FETCH (UID 5 {NIL[name]})")

    assert getattr(message, name) is None
    assert message.defect is None


@pytest.mark.parametrize(
    ("text", "sections"),
    [
        ("BODY[] %", {"": b"one"}),
        ("BODY[HEADER] % FLAGS ()", {"HEADER": b"one"}),
        ("BODY[HEADER.FIELDS (TO CC)] %", {"HEADER.FIELDS (TO CC)": b"one"}),
        ("BODY[1]<0> % BODY[2] NIL", {"1<0>": b"one"}),
        ("RFC822 %", {"": b"one"}),
        ("RFC822.HEADER % RFC822.TEXT NIL", {"HEADER": b"one"}),
    ],
)
def test_sections(text, sections):
    """Content is found by its section; one that does not exist is left out."""
    message = message_of(f"* 3 FETCH (UID 5 {text})", b"one")

    assert sections == message.sections
    assert message.body == sections.get("")
    assert message.binaries == {}


def test_binaries():
    """Decoded content is apart from sections."""
    message = message_of("* 3 FETCH (UID 5 BINARY[1] %)", b"\0")

    assert (message.binaries, message.sections) == ({"1": b"\0"}, {})


BROKEN = {
    "size": "RFC822.SIZE x",
    "internal_date": 'INTERNALDATE "yesterday"',
    "save_date": "SAVEDATE (x)",
    "modseq": "MODSEQ 5",
    "labels": "X-GM-LABELS x",
    "flags": "FLAGS x",
    "gmail_message_id": "X-GM-MSGID " + "9" * 21,
    "email_id": "EMAILID (a b)",
}


@pytest.mark.parametrize("name", BROKEN)
def test_defect(name):
    """An item that breaks the grammar costs no other, and is named."""
    message = message_of(f"* 3 FETCH (UID 5 BODY[] % {BROKEN[name]})", b"text")

    assert getattr(message, name) is None
    assert message.body == b"text"
    assert message.defect.startswith(BROKEN[name].split()[0])
    assert BROKEN[name].encode() in message.raw


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

    assert fetched_messages(broken, Reading(), only_flags=True) == ([], broken)


@pytest.mark.parametrize("text", ["FLAGS ()", r"UID 5 FLAGS (\Seen)", "UID 5 FLAGS () MODSEQ (5)"])
def test_updates_are_no_messages(text):
    """A change of flags, which nobody asked for, is not taken for a message without content."""
    assert message_of(f"* 3 FETCH ({text})") is None


def test_repr():
    """A message shows what it has, and no content."""
    message = message_of("* 3 FETCH (UID 5 BODY[] %)", b"secret")

    assert repr(message) == "<FetchedMessage 5: UID BODY[]>"
