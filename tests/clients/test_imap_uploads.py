"""Many messages put into a mailbox of real servers, and what they make of a refusal."""

import pytest

from netmail import Upload
from netmail.clients.async_imap import AsyncImap
from netmail.clients.imap import Imap
from netmail.errors import ImapError
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
    assert seen[-1] == (300, sum(map(len, messages)))


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
