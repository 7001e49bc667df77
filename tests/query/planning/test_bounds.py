"""The bounds of expressions: what is sent for each comparison, and what is left to decide."""

from datetime import UTC, date, datetime

import pytest

from netmail.query.expressions import Every
from netmail.query.planning.bounds import UID_RANGES, Situation, bounds, doubtful_kinds, residual
from netmail.query.planning.knowledge import Knowledge
from netmail.query.planning.search_keys import written
from netmail.query.table import TableFields

T = TableFields("INBOX", "INBOX")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = date(2026, 11, 22)
BARE = Knowledge(server="", finds_substrings=False)
DOVECOT = Knowledge(
    capabilities=frozenset({"WITHIN", "CONDSTORE"}), server="dovecot", finds_substrings=True
)
CYRUS = Knowledge(server="cyrus imapd", finds_substrings=True)
EXACT = [
    (T.seen == False, "UNSEEN"),  # noqa: E712 -- an expression
    (T.seen.belongs([True, False]), "ALL"),
    (T.seen.belongs([]), "NOT ALL"),
    (T.uid.belongs([]), "NOT ALL"),
    (T.uid == 0, "NOT ALL"),
    (T.uid > 9999, "UID 10000:4294967295"),
    (T.uid != 7, "UID 1:6,8:4294967295"),
    (T.id <= 3, "UID 1:3"),
    (T.size < 6000, "SMALLER 6000"),
    (T.size >= 0, "ALL"),
    (T.size < 0, "NOT ALL"),
    (~(T.size == 5), "OR SMALLER 5 LARGER 5"),
    (T.modseq >= 5, "MODSEQ 5"),
    (T.keywords.contains("$Junk"), "KEYWORD $junk"),
    (~T.keywords.contains("$Junk"), "UNKEYWORD $junk"),
    (Every("INBOX"), "ALL"),
    ((T.size < 9) & (T.size > 3) & (T.size < 7), "LARGER 3 SMALLER 7"),
    (~((T.seen == True) | (T.size > 5)), "SMALLER 6 UNSEEN"),  # noqa: E712 -- an expression
]
UPPER = [
    # The days are of some zone, and a day more at both ends is enough for each.
    (CYRUS, T.created == TODAY, "SINCE 21-Nov-2026 BEFORE 24-Nov-2026", "NOT ALL"),
    (CYRUS, T.created >= TODAY, "SINCE 21-Nov-2026", "SINCE 24-Nov-2026"),
    (CYRUS, T.created < TODAY, "BEFORE 23-Nov-2026", "BEFORE 20-Nov-2026"),
    (CYRUS, T.created >= date(1, 1, 1), "ALL", "ALL"),
    (CYRUS, T.created >= date(2050, 1, 1), "SINCE 30-Dec-2037", "NOT ALL"),
    (
        DOVECOT,
        T.created == TODAY,
        "BEFORE 24-Nov-2026 YOUNGER 43800",
        "YOUNGER 42600 OLDER 1",
    ),
    (DOVECOT, T.created < TODAY, "OLDER 42600", "OLDER 43800"),
    (
        DOVECOT,
        T.sent == TODAY,
        "OR SENTBEFORE 3-Jan-1970 (SENTSINCE 21-Nov-2026 SENTBEFORE 24-Nov-2026)",
        "NOT ALL",
    ),
    (CYRUS, T.sent == TODAY, "ALL", "NOT ALL"),
    (BARE, T.keywords.contains("x"), "ALL", "NOT ALL"),
    (CYRUS, T.keywords.contains("a b"), "ALL", "NOT ALL"),
    (BARE, T.subject.contains("hello"), "ALL", "NOT ALL"),
    (
        CYRUS,
        T.subject.contains("hello world"),
        'OR (HEADER "Subject" "hello" HEADER "Subject" "world") HEADER "Subject" "=?"',
        "NOT ALL",
    ),
    # The opposite of more is less: all may be meant, and what is not found surely is.
    (
        CYRUS,
        ~T.subject.contains("hello"),
        "ALL",
        'NOT HEADER "Subject" "hello" NOT HEADER "Subject" "=?"',
    ),
    (CYRUS, T.subject.contains("é"), 'HEADER "Subject" ""', "NOT ALL"),
    (CYRUS, T.subject == None, "ALL", 'NOT HEADER "Subject" ""'),  # noqa: E711 -- an expression
    (CYRUS, T.subject > "a", "ALL", "NOT ALL"),
    (CYRUS, T.subject.belongs([]), "NOT ALL", "NOT ALL"),
    (CYRUS, T.content.contains("hello"), "ALL", "NOT ALL"),
    (CYRUS, T.size > 1 << 40, "LARGER 2147483645", "NOT ALL"),
    (CYRUS, T.size < 1 << 40, "ALL", "SMALLER 2147483646"),
    (DOVECOT, T.sent == None, "ALL", "NOT ALL"),  # noqa: E711 -- an expression
]


def shown(expression, knowledge, **options):
    """Write both bounds."""
    found = bounds(expression, Situation(knowledge, NOW, UTC, **options))
    return str(written(found.upper)), str(written(found.lower))


@pytest.mark.parametrize(("expression", "key"), EXACT, ids=repr)
def test_exact(expression, key):
    """What a server decides as the expression says is sent, and nothing is left."""
    situation = Situation(DOVECOT, NOW, UTC)

    assert shown(expression, DOVECOT) == (key, key)
    assert residual(expression, situation) is None


@pytest.mark.parametrize(("knowledge", "expression", "upper", "lower"), UPPER)
def test_bounds(knowledge, expression, upper, lower):
    """What a server finds more of, or less, has two bounds."""
    assert shown(expression, knowledge) == (upper, lower)


def test_negation():
    """The opposite's bounds are the opposites of the bounds, crosswise."""
    for knowledge, expression, upper, lower in UPPER:
        found = bounds(expression, Situation(knowledge, NOW, UTC))
        other = bounds(~expression, Situation(knowledge, NOW, UTC))
        assert str(written(found.upper)) == upper
        assert str(written(found.lower)) == lower
        assert bounds(~~expression, Situation(knowledge, NOW, UTC)) == found
        assert other.is_exact == found.is_exact


def test_many_uids():
    """UIDs that are too many for one key are searched as a stretch, and decided here."""
    few = T.uid.belongs(range(1, 2 * UID_RANGES, 2))
    many = T.uid.belongs(range(1, 2 * UID_RANGES + 2, 2))
    situation = Situation(BARE, NOW, UTC)

    assert bounds(few, situation).is_exact
    assert shown(many, BARE) == (f"UID 1:{2 * UID_RANGES + 1}", "NOT ALL")
    assert residual(many, situation) is many


def test_residual():
    """Of several conditions that all have to hold, those that the search decides are left out."""
    text = T.subject.contains("hello")
    exact = T.size < 9
    situation = Situation(CYRUS, NOW, UTC)

    assert residual(exact & text, situation) is text
    assert repr(residual(exact & text & ~text, situation)) == repr(text & ~text)
    assert repr(residual(exact | text, situation)) == repr(exact | text)


def test_as_server():
    """The server's own idea of a text's content is taken where a caller wants it."""
    text = T.content.contains("grün") & T.email.contains("x")

    assert shown(text, BARE, as_server=True) == ('BODY "grün" TEXT "x"',) * 2
    assert shown(T.content.like("x"), BARE, as_server=True) == ("ALL", "NOT ALL")


def test_doubtful_kinds():
    """What depends on the server is known before it is asked."""
    expression = (T.sent == TODAY) & (T.cc.contains("a") | T.keywords.contains("b"))

    assert doubtful_kinds(expression) == {"SENT", "HEADER", "KEYWORD"}
    assert doubtful_kinds(T.uid > 5) == set()
    assert doubtful_kinds((T.size > 5) | (T.created == TODAY)) == {"SIZE", "DAY", "WITHIN"}
    assert doubtful_kinds(T.seen == True) == {"FLAG"}  # noqa: E712 -- an expression


def test_left_out():
    """A kind of key that was left out is not sent."""
    knowledge = Knowledge(server="", finds_substrings=True, left_out={"SIZE", "FLAG", "DAY"})
    expression = (T.size > 5) & (T.seen == True) & (T.created > TODAY)  # noqa: E712 -- as above

    assert shown(expression, knowledge) == ("ALL", "NOT ALL")
