"""The rule beside the code: no regular expression of a grammar without its ABNF or a sample.

Nothing here imports netmail. Each test lists every offender, so that one run shows them all.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.source import MODULES, PACKAGE, lines_of, shown

# The folders whose patterns read or write a grammar.
GRAMMARS = ("mime/content", "mime/fields", "mime/parts", "mime/writer", "wire")
# What a comment cites: the document with the rule, or in quotes a sample that forced the pattern.
CITED = re.compile(r"\b(?:RFC \d+|WHATWG|POSIX|MS-[A-Z]+)\b|[\"'].+[\"']")
FUNCTIONS = {"compile", "match", "search", "fullmatch", "split", "sub", "findall", "finditer"}


def patterns_in(source: str) -> Iterator[tuple[str, int]]:
    """Yield name and line of each regular expression of a module, compiled there or later."""
    tree = ast.parse(source)
    used = {
        argument.id
        for node in ast.walk(tree)
        if is_of_re(node)
        for argument in node.args[:1]
        if isinstance(argument, ast.Name)
    }
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        names = {target.id for target in targets if isinstance(target, ast.Name)}
        compiled = any(map(is_of_re, ast.walk(node))) and isinstance(
            node, ast.Assign | ast.AnnAssign
        )
        for name in names if compiled else names & used:
            yield name, node.lineno


def is_of_re(node: ast.AST) -> bool:
    """Return whether a node is a call of the module `re`."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and ast.unparse(node.func.value) == "re"
        and node.func.attr in FUNCTIONS
    )


def comment_above(lines: tuple[str, ...], number: int) -> str:
    """Return the comment that ends directly above a line, as one text."""
    above: list[str] = []
    while number > 1 and lines[number - 2].startswith("#"):
        number -= 1
        above.insert(0, lines[number - 1].lstrip("# "))
    return " ".join(above)


def uncited(path: Path) -> list[str]:
    """Return the patterns of a file whose comment cites nothing."""
    return [
        f"{shown(path)}:{number}: {name}"
        for name, number in patterns_in(path.read_text("utf-8"))
        if not CITED.search(comment_above(lines_of(path), number))
    ]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("_A = re.compile('a')", ["_A"]),
        ("_A: Final = re.compile('a')", ["_A"]),
        ("_A = {name: re.compile(name) for name in 'ab'}", ["_A"]),
        ("_A = 'a'\n\ndef f(text):\n    return re.match(_A, text)", ["_A"]),
        ("_A = 'a'\n\ndef f(text):\n    return text.find(_A)", []),
        ("def f(text):\n    return re.match('a', text)", []),
    ],
)
def test_patterns_are_found(source, found):
    """A pattern is one whether it is compiled at once or at its first use."""
    assert [name for name, _ in patterns_in(source)] == found


def test_comments_are_found():
    """The comment is what is directly above, without a gap."""
    lines = ("# far", "", "# near", "# and nearer", "_A = 1")

    assert comment_above(lines, 5) == "near and nearer"


@pytest.mark.parametrize("folder", GRAMMARS)
def test_every_pattern_has_its_rule(folder):
    """Above each pattern is its ABNF with the RFC's number, or the sample that forced it."""
    files = [path for path in MODULES if PACKAGE / folder in path.parents]
    offenders = [offender for path in files for offender in uncited(path)]

    assert not offenders
