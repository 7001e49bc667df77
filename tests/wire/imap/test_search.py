"""Queries, and SEARCH responses, that are large or made to be slow."""

import pytest

from netmail.errors import ProtocolError, UsageError
from netmail.wire.imap.search import search_keys, search_results
from support.imap_responses import data


@pytest.mark.usefixtures("in_time")
def test_million_results():
    """A million UIDs on one line."""
    response = data(b"* SEARCH " + b" ".join(b"%d" % uid for uid in range(1, 1_000_001)))

    assert search_results([response]) == list(range(1, 1_000_001))


@pytest.mark.usefixtures("in_time")
@pytest.mark.parametrize(
    "keys",
    [
        "SUBJECT x " * 100_000,
        "(" * 300_000,
        "(SEEN) " * 100_000,
        '"a" ' * 200_000,
        '"' + "\\\\" * 300_000,
        "é " * 200_000,
        " " * 500_000 + '"',
    ],
    ids=range(7),
)
def test_long_queries(keys):
    """A query of a million characters is written or refused in linear time."""
    try:
        written = search_keys(keys)
    except UsageError:
        return
    assert written


@pytest.mark.parametrize(("line", "uids"), [(b"* SEARCH 1 ", [1]), (b"* SEARCH ", [])])
def test_strict_about_a_trailing_space(line, uids):
    """A space at the end is refused where strict, and accepted where not."""
    assert search_results([data(line)]) == uids
    with pytest.raises(ProtocolError, match="a space at the end"):
        search_results([data(line)], strict=True)
