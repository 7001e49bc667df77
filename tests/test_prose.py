"""How the text of this repository reads: the glossary, comments, and no reference into nowhere.

Nothing here imports netmail. Each test lists every offender, so that one run shows them all.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from support.source import (
    DOCUMENTS,
    MODULES,
    PACKAGE,
    TESTS,
    TRANSCRIPTS,
    comments_of,
    docstrings_of,
    lines_of,
    shown,
    tree_of,
)

# The word that is never used, as a regular expression, and what is written in its place. One word
# has one meaning in the whole tree, and it is the RFC's, else CPython's.
GLOSSARY = {
    "blank|blanks": "space; empty line",
    "behind": "after",
    "parted": "separated",
    "anew|afresh": "again; reconnect",
    "dial|dials|dialled|dialling": "connect, but for libcurl's CONNECT_ONLY step",
    "goodbye|goodbyes|farewell": "QUIT, LOGOUT, BYE, closing text",
    "words": "text, tokens; encoded words",
    "answer|answers|answered|answering": "reply (SMTP, POP3), response (IMAP), reply mail",
    "told|said|heard|hear|hears": "returned, sent, received",
    "unasked": "unsolicited",
    "people|who|whom|whoever": "recipient, sender, peer, user",
    "willing": "accepted",
    "stands|stand|standing": "is",
    "fault|faults|faulty|damage|damages|damaged": "defect; broken",
    "way|ways": "transport, path; form; how",
    "ours": "netmail's, local",
    "go on|goes on|going on|went on": "continue",
    "talk|talks|talking": "session",
    "link|links": "connection",
    "patience|patient": "deadline",
    "news": "session state",
}
# Where such a word is the thing's own name: file, word, why.
JUSTIFIED: dict[tuple[str, str], str] = {
    ("docs/topics/architecture.md", "dial|dials|dialled|dialling"): "it explains the word",
    ("netmail/mime/content/html_text.py", "link|links"): "HTML's",
    ("netmail/mime/fields/received.py", "link|links"): "a rule of RFC 5321",
    ("netmail/curl/dialer.py", "dial|dials|dialled|dialling"): "that step in an event loop",
    ("netmail/curl/drive_async.py", "dial|dials|dialled|dialling"): "the same",
    ("tests/curl/test_dialer.py", "dial|dials|dialled|dialling"): "its tests",
    ("tests/test_docs.py", "link|links"): "Markdown's",
    ("netmail/query/", "answer|answers|answered|answering"): "the flag's name",
}
# What is not yet held to the glossary. It shrinks to none.
NOT_YET = ("tests/curl/",)
# How many of a folder's lines are comments, at least. What is reached is not given up.
SHARES = {
    "": 0.05,
    "wire": 0.1,
    "mime/fields": 0.12,
    "flows": 0.1,
    "flows/pop3": 0.09,
    "flows/smtp": 0.1,
}

# The reference is written from docstrings, which are read where they are.
WRITTEN = [path for path in DOCUMENTS if not shown(path).startswith("docs/reference/")]
ALL = [*MODULES, *TESTS, *WRITTEN, *sorted(TRANSCRIPTS.rglob("*.txt"))]
FENCE = re.compile(r"^ *(`{3,}|~{3,}).*?^ *\1 *$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`]*`|\b[Ee]ncoded[- ]words\b|\\Answered|https?:\S+")
# References to research notes, design papers and trackers, none of which a reader here has.
NOWHERE = re.compile(r"\b(?:field|design)/\w|\b[Ii]ssues? #?\d|\breshape\.md|\bstyle\.md|§")


@cache
def text_of(path: Path) -> tuple[tuple[int, str], ...]:
    """Return what a reader sees in a file, piece by piece: no code, but messages of netmail's."""
    if path.suffix == ".txt":
        lines = [line for line in lines_of(path) if line.startswith("#")]
        found = [*enumerate(lines, 1)]
    elif path.suffix == ".md":
        found = [(1, FENCE.sub(_only_lines, path.read_text("utf-8")))]
    else:
        strings = strings_of(path) if PACKAGE in path.parents else docstrings_of(path)
        found = [*comments_of(path), *strings]
    return tuple((number, CODE.sub(_only_lines, text)) for number, text in found)


def _only_lines(code: re.Match[str]) -> str:
    return "\n" * code[0].count("\n")


def strings_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the docstrings and the sentences of a module: the strings with a space."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.lineno, node.value


def offences(path: Path, words: str) -> Iterator[tuple[int, str]]:
    """Yield each use of the glossary's left side in a file, with its line."""
    for first, text in text_of(path):
        for found in re.finditer(rf"\b(?:{words})\b", text, re.IGNORECASE):
            yield first + text.count("\n", 0, found.start()), found[0]


def allowed(path: Path, word: str) -> bool:
    """Return whether the word is the thing's own name there."""
    return any(
        shown(path).startswith(where) and re.fullmatch(words, word, re.IGNORECASE)
        for where, words in JUSTIFIED
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# Nothing behind it", [(1, "behind")]),
        ('"""One.\n\nTwo, parted\nby `blank` spaces."""', [(3, "parted")]),
        ("x = 'behind'  # the next encoded words", []),
    ],
)
def test_offences_are_found(text, found, tmp_path):
    """Comments and docstrings are read, code is not."""
    path = tmp_path / "example.py"
    path.write_text(text, "utf-8")

    assert [place for words in GLOSSARY for place in offences(path, words)] == found


@pytest.mark.parametrize("words", GLOSSARY, ids=[words.split("|")[0] for words in GLOSSARY])
def test_glossary(words):
    """No text uses a word where the glossary has another."""
    offenders = [
        f"{shown(path)}:{line}: {word}"
        for path in ALL
        for line, word in offences(path, words)
        if not allowed(path, word)
    ]

    assert not offenders, f"write: {GLOSSARY[words]}"


def test_justified_words_are_used():
    """An exception that nothing needs any more is taken out."""
    needed = {
        (where, words)
        for where, words in JUSTIFIED
        for path in ALL
        if shown(path).startswith(where) and any(offences(path, words))
    }

    assert set(JUSTIFIED) - needed == set()


def test_no_reference_into_nowhere():
    """Every document that is mentioned is in the repository."""
    offenders = [
        f"{shown(path)}:{number}: {found[0]}"
        for path in ALL
        if path.name != "test_prose.py"
        for number, line in enumerate(lines_of(path), 1)
        if (found := NOWHERE.search(line))
    ]

    assert not offenders


@pytest.mark.parametrize("folder", SHARES, ids=[folder or "all" for folder in SHARES])
def test_comments(folder):
    """The reason is beside the code: most of all in grammar and conversations."""
    files = sorted((PACKAGE / folder).rglob("*.py"))
    lines = sum(len(lines_of(path)) for path in files)
    comments = sum(
        lines_of(path)[number - 1].lstrip().startswith("#")
        for path in files
        for number, _ in comments_of(path)
    )

    assert comments >= SHARES[folder] * lines
