"""What a new connection takes over from the one that was lost, and what it cannot."""

import pytest

from netmail import (
    AsyncImap,
    ConnectionLost,
    Imap,
    ImapError,
    StateError,
)
from netmail.results.events import Reconnecting
from servers.scripted import Expect, Reply, Send
from support.reconnecting import (
    HELLO,
    POLICY,
    SEARCH,
    SELECT,
    SELECTED,
    count,
    lost_maker,
    tagged,
    until_closed,
)
from support.twins import maker


@pytest.fixture(params=["blocking", "asyncio"])
def client(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Imap, AsyncImap)


@pytest.fixture
def lost(client, scripted):
    """Make a client each of whose connections plays other steps; the first one ends after its."""
    return lost_maker(client, scripted)


def test_uidvalidity_changed(lost):
    """UIDs that have lost their meaning are used by no call, until select() is called."""
    other = tagged(rb'SELECT "Archive"', b"* 3 EXISTS\r\n* OK [UIDVALIDITY 8] x\r\n")
    status = tagged(rb'STATUS "x" \(MESSAGES\)', b'* STATUS "x" (MESSAGES 1)\r\n')
    second = (*HELLO, *other, *status, *other, *other, *SEARCH)
    imap, _ = lost(SELECT, second)
    imap.select("Archive")
    until_closed(imap)

    assert imap.status("x", "MESSAGES") == {"MESSAGES": 1}
    with pytest.raises(StateError, match="UIDVALIDITY 7 is now 8"):
        imap.fetch(5)
    assert imap.select("Archive")["uidvalidity"] == 8
    assert imap.search("UNSEEN") == [5, 9]
    imap.abort()


def test_mailbox_gone(lost):
    """No other mailbox is used for one that is gone, neither for a read nor for a write."""
    gone = (Expect(rb'(\w+) SELECT "Archive"'), Reply(rb"\1 NO [NONEXISTENT] gone\r\n"))
    second = (*HELLO, *gone, *gone, *gone, *tagged(rb'SELECT "INBOX"', SELECTED), *SEARCH)
    imap, _ = lost(SELECT, second)
    imap.select("Archive")
    until_closed(imap)

    with pytest.raises(ImapError, match="gone"):
        imap.search("UNSEEN")
    with pytest.raises(ImapError, match="gone"):
        imap.store(5, "+FLAGS", "\\Deleted")
    assert imap.search("UNSEEN", "INBOX") == [5, 9]
    imap.abort()


def test_examined(lost):
    """A mailbox that EXAMINE opened is opened by EXAMINE again."""
    examine = tagged(rb'EXAMINE "Archive"', SELECTED)
    imap, _ = lost(examine, (*HELLO, *examine, *SEARCH))
    imap.examine("Archive")
    until_closed(imap)

    assert imap.search("UNSEEN") == [5, 9]
    assert imap.mailbox.read_only
    imap.abort()


def test_enabled(lost):
    """Extensions are turned on again before the mailbox is selected; names stay in UTF-8."""
    enable = tagged(b"ENABLE UTF8=ACCEPT", b"* ENABLED UTF8=ACCEPT\r\n")
    selected = tagged('SELECT "Grüße"'.encode(), SELECTED)
    imap, _ = lost((*enable, *selected), (*HELLO, *enable, *selected, *SEARCH))
    imap.enable("UTF8=ACCEPT")
    imap.select("Grüße")
    until_closed(imap)

    assert imap.search("UNSEEN") == [5, 9]
    imap.abort()


def test_not_enabled_again(lost):
    """A new connection that lacks an extension takes no call in place of the old one."""
    enable = tagged(b"ENABLE UTF8=ACCEPT", b"* ENABLED UTF8=ACCEPT\r\n")
    lacking = (*HELLO, *tagged(b"ENABLE UTF8=ACCEPT", b"* ENABLED\r\n"))
    imap, _ = lost(enable, lacking, lacking)
    imap.enable("UTF8=ACCEPT")
    until_closed(imap)

    for _ in range(2):
        with pytest.raises(StateError, match="UTF8=ACCEPT"):
            imap.noop()


def test_language(lost):
    """The language of texts is chosen again, before anything else is sent."""
    hello = (HELLO[0], *tagged(b"CAPABILITY", b"* CAPABILITY IMAP4rev1 LANGUAGE\r\n"))
    first = tagged(b'LANGUAGE "fr" "de"', b"* LANGUAGE (de)\r\n")
    again = tagged(b'LANGUAGE "de"', b"* LANGUAGE (de)\r\n")
    capable = tagged(b"CAPABILITY", b"* CAPABILITY IMAP4rev1 LANGUAGE\r\n")
    imap, _ = lost((*capable, *first, *SELECT), (*hello, *again, *SELECT, *SEARCH))
    imap.capability()
    imap.language("fr de")
    imap.select("Archive")
    until_closed(imap)

    assert imap.search("UNSEEN") == [5, 9]
    imap.abort()


@pytest.mark.parametrize("lacking", [True, False], ids=["no LANGUAGE", "refused"])
def test_language_that_is_gone(lost, lacking):
    """Every call works without it: only texts are in it."""
    names = b"* CAPABILITY IMAP4rev1" + (b"" if lacking else b" LANGUAGE") + b"\r\n"
    refused = (Expect(rb'(\w+) LANGUAGE "de"'), Reply(rb"\1 NO gone\r\n"))
    second = (HELLO[0], *tagged(b"CAPABILITY", names), *(() if lacking else refused), *SEARCH)
    capable = tagged(b"CAPABILITY", b"* CAPABILITY IMAP4rev1 LANGUAGE\r\n")
    chosen = tagged(b'LANGUAGE "de"', b"* LANGUAGE (de)\r\n")
    select = (*second[:-2], *SELECT, *SEARCH)
    imap, _ = lost((*capable, *chosen, *SELECT), select)
    imap.capability()
    imap.language("de")
    imap.select("Archive")
    until_closed(imap)

    assert imap.search("UNSEEN") == [5, 9]
    imap.abort()


def test_write_is_not_repeated(lost):
    """A write that may have been done raises; the next call connects again."""
    cut = (*SELECT, Expect(rb"(\w+) UID COPY 5 .*"))
    imap, events = lost(cut, (*HELLO, *SELECT, *SEARCH))
    imap.select("Archive")

    with pytest.raises(ConnectionLost):
        imap.copy(5, "Trash")
    assert count(events, Reconnecting) == 0
    assert imap.search("UNSEEN") == [5, 9]
    imap.abort()


def test_write_on_a_closed_connection(lost):
    """A write that has sent nothing connects first, and is sent once."""
    copy = tagged(rb'UID COPY 5 "Trash"')
    imap, _ = lost(SELECT, (*HELLO, *SELECT, *copy))
    imap.select("Archive")
    until_closed(imap)

    assert imap.copy(5, "Trash")
    imap.abort()


FETCH = rb"(\w+) UID FETCH 5,9 .*"
ONE = b"* 1 FETCH (UID 5 FLAGS ())\r\n"


def test_values_that_have_not_come(lost):
    """A loop is begun again before its first value; an iterator of UIDs is read once."""
    fetched = (Expect(FETCH), Reply(ONE + rb"* 2 FETCH (UID 9 FLAGS ())\r\n\1 OK done\r\n"))
    imap, _ = lost((*SELECT, Expect(FETCH)), (*HELLO, *SELECT, *fetched))
    imap.select("Archive")

    assert [each.uid for each in imap.fetch_many(iter([5, 9]), "FLAGS")] == [5, 9]
    imap.abort()


def test_values_that_have_come(lost):
    """A loop that has handed over a value is not begun again by itself."""
    imap, events = lost((*SELECT, Expect(FETCH), Send(ONE)))
    imap.select("Archive")
    seen = []
    with pytest.raises(ConnectionLost):
        seen.extend(each.uid for each in imap.fetch_many([5, 9], "FLAGS"))

    assert count(events, Reconnecting) == 0


def test_download_continues(lost, tmp_path):
    """A download fetches the rest of what it has written, and nothing twice."""
    whole = tagged(
        rb"UID FETCH 5 \(UID BODY.PEEK\[\]<3\.\d+>\)",
        b"* 1 FETCH (UID 5 BODY[]<3> {3}\r\ndef)\r\n",
    )
    half = (Expect(rb"(\w+) UID FETCH 5 .*"), Send(b"* 1 FETCH (UID 5 BODY[] {6}\r\nabc"))
    imap, _ = lost((*SELECT, *half), (*HELLO, *SELECT, *whole))
    imap.select("Archive")

    assert imap.download(5, tmp_path / "mail") == 6
    assert (tmp_path / "mail").read_bytes() == b"abcdef"
    imap.abort()


def test_saved_result(lost):
    """A saved result is gone with its connection: no call uses an empty one."""
    capability = tagged(b"CAPABILITY", b"* CAPABILITY IMAP4rev1 ESEARCH SEARCHRES\r\n")
    save = tagged(rb"UID SEARCH RETURN \(SAVE\) UNSEEN")
    imap, events = lost((*capability, *SELECT, *save))
    imap.capability()
    imap.select("Archive")
    imap.search("UNSEEN", result="save")
    until_closed(imap)

    with pytest.raises(ConnectionLost):
        imap.fetch("$")
    assert count(events, Reconnecting) == 0


@pytest.mark.parametrize("end", ["quit", "abort"])
def test_ended_by_the_caller(client, scripted, end):
    """What the caller has closed stays closed."""
    server = scripted(*HELLO, *([*tagged(b"LOGOUT", b"* BYE x\r\n")] if end == "quit" else []))
    imap = client(host="127.0.0.1", port=server.port, tls=0, reconnect=POLICY)
    imap.connect()
    getattr(imap, end)()

    with pytest.raises(StateError):
        imap.noop()


def test_connect_forgets(lost):
    """connect() begins a session of the caller's own: nothing is selected in it."""
    cut = (*SELECT, Expect(rb"(\w+) UID COPY 5 .*"))
    imap, _ = lost(cut, (*HELLO, *tagged(b"NOOP")))
    imap.select("Archive")
    with pytest.raises(ConnectionLost):
        imap.copy(5, "Trash")
    imap.connect()
    imap.noop()

    assert imap.selected is None
    imap.abort()
