"""The source files of this repository, as the tests of its rules read them.

Nothing here imports netmail: the text is read, so that a broken module is judged as well.
"""

import ast
import io
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "netmail"
MODULES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
SCRIPTS = sorted((ROOT / "scripts").rglob("*.py"))
TRANSCRIPTS = ROOT / "tests" / "transcripts"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

Function = ast.FunctionDef | ast.AsyncFunctionDef


def shown(path: Path) -> str:
    """Return a file's path as failures name it."""
    return str(path.relative_to(ROOT))


@cache
def lines_of(path: Path) -> tuple[str, ...]:
    """Return the lines of a file."""
    return tuple(path.read_text("utf-8").splitlines())


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a Python file."""
    return ast.parse(path.read_text("utf-8"))


def name_of(path: Path) -> str:
    """Return the dotted name of a module, which for `__init__` is the package's."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_module(name: str) -> bool:
    """Return whether a dotted name is a module or package of this repository."""
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or path.is_dir()


@cache
def imports_of(path: Path, *, typing: bool = True) -> frozenset[str]:
    """Return the dotted names of the modules that a file imports, inside functions too.

    Args:
        path: The file.
        typing: Whether imports under `if TYPE_CHECKING:` count.
    """
    return frozenset(imports_in(tree_of(path), path.relative_to(ROOT).parent.parts, typing=typing))


def imports_in(tree: ast.AST, package: tuple[str, ...], *, typing: bool = True) -> Iterator[str]:
    """Yield what a syntax tree imports, in a module of that package."""
    for node in _nodes(tree, typing=typing):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            source = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                # `from netmail import curl` imports a layer, `from netmail import imap` the door.
                below = f"{source}.{alias.name}"
                yield below if is_module(below) else source


def _nodes(tree: ast.AST, *, typing: bool) -> Iterator[ast.AST]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if not typing and isinstance(node, ast.If) and _is_type_checking(node.test):
            waiting.extend(node.orelse)
        else:
            waiting.extend(ast.iter_child_nodes(node))


def _is_type_checking(test: ast.expr) -> bool:
    return isinstance(test, ast.Name | ast.Attribute) and ast.unparse(test).endswith(
        "TYPE_CHECKING"
    )


def functions_of(path: Path) -> Iterator[Function]:
    """Yield every function and method of a file."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of_code(function: Function) -> int:
    """Return a function's length without its docstring, which may be as long as it needs."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        lines -= (first.end_lineno or 0) - first.lineno + 1
    return lines


def comments_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the number of a line with a comment, and the comment with its mark."""
    for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def docstrings_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield a file's docstrings, those after constants too, with the numbers of their lines."""
    for node in ast.walk(tree_of(path)):
        value = node.value if isinstance(node, ast.Expr) else None
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value.lineno, value.value


def exports_of(package: Path) -> frozenset[str]:
    """Return what the `__all__` of a package lists, in its stub if it has one."""
    stub = package / "__init__.pyi"
    for node in tree_of(stub if stub.exists() else package / "__init__.py").body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return frozenset(ast.literal_eval(node.value))
    return frozenset()
