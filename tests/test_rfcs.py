"""docs/rfcs.md tells the truth: its files exist, and no RFC that the code cites is left out.

Nothing here imports netmail. Each test lists every offender, so that one run shows them all.
"""

import re
from dataclasses import dataclass

import pytest

from support.source import MODULES, PACKAGE, ROOT, comments_of, docstrings_of, lines_of, shown

PAGE = ROOT / "docs" / "rfcs.md"
COLUMNS = 6
STATUSES = ("yes", "part", "libcurl", "not there")
FILE = re.compile(r"`([\w/.-]+\.(?:py|txt))`")
CITED = re.compile(r"\bRFCs? ?(\d{3,5})")


@dataclass(frozen=True)
class Row:
    """One row: the RFCs, the modules, the tests, how far netmail obeys, and the line it is on."""

    rfcs: tuple[str, ...]
    modules: tuple[str, ...]
    tests: tuple[str, ...]
    status: str
    line: int

    @property
    def name(self) -> str:
        """The row as failures name it."""
        return f"docs/rfcs.md:{self.line}, RFC {' '.join(self.rfcs)}"


def rows() -> list[Row]:
    """Read the rows of the tables, without their heads."""
    found = []
    for number, line in enumerate(lines_of(PAGE), 1):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == COLUMNS and re.fullmatch(r"\d+(, \d+)*", cells[0]):
            modules, tests = (tuple(FILE.findall(cell)) for cell in cells[3:5])
            found.append(Row(tuple(cells[0].split(", ")), modules, tests, cells[5], number))
    return found


ROWS = rows()


def cited_in(text: str) -> set[str]:
    """Return the numbers of the RFCs that a text cites."""
    return set(CITED.findall(text))


def citations() -> dict[str, set[str]]:
    """Return the files of netmail/ that cite each RFC, in a comment or a docstring."""
    found: dict[str, set[str]] = {}
    for path in MODULES:
        for _, text in (*comments_of(path), *docstrings_of(path)):
            for number in cited_in(text):
                found.setdefault(number, set()).add(shown(path))
    return found


def test_the_page_is_read():
    """Each line of the tables that begins with an RFC is a row."""
    lines = [line for line in lines_of(PAGE) if re.match(r"\| *\d", line)]

    assert len(lines) == len(ROWS)


def test_every_cited_rfc_is_listed():
    """A reader of the code finds each RFC that it cites in the table."""
    listed = {number for row in ROWS for number in row.rfcs}
    missing = {number: files for number, files in citations().items() if number not in listed}

    assert missing == {}, "give each a row in docs/rfcs.md"


@pytest.mark.parametrize(("kind", "folder"), [("modules", PACKAGE), ("tests", ROOT / "tests")])
def test_files_exist(kind, folder):
    """Every module and every test that a row names is there."""
    offenders = [
        f"{row.name}: {file}"
        for row in ROWS
        for file in getattr(row, kind)
        if not (folder / file).is_file()
    ]

    assert not offenders


def test_modules_cite_their_rfc():
    """The module that a row names says which RFC it obeys."""
    offenders = [
        f"{row.name}: {file}"
        for row in ROWS
        for file in row.modules
        if (PACKAGE / file).is_file()
        and not cited_in((PACKAGE / file).read_text("utf-8")).intersection(row.rfcs)
    ]

    assert not offenders


def test_status():
    """A row says how far netmail obeys; what it obeys by itself has a module and a test."""
    offenders = [
        row.name
        for row in ROWS
        if not row.status.startswith(STATUSES)
        or (row.modules and not row.tests)
        or (row.status.startswith("yes") and not row.modules)
        or (row.status.startswith("not there") and row.modules)
    ]

    assert not offenders
