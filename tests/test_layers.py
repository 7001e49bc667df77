"""The architecture's rules that a machine can check: who imports whom, names, and sizes.

Nothing here imports netmail: the source is read, so that a broken module is judged as well.
"""

import ast
import re
import statistics
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "netmail"
FILES = sorted(PACKAGE.rglob("*.py"))
SIZED = [*FILES, *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "scripts").rglob("*.py"))]

# Layer: its rank, and what of netmail/ belongs to it. Imports point to a smaller rank only, or
# stay within the layer. Something new directly under netmail/ is given its place here.
LAYERS = {
    "vocabulary": (0, "errors|envelope|secret|idna|limits|address|text|results"),
    "options": (1, "options"),
    "mime": (2, "mime"),
    "wire": (2, "wire"),
    "flows": (3, "flows"),
    "curl": (4, "curl"),
    "clients": (5, "clients"),
    "door": (6, ""),
    "testing": (7, "testing"),
}
NETWORK = {"socket", "select", "selectors", "ssl", "asyncio"}
FORBIDDEN = {
    "mime": NETWORK,
    "wire": NETWORK | {"threading", "time", "logging"},
    "flows": NETWORK | {"threading", "time", "logging"},
}
# What pymap's interface makes its users import; pymap itself is in the extra `testing`.
COMES_WITH_AN_EXTRA = {"pysasl", "proxyprotocol"}
HIDDEN_BY_FUNCTIONS = {"smtp", "pop3", "imap", "message", "parse"}
VAGUE = {"utils", "util", "helpers", "helper", "common", "base", "manager", "managers", "misc"}
FILE_LINES = 400
FUNCTION_LINES = 50
MEDIAN_LINES = 150


def name_of(path: Path) -> str:
    """Return the file's dotted name."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def layer_of(name: str) -> str:
    """Return the layer of a module by its dotted name, or the name where it has none."""
    part = [*name.split("."), ""][1]
    found = [layer for layer, (_, what) in LAYERS.items() if re.fullmatch(what, part)]
    return found[0] if found else name


def imports_of(path: Path) -> Iterator[str]:
    """Yield the dotted name of every imported module, of those inside functions too."""
    yield from imports_in(path.read_text("utf-8"), path.relative_to(ROOT).parent.parts)


def imports_in(source: str, package: tuple[str, ...]) -> Iterator[str]:
    """Yield what the source of a module in that package imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                # `from netmail import curl` imports a layer, `from netmail import imap` the door.
                below = module == "netmail" and is_module(alias.name)
                yield f"netmail.{alias.name}" if below else module


def is_module(name: str) -> bool:
    """Tell whether netmail has a submodule or package of that name."""
    return (PACKAGE / f"{name}.py").exists() or (PACKAGE / name).is_dir()


def internal_imports(path: Path) -> set[str]:
    """Return the layers that the file imports from, its own aside."""
    modules = {module for module in imports_of(path) if module.split(".")[0] == "netmail"}
    return {layer_of(module) for module in modules} - {layer_of(name_of(path))}


def outside_imports(path: Path) -> set[str]:
    """Return the top names that are neither ours nor the standard library's."""
    tops = {module.split(".")[0] for module in imports_of(path)}
    return tops - {*sys.stdlib_module_names, "netmail"}


def functions_of(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function and method of the file."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of_code(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how long the function is without its docstring, which may be as long as it needs."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        lines -= (first.end_lineno or 0) - first.lineno + 1
    return lines


def ids(path: Path) -> str:
    """Name a file in a test's id."""
    return str(path.relative_to(ROOT))


def extras() -> set[str]:
    """Return the import names of what the optional dependencies install."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [line for group in project["optional-dependencies"].values() for line in group]
    return {re.split(r"[^\w-]", line)[0].replace("-", "_").lower() for line in wanted}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import pycurl, os.path as p", {"pycurl", "os.path"}),
        ("from netmail.curl.drive import drive", {"netmail.curl.drive"}),
        ("from netmail import curl, Imap", {"netmail.curl", "netmail"}),
        ("from ..curl import drive", {"netmail.curl"}),
        ("from . import reader", {"netmail.wire"}),
        ("def f():\n    if True:\n        import socket", {"socket"}),
    ],
)
def test_imports_are_found(source, expected):
    """The walk sees every way to import, wherever it stands."""
    assert set(imports_in(source, ("netmail", "wire"))) == expected


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_layer_is_known(path):
    """A new module under netmail/ is given its place before it is used."""
    assert layer_of(name_of(path)) in LAYERS


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_imports_point_downward(path):
    """No layer knows one above it or beside it."""
    own = LAYERS[layer_of(name_of(path))][0]
    upward = {layer for layer in internal_imports(path) if LAYERS[layer][0] >= own}

    assert set() == upward


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_layers_without_network(path):
    """Grammar and conversations never wait, log, or look at a clock; MIME knows no network."""
    forbidden = FORBIDDEN.get(layer_of(name_of(path)), set())
    used = {module.split(".")[0] for module in imports_of(path)}

    assert set() == used & forbidden


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_pycurl_stays_in_curl(path):
    """Only curl/ knows pycurl."""
    assert "pycurl" not in outside_imports(path) or layer_of(name_of(path)) == "curl"


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_dependencies(path):
    """Nothing is imported that is no dependency; extras are for testing/."""
    # _typeshed exists for type checkers only, and mypy brings it.
    allowed = {"pycurl", "certifi", "_typeshed"}
    if layer_of(name_of(path)) == "testing":
        allowed |= extras() | COMES_WITH_AN_EXTRA

    assert set() == outside_imports(path) - allowed


@pytest.mark.parametrize("path", SIZED, ids=ids)
def test_names(path):
    """A module is a noun of the domain, and no function of netmail's hides it."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    hidden = HIDDEN_BY_FUNCTIONS & set(parts[1:2]) if parts[0] == "netmail" else set()

    assert set() == VAGUE.intersection(parts) | hidden


@pytest.mark.parametrize("path", SIZED, ids=ids)
def test_file_size(path):
    """No file is longer than a person reads."""
    assert len(path.read_text("utf-8").splitlines()) <= FILE_LINES


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_function_size(path):
    """No function is longer than a screen, its docstring aside."""
    long = {
        function.name: lines_of_code(function)
        for function in functions_of(path)
        if lines_of_code(function) > FUNCTION_LINES
    }

    assert not long


def test_median_size():
    """Half of the files are short."""
    sizes = [len(path.read_text("utf-8").splitlines()) for path in FILES]

    assert statistics.median(sizes) <= MEDIAN_LINES


def test_module_docstrings():
    """Every file of netmail says what it is."""
    silent = [ids(path) for path in FILES if not ast.get_docstring(ast.parse(path.read_text()))]

    assert not silent
