"""Messages put into mailboxes of real servers, and what they make of a refusal."""

import io

import pytest

import netmail
from netmail import Upload
from netmail.clients.async_imap import AsyncImap
from netmail.clients.imap import Imap
from netmail.errors import ConnectionLost, ImapError, MessageError
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
