"""Blade's IMAP API and what netmail adds, on Dovecot, blocking and asyncio alike."""

import io
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

import netmail
from netmail import TLS_ALL, TLS_NONE
from netmail.clients.async_imap import AsyncImap
from netmail.clients.imap import Imap
from netmail.errors import ConnectionLost, ImapError, StateError, UsageError
from support.twins import maker

ONE = b"Subject: one\r\nFrom: ann@example.test\r\n\r\nfirst\r\n"
TWO = b"Subject: two\r\nFrom: bob@example.test\r\n\r\nsecond\r\n.\r\n* OK\r\n"


@pytest.fixture(params=["blocking", "asyncio"])
def client(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Imap, AsyncImap)


@pytest.fixture
def connect(client, dovecot):
    """Make clients for a user of their own, and close them afterwards."""
    user = dovecot.fresh_user()
    made = []

    def make(scheme="imap", **options):
        options.setdefault("ca_file", str(dovecot.ca_file))
        host = options.pop("host", "localhost")
        url = dovecot.url(scheme, options.pop("user", user), host)
        made.append(client(url, **options))
        return made[-1]

    make.user = user
    yield make
    for one in made:
        one.abort()


@pytest.fixture
def filled(connect, dovecot):
    """A client of a mailbox with two messages."""
    dovecot.deliver(connect.user, ONE, TWO)
    return connect()


MODES = {
    "in clear": ("imap", {"tls": TLS_NONE}),
    "STARTTLS": ("imap", {"tls": TLS_ALL}),
    "TLS": ("imaps", {}),
}


@pytest.mark.parametrize("mode", MODES)
def test_whole_api(connect, dovecot, mode):
    """Every method of Blade's, in each TLS mode."""
    dovecot.deliver(connect.user, ONE, TWO)
    scheme, options = MODES[mode]
    imap = connect(scheme, **options)

    assert imap.get_handle() is not None
    assert imap.is_authenticated
    assert imap.noop() is True
    assert "IMAP4REV1" in imap.capability()
    assert imap.create("Work") == ["Work"]
    assert imap.rename("Work", "Archive") == ["Archive"]
    assert imap.subscribe("Archive") is True
    assert sorted(imap.get_dirs()) == ["Archive", "INBOX"]
    assert imap.get_subscribed_dirs() == ["Archive"]
    assert [folder["name"] for folder in imap.lsub()] == ["Archive"]
    assert imap.list("", "") == [{"name": "", "delimiter": "/", "attributes": ["\\Noselect"]}]
    assert imap.select("INBOX")["exists"] == 2
    assert imap.state == "selected"
    assert imap.selected == "INBOX"
    assert imap.alerts == []
    assert imap.search("ALL") == [1, 2]
    assert imap.fetch() == ONE
    assert imap.fetch("1:*") == {1: ONE, 2: TWO}
    assert imap.store(1, "+FLAGS", "\\Flagged") is True
    assert imap.search("FLAGGED") == [1]
    assert imap.copy(1, "Archive").destination == (1,)
    assert imap.move([2], "Archive").destination == (2,)
    assert imap.status("Archive", "MESSAGES UNSEEN") == {"MESSAGES": 2, "UNSEEN": 2}
    assert imap.append("Archive", ONE, "\\Seen").uid == 3
    assert imap.check() is True
    assert imap.store(1, "+FLAGS.SILENT", ["\\Deleted"]) is True
    assert imap.expunge() is True
    assert imap.examine("Archive")["read_only"] is True
    assert imap.fetch([3]) == {3: ONE}
    assert imap.unselect() is True
    assert imap.select("INBOX")["exists"] == 0
    assert imap.close() is True
    assert imap.unsubscribe("Archive") is True
    assert imap.delete("Archive") == ["Archive"]
    assert imap.exec('LIST "" *').startswith("* LIST ")
    assert imap.test_connection() is True
    assert imap.unparsed == []
    imap.quit()
    assert not imap.is_connected


@pytest.mark.parametrize("proxy", ["tinyproxy", "microsocks"])
def test_through_a_proxy(connect, dovecot, request, proxy):
    """The same messages come through an HTTP and a SOCKS proxy."""
    dovecot.deliver(connect.user, ONE)
    url = request.getfixturevalue(proxy).url()

    # A proxy may find localhost at ::1, where no server listens.
    imap = connect("imap", host=dovecot.host, proxy=url, tls=TLS_ALL)
    assert imap.fetch(1) == ONE


def test_wrong_password(connect, dovecot):
    """test_connection() returns False and keeps the reason; everything else raises."""
    wrong = type(dovecot.user())("alice", "not hers")
    imap = connect(user=wrong)

    assert imap.test_connection() is False
    assert isinstance(imap.last_error, netmail.errors.AuthenticationError)


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-1"])
def test_own_login(connect, dovecot, mechanism):
    """Netmail's own SASL, with a password that is not easy."""
    imap = connect(user=dovecot.user("carol"), auth=mechanism)

    assert imap.noop() is True
    assert "MOVE" in imap.capabilities


NAMES = [
    "a b",
    'q"uo\\te',
    "[Gmail]/All",
    "100%",
    "R&D",
    "Entwürfe",
    "日本語/台北",
    "😀",
    "{5}",
    "(x)",
    "NIL",
    "+x",
    "a]b",
    "x" * 200,
]


@pytest.mark.parametrize("name", NAMES)
def test_names(connect, name):
    """A mailbox of any name can be made, listed, selected, counted, copied into and deleted."""
    imap = connect()
    imap.create(name)

    assert name in imap.get_dirs()
    assert imap.append(name, ONE).uid == 1
    assert imap.select(name)["exists"] == 1
    assert imap.fetch(1, name) == ONE
    assert imap.copy(1, name).source == (1,)
    assert imap.status(name, ["MESSAGES"]) == {"MESSAGES": 2}
    assert imap.delete(name) == [name]


def test_search_not_ascii(connect, dovecot):
    """Text in any script is found, within parentheses too."""
    dovecot.deliver(connect.user, ONE, "Subject: Grüße aus 台北\r\n\r\nx\r\n".encode())
    imap = connect()

    assert imap.search('SUBJECT "grüße"') == [2]
    assert imap.search('(OR SUBJECT "台北" FROM nobody) UNSEEN') == [2]
    assert imap.search("SUBJECT ö") == []


def test_search_keys(filled):
    """Query as in RFC 9051; empty means NEW; a wrong key raises."""
    assert filled.search('FROM "bob"', "INBOX") == [2]
    assert filled.search("OR SUBJECT one SUBJECT {5}") == [1]
    assert sorted(filled.search()) in ([], [1, 2])
    with pytest.raises(ImapError):
        filled.search("NONSENSE")


def email_message():
    """The standard library's message."""
    made = EmailMessage()
    made["Subject"] = "ä"
    made.set_content("Grüße\n")
    return made


@pytest.mark.parametrize(
    "make",
    [
        lambda: ONE,
        lambda: io.BytesIO(ONE),
        email_message,
        lambda: netmail.message().from_("a@b.test").to("c@d.test").text("x"),
    ],
    ids=["bytes", "file", "EmailMessage", "Message"],
)
def test_append(connect, make):
    """Each kind of message arrives, with flags and date."""
    imap = connect()
    date = datetime(2020, 2, 29, 12, 30, tzinfo=UTC)
    appended = imap.append("INBOX", make(), ["\\Seen", "$Work"], date)

    assert appended.uid == 1
    assert appended.uidvalidity > 0
    assert imap.search("SEEN KEYWORD $Work ON 29-Feb-2020") == [1]
    assert b"\n" not in imap.fetch(1).replace(b"\r\n", b"")
    assert '"29-Feb-2020 12:30:00 +0000"' in imap.exec("UID FETCH 1 INTERNALDATE")


def test_append_nowhere(connect):
    """A mailbox that does not exist is in the code, and the connection continues."""
    imap = connect()
    with pytest.raises(ImapError) as caught:
        imap.append("nowhere", ONE)

    assert caught.value.code == "TRYCREATE"
    assert imap.noop() is True


def test_append_of_refused_flags(connect):
    """Dovecot refuses the flag, and does not run the message's lines as commands."""
    imap = connect()
    imap.create("Kept")
    with pytest.raises(ImapError, match="Invalid system flag"):
        imap.append("INBOX", b"x DELETE Kept\r\n\r\ny DELETE Kept\r\n", r"\Foo")

    assert imap.noop() is True
    assert "Kept" in imap.get_dirs()


def test_search_for_too_much(connect):
    """Dovecot closes the connection, and its reason is in the error."""
    imap = connect()
    with pytest.raises(ConnectionLost, match="Literal size too large"):
        imap.search(f'SUBJECT "{"ü" * 70_000}"')

    imap.connect()
    assert imap.noop() is True


def test_large_message(connect):
    """30 MB go there and come back."""
    body = b"Subject: large\r\n\r\n" + (b"0123456789" * 100 + b"\r\n") * 30_000
    imap = connect()
    imap.append("INBOX", body)

    assert imap.fetch(1) == body


def test_examined_stays_unchanged(filled):
    """What examine() opened is not changed, not even by a call that names it."""
    filled.examine("INBOX")
    for path in (None, "INBOX"):
        with pytest.raises(StateError):
            filled.store(1, "+FLAGS", "\\Deleted", path)

    filled.select("INBOX")
    assert filled.search("DELETED") == []


def test_fetch_leaves_unread(filled):
    """Fetching is not reading."""
    filled.fetch([1, 2])

    assert filled.search("UNSEEN") == [1, 2]


def test_close_expunges_and_stays_connected(filled):
    """close() deletes what is flagged, and the connection continues."""
    filled.select("INBOX")
    filled.store(1, "+FLAGS", "\\Deleted")
    filled.close()

    assert filled.search("ALL", "INBOX") == [2]


def test_updates_by_another_session(filled, connect, dovecot):
    """What another session does is known after noop()."""
    filled.select("INBOX")
    dovecot.deliver(connect.user, ONE)
    filled.noop()

    assert filled.search("UID 3") == [3]


def test_missing_message(filled):
    """A UID that is not there raises for one, and is left out of many."""
    assert filled.fetch([2, 99]) == {2: TWO}
    with pytest.raises(ImapError, match="UID 99"):
        filled.fetch(99)


def test_wrong_call_keeps_the_connection(filled):
    """A call that is wrong sends nothing and breaks nothing."""
    with pytest.raises(UsageError):
        filled.fetch("1:x")

    assert filled.fetch(1) == ONE


def test_mailbox_of_the_options(connect, dovecot):
    """A call without a path works on the mailbox that the options name."""
    connect().create("Work")
    dovecot.deliver(connect.user, TWO, mailbox="Work")

    assert connect(mailbox="Work").fetch(1) == TWO


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [("Work/deep", "Other", "Other"), ("Work", "Old", "Old/deep"), ("Wo", "Old", "Work/deep")],
)
def test_renamed_while_selected(filled, old, new, expected):
    """Dovecot ends the connection where the selected mailbox is renamed: it is left before."""
    filled.create("Wo")
    filled.create("Work/deep")
    filled.append("Work/deep", ONE)
    filled.select("Work/deep")
    filled.rename(old, new)

    assert filled.search("ALL") == [1]
    assert filled.selected == expected


def test_deleted_while_selected(filled):
    """A deleted mailbox is left before, and the connection lives."""
    filled.create("Work")
    filled.select("Work")
    filled.delete("Work")

    assert filled.selected is None
    assert filled.get_dirs() == ["INBOX"]
