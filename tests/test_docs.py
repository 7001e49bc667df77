"""The documents are right: their examples run, and their links refer to something.

Nothing here knows what the examples are about. The blocks of one document run in order and share
their names, as a reader would type them; each document begins in an empty folder.
"""

import imaplib
import poplib
import re
import smtplib
from pathlib import Path

import aiosmtplib
import imapclient
import pytest

import netmail
import netmail.crypto.dkim
import netmail.delivery
import netmail.query
import netmail.search
import netmail.sms
from support.markdown import blocks_of
from support.source import DOCUMENTS, PACKAGE, ROOT, lines_of, shown

COLUMNS = 100
NOT_RUN = "python no-run"
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^()\s]+)(?: \"[^\"]*\")?\)")
FILE = re.compile(r"`((?:\w+/)+\w[\w.-]*\.(?:py|txt|md|svg))`")
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:")
HEADING = re.compile(r"^#{1,6} +(?P<text>.+?) *#*$")


def run(path: Path) -> dict[str, object]:
    """Run a document's examples; a failure's trace names the document and its line."""
    names: dict[str, object] = {"__name__": "__main__"}
    for block in blocks_of(path):
        if block.info == "python":
            # The empty lines give the block's own lines their numbers in the document.
            source = "\n" * (block.line - 1) + block.text
            exec(compile(source, str(path), "exec"), names)
    return names


def prose(path: Path) -> str:
    """Return the document without its blocks and its code in the line."""
    text = path.read_text("utf-8")
    for block in blocks_of(path):
        text = text.replace(block.text, "")
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(path: Path) -> set[str]:
    """Return the names that headings can be linked by: lower case, hyphens for spaces."""
    found = set()
    for line in path.read_text("utf-8").splitlines():
        if heading := HEADING.match(line):
            words = re.sub(r"[^\w\- ]", "", heading["text"].lower())
            found.add(words.strip().replace(" ", "-"))
    return found


def broken_links(path: Path) -> list[str]:
    """Return the relative links of a document that refer to nothing."""
    broken = []
    for link in LINK.finditer(prose(path)):
        file, _, anchor = link["target"].partition("#")
        if ELSEWHERE.match(link["target"]):
            continue
        target = (path.parent / file) if file else path
        missing = not target.exists()
        if missing or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            broken.append(link["target"])
    return broken


@pytest.mark.parametrize("path", DOCUMENTS, ids=shown)
def test_examples_run(path, tmp_path, monkeypatch):
    """Every example of the document runs, in order."""
    monkeypatch.chdir(tmp_path)

    assert run(path)["__name__"] == "__main__"


@pytest.mark.parametrize("path", DOCUMENTS, ids=shown)
def test_examples_not_run_say_why(path):
    """An example that is not run has its reason in the line above."""
    silent = [block.line for block in blocks_of(path) if block.info == NOT_RUN and not block.above]

    assert not silent


@pytest.mark.parametrize("path", DOCUMENTS, ids=shown)
def test_python_is_called_python(path):
    """No example escapes the test by another name of its language."""
    names = {block.info for block in blocks_of(path) if "py" in block.info.lower()}

    assert names <= {"python", NOT_RUN, "pycon"}


@pytest.mark.parametrize("path", DOCUMENTS, ids=shown)
def test_links(path):
    """Every relative link refers to a file, and to a heading where it names one."""
    assert not broken_links(path)


def test_lines_are_short():
    """A line is no longer than a line of code; a row of a table cannot be broken."""
    offenders = [
        f"{shown(path)}:{number}"
        for path in DOCUMENTS
        for number, line in enumerate(lines_of(path), 1)
        if len(line) > COLUMNS and not line.startswith(("|", "!["))
    ]

    assert not offenders


def test_files_exist():
    """A file that a page names is there, below the repository's folder, netmail/ or tests/."""
    offenders = [
        f"{shown(path)}:{number}: {file}"
        for path in DOCUMENTS
        for number, line in enumerate(lines_of(path), 1)
        for file in FILE.findall(line)
        if path.name not in {"CONTRIBUTING.md", "rfcs.md"}  # they have tests of their own
        and not any((folder / file).exists() for folder in (ROOT, PACKAGE, ROOT / "tests"))
    ]

    assert not offenders


def test_every_page_is_found():
    """The index leads to every page but itself."""
    index = ROOT / "docs" / "README.md"
    found = {
        (index.parent / link["target"].partition("#")[0]).resolve()
        for link in LINK.finditer(index.read_text("utf-8"))
    }
    known = {*found, index, ROOT / "README.md"}
    offenders = [shown(path) for path in DOCUMENTS if path not in known]

    assert not offenders


FOREIGN = ROOT / "docs" / "howto" / "coming-from"
TYPES = {
    "netmail": netmail,
    "smtp": netmail.Transport,
    "imap": netmail.Imap,
    "pop": netmail.POP3,
    "message": netmail.Message,
    "mail": netmail.parse(b"Subject: x\r\n\r\n"),
    "part": netmail.Part,
    "attachment": netmail.Attachment({}, b""),
    "report": netmail.SendReport,
    "S": netmail.search,
}
CODE = re.compile(r"`[^`]+`")
MEMBER = re.compile(r'(?<![\w."])(?P<type>' + "|".join(TYPES) + r")\.(?P<name>\w+)")


@pytest.mark.parametrize("path", sorted(FOREIGN.glob("*.md")), ids=shown)
def test_counterparts_exist(path):
    """What replaces another library's call is a member of the client, or of netmail."""
    found = [
        member
        for line in lines_of(path)
        for code in CODE.findall(line.replace(r"\|", "or").rpartition(" | ")[2])
        for member in MEMBER.finditer(code)
    ]

    assert found
    assert not [each[0] for each in found if not hasattr(TYPES[each["type"]], each["name"])]


INNER = {
    "smtplib": {"debuglevel", "default_port", "file"},
    "imapclient": {"AbortError", "Error", "ReadOnlyError"},
    "aiosmtplib": {"AUTH_METHODS"},
}
"""What has no underscore there, and is no part of the interface."""


@pytest.mark.parametrize(
    ("page", "theirs"),
    [
        ("smtplib", smtplib.SMTP),
        ("imaplib", imaplib.IMAP4),
        ("poplib", poplib.POP3),
        ("imapclient", imapclient.IMAPClient),
        ("aiosmtplib", aiosmtplib.SMTP),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_foreign_names_have_a_row(page, theirs):
    """Every method and attribute of the other library's client is on its page."""
    named = set(re.findall(r"\w+", (FOREIGN / f"{page}.md").read_text("utf-8")))
    names = {name for name in dir(theirs) if not name.startswith("_")}

    assert sorted(names - named - INNER.get(page, set())) == []


def write(folder: Path, *lines: str) -> Path:
    """Write a document to try the reading on."""
    path = folder / "example.md"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_blocks_share_names(tmp_path):
    """A later block sees an earlier one's names, indented blocks too; no-run ones do nothing."""
    path = write(
        tmp_path,
        *("```python", "a = 1", "```"),
        *("- item", "", "  ```python", "  b = a + 1", "  ```"),
        *("It needs a host.", "```python no-run", "1 / 0", "```"),
    )

    assert run(path)["b"] == 2


def test_failing_block_names_its_line(tmp_path):
    """The trace of a failing example says where it is in the document."""
    path = write(tmp_path, "# Title", "", "```python", "a = 1", "1 / 0", "```")

    with pytest.raises(ZeroDivisionError) as failed:
        run(path)
    assert failed.traceback[-1].lineno + 1 == 5


def test_broken_links_are_found(tmp_path):
    """Files and headings that are not there are reported, other places and code are not."""
    path = write(
        tmp_path,
        "# A title, here",
        "[good](example.md) [good](#a-title-here) [good](https://example.org/)",
        '[bad](missing.md) [bad](#missing) [bad](example.md#gone "title") `[code](none.md)`',
    )

    assert broken_links(path) == ["missing.md", "#missing", "example.md#gone"]
