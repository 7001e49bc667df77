"""Databases of both kinds, the asyncio one made blocking, so that one test serves both.

This file knows no query.
"""

import asyncio
import inspect
from contextlib import contextmanager

import netmail
import netmail.query


class Blocking:
    """An asyncio database, selection or table with blocking methods."""

    def __init__(self, made, loop):
        self._made = made
        self._loop = loop

    def __getattr__(self, name):
        found = getattr(self._made, name)
        if inspect.isasyncgenfunction(getattr(found, "__func__", found)):
            return found
        if not inspect.ismethod(found) or name == "header":
            return self._own(found)
        return lambda *a, **k: self._own(found(*map(self._bare, a), **k))

    def __getitem__(self, key):
        return self._own(self._made[key])

    def __call__(self, *args, **kwargs):
        return self._own(self._made(*map(self._bare, args), **kwargs))

    def _bare(self, value):
        return value._made if isinstance(value, Blocking) else value

    def _own(self, value):
        if inspect.iscoroutine(value):
            return self._loop.run_until_complete(value)
        if inspect.isasyncgen(value):
            return self._rows(value)
        kinds = netmail.query.AsyncSelection | netmail.query.AsyncTable
        return Blocking(value, self._loop) if isinstance(value, kinds) else value

    def _rows(self, values):
        while True:
            try:
                yield self._loop.run_until_complete(anext(values))
            except StopAsyncIteration:
                return


@contextmanager
def database(url, kind="blocking", **options):
    """A database with its tables, of a kind: "blocking" or "asyncio"."""
    options = {"tls": netmail.TLS_NONE, **options}
    if kind == "blocking":
        with netmail.query.connect(url, **options) as made:
            made.define_tables()
            yield made
        return
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        made = netmail.query.connect_async(url, **options)
        loop.run_until_complete(made.define_tables())
        try:
            yield Blocking(made, loop)
        finally:
            loop.run_until_complete(made.aclose())
