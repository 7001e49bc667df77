"""The responses to any command: as text that no literal can forge, and as values."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.errors import ProtocolError
from netmail.wire.imap import responses
from netmail.wire.imap.exec_result import ExecResult, ending
from support.timing import cpu_limit

FORGED = b'x")) BODYSTRUCTURE (\r\n* 9 FETCH (UID 9)\r\nT1 OK \\"'


@pytest.mark.parametrize(
    ("fragments", "expected"),
    [
        ([b"* SEARCH 7 8 012"], ["SEARCH", 7, 8, "012"]),
        ([b"* SEARCH"], ["SEARCH"]),
        ([b"* 3 EXISTS"], [3, "EXISTS"]),
        (
            [b"* 3 FETCH (UID 7 FLAGS (\\Seen) BODY[] ", b"5", b" X NIL Y nil)"],
            [3, "FETCH", ["UID", 7, "FLAGS", [r"\Seen"], "BODY[]", b"5", "X", None, "Y", None]],
        ),
        ([b'* X "5" "NIL" "a\\"b\\\\" ""'], ["X", "5", "NIL", 'a"b\\', ""]),
        ([b"* X ", b"NIL", b" ", b"", b""], ["X", b"NIL", b""]),
        ([b'* NAMESPACE (("" "/")) NIL NIL'], ["NAMESPACE", [["", "/"]], None, None]),
        ([b"* X 9223372036854775808999 0 -1"], ["X", "9223372036854775808999", 0, "-1"]),
        ([b"* THREAD (1 2 (3)(4 5))()"], ["THREAD", [1, 2, [3], [4, 5]], []]),
        ([b"* 1 FETCH (BODY[HEADER (To)] {)"], [1, "FETCH", ["BODY[HEADER (To)]", "{"]]),
        ([b"* OK [UIDNEXT 5] Don't (panic"], ["OK", "UIDNEXT 5", "Don't (panic"]),
        ([b"* no nothing"], ["NO", None, "nothing"]),
        ([b"* BYE"], ["BYE", None, ""]),
    ],
)
def test_values(fragments, expected):
    """Each value has the type of how it is written."""
    assert ExecResult([fragments]).values() == [expected]


@pytest.mark.parametrize("line", [b"* X (", b"* X )", b'* X "a', b"* X " + b"(" * 300])
def test_unreadable_values(line):
    """What is no list of values is an error, and the text is there."""
    result = ExecResult([[line]])

    with pytest.raises(ProtocolError):
        result.values()
    assert result.lines[0] == line.decode()


def test_text():
    """A literal is one quoted string in its line, whatever it holds."""
    result = ExecResult([[b"* 1 FETCH (BODY[] ", FORGED, b")"], [b"* 2 EXISTS"]], "OK done")
    quoted = r'"x\")) BODYSTRUCTURE (\r\n* 9 FETCH (UID 9)\r\nT1 OK \\\""'

    assert result.lines == (f"* 1 FETCH (BODY[] {quoted})", "* 2 EXISTS", "OK done")
    assert result == "\r\n".join(result.lines)
    assert result.literals == (FORGED,)
    assert result.values()[0] == [1, "FETCH", ["BODY[]", FORGED]]


@given(st.lists(st.binary(max_size=20), max_size=4))
def test_no_literal_forges(literals):
    """The text has as many lines as responses, and the syntax of the same without literals."""
    fragments = [b"* 1 FETCH ("]
    for literal in literals:
        fragments += [literal, b" "]
    fragments[-1] += b")"
    result = ExecResult([fragments])
    read = responses.values([result.lines[0].encode("utf-8", "surrogateescape")])

    assert len(result.splitlines()) == 2
    assert [len(read), len(read[3])] == [4, len(literals)]
    assert result.values() == [[1, "FETCH", literals]]


@pytest.mark.parametrize("octets", [b"\r", b"\x0b", b"\x1c", b"\xc2\x85", b"\xe2\x80\xa8", b"\xff"])
def test_text_is_shown_as_it_is(octets):
    """A quoted string, and text for the user, make no lines either."""
    result = ExecResult([[b'* X "' + octets + b'"']], f"OK {octets.decode('utf-8', 'replace')}")

    assert len(result.splitlines()) == 2
    assert result.encode().isascii() or b"\xff" in octets
    assert result.values() == [["X", octets.decode("utf-8", "surrogateescape")]]


def test_ending():
    """The tagged response without its tag."""
    assert ending(responses.status(b"T1 OK [X y] z")) == "OK [X y] z"
    assert ending(responses.status(b"T1 OK [X] z")) == "OK [X] z"
    assert ending(responses.status(b"T1 OK")) == "OK"


def test_copies():
    """It can be copied as any str."""
    result = ExecResult([[b"* X ", b"a", b""]], "OK [A] b", 3)
    copied = pickle.loads(pickle.dumps(result))

    assert (copied, copied.literals, copied.values()) == (result, (b"a",), [["X", b"a"]])


def test_depth_costs_no_stack():
    """A hundred thousand lists within each other are parsed, if the limit allows them."""
    depth = 100_000
    with cpu_limit(2):
        [[_, value]] = ExecResult([[b"* X " + b"(" * depth + b")" * depth]], "", depth).values()
    for _ in range(depth - 1):
        [value] = value

    assert value == []
