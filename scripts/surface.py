"""Write what follows from the names that `netmail` exports: the stub and the reference.

`netmail/__init__.pyi` lists every name for type checkers and editors, which do not run the lazy
`__getattr__`. docs/reference/ has one page a subject, from docstrings and signatures. The asyncio
clients have no entries there: their methods are those of the blocking clients, to be awaited.
With `--check` nothing is written; the exit status tells whether every file is as it would be.
"""

import ast
import copy
import enum
import importlib
import inspect
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path

import netmail
from netmail import search

ROOT = Path(__file__).parent.parent
STUB = ROOT / "netmail" / "__init__.pyi"
FOLDER = ROOT / "docs" / "reference"
# Page, its title, and the modules whose public names it shows.
PAGES = {
    "clients": ("Clients", r"netmail\.clients\."),
    "results": (
        "What clients return",
        r"netmail\.(results\.(?!events)|envelope|address|wire\.imap\.(exec_result|fetch))",
    ),
    "messages": ("Building messages", r"netmail\.mime\.(writer|outgoing)\b"),
    "reading": ("Reading messages", r"netmail\.mime\.(?!writer|outgoing)"),
    "options": ("Options, limits, secrets", r"netmail\.(options|limits|secret)\b"),
    "search": (
        "Search keys, `netmail.search`",
        r"netmail\.(search|wire\.imap\.search_(key|program))\b",
    ),
    "events": ("Events", r"netmail\.results\.events\b"),
    "errors": ("Errors", r"netmail\.errors\b"),
}
# The pages of what is built around the core: each module's `__all__`, as far as there is one.
AROUND_THE_CORE = {
    "delivery": ("Delivery, `netmail.delivery`", ("delivery",)),
    "sms": ("SMS by mail, `netmail.sms`", ("sms",)),
    "query": ("Mailboxes as tables, `netmail.query`", ("query",)),
    "crypto": ("Signed and encrypted mail, `netmail.crypto`", ("crypto",)),
    "dkim": ("DKIM and ARC, `netmail.crypto.dkim`", ("crypto.dkim",)),
    "pgp": ("PGP/MIME, `netmail.crypto.pgp`", ("crypto.pgp",)),
    "smime": ("S/MIME, `netmail.crypto.smime`", ("crypto.smime",)),
}
COLUMNS = 100
SECTION = re.compile(r"^(Args|Attributes|Returns|Yields|Raises):$")
ENTRY = re.compile(r"^(?P<name>\*{0,2}[\w.`]+(?:, \*{0,2}[\w.`]+)*): (?P<text>.*)$")


def homes() -> dict[str, str]:
    """Return where each public name is defined."""
    every = netmail._HOMES.items()  # noqa: SLF001 -- the one list of names
    listed = {name: home for home, names in every for name in names.split()}
    return {name: defining(name, home) for name, home in listed.items()}


def defining(name: str, home: str) -> str:
    """Return the module that defines a name which `home` may only import."""
    for node in tree_of(home).body:
        if isinstance(node, ast.ImportFrom) and name in {alias.name for alias in node.names}:
            return defining(name, node.module or "")
    return home


def tree_of(home: str) -> ast.Module:
    """Return the syntax of a module."""
    __import__(home)
    return ast.parse(inspect.getsource(sys.modules[home]))


def definitions(name: str, home: str) -> Iterator[ast.stmt]:
    """Yield the statements that define a public name: one, or several for overloads."""
    for node in tree_of(home).body:
        if isinstance(node, ast.Assign):
            defined = re.findall(r"\w+", ast.unparse(node.targets[0]))
        elif isinstance(node, ast.AnnAssign):
            defined = [ast.unparse(node.target)]
        else:
            defined = [getattr(node, "name", "")]
        if name in defined:
            yield node


def paragraphs(text: str) -> str:
    """Turn a Google-style docstring into Markdown."""
    lines: list[str] = []
    inside = ""
    for line in inspect.cleandoc(text).splitlines():
        if found := SECTION.match(line):
            inside = found[1]
            lines += [f"**{inside}**", ""]
        elif inside and line.startswith("    "):
            body = line[4:]
            entry = ENTRY.match(body) if inside not in {"Returns", "Yields"} else None
            if entry:
                lines.append(f"* `{entry['name'].strip('`')}`: {entry['text']}")
            else:
                lines.append(("  " + body.strip()) if lines[-1].startswith(("* ", "  ")) else body)
        else:
            inside = "" if line else inside
            lines.append(line)
    return "\n".join(lines).strip() + "\n"


class Unquoted(ast.NodeTransformer):
    """Take annotations out of their quotes, which only the order of definitions asks for."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        """Unquote a parameter's annotation."""
        node.annotation = unquoted(node.annotation)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """Unquote the annotation of what is returned."""
        self.generic_visit(node)
        node.returns = unquoted(node.returns)
        return node


def unquoted(annotation: ast.expr | None) -> ast.expr | None:
    """Return the type that an annotation in quotes spells."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return ast.parse(annotation.value, mode="eval").body
    return annotation


def wrapped(text: str, indent: str = "") -> str:
    """Return a text in lines that fit the page."""
    return "\n".join(textwrap.wrap(text, COLUMNS, subsequent_indent=indent, break_long_words=False))


def signature(node: ast.FunctionDef | ast.AsyncFunctionDef, owner: str = "") -> str:
    """Return a function's signature as Python writes it, without `self`."""
    node = Unquoted().visit(copy.deepcopy(node))
    given = ast.unparse(node.args)
    given = re.sub(r"^(self|cls)(, /)?(, )?", "", given)
    returns = f" -> {ast.unparse(node.returns)}" if node.returns and node.name != "__init__" else ""
    name = owner if node.name == "__init__" else node.name
    head = f"{name}({given}){returns}"
    if len(head) <= COLUMNS:
        return head
    arguments = re.split(r", (?![^\[(]*[\])])", given)
    return "\n".join([f"{name}(", *(f"    {argument}," for argument in arguments), f"){returns}"])


def is_kind(node: ast.AST, decorator: str) -> bool:
    """Tell whether a method has that decorator."""
    return any(ast.unparse(each) == decorator for each in getattr(node, "decorator_list", []))


def members(kind: type) -> dict[str, list[ast.FunctionDef]]:
    """Return the public methods and properties of a class, those of its bases in netmail last.

    What a class around the core has from the core is on the core's pages.
    """
    found: dict[str, list[ast.FunctionDef]] = {}
    package = kind.__module__.split(".")[1]
    within = f"netmail.{package}" if package in AROUND_THE_CORE else "netmail."
    for base in inspect.getmro(kind):
        if not base.__module__.startswith(within):
            continue
        (node,) = definitions(base.__name__, base.__module__)
        own: dict[str, list[ast.FunctionDef]] = {}
        for item in getattr(node, "body", []):
            if isinstance(item, ast.FunctionDef) and not item.name.startswith("_"):
                own.setdefault(item.name, []).append(item)
        found |= {name: nodes for name, nodes in own.items() if name not in found}
    return found


def class_page(name: str, node: ast.ClassDef, home: str) -> str:
    """Return what a page says of a class."""
    kind = getattr(sys.modules[home], name)
    made = [
        item
        for base in inspect.getmro(kind)
        if base.__module__.startswith("netmail.")
        for place in definitions(base.__name__, base.__module__)
        for item in getattr(place, "body", [])
        if isinstance(item, ast.FunctionDef) and item.name == "__init__"
    ]
    head = signature(made[0], name) if made else name
    text = [f"## class {name}", "", f"```text\n{head}\n```", ""]
    text += [paragraphs(ast.get_docstring(node) or ""), *fields(kind, node)]
    for nodes in members(kind).values():
        shown = [n for n in nodes if is_kind(n, "overload")] or nodes[:1]
        is_property = is_kind(nodes[0], "property")
        lines = [
            f"{n.name}: {ast.unparse(unquoted(n.returns) or n.returns)}"
            if is_property and n.returns
            else signature(n)
            for n in shown
        ]
        words = paragraphs(ast.get_docstring(nodes[-1]) or ast.get_docstring(nodes[0]) or "")
        text += [f"### {name}.{nodes[0].name}", "", "```text", *lines, "```", "", words]
    return "\n".join(text)


def fields(kind: type, node: ast.ClassDef) -> Iterator[str]:
    """Yield the members of an enumeration, and the keys of a dictionary, with their docstrings."""
    if not issubclass(kind, enum.Enum | dict):
        return
    for place, item in enumerate(node.body):
        if isinstance(item, ast.Assign | ast.AnnAssign):
            after = node.body[place + 1] if place + 1 < len(node.body) else None
            yield wrapped(f"* `{ast.unparse(item)}`{docstring_below(after)}", "  ") + "\n"


def docstring_below(after: ast.stmt | None) -> str:
    """Return the text that stands below an assignment, ready to follow it."""
    if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
        return ": " + " ".join(str(after.value.value).split())
    return ""


def value_page(name: str, node: ast.stmt, home: str) -> str:
    """Return what a page says of a constant or an alias, with the text below it as docstring."""
    body = tree_of(home).body
    places = [place for place, other in enumerate(body) if ast.dump(other) == ast.dump(node)]
    after = body[places[0] + 1] if places[0] + 1 < len(body) else None
    text = wrapped(docstring_below(after).removeprefix(": "))
    return f"## {name}\n\n```text\n{wrapped(ast.unparse(node), '    ')}\n```\n\n{paragraphs(text)}"


def entry(name: str, home: str) -> str:
    """Return what a page says of a public name."""
    nodes = list(definitions(name, home))
    last = nodes[-1]
    if isinstance(last, ast.ClassDef):
        return class_page(name, last, home)
    if isinstance(last, ast.FunctionDef):
        words = paragraphs(ast.get_docstring(last) or "")
        return f"## {name}\n\n```text\n{signature(last)}\n```\n\n{words}"
    return value_page(name, last, home)


def search_keys() -> dict[str, str]:
    """Return where each function of `netmail.search` is defined."""
    return {name: defining(name, search.__name__) for name in search.__all__ if name[0].islower()}


def exported_by(modules: Iterable[str]) -> dict[str, str]:
    """Return where each name is defined that one of these modules of netmail exports."""
    found: dict[str, str] = {}
    for module in (f"netmail.{each}" for each in modules):
        place = ROOT / module.replace(".", "/")
        if place.is_dir() or place.with_suffix(".py").exists():
            exports = importlib.import_module(module)
            names = getattr(exports, "__all__", ())
            kinds = {name for name in names if not inspect.ismodule(getattr(exports, name))}
            found |= {name: defining(name, module) for name in kinds}
    return {name: home for name, home in found.items() if home.startswith("netmail.")}


def pages() -> Iterator[tuple[Path, str]]:
    """Yield each page's path and text."""
    every = homes() | search_keys()
    shown = {
        page: (title, {name: home for name, home in every.items() if re.match(pattern, home)})
        for page, (title, pattern) in PAGES.items()
    }
    shown |= {
        page: (title, exported_by(modules)) for page, (title, modules) in AROUND_THE_CORE.items()
    }
    for page, (title, names) in shown.items():
        if listed := [name for name in sorted(names, key=str.lower) if name[:5] != "Async"]:
            yield FOLDER / f"{page}.md", page_of(title, {name: names[name] for name in listed})


def page_of(title: str, names: dict[str, str]) -> str:
    """Return a page with an entry for each name."""
    head = f"# {title}\n\nWritten from the docstrings by `scripts/surface`.\n"
    parts = [entry(name, home) for name, home in names.items()]
    anchors = [part[3 : part.index("\n")].lower().replace(" ", "-") for part in parts]
    index = "\n".join(f"* [{name}](#{anchor})" for name, anchor in zip(names, anchors, strict=True))
    return "\n".join([head, index + "\n", *parts]).rstrip() + "\n"


def stub() -> str:
    """Return the stub: an import of each name from its home, and `__all__`."""
    lines = ["# Written by scripts/surface: edit __init__.py, not this file.", ""]
    for home, names in sorted(netmail._HOMES.items()):  # noqa: SLF001 -- the one list of names
        lines += [f"from {home} import {name} as {name}" for name in sorted(names.split())]
    lines += ["", "__version__: str", f"__all__ = {netmail.__all__!r}"]
    text = "\n".join(lines) + "\n"
    for command in (("check", "--select=I,RUF022", "--fix-only"), ("format",)):
        line = [sys.executable, "-m", "ruff", *command, "--quiet", f"--stdin-filename={STUB}", "-"]
        text = subprocess.run(line, input=text, capture_output=True, text=True, check=True).stdout
    return text


def main() -> int:
    """Write the files, or name those that differ."""
    written = {STUB: stub(), **dict(pages())}
    stale = [p for p, text in written.items() if not p.exists() or p.read_text("utf-8") != text]
    stale += [path for path in FOLDER.glob("*.md") if path not in written]
    check = "--check" in sys.argv[1:]
    for path in stale:
        print(f"{path.relative_to(ROOT)} is not what scripts/surface writes")
        if not check and path in written:
            path.parent.mkdir(exist_ok=True)
            path.write_text(written[path], "utf-8")
        elif not check:
            path.unlink()
    return int(bool(stale) and check)


if __name__ == "__main__":
    sys.exit(main())
