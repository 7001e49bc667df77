"""The clients hold no logic, and the two base classes, written by hand, have the same members.

All else of the blocking clients is derived from the asyncio ones, and `scripts/check` compares it.
"""

import ast
import asyncio
import contextlib
import inspect
import re
from pathlib import Path

import pytest

import netmail.clients
from netmail.clients.async_client import AsyncClient
from netmail.clients.async_imap import AsyncImap
from netmail.clients.client import Client
from netmail.clients.imap import Imap

FOLDER = Path(netmail.clients.__file__).parent
BASES = {"client.py", "async_client.py", "result_iterator.py", "async_result_iterator.py"}
CLIENTS = sorted(path.name for path in FOLDER.glob("*.py") if path.name not in BASES)
RENAMED = {"__enter__": "__aenter__", "__exit__": "__aexit__"}


def members(kind):
    """Return the public members of a class, by the blocking one's spelling."""
    blocking = {value: key for key, value in RENAMED.items()}
    return {
        blocking.get(name, name): inspect.getattr_static(kind, name)
        for name in dir(kind)
        if not name.startswith("_") or name in {"__init__", *RENAMED, *blocking}
    }


ONE, OTHER = members(Client), members(AsyncClient)
SHARED = sorted(ONE.keys() & OTHER.keys())


def without_async(text):
    """Return a signature or docstring as the blocking class has it."""
    return re.sub(r"\basync (?=with)|\bawait |\bAsync(?=[A-Z])|\basyncio\b", "", str(text)).split()


def test_names():
    """Neither base class has a name that the other lacks; `aclose` is asyncio's own."""
    assert {*ONE, "aclose"} == {*OTHER}


@pytest.mark.parametrize("name", SHARED)
def test_member(name):
    """Kind, docstring and signature are the same; only `async` differs."""
    one, other = ONE[name], OTHER[name]

    assert type(one) is type(other)
    assert without_async(inspect.getdoc(one)) == without_async(inspect.getdoc(other))
    if callable(one):
        signature = without_async(inspect.signature(one))
        assert signature == without_async(inspect.signature(other))


@pytest.mark.parametrize("name", [name for name in SHARED if inspect.isfunction(ONE[name])])
def test_asynchronous_exactly_where_it_waits(name):
    """A method awaits in one class where it blocks in the other."""
    waits = re.search(r"\bdrive\(|\._run\(", inspect.getsource(ONE[name])) is not None

    assert not inspect.iscoroutinefunction(ONE[name])
    assert inspect.iscoroutinefunction(OTHER[name]) == (waits or name in RENAMED)


def test_class_docstrings():
    """The classes are described alike."""
    assert without_async(inspect.getdoc(Client)) == without_async(inspect.getdoc(AsyncClient))


def methods(path):
    """Yield every method of every class of a file; overloads, which only declare, are none."""
    for node in ast.walk(ast.parse((FOLDER / path).read_text("utf-8"))):
        if isinstance(node, ast.ClassDef):
            functions = (ast.FunctionDef, ast.AsyncFunctionDef)
            for item in node.body:
                if isinstance(item, functions) and "overload" not in map(
                    ast.unparse, item.decorator_list
                ):
                    yield item


def test_there_are_clients():
    """The files are found."""
    assert {"pop3.py", "async_pop3.py", "imap.py", "async_transport.py"} <= set(CLIENTS)


@pytest.mark.parametrize("path", CLIENTS)
def test_no_logic(path):
    """A method is a docstring and one return, without condition or loop.

    A method that chains has its one line before `return self`.
    """
    branches = (ast.IfExp, ast.BoolOp, ast.Compare, ast.comprehension, ast.Lambda, ast.NamedExpr)
    for method in methods(path):
        docstring, *body = method.body

        if ast.unparse(body[-1]) == "return self":
            body[-1:] = []
        kinds = [type(statement) for statement in body]
        tests = [node for line in body for node in ast.walk(line) if isinstance(node, branches)]

        assert isinstance(docstring, ast.Expr), method.name
        assert kinds in ([ast.Return], [ast.Expr]), method.name
        assert tests == [], method.name


def test_a_client_whose_options_were_refused_can_be_shown():
    """Tools that print a trace's locals show it."""
    unborn = object.__new__(Imap)

    assert repr(unborn) == "<Imap without options>"


def test_aclosing_leaves():
    """The asyncio clients have the name that `contextlib.aclosing()` calls."""

    async def leave():
        async with contextlib.aclosing(AsyncImap(host="127.0.0.1")) as imap:
            return imap.is_connected

    assert asyncio.run(leave()) is False
