"""UID SEARCH: what goes out, and what comes back."""

from datetime import date

import pytest

from netmail import search as S  # noqa: N812
from netmail.errors import CapabilityError, ImapError, ProtocolError, UsageError
from netmail.flows.imap.search import search
from support.imap_sessions import run, selected


def searching(query):
    """Search the selected mailbox."""
    return lambda imap: search(imap, query, None)


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        (None, "NEW"),
        ("", "NEW"),
        ("  ", "NEW"),
        ("UNSEEN", "UNSEEN"),
        ('FROM "ann"  SINCE 1-Feb-1994', 'FROM "ann" SINCE 1-Feb-1994'),
        ("OR (SEEN FROM x) ( NOT 1:3,7:* )", 'OR (SEEN FROM "x") (NOT 1:3,7:*)'),
        ("UID $", "UID $"),
        ('SUBJECT ""', 'SUBJECT ""'),
        ('SUBJECT "a \\"b\\" \\\\c"', 'SUBJECT "a \\"b\\" \\\\c"'),
        ('SUBJECT "a\\b"', 'SUBJECT "a\\\\b"'),
        ("SUBJECT {3}", 'SUBJECT "{3}"'),
        ("SUBJECT {30+}", 'SUBJECT "{30+}"'),
        ('SUBJECT "{3}"', 'SUBJECT "{3}"'),
        ("SUBJECT 100%", 'SUBJECT "100%"'),
        ("SUBJECT a\x01b", 'SUBJECT "a\x01b"'),
        ("HEADER X-Y z]", 'HEADER "X-Y" "z]"'),
        ("from to TO ~x KEYWORD a~b", 'from "to" TO "~x" KEYWORD a~b'),
        ("FROM nil SUBJECT INBOX", 'FROM "nil" SUBJECT "INBOX"'),
        ("charset us-ascii UNSEEN", "UNSEEN"),
    ],
)
def test_queries(query, sent):
    """Keys are sent as they are, with quotes where something could mean anything else."""
    transcript = f"C: T1 UID SEARCH {sent}\nS: * SEARCH 3 1\nS: T1 OK done"

    assert run(searching(query), transcript, selected) == [3, 1]


@pytest.mark.parametrize(
    "query", ['SUBJECT "über" SEEN', "SUBJECT über SEEN", 'CHARSET "UTF-8" SUBJECT über SEEN']
)
def test_not_ascii(query):
    """Text outside ASCII is sent as a UTF-8 literal, with the charset before it."""
    transcript = """
        C: T1 UID SEARCH CHARSET UTF-8 SUBJECT {5}
        S: +
        C: über SEEN
        S: * SEARCH 9
        S: T1 OK done
    """

    assert run(searching(query), transcript, selected) == [9]


def test_nested_not_ascii():
    """Literals within parentheses, non-synchronizing where the server accepts them."""
    transcript = """
        C: T1 UID SEARCH CHARSET UTF-8 (OR SUBJECT {2+}
        C: é FROM {3+}
        C: 日) UNSEEN
        S: * SEARCH
        S: T1 OK done
    """

    query = '(OR SUBJECT "é" FROM 日) UNSEEN'
    assert run(searching(query), transcript, selected, capabilities="LITERAL+") == []


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        (S.unseen() & S.from_("ann") | ~S.uid("1:5"), 'OR (UNSEEN FROM "ann") NOT UID 1:5'),
        (S.all_of(S.seen(), S.subject("x" * 99)), f'SEEN SUBJECT "{"x" * 99}"'),
    ],
    ids=["nested", "conjunction"],
)
def test_values(query, sent):
    """A query of `netmail.search` is sent as it is shown."""
    transcript = f"C: T1 UID SEARCH {sent}\nS: * SEARCH 3 1\nS: T1 OK done"

    assert run(searching(query), transcript, selected) == [3, 1]


@pytest.mark.parametrize(
    ("capabilities", "arguments"),
    [
        ("IMAP4rev1 LITERAL+", "CHARSET UTF-8 TEXT"),
        ("IMAP4rev1 IMAP4rev2 LITERAL+", "CHARSET UTF-8 TEXT"),
        ("IMAP4rev2 LITERAL+", "TEXT"),
    ],
)
def test_charset(capabilities, arguments):
    """IMAP4rev2 alone is UTF-8 throughout, and needs no charset."""
    transcript = f"""
        C: T1 UID SEARCH {arguments} {{7+}}
        C: Grüße
        S: * SEARCH 2
        S: T1 OK done
    """

    query = S.text("Grüße")
    assert run(searching(query), transcript, selected, capabilities=capabilities) == [2]


@pytest.mark.parametrize(
    ("query", "capability", "offered"),
    [
        (S.older(5), "WITHIN", "WITHIN"),
        (S.seen() | ~S.modseq(5), "CONDSTORE", "QRESYNC"),
        (S.saved() & S.seen(), "SEARCHRES", "IMAP4REV2"),
        (S.fuzzy(S.text("x")), "SEARCH=FUZZY", "SEARCH=FUZZY"),
        (S.email_id("x"), "OBJECTID", "OBJECTID"),
        (S.saved_on(date(2024, 2, 29)), "SAVEDATE", "SAVEDATE"),
        (S.gmail_raw("in:inbox"), "X-GM-EXT-1", "X-GM-EXT-1"),
        (S.filter_("x"), "FILTERS", "FILTERS"),
        (S.annotation("/comment", "value", "x"), "ANNOTATE-EXPERIMENT-1", "ANNOTATE-EXPERIMENT-1"),
    ],
    ids=str,
)
def test_capabilities(query, capability, offered):
    """A key of an extension that the server does not offer is not sent."""
    with pytest.raises(CapabilityError) as caught:
        run(searching(query), "", selected)
    assert caught.value.capability == capability

    transcript = f"C: T1 UID SEARCH {query}\nS: * SEARCH 1\nS: T1 OK done"
    both = f"IMAP4rev1 {offered}"
    assert run(searching(query), transcript, selected, capabilities=both) == [1]


def test_foreign_spaces_are_letters():
    """A space outside ASCII separates nothing."""
    transcript = "C: T1 UID SEARCH CHARSET UTF-8 SUBJECT {4+}\nC: a\u00a0b\nS: * SEARCH\nS: T1 OK x"

    assert run(searching("SUBJECT a\u00a0b"), transcript, selected, capabilities="LITERAL+") == []


def test_long_strings():
    """A string too long for a line is sent as a literal, and needs no charset."""
    text = "x y" * 500
    transcript = f"C: T1 UID SEARCH SUBJECT {{1500+}}\nC: {text}\nS: * SEARCH\nS: T1 OK x"

    assert run(searching(f'SUBJECT "{text}"'), transcript, selected, capabilities="LITERAL+") == []


def test_badcharset():
    """A server without UTF-8 refuses, which is not taken for an empty result."""
    transcript = """
        C: T1 UID SEARCH CHARSET UTF-8 SUBJECT {2}
        S: T1 NO [BADCHARSET (US-ASCII)] no UTF-8 here
    """

    with pytest.raises(ImapError) as caught:
        run(searching("SUBJECT é"), transcript, selected)
    assert caught.value.code == "BADCHARSET"


@pytest.mark.parametrize(
    "query",
    [
        'FROM "x',
        "(SEEN",
        "SEEN)",
        "((SEEN)",
        "a\r\nb",
        "a\nb",
        "a\0b",
        "a\ud800b",
        '"\\"',
        5,
        b"ALL",
        "RETURN (COUNT) ALL",
        "CHARSET KOI8-R ALL",
        "CHARSET",
        "CHARSET UTF-8",
    ],
)
def test_refused(query):
    """What is incomplete, holds a line end, or asks for another response is not sent."""
    with pytest.raises(UsageError):
        run(searching(query), "", selected)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("S: * SEARCH 2 84 882", [2, 84, 882]),
        ("S: * SEARCH", []),
        ("S: * SEARCH 1 2\nS: * SEARCH 3", [1, 2, 3]),
        ("S: * SEARCH 2 5 (MODSEQ 917162500)", [2, 5]),
        ("S: * search 4294967295", [4294967295]),
        ("S: * 3 EXISTS\nS: * SEARCH 7\nS: * 4 EXPUNGE", [7]),
    ],
)
def test_results(lines, expected):
    """UIDs in the server's order."""
    transcript = f"C: T1 UID SEARCH NEW\n{lines}\nS: T1 OK done"

    assert run(searching(None), transcript, selected) == expected


@pytest.mark.parametrize(
    "line",
    [
        "SEARCH x",
        "SEARCH 1 x",
        "SEARCH 0",
        "SEARCH -1",
        "SEARCH +1",
        "SEARCH 1_0",
        "SEARCH 4294967296",
        "SEARCH " + "9" * 5000,
        "SEARCH 1,2",
        "SEARCH ٣",
        'SEARCH "1"',
        "SEARCH 1.0",
        "SEARCH {1}\\r\\n1",
        'ESEARCH (TAG "T1") UID ALL 1:4294967295',
        'ESEARCH (TAG "T1") UID ALL x',
        "ESEARCH UID ALL",
        'ESEARCH (TAG "T1") ALL 1:3',
        'ESEARCH (TAG "T1") UID COUNT 5',
    ],
)
def test_wrong_results(line):
    """What is no list of UIDs is not taken for a result, nor for an empty one."""
    transcript = (
        f"C: T1 UID SEARCH NEW\nS! * {line.encode().decode('latin-1')}\\r\\n\nS: T1 OK done"
    )

    with pytest.raises(ProtocolError):
        run(searching(None), transcript, selected)


@pytest.mark.parametrize(
    "line",
    [
        r"* SEARCH\t7 8",
        "* SEARCH: 7 8",
        "* SEARCH, 7",
        "* SEARCH (7 8)",
        "* SEARCH 7 (MODSEQ x)",
        "* SEARCH 7 (8",
        "*  SEARCH 7",
        '* "SEARCH" 7',
        "* XSEARCH 7 8",
        "* ESEARCH UID COUNT 2",
        "* ESEARCH UID ALL",
        "* ESEARCH UID ALL 7 MODSEQ",
        "* ESEARCH UID ALL 7 NEWS x",
        "* ESEARCHUID ALL 7",
        r"* ESEARCH UID ALL 7 {1}\r\nx",
    ],
)
def test_unreadable_is_not_empty(line):
    """A response that cannot be read is an error: an empty list would say that nothing matches."""
    transcript = f"C: T1 UID SEARCH ALL\nS! {line}\\r\\n\nS: T1 OK done"

    with pytest.raises(ProtocolError):
        run(searching("ALL"), transcript, selected)


@pytest.mark.parametrize(
    ("line", "uids"),
    [
        ('* ESEARCH (TAG "T1") UID ALL 1:3,5 MODSEQ 1236', [1, 2, 3, 5]),
        ('* ESEARCH (TAG "T1") UID MIN 2 MAX 5 COUNT 2 ALL 2,5', [2, 5]),
        ('* ESEARCH (TAG "T1") UID COUNT 0', []),
        ('* ESEARCH (TAG "T1") UID', []),
        ('* ESEARCH (TAG "T1")', []),
        ("* SEARCH 2 5 (MODSEQ 917162500)", [2, 5]),
    ],
)
def test_modification_sequences(line, uids):
    """What CONDSTORE adds to a response is no UID, RFC 7162 sections 3.1.5 and 3.1.10."""
    transcript = f"C: T1 UID SEARCH ALL\nS: {line}\nS: T1 OK done"

    assert run(searching("ALL"), transcript, selected) == uids
