"""CANCELUPDATE, and what is refused before anything is sent."""

import pytest

from netmail.errors import CapabilityError, UsageError
from netmail.flows.imap.extended_search import search, search_many
from netmail.flows.imap.extensions.context import cancel_update
from netmail.flows.imap.extensions.sort import sort
from netmail.results.search_result import SearchResult
from support.imap_sessions import run, selected


@pytest.mark.parametrize(
    "result", [None, "T1", 5, SearchResult(tag="T1"), SearchResult(tag='"', is_updated=True)]
)
def test_no_search(result):
    """What is no result of a search that is reported on is refused."""
    with pytest.raises(UsageError):
        run(lambda session: cancel_update(session, result), "", selected)


@pytest.mark.parametrize("result", ["update", "all update", "context count"])
@pytest.mark.parametrize(
    ("find", "capability"),
    [
        (lambda session, result: search(session, "ALL", None, result, None), "CONTEXT=SEARCH"),
        (lambda session, result: sort(session, "DATE", "ALL", None, result=result), "CONTEXT=SORT"),
    ],
    ids=["search", "sort"],
)
def test_not_offered(find, capability, result):
    """Reports are asked for where the server has them, and computed nowhere."""
    with pytest.raises(CapabilityError, match=capability):
        run(
            lambda session: find(session, result),
            "",
            lambda: selected("IMAP4rev1 ESEARCH SORT ESORT"),
        )


def test_many_mailboxes():
    """There are none of several mailboxes."""
    with pytest.raises(UsageError, match="one mailbox"):
        run(lambda session: search_many(session, "ALL", "personal", "update"), "", selected)
