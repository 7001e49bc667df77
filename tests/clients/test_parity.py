"""Each blocking client and its asyncio twin: the same names, signatures and words; no logic."""

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
from netmail.clients.async_pop3 import AsyncPOP3
from netmail.clients.async_transport import AsyncTransport
from netmail.clients.client import Client
from netmail.clients.imap import Imap
from netmail.clients.pop3 import POP3
from netmail.clients.transport import Transport

PAIRS = [
    (Client, AsyncClient),
    (POP3, AsyncPOP3),
    (Imap, AsyncImap),
    (Transport, AsyncTransport),
]
FOLDER = Path(netmail.clients.__file__).parent
SESSIONS = {"client.py", "async_client.py"}
CLIENTS = sorted(path.name for path in FOLDER.glob("*.py") if path.name not in SESSIONS)
RENAMED = {"__enter__": "__aenter__", "__exit__": "__aexit__", "__iter__": "__aiter__"}

each_pair = pytest.mark.parametrize(
    ("blocking", "asynchronous"), PAIRS, ids=[pair[0].__name__ for pair in PAIRS]
)


def names(kind):
    """The public names of a class, by the blocking one's spelling."""
    back = {value: key for key, value in RENAMED.items()}
    found = {back.get(name, name) for name in dir(kind)}
    return {name for name in found if not name.startswith("_") or name in RENAMED}


def members(*, methods_only=False):
    """Every public name of every pair."""
    return [
        pytest.param(blocking, asynchronous, name, id=f"{blocking.__name__}.{name}")
        for blocking, asynchronous in PAIRS
        for name in sorted(names(blocking) | {"__init__"})
        if not methods_only or inspect.isfunction(inspect.getattr_static(blocking, name))
    ]


def both(blocking, asynchronous, name):
    """The member of each side."""
    other = name if hasattr(asynchronous, name) else RENAMED.get(name, name)
    return inspect.getattr_static(blocking, name), inspect.getattr_static(asynchronous, other)


def without_async(signature):
    """A signature as text, where the twin's own class names count as the blocking one's."""
    text = re.sub(r"\bAsync(?=[A-Z])", "", str(signature))
    return text.replace("AsyncIterator", "Iterator").replace("AsyncGenerator", "Generator")


@each_pair
def test_names(blocking, asynchronous):
    """Neither side has a name that the other lacks; `aclose` is asyncio's own."""
    assert names(blocking) | {"aclose"} == names(asynchronous)


@pytest.mark.parametrize(("blocking", "asynchronous", "name"), members())
def test_member(blocking, asynchronous, name):
    """Kind, signature and words are the same; only `async` differs."""
    one, other = both(blocking, asynchronous, name)

    assert type(one) is type(other)
    assert inspect.getdoc(one) == inspect.getdoc(other)
    if callable(one):
        assert without_async(inspect.signature(one)) == without_async(inspect.signature(other))
    if isinstance(one, property):
        assert (one.fset is None, one.fdel is None) == (other.fset is None, other.fdel is None)


@pytest.mark.parametrize(("blocking", "asynchronous", "name"), members(methods_only=True))
def test_asynchronous_exactly_where_it_waits(blocking, asynchronous, name):
    """A method awaits in one twin where it blocks in the other; properties and __init__ do not."""
    one, other = both(blocking, asynchronous, name)
    drives = re.search(r"\bdrive\(|\._run\(", inspect.getsource(one)) is not None

    assert not inspect.iscoroutinefunction(one)
    assert inspect.iscoroutinefunction(other) == (drives or name in RENAMED)


@each_pair
def test_class_docstring(blocking, asynchronous):
    """The class's words are the same."""
    one, other = inspect.getdoc(blocking), inspect.getdoc(asynchronous)
    plain = re.sub(r"\basync (?=with)|\bawait |\bAsync(?=[A-Z])|\basyncio\b", "", other)

    assert plain.split() == re.sub(r"\bblocking\b", "", one).split()


def methods(path):
    """Every method of every class of a file; overloads, which only declare, are none."""
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
        if method.name == "__init__":
            continue
        words, *body = method.body

        if ast.unparse(body[-1]) == "return self":
            body[-1:] = []
        kinds = [type(statement) for statement in body]
        tests = [node for line in body for node in ast.walk(line) if isinstance(node, branches)]

        assert isinstance(words, ast.Expr), method.name
        assert kinds in ([ast.Return], [ast.Expr]), method.name
        assert tests == [], method.name


@pytest.mark.parametrize("path", CLIENTS)
def test_init_has_no_logic(path):
    """__init__ parses options and makes the flows, nothing else."""
    for method in methods(path):
        if method.name == "__init__":
            kinds = {type(statement) for statement in method.body}

            assert kinds <= {ast.Assign, ast.AnnAssign, ast.Expr}


def test_a_client_whose_options_were_refused_can_be_shown():
    """Tools that print a trace's locals see it."""
    unborn = object.__new__(Imap)

    assert repr(unborn) == "<Imap without options>"


def test_aclosing_leaves():
    """The asyncio clients have the name that `contextlib.aclosing()` asks for."""

    async def leave():
        async with contextlib.aclosing(AsyncImap(host="127.0.0.1")) as imap:
            return imap.is_connected

    assert asyncio.run(leave()) is False
