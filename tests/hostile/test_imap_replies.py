"""A hundred malformed responses: each ends in a documented error or is kept, never in a result.

Each goes to commands that read it by different rules, whole and octet by octet. The limits are
small, so that what is endless shows within a second.
"""

import itertools
import resource

import pytest

from netmail.errors import ConnectionLost, ImapError, MailTimeout, ProtocolError
from netmail.flows.imap import fetch, mailbox_list, search, select, status
from netmail.limits import ServerLimits
from support.imap_sessions import run, selected
from support.replay import replay
from support.timing import cpu_limit

LIMITS = ServerLimits(line=2_000, literal=3_000, response=20_000, responses=200)
ERRORS = (ProtocolError, ConnectionLost, MailTimeout, ImapError)
SECONDS = 5.0

COMMANDS = {
    "fetch": (lambda i: fetch.fetch(i, 5, None), "C: T1 UID FETCH 5 (UID BODY.PEEK[])"),
    "search": (lambda i: search.search(i, "ALL", None), "C: T1 UID SEARCH ALL"),
    "list": (lambda i: mailbox_list.list_mailboxes(i, "", "*"), 'C: T1 LIST "" "*"'),
    "status": (lambda i: status.status(i, "x", "MESSAGES"), 'C: T1 STATUS "x" (MESSAGES)'),
    "select": (lambda i: select.select(i, "x"), 'C: T1 SELECT "x"'),
}
RIGHT = {
    "fetch": b"* 1 FETCH (UID 5 BODY[] {4}\r\nbody)\r\n",
    "search": b"* SEARCH 1 2 3\r\n",
    "list": b'* LIST (\\Noselect) "/" "a b"\r\n',
    "status": b"* STATUS x (MESSAGES 3)\r\n",
    "select": b"* 3 EXISTS\r\n* OK [UIDVALIDITY 5] v\r\n",
}
DONE = b"T1 OK done\r\n"

CUT = {
    f"cut {name} at {at}": (name, RIGHT[name][:at], True)
    for name in RIGHT
    for at in {1, 2, len(RIGHT[name]) // 3, len(RIGHT[name]) // 2, len(RIGHT[name]) - 3}
}
CUT_TAG = {
    f"cut tag at {at} of {name}": (name, RIGHT[name] + DONE[:at], True)
    for name in RIGHT
    for at in (1, 3, 5, len(DONE) - 1)
}
WRONG_TAG = {
    f"tag {tag!r} for {name}": (name, RIGHT[name] + tag + b" OK done\r\n", False)
    for name in RIGHT
    for tag in (b"T2", b"A001", b"t1", b"T1\0", b"\xff", b"T1:", b"T11")
}
LENGTHS = {
    "too long": b"* 1 FETCH (UID 5 BODY[] {2500}\r\nshort)\r\n" + DONE,
    "too short": b"* 1 FETCH (UID 5 BODY[] {2}\r\nlonger\r\nthan that)\r\n" + DONE,
    "over the limit": b"* 1 FETCH (UID 5 BODY[] {3001}\r\n",
    "absurd": b"* 1 FETCH (UID 5 BODY[] {99999999999999999999}\r\n",
    "far too many digits": b"* 1 FETCH (UID 5 BODY[] {" + b"9" * 500 + b"}\r\n" + DONE,
    "negative": b"* 1 FETCH (UID 5 BODY[] {-4}\r\nbody)\r\n" + DONE,
    "no number": b"* 1 FETCH (UID 5 BODY[] {x}\r\nbody)\r\n" + DONE,
    "empty": b"* 1 FETCH (UID 5 BODY[] {}\r\nbody)\r\n" + DONE,
    "space": b"* 1 FETCH (UID 5 BODY[] { 4}\r\nbody)\r\n" + DONE,
    "many": b"* 1 FETCH (UID 5 X (" + b"{3000}\r\n" + b"x" * 3000 + b" {9}\r\n" * 3000,
    "empty ones": b"* 1 FETCH (UID 5 X (" + b"{0}\r\n " * 5000,
    "tag within": b"* 1 FETCH (UID 5 BODY[] {14}\r\n)\r\nT1 OK done\r\n",
}
LITERALS = {f"literal {name}": ("fetch", data, True) for name, data in LENGTHS.items()}
ENDLESS = {
    "endless line": ("search", b"* SEARCH" + b" 1" * 5000, True),
    "endless tag": ("search", b"T" * 5000, True),
    "endless text": ("search", b"* OK " + b"x" * 5000, True),
    "endless list": ("list", RIGHT["list"] * 300, True),
    "endless status": ("list", b"* OK still here\r\n" * 300, True),
    "endless codes": ("list", b"* OK [X 1] x\r\n" * 300, True),
    "endless requests": ("list", b"+ more\r\n" * 300, True),
    "endless nonsense": ("list", b"* (\r\n" * 300, True),
    "endless empty lines": ("list", b"\r\n" * 300, True),
    "endless nesting": ("fetch", b"* 1 FETCH " + b"(" * 1500 + b"\r\n" + DONE, False),
    "deep nesting": (
        "fetch",
        b"* 1 FETCH (UID 5 X " + b"(" * 300 + b")" * 301 + b"\r\n" + DONE,
        False,
    ),
}
WORDS = [
    b"* BYE\r\n",
    b"* BYE [UNAVAILABLE] x\r\n",
    b"T1 BYE x\r\n",
    b"T1 PREAUTH x\r\n",
    b"T1 OKAY\r\n",
    b"T1\r\n",
    b"T1 \r\n",
    b" T1 OK\r\n",
    b"*OK\r\n",
    b"*\r\n",
    b"\r\n",
    b"\n",
    b"\0\r\n",
    b"\xff\xfe\r\n",
    b"HTTP/1.1 200 OK\r\n",
    b"220 smtp\r\n",
    b"+OK pop3\r\n\r\n",
    b"\x16\x03\x01\x02\x00\r\n",
    b"T1 OK\0\r",
]
OTHERS = {
    f"{words!r} to {name}": (name, words, True)
    for words, name in zip(WORDS, itertools.cycle(RIGHT), strict=False)
}
BAD_DATA = {
    "fetch": [
        b"* 1 FETCH\r\n",
        b"* 1 FETCH ()\r\n",
        b"* 1 FETCH (UID 5)\r\n",
        b"* 1 FETCH UID 5\r\n",
        b"* 1 FETCH (UID BODY[] {1}\r\na)\r\n",
        b"* 1 FETCH (UID 5 BODY[] {1}\r\na\r\n",
        b"* 1 FETCH (UID 0 BODY[] {1}\r\na)\r\n",
        b"* 1 FETCH (UID 5 BODY[] (a))\r\n",
        b'* 1 FETCH (UID 5 BODY[] "a)\r\n',
        b"* 1 FETCH (UID -5 BODY[] {1}\r\na)\r\n",
        b"* 1 FETCH (UID 99999999999 BODY[] {1}\r\na)\r\n",
        b"* 1 FETCH (UID 5 BODY[ {1}\r\na)\r\n",
        b"* 1 FETCH (UID 55 BODY[] {1}\r\na)\r\n",
        b"* FETCH (UID 5 BODY[] {1}\r\na)\r\n",
    ],
    "search": [
        b"* SEARCH a\r\n",
        b"* SEARCH -1\r\n",
        b"* SEARCH 0\r\n",
        b"* SEARCH 1_0\r\n",
        b"* SEARCH 99999999999\r\n",
        b"* SEARCH \xb2\r\n",
        b"* SEARCH {1}\r\n5\r\n",
        b"* SEARCH \0\r\n",
        b"* ESEARCH UID ALL 1:4294967295\r\n",
    ],
    "status": [
        b"* STATUS x\r\n",
        b"* STATUS x (MESSAGES)\r\n",
        b"* STATUS x (MESSAGES x)\r\n",
        b"",
        b"* STATUS (MESSAGES 3)\r\n",
        b"* STATUS x (MESSAGES 3\r\n",
        b"* STATUS\r\n",
        b"* STATUS x MESSAGES 3\r\n",
        b"* STATUS x (MESSAGES " + b"9" * 1900 + b")\r\n",
    ],
    "select": [
        b"",
        b"* EXISTS\r\n",
        b"* -3 EXISTS\r\n",
        b"* x EXISTS\r\n",
        b"* 99999999999 EXISTS\r\n",
        b"* 5000000000 EXISTS\r\n",
        b"* 3  EXISTS\r\n",
        b"* {1}\r\n3 EXISTS\r\n",
    ],
}
BAD = {
    f"{data[:40]!r} to {name}": (name, data + DONE, False)
    for name, many in BAD_DATA.items()
    for data in many
}
REPLIES = CUT | CUT_TAG | WRONG_TAG | LITERALS | ENDLESS | OTHERS | BAD


def lines(name, data, *, closes):
    """Write a transcript: the command, the reply, and the end if the server closes."""
    octets = data.decode("latin-1").encode("unicode_escape").decode("ascii")
    sent = f"S! {octets}\n" if data else ""
    return f"{COMMANDS[name][1]}\n{sent}{'EOF' if closes else ''}"


@pytest.mark.parametrize("reply", REPLIES)
def test_reply(reply):
    """The command ends in a documented error, in time."""
    name, data, closes = REPLIES[reply]

    with cpu_limit(SECONDS), pytest.raises(ERRORS):
        outcome(name, lines(name, data, closes=closes))


def outcome(name, transcript):
    """Run a command whole and octet by octet; what the server has yet to send does not matter."""
    conversation = COMMANDS[name][0]
    results = []
    for size in (None, 1):
        imap = selected(limits=LIMITS)
        try:
            results.append(replay(conversation(imap), imap.reader, transcript, size=size))
        except ERRORS as error:
            results.append(error)
    assert type(results[0]) is type(results[1])
    raise results[1]


UNHARMED = {
    "unknown": b"* X-NEW (\r\n",
    "no name": b"* 17\r\n",
    "bad fetch": b"* 9 FETCH (((\r\n",
    "bad list": b"* LIST (\r\n",
    "binary": b"* \xff\xfe\x00\r\n",
    "two spaces": b"*  3 EXISTS\r\n",
    "literal of protocol": b"* X {12}\r\nT1 OK done\r\n\r\n",
    "quoted protocol": b'* X "T1 OK"\r\n',
    "status that looks like a literal": b"* OK read {5}\r\n",
    "status of another": b"* STATUS other (MESSAGES x)\r\n",
    "huge number": b"* 99999999999999999999999 EXISTS\r\n",
    "keepalive": b"* OK still here\r\n",
}


@pytest.mark.parametrize("noise", UNHARMED)
@pytest.mark.parametrize("name", RIGHT)
def test_noise_harms_nothing(name, noise):
    """A response that is not understood costs no other: the result is right all the same."""
    expected = run(COMMANDS[name][0], lines(name, RIGHT[name] + DONE, closes=False), selected)

    data = UNHARMED[noise] + RIGHT[name] + UNHARMED[noise] + DONE
    assert run(COMMANDS[name][0], lines(name, data, closes=False), selected) == expected


def test_memory_is_bounded():
    """A gigabyte announced costs no memory until it comes."""
    imap = selected()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    data = b"* 1 FETCH (UID 5 BODY[] {1000000000}\r\nx"
    with pytest.raises(ConnectionLost):
        replay(fetch.fetch(imap, 5, None), imap.reader, lines("fetch", data, closes=True))

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000
