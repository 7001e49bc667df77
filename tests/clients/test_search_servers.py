"""Queries as values, and mailboxes with their uses: on Dovecot, Cyrus and the embedded server."""

from datetime import date

import pytest
from hypothesis import given, settings

import netmail
from netmail import search as S  # noqa: N812
from netmail.clients.async_imap import AsyncImap
from netmail.clients.imap import Imap
from netmail.testing import MailServer
from support.search_model import MESSAGES, QUERIES, found, repeats
from support.twins import maker


@pytest.fixture(params=["dovecot", "cyrus"])
def server(request):
    """Each of the servers in turn."""
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["blocking", "asyncio"])
def imap(request, server):
    """A client of an empty account, of either kind in turn."""
    for client in maker(request.param, Imap, AsyncImap):
        made = client(server.url("imap", server.fresh_user()), tls=netmail.TLS_NONE)
        yield made
        made.abort()


@pytest.fixture
def embedded():
    """A client of an embedded server."""
    with MailServer() as server, netmail.imap(server.imap_url) as client:
        yield client


def fill(imap):
    """Put the model's messages into the mailbox."""
    for each in MESSAGES:
        imap.append("INBOX", each.octets, sorted(each.flags), each.moment)
    imap.select("INBOX")


def check_queries(imap, examples, queries=QUERIES):
    """Compare what the server finds with what the model finds."""
    fill(imap)
    (first, *_) = imap.search(S.all_())

    @settings(max_examples=examples, deadline=None, database=None, derandomize=True)
    @given(queries)
    def check(query):
        assert imap.search(query) == found(query, first)
        assert imap.search(str(query)) == found(query, first)

    check()


@pytest.mark.servers
def test_random_queries(imap):
    """The server finds what each query means."""
    # Dovecot 2.3 simplifies queries that have a key twice, and some of them wrongly: it keeps the
    # smaller day of "NOT BEFORE a NOT BEFORE b", and finds only SEEN by "OR (ALL SEEN) (ALL ALL)".
    check_queries(imap, 150, QUERIES.filter(lambda query: not repeats(query)))


def test_random_queries_embedded(embedded):
    """The embedded server finds what each query means."""
    check_queries(embedded, 60)


@pytest.mark.servers
def test_text(imap):
    """Text of any characters is found in bodies, headers and both."""
    fill(imap)

    assert imap.search(S.text("Grüße") | S.body("x x")) == [3, 6]
    assert imap.search(S.header("Content-Type") & ~S.bcc("x")) == list(range(1, 8))
    assert imap.search(S.older(86_400) & ~S.younger(86_400)) == list(range(1, 8))


@pytest.mark.servers
def test_special(imap):
    """Uses that the server gives are found, and mailboxes that users make in any language."""
    assert imap.special("sent") is None
    for name in ("Sent", "Archiv", "Work/Büro"):
        imap.create(name)

    assert imap.special("sent") == "Sent"
    assert imap.special("archive") == "Archiv"
    assert imap.special("junk") is None


@pytest.mark.servers
def test_mailboxes(imap):
    """LIST with options brings uses, children, subscriptions and numbers."""
    fill(imap)
    # Dovecot knows the use by the name, Cyrus by what it is made for.
    imap.create("Trash", use="trash" if "CREATE-SPECIAL-USE" in imap.capability() else None)
    imap.create("Work/Büro")
    imap.subscribe("Trash")
    by_name = {each.name: each for each in imap.list_mailboxes(status="MESSAGES SIZE")}

    assert by_name["INBOX"].status["MESSAGES"] == len(MESSAGES)
    assert by_name["INBOX"].status["SIZE"] == sum(len(each.octets) for each in MESSAGES)
    assert by_name["Trash"].uses == ("trash",)
    assert by_name["Trash"].is_subscribed
    assert by_name["Work"].has_children
    assert not by_name["Work/Büro"].has_children
    subscribed = {each.name for each in imap.list_mailboxes(subscribed=True)}
    assert subscribed - {"INBOX"} == {"Trash"}  # Cyrus subscribes INBOX by itself


@pytest.mark.servers
def test_patterns_and_parents(imap):
    """Several patterns are one LIST, and a mailbox is listed for a subscribed one below it."""
    for name in ("Work", "Work/a", "Play"):
        imap.create(name)
    imap.subscribe("Work/a")
    found = imap.list_mailboxes("", ["INBOX", "P*"])
    assert sorted(each.name for each in found) == ["INBOX", "Play"]
    above = {
        each.name: each for each in imap.list_mailboxes("", "%", subscribed=True, parents=True)
    }

    assert above["Work"].child_info == ("SUBSCRIBED",)
    assert not above["Work"].is_subscribed
    assert imap.list_mailboxes("", "Work/a", subscribed=True, remote=True)[0].is_subscribed


@pytest.mark.servers
def test_annotations_in_a_list(imap):
    """LIST brings annotations, by itself or by one command more for each mailbox."""
    imap.create("Work")
    imap.set_metadata("Work", {"/private/comment": "mine"})
    found = {each.name: each.metadata for each in imap.list_mailboxes(metadata="/private/comment")}

    assert found["Work"] == {"/private/comment": b"mine"}
    assert found["INBOX"].get("/private/comment") is None


@pytest.mark.servers
def test_rights_in_a_list(imap):
    """LIST brings what the user may do with each mailbox, where the server can do that."""
    if "LIST-MYRIGHTS" not in imap.capability():
        with pytest.raises(netmail.CapabilityError):
            imap.list_mailboxes(rights=True)
        return
    [inbox] = imap.list_mailboxes("", "INBOX", rights=True)

    assert inbox.rights == imap.my_rights("INBOX") > set("lrs")


@pytest.mark.servers
def test_create_with_a_use(imap):
    """A mailbox made for a use is found by it, where the server can do that."""
    if "CREATE-SPECIAL-USE" not in imap.capability():
        with pytest.raises(netmail.CapabilityError):
            imap.create("Keep", use="archive")
        return
    imap.create("Keep", use="archive")

    assert imap.special("archive") == "Keep"


@pytest.mark.servers
def test_results(imap):
    """The server returns the smallest, the largest and the count."""
    fill(imap)
    found = imap.search(S.from_("ann"), result="min max count all")

    assert (found.min, found.max, found.count, found.all) == (1, 6, 3, (1, 3, 6))
    assert imap.search(S.from_("nobody"), result="min max count all").all == ()
    assert imap.search(S.text("Grüße"), result="count").count == 1


@pytest.mark.servers
def test_saved_results(imap):
    """What was found is kept on the server, where it can do that; Cyrus cannot."""
    fill(imap)
    if "SEARCHRES" not in imap.capability():
        with pytest.raises(netmail.CapabilityError):
            imap.search(S.from_("ann"), result="save")
        return
    imap.search(S.from_("ann"), result="save")

    assert imap.search(S.saved() & S.flagged()) == [3]


@pytest.mark.servers
def test_fuzzy(imap):
    """A fuzzy search finds what is alike, where the server offers it: Cyrus, with its indexes."""
    fill(imap)
    if "SEARCH=FUZZY" not in imap.capability():
        with pytest.raises(netmail.CapabilityError):
            imap.search(S.fuzzy(S.subject("x")))
        return

    assert set(imap.search(S.fuzzy(S.from_("ann")))) <= {each.uid for each in MESSAGES}


@pytest.mark.servers
@pytest.mark.parametrize("part", [(1, 2), (3, 9), (-1, -2), (-3, -9), (8, 9)])
def test_parts(imap, part):
    """A part is counted off by the server where it can be, and by netmail otherwise, alike."""
    fill(imap)
    every = [each.uid for each in MESSAGES]
    low, high = sorted(map(abs, part))
    numbered = list(enumerate(every if part[0] > 0 else every[::-1], 1))
    expected = sorted(uid for place, uid in numbered if low <= place <= high)

    assert imap.search(S.all_(), partial=part).partial == tuple(expected)


@pytest.mark.servers
def test_saved_dates(imap):
    """The server knows when a message came into this mailbox."""
    fill(imap)

    assert imap.search(S.saved_since(date(2024, 1, 1)) & S.save_date_supported()) == [
        each.uid for each in MESSAGES
    ]
    assert imap.search(S.saved_before(date(2024, 1, 1))) == []


@pytest.mark.servers
def test_changes(imap):
    """Messages are found by the modification sequence since which they have changed."""
    fill(imap)
    imap.store(2, "+FLAGS", r"\Flagged")
    before = imap.status("INBOX", "HIGHESTMODSEQ")["HIGHESTMODSEQ"]
    imap.store(5, "+FLAGS", r"\Flagged")

    assert imap.search(S.modseq(before + 1)) == [5]


@pytest.mark.servers
def test_sorted_results(imap):
    """The server sorts, and returns the first and the last, the count, and a part."""
    fill(imap)
    by_size = sorted(MESSAGES, key=lambda each: (-len(each.octets), each.uid))
    expected = [each.uid for each in by_size]
    found = imap.sort("REVERSE SIZE", S.all_(), result="min max count all")

    assert imap.sort("REVERSE SIZE") == expected
    assert (found.min, found.max, found.count) == (expected[0], expected[-1], len(expected))
    assert found.all == tuple(expected)
    assert imap.sort("REVERSE SIZE", partial=(1, 2)).partial == tuple(expected[:2])
    assert imap.sort("REVERSE SIZE", partial=(-1, -2)).partial == tuple(expected[-2:])
