"""Calls whose commands are sent together, on Dovecot and Cyrus, blocking and asyncio alike."""

import pytest

import netmail
from netmail.clients.async_imap import AsyncImap
from netmail.clients.imap import Imap
from netmail.errors import ConnectionLost, ImapError, StateError
from servers.scripted import Close, Expect, Reply, Send
from support.twins import maker

ONE = b"Subject: one\r\n\r\nfirst\r\n"
TWO = b"Subject: two\r\n\r\nsecond\r\n"


@pytest.fixture(params=["blocking", "asyncio"])
def client(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Imap, AsyncImap)


@pytest.fixture(params=["dovecot", "cyrus"])
def filled(request, client):
    """A client of a mailbox with two messages, on each server."""
    server = request.getfixturevalue(request.param)
    user = server.fresh_user()
    server.deliver(user, ONE, TWO)
    imap = client(server.url("imap", user), tls=netmail.TLS_NONE)
    yield imap
    imap.abort()


@pytest.fixture
def meet(client, scripted):
    """Make a client of a scripted server with a mailbox of three messages selected."""

    def make(*steps, **options):
        server = scripted(
            Send(b"* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n"),
            Expect(rb"(\w+) CAPABILITY"),
            Reply(rb"* CAPABILITY IMAP4rev1\r\n\1 OK done\r\n"),
            Expect(rb'(\w+) SELECT "INBOX"'),
            Reply(rb"* 3 EXISTS\r\n\1 OK done\r\n"),
            *steps,
        )
        imap = client(host="127.0.0.1", port=server.port, tls=0, **{"timeout": 5000, **options})
        imap.select("INBOX")
        return imap

    return make


def test_two_calls(filled):
    """Each call has the result of the client's method."""
    with filled.pipeline() as p:
        numbers = p.status("INBOX", "MESSAGES")
        found = p.search("SUBJECT two")

    assert numbers.result() == {"MESSAGES": 2}
    assert found.result() == [2]
    assert filled.noop() is True


def test_every_call(filled):
    """Calls of all kinds have the results that they have one by one, in their order."""
    with filled.pipeline() as p:
        made = p.create("Work"), p.subscribe("Work")
        copied = p.copy("1:2", "Work")
        stored = p.store(1, "+FLAGS", r"\Seen")
        fetched = p.fetch(1), p.fetch([2, 9])
        unseen, seen = p.search("UNSEEN"), p.search("SEEN")
        counted = p.status("Work", "MESSAGES"), p.status("INBOX", "UNSEEN")
        moved = p.move(1, "Work")
        names = p.list("", "W*"), p.lsub()
        gone = p.unsubscribe("Work"), p.noop(), p.capability()
        appended = p.append("Work", ONE)
        flagged = p.store(2, "+FLAGS", r"\Deleted"), p.expunge()
        last = p.search("ALL"), p.status("Work", "MESSAGES"), p.rename("Work", "Done")
        removed = p.delete("Done")

    assert [each.result() for each in made] == [["Work"], True]
    assert copied.result().destination == (1, 2)
    assert stored.result() is True
    assert [each.result() for each in fetched] == [ONE, {2: TWO}]
    assert [unseen.result(), seen.result()] == [[2], [1]]
    assert [each.result() for each in counted] == [{"MESSAGES": 2}, {"UNSEEN": 1}]
    assert moved.result().source == (1,)
    # Cyrus subscribes to INBOX by itself.
    listed = [[each["name"] for each in name.result()] for name in names]
    assert [[name for name in each if name != "INBOX"] for each in listed] == [["Work"], ["Work"]]
    assert gone[1].result() is True
    assert "MOVE" in gone[2].result()
    assert appended.result().uid == 4
    assert [each.result() for each in flagged] == [True, True]
    assert [each.result() for each in last] == [[], {"MESSAGES": 4}, ["Done"]]
    assert removed.result() == ["Done"]
    assert filled.unparsed == []


def test_other_mailboxes(filled):
    """A call for another mailbox waits for those before it, and those after it for the call."""
    filled.create("Work")
    filled.copy(1, "Work")
    with filled.pipeline() as p:
        found = [p.search("ALL", name) for name in ("INBOX", "Work", "INBOX", "Work", "Work")]

    assert [each.result() for each in found] == [[1, 2], [1], [1, 2], [1], [1]]


def test_refusal(filled):
    """A refusal belongs to its own call."""
    with filled.pipeline() as p:
        before, refused = p.status("INBOX", "MESSAGES"), p.status("Nowhere", "MESSAGES")
        wrong, after = p.search("NOSUCHKEY"), p.search("ALL")

    assert before.result() == {"MESSAGES": 2}
    assert after.result() == [1, 2]
    with pytest.raises(ImapError, match="STATUS: NO"):
        refused.result()
    with pytest.raises(ImapError, match="UID SEARCH: BAD"):
        wrong.result()


def test_result_too_early(filled):
    """Nothing is known before the block ends, or run() is called within it."""
    with filled.pipeline() as p:
        found = p.search("ALL")
        with pytest.raises(StateError, match="block"):
            found.result()
        p.run()

        assert found.result() == [1, 2]
        assert filled.noop() is True


def test_exception_in_the_block(filled):
    """If the block raises, nothing is sent."""
    p = filled.pipeline()
    made = p.create("Work")
    p.__exit__(ValueError, ValueError("x"), None)

    with pytest.raises(ConnectionLost, match="nothing of create\\(\\) was sent"):
        made.result()
    assert filled.get_dirs() == ["INBOX"]


def test_lost(meet):
    """Each result says what is certain: done, refused, sent, or not sent."""
    imap = meet(
        Expect(rb'(\w+) STATUS "a" .*'),
        Reply(rb"* STATUS a (MESSAGES 1)\r\n\1 OK done\r\n"),
        Expect(rb'(\w+) STATUS "b" .*'),
        Reply(rb"\1 NO none\r\n"),
        Expect(rb"(\w+) UID SEARCH UNSEEN"),
        Close(),
    )
    p = imap.pipeline()
    done, refused = p.status("a", "MESSAGES"), p.status("b", "MESSAGES")
    sent, waiting = p.search("UNSEEN"), p.search("SEEN")
    with pytest.raises(ConnectionLost, match="closed"):
        p.run()

    assert done.result() == {"MESSAGES": 1}
    with pytest.raises(ImapError, match="none"):
        refused.result()
    with pytest.raises(ConnectionLost, match="search\\(\\) was sent, and whether"):
        sent.result()
    with pytest.raises(ConnectionLost, match="nothing of search\\(\\) was sent"):
        waiting.result()
