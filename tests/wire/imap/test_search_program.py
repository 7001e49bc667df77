"""Queries as they are sent, from text and from values."""

import pytest
from hypothesis import given

from netmail import search as S  # noqa: N812
from netmail.wire.imap.encode import Literal
from netmail.wire.imap.search_program import search_program
from support.queries import KEYS, combined


@given(combined(KEYS))
def test_text_and_value(query):
    """A query as a value is sent as its text is."""
    by_value, by_text = search_program(query), search_program(str(query))

    assert by_value.keys == by_text.keys
    assert by_value.charset == by_text.charset


def test_literals():
    """Text outside ASCII is a literal, and asks for UTF-8."""
    program = search_program(S.unseen() & S.text("Grüße"))

    assert program.keys == (b"UNSEEN", b" ", b"TEXT", b" ", Literal("Grüße".encode()))
    assert program.arguments() == [b"CHARSET UTF-8", program.keys]
    assert program.arguments(with_charset=False) == [program.keys]


@pytest.mark.parametrize("query", [S.text("Gruss"), "CHARSET UTF-8 TEXT Gruss"], ids=str)
def test_no_charset(query):
    """ASCII needs no charset, not even one that the caller names."""
    program = search_program(query)

    assert program.charset == "US-ASCII"
    assert program.arguments() == [program.keys]


def test_capabilities():
    """The extensions of all keys are listed once, in the order of the keys."""
    query = S.older(5) & ~S.fuzzy(S.text("x") | S.younger(3)) & S.saved()

    assert search_program(query).capabilities == ("WITHIN", "SEARCH=FUZZY", "SEARCHRES")


@pytest.mark.usefixtures("in_time")
def test_many_keys():
    """A query of a hundred thousand keys is written in linear time."""
    query = S.any_of(*[S.subject("x") | S.seen()] * 50_000)

    assert len(search_program(query).keys) > 100_000
