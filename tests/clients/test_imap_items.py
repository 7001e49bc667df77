"""What extensions tell of messages and mailboxes, on each real server that offers them."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from netmail import TLS_NONE, FetchItem, Imap
from netmail.errors import CapabilityError, ImapError

CONTENT = bytes(range(256)) * 8
MIXED = (
    b"Subject: parts\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
    b"quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe\r\n"
    b"--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + base64.encodebytes(CONTENT).replace(b"\n", b"\r\n")
    + b"--b--\r\n"
)
ODD = b"Subject: odd\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: x-odd\r\n\r\nodd\r\n"


@pytest.fixture(params=["dovecot", "cyrus"])
def server(request):
    """Each of the servers in turn."""
    return request.getfixturevalue(request.param)


def client_of(server, *messages):
    """A client whose selected mailbox has these messages."""
    user = server.fresh_user()
    server.deliver(user, *messages)
    imap = Imap(server.url("imap", user), tls=TLS_NONE)
    imap.select("INBOX")
    return imap


def test_preview(dovecot):
    """The beginning of the text, decoded; LAZY may have to wait for it."""
    with client_of(dovecot, MIXED) as imap:
        [message] = imap.fetch_many(1, "PREVIEW")
        [again] = imap.fetch_many(1, "PREVIEW (LAZY)")

    assert message.preview is not None
    assert message.preview.startswith("Grüße")
    assert again.preview in {message.preview, None}
    assert (message.defect, again.defect) == (None, None)


def test_no_preview(cyrus):
    """Cyrus offers PREVIEW, and has none unless another program has made it."""
    with client_of(cyrus, MIXED) as imap:
        [message] = imap.fetch_many(1, "PREVIEW")

    assert (message.preview, message.defect) == (None, None)


def test_save_date(server):
    """It is the moment at which the message came into the mailbox."""
    with client_of(server, MIXED) as imap:
        [message] = imap.fetch_many(1, "SAVEDATE")

    assert abs(message.save_date - datetime.now(UTC)) < timedelta(minutes=10)


def test_binary(server):
    """A part's octets come without their encoding, whole and in pieces, and their number."""
    items = [FetchItem.binary("2"), FetchItem.binary_size("2"), FetchItem.binary("1")]
    with client_of(server, MIXED) as imap:
        [message] = imap.fetch_many(1, items)
        [piece] = imap.fetch_many(1, FetchItem.binary("2", partial=(5, 10)))

    assert message.binaries["2"] == CONTENT
    assert message.binaries["1"].rstrip(b"\r\n") == "Grüße".encode()
    assert message.binary_sizes == {"2": len(CONTENT)}
    assert piece.binaries == {"2<5>": CONTENT[5:15]}


def test_unknown_encoding(dovecot):
    """What cannot be undone is a refusal with its own code, and the connection lives."""
    with client_of(dovecot, ODD) as imap:
        with pytest.raises(ImapError) as caught:
            list(imap.fetch_many(1, FetchItem.binary("1")))

        assert caught.value.code == "UNKNOWN-CTE"
        assert imap.noop() is True


def test_unknown_encoding_ignored(cyrus):
    """Cyrus sends the message without what it cannot decode."""
    with client_of(cyrus, ODD) as imap:
        [message] = imap.fetch_many(1, FetchItem.binary("1"))

    assert (message.uid, message.binaries, message.defect) == (1, {}, None)


def test_object_ids(cyrus):
    """A copy has the identifier of its message; a mailbox keeps its own when it is renamed."""
    with client_of(cyrus, MIXED) as imap:
        imap.create("a")
        imap.copy(1, "a")
        [message] = imap.fetch_many(1, "EMAILID THREADID")
        [copied] = imap.fetch_many("1:*", "EMAILID THREADID", "a")
        identifier = imap.select("a")["mailboxid"]
        counted = imap.status("a", "MAILBOXID")["MAILBOXID"]
        imap.rename("a", "b")

        assert message.email_id
        assert (copied.email_id, copied.thread_id) == (message.email_id, message.thread_id)
        assert identifier == counted == imap.select("b")["mailboxid"]


def test_without_object_ids(dovecot):
    """Dovecot has none: nothing is sent, and a mailbox's is missing."""
    with client_of(dovecot, MIXED) as imap:
        with pytest.raises(CapabilityError):
            list(imap.fetch_many(1, "EMAILID"))

        assert imap.select("INBOX")["mailboxid"] is None
