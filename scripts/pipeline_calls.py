"""Derive the calls of an IMAP pipeline from the methods of the asyncio clients.

`scripts/twins` writes the result. A call has its method's name and parameters, adds the method's
flow to the pipeline instead of running it, and returns a `Pending`.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

# The methods that a pipeline has: as a rule they are one command with a small result.
PIPELINED = {
    "async_imap_mailboxes.py": (
        *("create", "delete", "rename", "subscribe", "unsubscribe"),
        *("list", "lsub", "list_mailboxes", "status"),
    ),
    "async_imap_extensions.py": (
        *("namespace", "id", "get_quota", "get_quota_root", "set_quota", "get_acl", "set_acl"),
        *("delete_acl", "list_rights", "my_rights", "get_metadata", "set_metadata"),
        *("sort", "thread"),
    ),
    "async_imap_search.py": ("search",),
    "async_imap_fetch.py": ("fetch",),
    "uploads/async_imap_uploads.py": ("append",),
    "async_imap.py": ("capability", "noop", "expunge", "copy", "move", "store"),
}
# What is before the class in its file, in this order: imports, those for types, names for types.
HEADS = (ast.ImportFrom, ast.If, ast.AnnAssign)
HEAD = '''# Written by scripts/twins from the asyncio clients: edit those, not this one.
"""The calls that a pipeline takes: methods of the clients, each with a `Pending` for its result.

This file knows only which flow each call runs.
"""

from netmail.clients.pipelining.pipeline_queue import PipelineQueue
from netmail.results.pending import Pending
'''


def pipeline_calls(folder: Path) -> str:
    """Return the source of the calls, not yet formatted."""
    trees = [ast.parse((folder / name).read_text("utf-8")) for name in PIPELINED]
    imports = [each for kind in HEADS for tree in trees for each in _written(tree, kind)]
    bases, classes = ["PipelineQueue"], []
    for tree, wanted in zip(trees, PIPELINED.values(), strict=True):
        [kind] = (node for node in tree.body if isinstance(node, ast.ClassDef))
        name = f"Pipeline{kind.name.removeprefix('AsyncImap').removeprefix('Async')}Calls"
        classes += [f"\n\nclass {name}({bases[-1]}):", f'    """The calls of `{kind.name}`."""\n']
        classes += _calls(kind, wanted)
        bases.append(name)
    # Two files may have the same names for types.
    return HEAD + "\n".join([*dict.fromkeys(imports), *classes])


def _written(tree: ast.Module, kind: type[ast.stmt]) -> list[str]:
    return [ast.unparse(node) for node in tree.body if isinstance(node, kind)]


def _calls(kind: ast.ClassDef, wanted: tuple[str, ...]) -> Iterator[str]:
    """Yield the source of each call, overloads included."""
    methods = [node for node in kind.body if isinstance(node, ast.AsyncFunctionDef)]
    if missing := set(wanted) - {node.name for node in methods}:
        raise SystemExit(f"{kind.name} has no {', '.join(sorted(missing))} for the pipeline")
    for node in methods:
        if node.name in wanted:
            yield _call(node)


def _call(node: ast.AsyncFunctionDef) -> str:
    returned = ast.unparse(node.returns) if node.returns else "None"
    lines = [f"    @{ast.unparse(each)}" for each in node.decorator_list]
    lines.append(f"    def {node.name}({ast.unparse(node.args)}) -> Pending[{returned}]:")
    if node.decorator_list:
        return "\n".join([*lines, "        ...\n"])
    summary = (ast.get_docstring(node) or "").splitlines()[0]
    raw = "r" if "\\" in summary else ""
    lines.append(f'        {raw}"""{summary}"""')
    body = [Adding().visit(statement) for statement in node.body[1:]]
    lines += ["        " + line for each in body for line in ast.unparse(each).splitlines()]
    return "\n".join([*lines, ""])


class Adding(ast.NodeTransformer):
    """Replaces `await self._run(flow)` by `self._add(flow)`, and `_read()`, which makes the flow.

    Anything else cannot be awaited.
    """

    def visit_Await(self, node: ast.Await) -> ast.expr:
        """Replace one."""
        match node.value:
            case ast.Call(ast.Attribute(_, "_run") as called):
                called.attr = "_add"
                return node.value
            case ast.Call(ast.Attribute(_, "_read") as called, [made, *arguments], keywords):
                called.attr = "_add"
                return ast.Call(called, [ast.Call(made, arguments, keywords)], [])
        raise SystemExit(f"{ast.unparse(node)} is nothing that a pipeline can do")
