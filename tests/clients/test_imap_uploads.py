"""Messages put into mailboxes of real servers, and what they make of a refusal."""

import io

import pytest

import netmail
from netmail import MessageUrl, Upload
from netmail.clients.async_imap import AsyncImap
from netmail.clients.imap import Imap
from netmail.errors import ConnectionLost, ImapError, MessageError, StateError
from support.twins import maker

# Each line is a command that a server might run, were it to take the message for commands.
EVIL = b"Subject: x\r\n\r\nx1 CREATE evil\r\nx2 DELETE Work\r\nx3 LOGOUT\r\n"


@pytest.fixture(params=["blocking", "asyncio"])
def client(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Imap, AsyncImap)


@pytest.fixture
def imap(client, dovecot):
    """A client of an empty mailbox, and another one."""
    made = client(dovecot.url("imap", dovecot.fresh_user()), ca_file=str(dovecot.ca_file))
    made.create("Work")
    yield made
    made.abort()


@pytest.fixture(params=["dovecot", "cyrus"])
def server(request):
    """Each of the servers in turn."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def each(client, server):
    """A client of an empty account, on each server."""
    made = client(server.url("imap", server.fresh_user()), tls=netmail.TLS_NONE)
    made.create("Work")
    yield made
    made.abort()


@pytest.fixture
def large(tmp_path):
    """A file with a message of 3 MB, LF line ends, cut at odd places by any block."""
    path = tmp_path / "large.eml"
    path.write_bytes(b"Subject: large\n\n" + b"0123456789\n" * 300_000 + b"end")
    return path


def test_from_a_path(each, large):
    """A file arrives with CRLF line ends, its size announced before."""
    expected, seen = large.read_bytes().replace(b"\n", b"\r\n"), []
    done = each.append("Work", large, progress=lambda *numbers: seen.append(numbers))

    assert each.fetch(done.uid, "Work") == expected
    assert seen[-1] == (len(expected), len(expected))
    assert len(seen) > 10


def test_from_open_files(each, large):
    """A file is read from where it is, one without an end is kept on disk meanwhile."""

    class Pipe(io.BytesIO):
        def seekable(self):
            return False

    expected = large.read_bytes().replace(b"\n", b"\r\n")
    large.write_bytes(b"skipped\n" + large.read_bytes())
    with large.open("rb") as file:
        file.seek(len(b"skipped\n"))
        rest = Pipe(large.read_bytes()[8:])
        done = each.append_many("Work", [file, rest, b"Subject: x\r\n\r\n"])

    assert [one.error for one in done] == [None] * 3
    assert each.fetch("1:2", "Work") == {1: expected, 2: expected}


def test_from_a_message_with_an_attachment(each, large):
    """A message is written while it is sent, and has the octets of `as_bytes()`."""
    draft = netmail.message().from_("ann@example.test").text("See.").attach(large)
    uid = each.append("Work", draft).uid
    with each.pipeline() as p:
        second = p.append("Work", draft)

    assert each.fetch([uid, second.result().uid], "Work") == dict.fromkeys(
        (uid, second.result().uid), draft.as_bytes()
    )


def test_unwritable_message(each, tmp_path):
    """A message that cannot be written is found before anything is sent."""
    with pytest.raises(MessageError, match="author"):
        each.append("Work", netmail.message().text("x"))
    with pytest.raises(MessageError, match="nowhere"):
        each.append("Work", tmp_path / "nowhere")

    assert each.status("Work", "MESSAGES") == {"MESSAGES": 0}


def test_file_that_changes(each, large):
    """A file that shrinks while it is sent ends the connection, and nothing is stored."""

    def shrink(done, _total):
        if done < 200_000:
            large.write_bytes(b"x")

    with pytest.raises(MessageError, match="changed"):
        each.append("Work", large, progress=shrink)
    with pytest.raises(ConnectionLost, match="changed"):
        each.noop()
    each.connect()

    assert each.status("Work", "MESSAGES") == {"MESSAGES": 0}


def test_callback_that_raises(each, large):
    """What a callback raises is raised unchanged, and nothing is stored."""

    def refuse(_done, _total):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        each.append("Work", large, progress=refuse)
    each.connect()

    assert each.status("Work", "MESSAGES") == {"MESSAGES": 0}


@pytest.mark.parametrize("many", [False, True], ids=["append", "append_many"])
def test_binary(each, many):
    """A message with NUL and bare line ends comes back octet by octet (BINARY)."""
    message = b"Subject: x\r\nContent-Type: application/octet-stream\r\n"
    message += b"Content-Transfer-Encoding: binary\r\n\r\na\0b\nc\rd\r\n"
    if many:
        done = each.append_many("Work", [b"Subject: x\r\n\r\n", message, message])
        uid = done[1].result().uid
    else:
        uid = each.append("Work", message).uid
    (found,) = each.fetch_many(uid, "BINARY[1]", "Work")

    assert found.binaries["1"] == b"a\0b\nc\rd\r\n"


def test_many(imap):
    """Every message is there, with its UID, its flags and its octets."""
    messages = [b"Subject: %d\r\n\r\n%b\r\n" % (n, b"x" * n * 50) for n in range(1, 301)]
    seen = []
    done = imap.append_many(
        "Work", iter(messages), r"\Seen", progress=lambda *numbers: seen.append(numbers)
    )

    assert [one.result().uid for one in done] == [*range(1, 301)]
    assert imap.fetch("1:*", "Work") == dict(enumerate(messages, 1))
    assert imap.search("SEEN", "Work") == [*range(1, 301)]
    assert seen[-1] == (sum(map(len, messages)), None)


def test_flags_refused(imap):
    """Dovecot refuses an unknown system flag; no line of a message is run as a command."""
    messages = [EVIL, Upload(EVIL, r"\Unknown"), Upload(EVIL, r"\Recent"), EVIL, EVIL]
    done = imap.append_many("Work", messages)

    assert [type(one.error) for one in done] == [type(None), ImapError, ImapError] + [
        type(None)
    ] * 2
    assert sorted(imap.get_dirs()) == ["INBOX", "Work"]
    assert imap.status("Work", "MESSAGES") == {"MESSAGES": 3}
    assert imap.unparsed == []


def test_missing_mailbox(imap):
    """Each message is refused, and none is run."""
    done = imap.append_many("Nowhere", [EVIL] * 5)

    assert [one.error.code for one in done] == ["TRYCREATE"] * 5
    assert sorted(imap.get_dirs()) == ["INBOX", "Work"]


def test_mailbox_gone_meanwhile(imap):
    """A mailbox that is deleted between two messages refuses the rest, and runs none."""
    with imap.pipeline() as p:
        first = p.append("Work", EVIL)
        gone = p.delete("Work")
        last = p.append("Work", EVIL)
    assert first.result().uid == 1
    assert gone.result() == ["Work"]
    assert last.error.code == "TRYCREATE"
    done = imap.append_many("Work", [EVIL] * 20)
    assert {one.error.code for one in done} == {"TRYCREATE"}
    assert imap.get_dirs() == ["INBOX"]


def test_catenated(each):
    """The server puts a message together of its own and of what is sent."""
    each.create("Grüße & mehr")
    old = each.append("Grüße & mehr", b"Subject: old\r\nFrom: a@x.test\r\n\r\nthe body\r\n")
    source = {"folder": "Grüße & mehr", "uid": old.uid}
    done = each.append_catenated(
        "Work",
        [
            MessageUrl(**source, section="HEADER", uidvalidity=old.uidvalidity),
            b"new text\n",
            MessageUrl(**source, section="TEXT", partial=(4, 4)),
        ],
        r"\Draft",
    )

    assert each.fetch(done.uid, "Work") == (
        b"Subject: old\r\nFrom: a@x.test\r\n\r\nnew text\r\nbody"
    )
    assert each.search("DRAFT", "Work") == [done.uid]


@pytest.mark.parametrize(
    "url",
    [MessageUrl("INBOX", 99), MessageUrl("Nowhere", 1), MessageUrl("Work", 1, uidvalidity=5)],
    ids=["message", "mailbox", "uidvalidity"],
)
def test_bad_url(each, url):
    """A URL that names nothing is in the error; nothing of the message is kept or run."""
    each.append("Work", b"Subject: x\r\n\r\n")
    with pytest.raises(ImapError) as caught:
        each.append_catenated("Work", [EVIL, url, EVIL])

    assert (caught.value.code, caught.value.value) == ("BADURL", str(url))
    assert each.status("Work", "MESSAGES") == {"MESSAGES": 1}
    assert sorted(each.get_dirs()) == ["INBOX", "Work"]


def test_replace(each):
    """The new message is there, the old one is gone, and what others flagged is not."""
    old, other = (each.append("Work", b"Subject: %d\r\n\r\n" % n).uid for n in (1, 2))
    each.store(other, "+FLAGS", r"\Deleted", "Work")
    new = each.replace(old, b"Subject: 3\r\n\r\n", flags=r"\Draft", path="Work")
    moved = each.replace(new.uid, b"Subject: 4\r\n\r\n", "INBOX", path="Work")

    assert each.search("ALL", "Work") == [other]
    assert each.fetch("1:*", "INBOX") == {moved.uid: b"Subject: 4\r\n\r\n"}
    with pytest.raises(StateError, match="no message"):
        each.replace(old, b"Subject: 5\r\n\r\n", path="Work")
    assert each.search("ALL", "Work") == [other]


def test_replace_that_is_refused(each):
    """A new message that is refused costs nothing."""
    old = each.append("Work", b"Subject: 1\r\n\r\n").uid
    with pytest.raises(ImapError) as caught:
        each.replace(old, b"Subject: 2\r\n\r\n", "Nowhere", path="Work")

    assert caught.value.code == "TRYCREATE"
    assert each.search("UNDELETED", "Work") == [old]


def test_all_or_none(each):
    """One refused message, and none is there; else all are, in their order."""
    messages = [b"Subject: %d\r\n\r\n" % n + b"x" * 3000 for n in range(200)]
    with pytest.raises(ImapError):
        each.append_many("Work", [*messages, Upload(EVIL, r"\Unknown")], atomic=True)
    assert each.status("Work", "MESSAGES") == {"MESSAGES": 0}
    done = each.append_many("Work", messages, r"\Seen", atomic=True)

    uids = [one.result().uid for one in done]
    assert each.fetch(uids, "Work") == dict(zip(uids, messages, strict=True))
    assert sorted(each.get_dirs()) == ["INBOX", "Work"]


def test_many_on_each(each):
    """Every message is there, and a refused one costs no other."""
    messages = [b"Subject: %d\r\n\r\n" % n for n in range(100)]
    done = each.append_many("Work", [*messages, Upload(EVIL, r"\Unknown"), *messages], r"\Seen")
    refused = done.pop(100)

    assert isinstance(refused.error, ImapError)
    uids = [one.result().uid for one in done]
    assert each.fetch(uids, "Work") == dict(zip(uids, messages * 2, strict=True))
    assert sorted(each.get_dirs()) == ["INBOX", "Work"]


def test_over_quota(client, cyrus):
    """What a full account refuses is refused one by one, and the small ones are there."""
    user = cyrus.fresh_user()
    imap = client(cyrus.url("imap", user), tls=netmail.TLS_NONE)
    imap.create("Work")
    with netmail.Imap(cyrus.url("imap", cyrus.admin), tls=netmail.TLS_NONE) as admin:
        admin.set_quota(f"user/{user.name}", {"STORAGE": 100})
    small, big = b"Subject: small\r\n\r\n", b"Subject: big\r\n\r\n" + b"x" * 300_000
    done = imap.append_many("Work", [small, big, small, big, EVIL, small])

    refusal = "APPEND: NO Over quota"  # Cyrus sends no code
    assert [str(one.error or "") for one in done] == ["", refusal, "", refusal, "", ""]
    assert imap.status("Work", "MESSAGES") == {"MESSAGES": 4}
    with pytest.raises(ImapError, match=refusal):
        imap.append_many("Work", [small, big], atomic=True)
    with pytest.raises(ImapError, match=refusal):
        imap.replace(1, big, path="Work")
    assert len(imap.search("UNDELETED", "Work")) == 4
    assert sorted(imap.get_dirs()) == ["INBOX", "Work"]
    imap.abort()


def test_no_right_to_insert(client, cyrus):
    """A mailbox that may only be read refuses each message, and the connection stays in step."""
    owner, reader = cyrus.fresh_user(), cyrus.fresh_user()
    with netmail.Imap(cyrus.url("imap", owner), tls=netmail.TLS_NONE) as theirs:
        theirs.create("Shared")
        theirs.set_acl("Shared", reader.name, "lrs")
        theirs.append("Shared", b"Subject: x\r\n\r\n")
    imap = client(cyrus.url("imap", reader), tls=netmail.TLS_NONE)
    shared = f"Other Users/{owner.name}/Shared"
    done = imap.append_many(shared, [EVIL, EVIL])

    assert [str(one.error) for one in done] == ["APPEND: NO Permission denied"] * 2
    with pytest.raises((StateError, ImapError)):
        imap.replace(1, EVIL, path=shared)
    assert imap.status(shared, "MESSAGES") == {"MESSAGES": 1}
    assert imap.get_dirs() == ["INBOX", shared]
    imap.abort()


def test_read_only(each):
    """A mailbox that is examined takes messages by name, and none is replaced in it."""
    each.append("Work", b"Subject: x\r\n\r\n")
    each.examine("Work")
    with pytest.raises(StateError, match=r"read-only|examine"):
        each.replace(1, EVIL)

    assert [one.error for one in each.append_many("Work", [EVIL])] == [None]
    assert each.search("UNDELETED") == [1, 2]
