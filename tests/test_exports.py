"""Every type of a public signature can be imported from `netmail`.

The annotations are read from the source, so that an alias counts as the name that it is.
"""

import ast
import functools
import inspect
import sys
from collections.abc import Iterator

import pytest

import netmail

# Names in annotations that are no types of netmail's to import.
NOT_EXPORTED = {"T", "T_co", "Self"}
SPECIAL = {
    "__init__",
    "__call__",
    "__enter__",
    "__aenter__",
    "__iter__",
    "__aiter__",
    "__getitem__",
}


@functools.cache
def tree_of(module: str) -> ast.Module:
    """Return the syntax of an imported module."""
    return ast.parse(inspect.getsource(sys.modules[module]))


def is_public(name: str) -> bool:
    """Tell whether callers use a method of that name."""
    return not name.startswith("_") or name in SPECIAL


def class_annotations(node: ast.ClassDef, seen: set[str]) -> Iterator[ast.expr]:
    """Yield the annotations of a class's public fields, properties and methods, if not `seen`."""
    own: set[str] = set()
    for item in node.body:
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            if is_public(item.target.id):
                yield item.annotation
        elif isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and is_public(item.name):
            own.add(item.name)
            if item.name not in seen:
                yield from function_annotations(item)
    seen |= own


def function_annotations(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.expr]:
    """Yield the annotations of a function's parameters and its result."""
    given = node.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    annotations = [arg.annotation for arg in every if arg is not None]
    yield from filter(None, [*annotations, node.returns])


def names_in(annotation: ast.expr) -> Iterator[str]:
    """Yield the names that an annotation consists of, those within quotes too."""
    for node in ast.walk(annotation):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                quoted = ast.parse(node.value, mode="eval").body
            except SyntaxError:
                continue  # a string within Literal[...]
            yield from names_in(quoted)


def sources(value: object) -> Iterator[tuple[str, ast.ClassDef | ast.FunctionDef]]:
    """Yield the module and the syntax of a class, its bases within netmail, or a function."""
    kinds = inspect.getmro(value) if inspect.isclass(value) else [value]
    for kind in kinds:
        module = getattr(kind, "__module__", "")
        if module.startswith("netmail."):
            tree = tree_of(module)
            for node in tree.body:
                if getattr(node, "name", None) == getattr(kind, "__name__", ""):
                    yield module, node


def annotations_of(name: str) -> Iterator[tuple[str, ast.expr]]:
    """Yield the annotations of a public name, each with its module; an alias is one itself."""
    seen: set[str] = set()
    for module, node in sources(getattr(netmail, name)):
        is_class = isinstance(node, ast.ClassDef)
        found = class_annotations(node, seen) if is_class else function_annotations(node)
        yield from ((module, annotation) for annotation in found)
    home = next(home for home, names in netmail._HOMES.items() if name in names.split())
    for node in tree_of(home).body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == name and node.value:
            yield home, node.value


def missing_of(name: str) -> set[str]:
    """Return the names of netmail's in the signatures of a public name that cannot be imported."""
    missing = set()
    for module, annotation in annotations_of(name):
        for used in names_in(annotation):
            home = defined_in(module, used)
            known = used in {*netmail.__all__, *NOT_EXPORTED} or is_alias_of_known(home, used)
            if home.startswith("netmail") and not known:
                missing.add(f"{home}.{used}")
    return missing


def is_alias_of_known(module: str, name: str) -> bool:
    """Tell whether a name is another word for a type that callers can write, as `list[str]` is."""
    if not module.startswith("netmail"):
        return False
    for node in tree_of(module).body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == name and node.value:
            used = {each for each in names_in(node.value) if defined_in(module, each)}
            return used <= set(netmail.__all__)
    return False


def defined_in(module: str, name: str) -> str:
    """Return the module that a name in `module` comes from; "" where it is built in."""
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.ImportFrom) and node.module:
            if name in {alias.asname or alias.name for alias in node.names}:
                return node.module
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                return module
        elif isinstance(node, ast.ClassDef) and node.name == name:
            return module
    return ""


@pytest.mark.parametrize("name", netmail.__all__)
def test_types_of_signatures_are_exported(name):
    """Annotating with what a method takes or returns needs no deep import."""
    assert set() == missing_of(name)
