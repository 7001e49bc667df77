"""The header as a mapping."""

import pytest

from netmail import Headers, parse


def test_headers_are_a_mapping():
    """`in`, `len`, `get`, `keys`, `values`, iteration and KeyError."""
    headers = parse("A: 1\nB: =?utf-8?q?=C3=A4?=\na: 2\n\n").headers

    assert "b" in headers
    assert "c" not in headers
    assert 3 not in headers
    assert len(headers) == 3
    assert bool(headers)
    assert (headers.keys(), headers.values()) == (["A", "B", "a"], ["1", "ä", "2"])
    assert (headers.get("c"), headers.get("c", "x"), headers.raw("b")) == (
        None,
        "x",
        b" =?utf-8?q?=C3=A4?=",
    )
    assert dict(headers)["a"] == "1"
    with pytest.raises(KeyError):
        headers["c"]


def test_headers_print_readably():
    """One line a field."""
    headers = Headers({"A": "1", "B": ["2", "3"]})

    assert str(headers) == "A: 1\nB: 2\nB: 3"
    assert repr(headers) == "Headers([('A', '1'), ('B', '2'), ('B', '3')])"
    assert headers != 3
    assert headers.raw_all("b") == [b"2", b"3"]
    assert headers.raw("c") is None
