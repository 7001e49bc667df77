"""The architecture's rules that a machine can check: imports, names, and sizes.

Nothing here imports netmail. Each test lists every offender, so that one run shows them all.
"""

import ast
import graphlib
import re
import statistics
import sys
import tomllib
from collections import Counter

import pytest

from support.source import (
    MODULES,
    PACKAGE,
    ROOT,
    SCRIPTS,
    TESTS,
    exports_of,
    functions_of,
    imports_in,
    imports_of,
    lines_of,
    lines_of_code,
    name_of,
    shown,
    tree_of,
)

# Layer: its rank, and what of netmail/ belongs to it. Imports point to a smaller rank only, or
# stay within the layer. Something new directly under netmail/ is given its place here.
LAYERS = {
    "vocabulary": (
        0,
        "errors|envelope|delivery_options|secret|limits|address|printable|text|results",
    ),
    "options": (1, "options"),
    "mime": (2, "mime"),
    "wire": (2, "wire"),
    "flows": (3, "flows"),
    "search": (3, "search"),
    "curl": (4, "curl"),
    "clients": (5, "clients"),
    "door": (6, "|__main__"),
    "crypto": (7, "crypto"),
    "query": (7, "query"),
    "delivery": (8, "delivery|sms"),
    "testing": (9, "testing"),
}
# What is built on the public API: the core knows nothing of it, and it knows no module of the core.
AROUND_THE_CORE = {"crypto", "query", "delivery"}
# The order inside mime/: a line imports from those before it only.
MIME_ORDER = (
    "defects limits lazy streams",
    "content quirks",
    "fields",
    "parts",
    "read_message",
    "writer email_message",
    "mail",
    "parser",
    "mbox partial outgoing __main__",
    "stored",
)
NETWORK = {"socket", "select", "selectors", "ssl", "asyncio"}
FORBIDDEN = {
    "mime": NETWORK,
    "wire": NETWORK | {"threading", "time", "logging"},
    "search": NETWORK | {"threading", "time", "logging"},
    "flows": NETWORK | {"threading", "time", "logging"},
}
# _typeshed exists for type checkers only, and mypy brings it.
DEPENDENCIES = {"pycurl", "certifi", "_typeshed"}
# The layers that may import what an extra installs, when it is used.
WITH_EXTRAS = {"testing", "crypto", "delivery"}
# The only module outside of curl/ that knows pycurl.
HTTP = "netmail.delivery.transports.http"
# What pymap's interface makes its users import; pymap itself is in the extra `testing`. `google` is
# the package of appengine-python-standard.
COMES_WITH_AN_EXTRA = {"kombu", "redis", "pysasl", "proxyprotocol", "google"}
# Names that say nothing of what is in a module.
VAGUE = {"utils", "util", "helpers", "helper", "common", "base", "manager", "managers", "misc"}
# Marrow Mailer's word for what hands messages to transports, and so that of its users.
NAMED_BY_THE_FIELD = {"netmail/delivery/managers", "tests/delivery/managers"}
# Tools take such folders for generated or foreign files: pytest and git leave them out.
GENERATED = {"build", "dist", "lib", "target"}
FILE_LINES = 400
MEDIAN_LINES = 150
FUNCTION_LINES = 50
USUAL_FUNCTION_LINES = 25
FOLDER_FILES = 23
# The modules beside the folders at the top of netmail/. Each is a word of the vocabulary that
# several layers share; whatever belongs to one layer lies in that layer's folder.
TOP = {
    "__main__",
    "address",
    "delivery_options",
    "envelope",
    "errors",
    "limits",
    "printable",
    "secret",
    "sms",
    "text",
}


def layer_of(name: str) -> str:
    """Return the layer of a module by its dotted name, or the name where it has none."""
    part = [*name.split("."), ""][1]
    found = [layer for layer, (_, what) in LAYERS.items() if re.fullmatch(what, part)]
    return found[0] if found else name


def layers_below(name: str, imported: frozenset[str]) -> set[str]:
    """Return the layers that a module imports from, its own excepted."""
    modules = {module for module in imported if module.split(".")[0] == "netmail"}
    return {layer_of(module) for module in modules} - {layer_of(name)}


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
        ("from netmail.curl import drive", {"netmail.curl.drive"}),
        ("from netmail import curl, Imap", {"netmail.curl", "netmail"}),
        ("from ..curl import drive", {"netmail.curl.drive"}),
        ("from . import reader", {"netmail.wire.reader"}),
        ("def f():\n    if True:\n        import socket", {"socket"}),
        ("if TYPE_CHECKING:\n    import ssl\nelse:\n    import os", {"ssl", "os"}),
    ],
)
def test_imports_are_found(source, expected):
    """The walk sees every form of import, wherever it is."""
    assert set(imports_in(ast.parse(source), ("netmail", "wire"))) == expected


@pytest.mark.parametrize(
    "source",
    [
        "if TYPE_CHECKING:\n    import ssl\nelse:\n    import os",
        "def f():\n    if typing.TYPE_CHECKING:\n        import ssl\n    import os",
    ],
)
def test_imports_for_typing_can_be_left_out(source):
    """Imports that never run make no cycle."""
    assert set(imports_in(ast.parse(source), ("netmail",), typing=False)) == {"os"}


def test_every_module_has_a_layer():
    """A new module under netmail/ is given its place before it is used."""
    offenders = [shown(path) for path in MODULES if layer_of(name_of(path)) not in LAYERS]

    assert not offenders


def test_imports_point_downward():
    """No layer knows one above it or beside it."""
    offenders = {}
    for path in MODULES:
        name = name_of(path)
        own = LAYERS[layer_of(name)][0]
        below = layers_below(name, imports_of(path))
        if upward := {layer for layer in below if LAYERS[layer][0] >= own}:
            offenders[shown(path)] = upward

    assert not offenders


def test_no_import_cycle():
    """Each module can be imported, moved and read without those that import it.

    Imports inside functions count; imports for type checkers only do not.
    """
    graph = {name_of(path): imports_of(path, typing=False) for path in MODULES}
    try:
        graphlib.TopologicalSorter(graph).prepare()
        cycle = ()
    except graphlib.CycleError as error:
        cycle = error.args[1]

    assert not cycle


def test_order_inside_mime():
    """Reading is below writing, and what holds whole messages is above both."""
    rank = {name: number for number, names in enumerate(MIME_ORDER) for name in names.split()}
    offenders = {
        (shown(path), module)
        for path in (PACKAGE / "mime").rglob("*.py")
        for module in imports_of(path, typing=False)
        if module.startswith("netmail.mime.")
        for own, other in [(name_of(path).split(".")[2], module.split(".")[2])]
        if own != other and rank[own] <= rank[other]
    }

    assert not offenders


def test_layers_without_network():
    """Grammar and conversations never wait, log, or look at a clock; MIME knows no network."""
    offenders = {}
    for path in MODULES:
        used = {module.split(".")[0] for module in imports_of(path)}
        if found := used & FORBIDDEN.get(layer_of(name_of(path)), set()):
            offenders[shown(path)] = found

    assert not offenders


def test_pycurl_stays_in_curl():
    """Only curl/ knows pycurl, and the one module that speaks HTTP."""
    users = {name_of(path) for path in MODULES if "pycurl" in imports_of(path)}

    assert {layer_of(name) for name in users - {HTTP}} == {"curl"}


def test_what_is_around_the_core_uses_the_public_api():
    """Whatever netmail builds around its core, its users could have built as well."""
    offenders = {}
    for path in MODULES:
        layer = layer_of(name_of(path))
        if layer not in AROUND_THE_CORE:
            continue
        used = {name for name in imports_of(path) if name.startswith("netmail.")}
        # `netmail.search` is a namespace of the public API, and none of its modules is.
        known = {name for name in used if layer_of(name) in AROUND_THE_CORE} | {"netmail.search"}
        if found := used - known:
            offenders[shown(path)] = found

    assert not offenders


def test_dependencies():
    """Nothing is imported that is no dependency; extras are for testing/, and for IDNA."""
    offenders = {}
    for path in MODULES:
        allowed = {*sys.stdlib_module_names, "netmail", *DEPENDENCIES}
        if name_of(path) == "netmail.address":
            allowed |= {"idna"}  # the extra `idn`, imported for names beyond ASCII only
        if layer_of(name_of(path)) in WITH_EXTRAS:
            allowed |= extras() | COMES_WITH_AN_EXTRA
        if found := {module.split(".")[0] for module in imports_of(path)} - allowed:
            offenders[shown(path)] = found

    assert not offenders


def test_names():
    """Every file and folder is named after a thing of the domain."""
    offenders = {
        shown(path): found
        for path in [*MODULES, *TESTS, *SCRIPTS]
        if (
            found := VAGUE.intersection(named_parts(path))
            | GENERATED.intersection(path.relative_to(ROOT).parent.parts)
        )
    }

    assert not offenders


def named_parts(path):
    """Return the names of a file and its folders, without those that the field has given."""
    shown_path = path.relative_to(ROOT).with_suffix("")
    for folder in NAMED_BY_THE_FIELD:
        if shown_path.is_relative_to(folder):
            shown_path = shown_path.relative_to(folder)
    return shown_path.parts


def test_modules_hide_no_export():
    """No module or folder is named as an export of its package: importing it would hide that."""
    offenders = [
        f"{shown(package)}/{name}"
        for package in sorted({path.parent for path in MODULES})
        for name in sorted(exports_of(package))
        if (package / f"{name}.py").exists() or (package / name).is_dir()
    ]

    assert not offenders


def test_file_size():
    """No file is longer than a person reads."""
    files = [*MODULES, *TESTS, *SCRIPTS]
    offenders = {
        shown(path): len(lines_of(path)) for path in files if len(lines_of(path)) > FILE_LINES
    }

    assert not offenders


def test_median_file_size():
    """Half of the files are short."""
    assert statistics.median(len(lines_of(path)) for path in MODULES) <= MEDIAN_LINES


def test_function_size():
    """No function is longer than a screen, its docstring excepted."""
    offenders = {
        f"{shown(path)}:{function.lineno} {function.name}": lines_of_code(function)
        for path in MODULES
        for function in functions_of(path)
        if lines_of_code(function) > FUNCTION_LINES
    }

    assert not offenders


def test_usual_function_size():
    """Nine functions of ten are short."""
    sizes = [lines_of_code(function) for path in MODULES for function in functions_of(path)]

    assert statistics.quantiles(sizes, n=10)[-1] <= USUAL_FUNCTION_LINES


def test_folder_size():
    """A reader takes in each folder of netmail/ at a glance."""
    sizes = Counter(path.parent for path in MODULES if path.stem != "__init__")
    offenders = {shown(folder): size for folder, size in sizes.items() if size > FOLDER_FILES}

    assert not offenders


def test_top_of_the_package():
    """Beside the layers' folders lies the shared vocabulary only."""
    modules = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}

    assert modules - TOP == set()


def test_module_docstrings():
    """Every module says what it is, and what it knows nothing of."""
    offenders = [
        shown(path)
        for path in MODULES
        if path.stem != "__init__" and len(docstring_lines(path)) < 2
    ]

    assert not offenders


def docstring_lines(path):
    """Return the paragraphs' lines of a module's docstring."""
    return [line for line in (ast.get_docstring(tree_of(path)) or "").splitlines() if line]


def test_facts_are_asserted_one_by_one():
    """No test compares a tuple of truths: its failure would not say which one is wrong."""
    offenders = [
        f"{shown(path)}:{node.lineno}"
        for path in TESTS
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Assert) and isinstance(node.test, ast.Compare)
        if any(map(holds_truth, [node.test.left, *node.test.comparators]))
    ]

    assert not offenders


def holds_truth(node):
    """Return whether an expression is a tuple with `True` or `False` in it."""
    truths = {ast.dump(ast.Constant(value)) for value in (True, False)}
    return isinstance(node, ast.Tuple) and any(ast.dump(each) in truths for each in node.elts)
