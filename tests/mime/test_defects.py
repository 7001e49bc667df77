"""Defects as values."""

import pytest

from netmail import Defect, DefectKind, DefectSeverity
from netmail.mime.defects import severity


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (DefectKind.SPACE_BEFORE_COLON, DefectSeverity.INFO),
        (DefectKind.BAD_DATE, DefectSeverity.WARNING),
        (DefectKind.DUPLICATE_HEADER, DefectSeverity.ERROR),
    ],
)
def test_severity(kind, expected):
    """What is read without doubt, what is guessed, and what two readers may see differently."""
    assert severity(kind) == expected


@pytest.mark.parametrize(
    ("part", "where"), [("", "message"), ("1.2", "part 1.2")], ids=["message", "part"]
)
def test_sentence(part, where):
    """A defect prints as a line of a log."""
    defect = Defect(DefectKind.BAD_DATE, DefectSeverity.WARNING, part, 7)

    assert str(defect) == f"warning: date that cannot be read ({where}, octet 7)"


def test_sentences_differ():
    """Each kind has a sentence of its own."""
    assert len({kind.value for kind in DefectKind}) == len(DefectKind)
