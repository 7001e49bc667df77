"""No argument of any method becomes a command of its own, or a second argument.

The judge is netmail's own strict reader: what the client sends is cut and parsed like a response.
"""

import pytest

from netmail.errors import UsageError
from netmail.flows.flow import Send
from netmail.wire.dot import crlf
from netmail.wire.imap import responses, utf7
from netmail.wire.imap.fragments import Fragmentizer
from netmail.wire.reader import Reader
from support.imap_calls import ARGUMENTS, HARMLESS, KINDS, UNKNOWN, Kind, of_kind
from support.imap_sessions import logged_in, selected
from support.replay import replay

ATTACKS = {
    "CRLF": "x\r\nT9 DELETE INBOX",
    "LF": "x\nT9 DELETE INBOX",
    "CR": "x\rT9 DELETE INBOX",
    "NUL": "x\0y",
    "quote": 'x" (\\Deleted) "',
    "backslash": "x\\",
    "literal": "x {5}",
    "non-synchronizing literal": "{99+}",
    "literal8": "~{3}",
    "parentheses": "x) (y",
    "space": "x \\Deleted",
    "wildcards": "x*%",
    "surrogate": "x\ud800",
    "not ASCII": "ü\u2028\u0085x",
    "long": "x y" * 2_000,
    "atom": "NIL",
}
REFUSED = object()
LINE_ENDS = "\r\n\0\ud800"
# How the text of an attack is given, where the argument is not a text.
GIVEN = {
    Kind.FLAGS: lambda text: [text],
    Kind.STATUS_ITEMS: lambda text: [text],
    Kind.FETCH_ITEMS: lambda text: [text],
    Kind.ITEMS_BY_UID: lambda text: {1: [text]},
    Kind.MESSAGE: lambda text: text.encode("utf-8", "surrogatepass"),
    Kind.LIMITS: lambda text: {text: 1},
    Kind.ENTRIES: lambda text: [text],
    Kind.ENTRY_VALUES: lambda text: {"/a": text},
    Kind.FIELDS: lambda text: {"x": text},
    Kind.EXTENSIONS: lambda text: [text],
    Kind.SCOPES: lambda text: [text],
    Kind.PATTERNS: lambda text: [text],
    Kind.SORT_KEYS: lambda text: [text],
    Kind.LANGUAGES: lambda text: [text],
}
# What is a number, or one of a few names of the protocol: no attack is one.
CLOSED = {
    *(Kind.UIDS, Kind.STORE_ITEM, Kind.DATE, Kind.RIGHTS, Kind.ENTRIES, Kind.SORT_KEYS, Kind.DEPTH),
    *(Kind.SIZE, Kind.ALGORITHM, Kind.EXTENSIONS, Kind.USE, Kind.RESULT, Kind.EVENTS),
    Kind.SECTION,
    Kind.OFFSET,
    Kind.MESSAGES,  # each message's octets are written as those of append()
}
ATOMS = {Kind.FLAGS, Kind.STATUS_ITEMS, Kind.FETCH_ITEMS, Kind.ITEMS_BY_UID, Kind.LIMITS}
# RFC 9051 section 6.3.1: "The ENABLE command is only valid in the authenticated state".
BEFORE_SELECT = {"enable"}
OFFERED = (
    "IMAP4rev1 UIDPLUS MOVE ACL CATENATE ENABLE HARMLESS ID LANGUAGE METADATA QUOTA SORT "
    "THREAD=HARMLESS THREAD=REFERENCES MULTISEARCH IDLE NOTIFY"
)
CAPABILITIES = [OFFERED, f"{OFFERED} LITERAL+"]


def commands_of(flow, session):
    """Return the commands that a flow sends first, usually one, cut by the strict reader.

    The server requests each literal, and has received nothing after the commands.
    """
    server = Reader()
    fragmentizer = Fragmentizer(server)
    sent = []
    for want in flow:
        if isinstance(want, Send):
            server.feed(want.data)
        elif sent := list(iter(fragmentizer.next, None)):
            break
        elif server.received:
            session.reader.feed(b"+ go on\r\n")
    flow.close()

    assert sent
    assert server.available == 0
    for fragments in sent:
        assert not {0, 10, 13}.intersection(b"".join(fragments[::2]))
    return sent


def commands(argument, value, capabilities=""):
    """Return the commands that a method sends first with a value for the parameter."""
    make = logged_in if argument.method in BEFORE_SELECT else selected
    session = make(capabilities, strict=True)
    return commands_of(argument.flow(session, value), session)


def untagged(sent):
    """Return the values of commands, without their tags."""
    return [responses.values(fragments)[1:] for fragments in sent]


def expected(kind, text):
    """Return the value that an attack must be sent as, or `REFUSED`."""
    if kind is Kind.MESSAGE:
        return REFUSED if "\0" in text else crlf(GIVEN[kind](text))
    # A value of an annotation may have lines: it is a literal then.
    ends = set("\0\ud800") if kind is Kind.ENTRY_VALUES else set(LINE_ENDS)
    if set(text) & ends or kind in CLOSED or (kind is Kind.FIELDS and len(text) > 1_024):
        return REFUSED
    if kind in ATOMS:
        return None if text == "NIL" else REFUSED  # the one attack that is an atom
    if kind is Kind.LANGUAGES:
        return text.encode() if text == "NIL" else REFUSED  # which is in quotes here
    if kind in {Kind.TEXT, Kind.ENTRY_VALUES, Kind.FIELDS}:
        return text.encode()
    return utf7.encode(text)


def replaced(value, harmless, other):
    """Return values with another one in place of the harmless one, to which "*" may be added."""
    if isinstance(value, list):
        return [replaced(inner, harmless, other) for inner in value]
    if other is None:
        return None if value == harmless else value
    return value.replace(harmless, other)


def test_every_parameter_has_a_kind():
    """A new command is not forgotten: its parameters are known to `support.imap_calls`."""
    assert [str(argument) for argument in UNKNOWN] == []
    assert KINDS.keys() <= {argument.parameter for argument in ARGUMENTS}


@pytest.mark.parametrize("capabilities", CAPABILITIES, ids=["", "LITERAL+"])
@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize(
    "argument", of_kind(*{*Kind} - {Kind.QUERY, Kind.COMMAND, Kind.LOCAL}), ids=str
)
def test_one_value(argument, attack, capabilities):
    """An argument is refused before anything is sent, or is the one value that it should be."""
    kind, text = argument.kind, ATTACKS[attack]
    given = GIVEN.get(kind, str)(text)
    value = expected(kind, text)
    if value is REFUSED:
        session = selected(capabilities)
        with pytest.raises(UsageError):
            replay(argument.flow(session, given), session.reader, "")
        return
    sent = commands(argument, given, capabilities)
    harmless = commands(argument, HARMLESS[kind], capabilities)
    mark = b"HARMLESS" if kind in ATOMS - {Kind.FLAGS} else b"harmless"
    # After a literal that the server requests, nothing is sent together with it.
    assert untagged(sent) == replaced(untagged(harmless), mark, value)[: len(sent)]
    assert all(b"".join(fragments[::2]).isascii() for fragments in sent)


@pytest.mark.parametrize("capabilities", CAPABILITIES, ids=["", "LITERAL+"])
@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("form", ['SUBJECT "{}"', "SUBJECT {}"], ids=["quoted", "bare"])
@pytest.mark.parametrize("argument", of_kind(Kind.QUERY), ids=str)
def test_query(argument, form, attack, capabilities):
    """A query is search keys of one command, or is refused."""
    try:
        sent = commands(argument, form.format(ATTACKS[attack]), capabilities)[-1]
    except UsageError:
        assert set(ATTACKS[attack]) & set(LINE_ENDS + '"\\)')
        return
    harmless = responses.values(commands(argument, HARMLESS[Kind.QUERY], capabilities)[-1])

    assert responses.values(sent)[1:3] == harmless[1:3]
    assert b"SUBJECT" in responses.values(sent)
    assert b"".join(sent[::2]).isascii()


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("argument", of_kind(Kind.COMMAND), ids=str)
def test_command(argument, attack):
    """A command as it is written is one line, or is refused."""
    try:
        sent = commands(argument, f"NOOP {ATTACKS[attack]}")
    except UsageError:
        assert set(ATTACKS[attack]) & set(LINE_ENDS) or ATTACKS[attack].endswith("}")
        return

    assert sent == [[b"T1 NOOP " + ATTACKS[attack].encode()]]
