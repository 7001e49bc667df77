"""The planner's keys as they are sent."""

from datetime import date

import pytest

from netmail.query.planning.keys import EVERY, INFINITE, NONE, Name, both, either, negated, numbers
from netmail.query.planning.search_keys import OCTETS, is_too_long, written

DAY = date(2026, 2, 1).toordinal()


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (EVERY, "ALL"),
        (NONE, "NOT ALL"),
        (numbers("UID", [(0, 0)]), "NOT ALL"),
        (numbers("UID", [(1, 3), (9, 9)]), "UID 1:3,9"),
        (numbers("UID", [(500, INFINITE)]), "UID 500:4294967295"),
        (numbers("SIZE", [(0, 5999)]), "SMALLER 6000"),
        (numbers("SIZE", [(6000, INFINITE)]), "LARGER 5999"),
        (numbers("SIZE", [(3, 4), (7, 9)]), "OR (LARGER 2 SMALLER 5) (LARGER 6 SMALLER 10)"),
        (numbers("DAY", [(DAY, DAY + 1)]), "SINCE 1-Feb-2026 BEFORE 3-Feb-2026"),
        (numbers("SENT", [(DAY, INFINITE)]), "SENTSINCE 1-Feb-2026"),
        (numbers("SENT", [(0, DAY)]), "SENTBEFORE 2-Feb-2026"),
        (numbers("MODSEQ", [(7, INFINITE)]), "MODSEQ 7"),
        (numbers("MODSEQ", [(7, 9)]), "MODSEQ 7 NOT MODSEQ 10"),
        (Name("FLAG", ("seen",)), "SEEN"),
        (Name("FLAG", ("recent",), holds=False), "OLD"),
        (Name("KEYWORD", ("$junk",)), "KEYWORD $junk"),
        (negated(Name("KEYWORD", ("$junk",))), "UNKEYWORD $junk"),
        (Name("WITHIN", ("60",)), "YOUNGER 60"),
        (negated(Name("WITHIN", ("60",))), "OLDER 60"),
        (Name("HEADER", ("X", 'a"b')), 'HEADER "X" "a\\"b"'),
        (negated(Name("BODY", ("x",))), 'NOT BODY "x"'),
        (Name("TEXT", ("x",)), 'TEXT "x"'),
        (
            both(Name("FLAG", ("seen",)), either(Name("TEXT", ("x",)), numbers("UID", [(1, 1)]))),
            'SEEN OR UID 1 TEXT "x"',
        ),
    ],
)
def test_written(key, expected):
    """Each key is written by the name that needs no NOT, where there is one."""
    assert str(written(key)) == expected


def test_length():
    """A query that is more than servers take is known before it is sent."""
    text = "x" * 100

    assert not is_too_long(Name("TEXT", (text,)))
    assert is_too_long(either(*(Name("TEXT", (f"{n}{text}",)) for n in range(OCTETS // 100))))
