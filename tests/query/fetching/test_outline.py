"""Messages with holes: which ranges are fetched, and when the whole message has to be.

A test takes the server's part: it hands out ranges of a message, and describes it as it likes.
"""

from dataclasses import dataclass, field, replace

import pytest

import netmail
from netmail import BodyStructure
from netmail.query.fetching.outline import BEGIN, ROUNDS, Outline

FILE = b"z" * 30_000
NAMES = frozenset({"content", "filenames", "encoding"})
HEAD = b"Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
TEXT = b"--b\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\nHello\r\n"
FILE_HEAD = b"--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n"
MESSAGE = HEAD + TEXT + FILE_HEAD + FILE + b"\r\n--b--\r\n"


@dataclass
class Sent:
    """What a server sends of a message."""

    body_structure: BodyStructure | None = None
    size: int | None = None
    sections: dict[str, bytes] = field(default_factory=dict)


def described(octets):
    """The structure of a message, as netmail reads it."""

    def part_of(part):
        children = tuple(map(part_of, part.children))
        return BodyStructure(
            part.section, part.content_type, size=len(part.raw_body), children=children
        )

    return part_of(netmail.parse(octets).root)


def outline(octets, names=NAMES, structure=None, size=None):
    """Run an outline to its end; return it, and the ranges that it asked for."""
    first = Sent(structure or described(octets), size or len(octets), {"<0>": octets[:BEGIN]})
    made, ranges = Outline(first, names), []
    while (wanted := made.wanted()) is not None:
        ranges.append(wanted)
        begin, count = wanted
        made.take(Sent(sections={f"<{begin}>": octets[begin : begin + count]}))
    return made, ranges


def test_short_message():
    """A message within the first octets is whole, and needs nothing else."""
    made, ranges = outline(HEAD + TEXT + b"--b--")

    assert made.is_whole
    assert ranges == []
    assert made.mail.text == "Hello"


def test_hole():
    """A file is left out, and all the rest is there."""
    made, ranges = outline(MESSAGE)

    assert [begin for begin, _ in ranges] == [len(MESSAGE) - len(b"\r\n--b--\r\n")]
    assert not made.is_whole
    assert made.mail.body == {"text/plain": "Hello"}
    assert [each.filename for each in made.mail.attachments] == ["a.pdf"]


def test_several_holes():
    """Each file costs one range."""
    made, ranges = outline(HEAD + TEXT + (FILE_HEAD + FILE + b"\r\n") * 5 + b"--b--")

    assert len(ranges) == 5
    assert len(made.mail.attachments) == 5


def test_too_many_holes():
    """A message with too many files is fetched whole."""
    made, ranges = outline(HEAD + (FILE_HEAD + FILE + b"\r\n") * (ROUNDS + 1) + b"--b--")

    assert len(ranges) == ROUNDS
    assert made.mail is None


def test_long_text():
    """A long text is fetched up to its end, and the file after it is not."""
    text = TEXT.replace(b"Hello", b"Hello " * 10_000)
    made, ranges = outline(HEAD + text + FILE_HEAD + FILE + b"\r\n--b--")

    assert len(ranges) == 2
    assert made.mail.text == "Hello " * 10_000


@pytest.mark.parametrize(
    ("head", "names", "is_left_out"),
    [
        ("Content-Type: text/html", {"content"}, False),
        ("Content-Type: text/html", {"filenames"}, True),
        ("Content-Type: text/plain", {"filenames"}, False),
        ("Content-Type: text/plain", {"encoding"}, True),
        ("Content-Type: text/plain\r\nContent-Disposition: attachment", {"content"}, True),
        ("Content-Type: text/calendar", {"content"}, False),
        ("Content-Type: application/ms-tnef", {"filenames"}, False),
        ("Content-Type: application/ms-tnef", {"encoding"}, True),
        ("Content-Type: application/x; name=winmail.dat", {"content"}, False),
        ("Content-Type: image/png", {"content", "filenames"}, True),
        ("Content-Type: message/external-body", {"encoding"}, False),
        ("X: y", {"content"}, False),
    ],
)
def test_what_is_left_out(head, names, is_left_out):
    """Only what no field depends on: texts may hold files, and a winmail.dat texts."""
    octets = HEAD + b"--b\r\n" + head.encode() + b"\r\n\r\n" + FILE + b"\r\n--b--\r\n"
    made, _ = outline(octets, frozenset(names))

    assert made.is_whole is not is_left_out
    assert made.mail is not None


def test_single_part():
    """A message that is one file ends with it."""
    made, ranges = outline(b"Content-Type: application/pdf; name=a.pdf\r\n\r\n" + FILE)

    assert len(ranges) == 1
    assert [each.filename for each in made.mail.attachments] == ["a.pdf"]


WRONG = described(MESSAGE)
SHORT = replace(WRONG.children[1], size=29_990)
LONG = replace(WRONG.children[1], size=30_002)
MORE = replace(WRONG.children[1], section="3")


@pytest.mark.parametrize(
    ("structure", "size"),
    [
        (replace(WRONG, children=(WRONG.children[0], SHORT)), None),
        (replace(WRONG, children=(WRONG.children[0], LONG)), None),
        (replace(WRONG, children=(*WRONG.children, MORE)), None),
        (WRONG, len(MESSAGE) - 1),
        (WRONG, len(MESSAGE) + 1),
        (WRONG, 1 << 62),
        (WRONG, -1),
    ],
)
def test_disagreement(structure, size):
    """Where the server sees other parts, or other lengths, the message is fetched whole."""
    made, _ = outline(MESSAGE, structure=structure, size=size)

    assert made.mail is None


def test_no_structure():
    """Without a structure no file is left out."""
    made = Outline(Sent(None, len(MESSAGE), {"": MESSAGE[:BEGIN]}), NAMES)
    begin, count = made.wanted()
    made.take(Sent(sections={"": MESSAGE[begin : begin + count]}))

    assert made.mail is None
    assert made.wanted()[0] == begin + count


def test_gone():
    """Without a response there is nothing left to do."""
    made = Outline(Sent(WRONG, len(MESSAGE), {"<0>": MESSAGE[:BEGIN]}), NAMES)
    made.wanted()
    made.take(None)

    assert made.wanted() is None
    assert made.mail is None
