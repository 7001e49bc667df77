"""The IMAP server, as imaplib sees it."""

import imaplib

import pytest

MESSAGE = b"From: x@y.test\r\nSubject: report\r\n\r\nbody\r\n"


def test_delivered_mail_is_found_and_read(any_server, login):
    """SEARCH finds what was delivered, FETCH gives its octets."""
    any_server.deliver(MESSAGE)
    imap = login(any_server, "imap")
    imap.select()
    (uids,) = imap.uid("SEARCH", 'SUBJECT "report"')[1]
    (_, content), *_ = imap.uid("FETCH", uids.decode(), "(BODY.PEEK[])")[1]

    assert content == MESSAGE


def test_each_user_has_a_mailbox(server, login):
    """One user's mail is not another's; non-ASCII passwords work."""
    server.deliver(MESSAGE, to="bob")

    assert login(server, "imap", "bob").select() == ("OK", [b"1"])
    assert login(server, "imap").select() == ("OK", [b"0"])


@pytest.mark.parametrize("name", ["ann@example.test", "nobody"])
def test_wrong_credentials_are_refused(server, connect, name):
    """Neither a wrong password nor an unknown user gets in."""
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        connect(server, "imap").login(name, "wrong")


def test_flags_move_and_expunge_show_in_messages(server, login):
    """What a client moves and removes is gone for the test as well."""
    server.deliver(MESSAGE)
    server.deliver(MESSAGE.replace(b"report", b"other"))
    imap = login(server, "imap")
    imap.select()
    imap.create("Archive")
    imap.uid("MOVE", "101", "Archive")
    imap.store("1", "+FLAGS", "\\Deleted")
    imap.expunge()

    assert server.messages() == []
    assert server.messages(mailbox="Archive") == [MESSAGE]


def test_append_is_visible(server, login):
    """What a client appends can be read by the test."""
    login(server, "imap").append("INBOX", None, None, MESSAGE)

    assert server.messages() == [MESSAGE]


def test_capabilities(server, login):
    """The extensions that netmail's own tests count on are there."""
    imap = login(server, "imap")
    line = imap.capability()[1][-1]

    assert {b"UIDPLUS", b"MOVE", b"IDLE", b"MULTIAPPEND", b"CHILDREN"} <= set(line.split())


def test_idle_hears_of_a_delivery(server, login):
    """A delivery wakes a client that waits."""
    imap = login(server, "imap")
    imap.select()
    imap.send(b"x IDLE\r\n")
    idling = imap.readline()
    server.deliver(MESSAGE)

    assert (idling, imap.readline()) == (b"+ Idling.\r\n", b"* 1 EXISTS\r\n")


def test_no_demonstration_data(server, login):
    """A new server has an empty INBOX and nothing else."""
    imap = login(server, "imap")

    assert imap.list() == ("OK", [b'(\\HasNoChildren) "/" INBOX'])


def test_close_says_bye(server, login):
    """A client that is connected receives why it is cut off."""
    imap = login(server, "imap")
    server.close()

    assert imap.readline() == b"* BYE [UNAVAILABLE] Server has closed the connection.\r\n"


def test_a_long_command_line_is_read(server, login):
    """A set of thousands of UIDs is one line, longer than asyncio reads by itself."""
    imap = login(server, "imap")
    imap.select()
    uids = ",".join(str(uid) for uid in range(1, 40_000, 2))

    assert imap.uid("FETCH", uids, "(FLAGS)") == ("OK", [None])
