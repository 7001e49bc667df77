"""CONTRIBUTING.md is right: its steps for a new IMAP command, followed to the letter, give one.

Nothing here knows which command that is: files and code are those of the page.
"""

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from support.markdown import blocks_of
from support.source import ROOT

PAGE = ROOT / "CONTRIBUTING.md"
PLACES = "a new file|among the imports|at the end of the class"
PLACE = re.compile(rf"`(?P<file>[\w./-]+)`, (?P<place>{PLACES}):")
# What the steps work on.
COPIED = ("netmail", "tests", "scripts", "pyproject.toml")
PATH = re.compile(r"`((?:netmail|tests|docs|scripts)/[\w./-]+)`")


def placed() -> list[tuple[str, str, str]]:
    """Return the file, the place in it, and the text of each block that has a place."""
    found = [(PLACE.fullmatch(block.above), block.text) for block in blocks_of(PAGE)]
    return [(place["file"], place["place"], text) for place, text in found if place]


def put(path: Path, place: str, text: str) -> None:
    """Do what a step says of one file."""
    if place == "a new file":
        assert not path.exists(), f"{path.name} is there already: the page needs another example"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return
    old = path.read_text("utf-8")
    if place == "among the imports":
        path.write_text(re.sub(r"(?m)^(?=from )", text, old, count=1), "utf-8")
    else:  # a class is the last thing in its file
        path.write_text(f"{old}\n{textwrap.indent(text, '    ')}", "utf-8")


@pytest.fixture
def tree(tmp_path):
    """A copy of the tree in which the steps' files have been written."""
    leave_out = shutil.ignore_patterns("__pycache__", ".*")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=leave_out)
        else:
            shutil.copy(ROOT / name, tmp_path)
    for file, place, text in placed():
        put(tmp_path / file, place, text)
    return tmp_path


def test_add_an_imap_command(tree):
    """The new files are in order, the blocking client has the method, and the new tests pass."""
    new = [file for file, place, _ in placed() if place == "a new file"]
    code = [file for file in new if file.endswith(".py")]
    names = " or ".join({Path(file).stem for file in new if "transcripts" in file})

    run(tree, "ruff", "check", "--quiet", "--select", "I", "--fix", "netmail/clients")
    run(tree, "scripts/twins.py")
    run(tree, "ruff", "check", "--quiet", *code, "netmail/clients")
    run(tree, "ruff", "format", "--quiet", "--check", *code, "netmail/clients")
    tests = [file for file in code if file.startswith("tests/")]
    # Neither this repository's servers nor hypothesis are needed, whose loading takes a second.
    only = ("-q", "--noconftest", "-p", "no:hypothesispytest", "-k", names)
    run(tree, "pytest", *only, *tests, "tests/test_transcripts.py")


def run(tree: Path, command: str, *arguments: str) -> None:
    """Run a script of the tree, or a tool by its module's name; show what it prints if it fails."""
    how = [command] if command.endswith(".py") else ["-m", command]
    done = subprocess.run(
        [sys.executable, *how, *arguments],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_named_files_exist():
    """Every file and folder that the page names is there, but for those that it writes."""
    written = {file for file, place, _ in placed() if place == "a new file"}
    named = set(PATH.findall(PAGE.read_text("utf-8"))) - written
    offenders = {
        name
        for name in named
        if not (ROOT / name).exists() and not re.search(r"NAME|transcripts/imap/", name)
    }

    assert not offenders
