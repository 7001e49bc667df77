"""FetchedMessage: each attribute, what is missing, and what is broken."""

from datetime import UTC, datetime

import pytest

from netmail.errors import ProtocolError
from support.fetched import message_of

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


ENVELOPE = '("Wed, 17 Jul 1996 02:23:25 -0700" "x" NIL NIL NIL NIL NIL NIL NIL "<a@b>")'
BODY = '("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 12 1)'


def test_envelope():
    """The envelope is decoded, in the usual form and with a literal in it."""
    usual = message_of(f"* 3 FETCH (UID 5 ENVELOPE {ENVELOPE})")
    literal = message_of("* 3 FETCH (UID 5 ENVELOPE " + ENVELOPE.replace('"x"', "%") + ")", b"x")

    assert usual.envelope == literal.envelope
    assert usual.envelope.subject == "x"
    assert usual.envelope is usual.envelope


@pytest.mark.parametrize("name", ["BODYSTRUCTURE", "BODY"])
def test_body_structure(name):
    """Both of a server's descriptions of the parts are one attribute."""
    usual = message_of(f"* 3 FETCH (UID 5 {name} {BODY})")
    literal = message_of(f"* 3 FETCH (UID 5 {name} " + BODY.replace('"utf-8"', "%") + ")", b"utf-8")

    assert usual.body_structure == literal.body_structure
    assert usual.body_structure.charset == "utf-8"


@pytest.mark.parametrize(
    ("name", "written"), [("envelope", "ENVELOPE x"), ("body_structure", "BODY x")]
)
def test_defect_of_structure(name, written):
    """A broken envelope costs no other item, and a strict session raises."""
    text = f"* 3 FETCH (UID 5 RFC822.SIZE 7 {written})"
    message = message_of(text)

    assert getattr(message, name) is None
    assert message.size == 7
    assert message.defect.startswith(written.split()[0])
    with pytest.raises(ProtocolError):
        message_of(text, strict=True)


def test_repr():
    """A message shows what it has, and no content."""
    message = message_of("* 3 FETCH (UID 5 BODY[] %)", b"secret")

    assert repr(message) == "<FetchedMessage 5: UID BODY[]>"
