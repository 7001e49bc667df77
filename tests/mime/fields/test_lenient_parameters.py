"""Parameters against the grammar."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail import DefectKind
from netmail.mime.defects import ignore
from netmail.mime.fields.lenient_parameters import lenient_parameters


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("; a=1", [("a", "1")]),
        (" a=1 b=2", [("a", "1"), ("b", "2")]),
        (";; A = 1 ;", [("a", "1")]),
        (", a=1", [("a", "1")]),
        ("; (c) a (c) = (c) 1 (c)", [("a", "1")]),
        ("; a=my file.txt; b=2", [("a", "my file.txt"), ("b", "2")]),
        ('; a="x;y"', [("a", "x;y")]),
        ('; a="x\\"y"', [("a", 'x"y')]),
        ('; a="C:\\Users"', [("a", "C:\\Users")]),
        ("; what is this; a=1", [("a", "1")]),
        ("; =x; a=1", [("a", "1")]),
        ("; a=", [("a", "")]),
        ("; (open a=1", []),
    ],
)
def test_pairs(text, pairs):
    """Separators, comments, spaces and quotes as mailers write them."""
    assert lenient_parameters(text, 0, 10, ignore) == pairs


@pytest.mark.parametrize(
    ("text", "kind"),
    [('; a="open', DefectKind.BAD_PARAMETER), ("; a=1; b=2", DefectKind.TOO_MANY_PARAMETERS)],
)
def test_defects(text, kind):
    """An open quote and a parameter too many are reported."""
    kinds = []
    lenient_parameters(text, 0, 1, kinds.append)

    assert kinds == [kind]


@given(st.text(alphabet='ab=;"\\() ,*', max_size=40), st.integers(0, 5))
def test_any_text_is_read(text, limit):
    """Nothing raises, and the limit holds."""
    assert len(lenient_parameters(text, 0, limit, ignore)) <= limit
