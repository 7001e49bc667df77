"""Mailboxes over IMAP: keywords, and what a copied or moved message keeps."""

import pytest

MESSAGE = b"Subject: x\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n"


@pytest.fixture
def imap(server, login):
    """A client with one message in the selected INBOX."""
    server.deliver(MESSAGE)
    client = login(server, "imap")
    client.select()
    return client


def flags(client):
    return client.fetch("1:*", "(FLAGS)")[1]


def test_new_keywords_are_offered(imap):
    """PERMANENTFLAGS has the wildcard, FLAGS has it not."""
    assert rb"\*" in imap.untagged_responses["PERMANENTFLAGS"][0]
    assert rb"\*" not in imap.untagged_responses["FLAGS"][0]


def test_keywords_are_kept(server, imap, login):
    """Another client sees them, also in FLAGS, and finds them."""
    imap.store("1", "+FLAGS", r"($Forwarded work \Flagged)")
    other = login(server, "imap")
    other.select()

    assert b"$Forwarded" in other.untagged_responses["FLAGS"][0]
    assert flags(other) == [rb"1 (FLAGS (\Flagged $Forwarded work))"]
    assert other.search(None, "KEYWORD", "work") == ("OK", [b"1"])
    assert other.search(None, "UNKEYWORD", "work") == ("OK", [b""])


def test_keywords_are_removed(imap):
    """By -FLAGS, and by FLAGS without them."""
    imap.store("1", "+FLAGS", "(a b)")
    imap.store("1", "-FLAGS", "(a)")
    one = flags(imap)
    imap.store("1", "FLAGS", r"(\Seen)")

    assert one[0].endswith(b"b))")
    assert b" b" not in flags(imap)[0]


def test_append_with_keywords(imap):
    """The flags of APPEND are set."""
    imap.append("INBOX", r"(\Seen $Work)", None, MESSAGE)
    imap.noop()

    assert rb"(FLAGS (\Recent \Seen $Work))" in flags(imap)[-1]


@pytest.mark.parametrize("command", ["COPY", "MOVE"])
def test_copies_keep_everything(server, imap, command):
    """Flags, octets and structure."""
    imap.store("1", "+FLAGS", "($Work)")
    imap.create("Archive")
    imap.uid(command, "101", "Archive")
    imap.select("Archive")

    assert b"$Work" in flags(imap)[0]
    assert b'"application" "pdf"' in imap.fetch("1", "(BODYSTRUCTURE)")[1][0]
    assert server.messages(mailbox="Archive") == [MESSAGE]


def test_inbox_renamed(server, imap):
    """Its messages move; a new message is in the new INBOX, keywords and all."""
    imap.rename("INBOX", "Old")
    server.deliver(MESSAGE)
    imap.select()
    imap.store("1", "+FLAGS", "($Work)")

    assert b"$Work" in flags(imap)[0]
    assert len(server.messages(mailbox="Old")) == len(server.messages()) == 1


def test_expunged_elsewhere(server, imap, login):
    """A message that another client has expunged can still be asked for."""
    other = login(server, "imap")
    other.select()
    other.store("1", "+FLAGS", r"(\Deleted)")
    other.expunge()

    assert imap.fetch("1", "(BODYSTRUCTURE)")[0] == "OK"
