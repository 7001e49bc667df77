"""Extensions on real servers: each on every one that offers it."""

import pytest

from netmail import TLS_NONE, Quota, QuotaResource
from netmail import search as S  # noqa: N812
from netmail.clients.async_imap import AsyncImap
from netmail.clients.imap import Imap
from netmail.errors import CapabilityError, ImapError
from support.twins import maker

FIRST = b"Subject: b\r\nMessage-ID: <1@x>\r\nDate: Mon, 1 Jan 2024 10:00:00 +0000\r\n\r\none\r\n"
REPLY = (
    b"Subject: Re: b\r\nMessage-ID: <2@x>\r\nReferences: <1@x>\r\nIn-Reply-To: <1@x>\r\n"
    b"Date: Tue, 2 Jan 2024 10:00:00 +0000\r\n\r\ntwo\r\n"
)
OTHER = b"Subject: a\r\nMessage-ID: <3@x>\r\nDate: Wed, 3 Jan 2024 10:00:00 +0000\r\n\r\nthree\r\n"


@pytest.fixture(params=["blocking", "asyncio"])
def client(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Imap, AsyncImap)


@pytest.fixture(params=["dovecot", "cyrus"])
def server(request):
    """Each of the servers in turn."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def connect(client):
    """Make a client for a user of a server."""
    made = []

    def make(server, user):
        made.append(client(server.url("imap", user), tls=TLS_NONE))
        return made[-1]

    yield make
    for one in made:
        one.abort()


@pytest.fixture
def filled(connect, server):
    """A client of a mailbox with three messages, two of them in one thread."""
    user = server.fresh_user()
    server.deliver(user, FIRST, REPLY, OTHER)
    return connect(server, user)


def test_namespace_and_id(filled):
    """Where mailboxes are, and what the server is."""
    [personal, *_] = filled.namespace().personal
    tells = filled.id({"name": "netmail", "version": None})

    assert personal.delimiter in {"/", "."}
    assert "ovecot" in (tells.get("name") or "") or "yrus" in (tells.get("name") or "")


def test_sort(filled):
    """Messages come in the order of the keys, and those that are found only."""
    filled.select("INBOX")

    assert filled.sort("SUBJECT DATE") == [3, 1, 2]
    assert filled.sort("REVERSE DATE") == [3, 2, 1]
    assert filled.sort("DISPLAYFROM DISPLAYTO REVERSE DATE") == [3, 2, 1]
    assert filled.sort(["DATE"], S.subject("b"), "INBOX") == [1, 2]
    assert filled.sort("DATE", 'SUBJECT "ü"') == []


def test_thread(filled):
    """The reply is below the message that it replies to."""
    filled.select("INBOX")
    threads = filled.thread()

    assert sorted(thread.uids for thread in threads) == [(1, 2), (3,)]
    assert filled.thread("REFERENCES", S.subject("a"))[0].uids == (3,)


def test_enable(filled):
    """CONDSTORE is on, and nothing that changes the session's form."""
    assert filled.enable("CONDSTORE") == ["CONDSTORE"]
    assert filled.select("INBOX")["highestmodseq"]


def test_metadata(filled):
    """An annotation is set, read and removed; its lines and characters are kept."""
    value = "Größe\r\nzwei".encode()
    filled.set_metadata("INBOX", {"/private/comment": value})

    assert filled.get_metadata("INBOX", "/private/comment") == {"/private/comment": value}
    filled.set_metadata("INBOX", {"/private/comment": None})
    gone = filled.get_metadata("INBOX", ["/private/comment"], max_size=100)
    assert gone.get("/private/comment") is None


def test_rights(connect, cyrus):
    """Rights are granted to another user, listed, and taken."""
    user, other = cyrus.fresh_user(), cyrus.fresh_user()
    owner = connect(cyrus, user)

    assert set("lrswi") <= owner.my_rights("INBOX")
    assert owner.set_acl("INBOX", other.name, "lr") is True
    assert owner.get_acl("INBOX")[other.name] == frozenset("lr")
    owner.set_acl("INBOX", other.name, "-r")
    assert owner.get_acl("INBOX")[other.name] == frozenset("l")
    granted = owner.list_rights("INBOX", other.name)
    assert granted.required.union(*granted.optional) >= set("lrs")
    owner.delete_acl("INBOX", other.name)
    assert other.name not in owner.get_acl("INBOX")
    with pytest.raises(ImapError):
        owner.my_rights("Nowhere")


def test_quota(connect, cyrus):
    """The administrator sets a quota, and the user sees it."""
    user = cyrus.fresh_user()
    cyrus.deliver(user, FIRST)
    admin = connect(cyrus, cyrus.admin)
    root = f"user/{user.name}"
    admin.set_quota(root, {"STORAGE": 512, "MESSAGE": 9})

    expected = {"STORAGE": QuotaResource(0, 512), "MESSAGE": QuotaResource(1, 9)}
    assert admin.get_quota(root) == Quota(root, expected)
    [seen] = connect(cyrus, user).get_quota_root("INBOX")
    assert seen.resources["MESSAGE"] == QuotaResource(1, 9)
    with pytest.raises(ImapError):
        admin.get_quota("user/nobody")


def test_not_offered(connect, dovecot):
    """Nothing is sent for what Dovecot does not have here."""
    imap = connect(dovecot, dovecot.fresh_user())
    for call in (imap.get_quota, imap.jmap_access, imap.language):
        with pytest.raises(CapabilityError):
            call()

    assert imap.noop() is True
