"""Sealed messages arrive as they were signed: by DATA and BDAT, by APPEND, through real servers."""

import pytest

import netmail
from netmail.crypto import SealedMessage, dkim
from netmail.testing import MailServer
from support.crypto_keys import DOMAIN, SELECTOR, letter, record, resolver, rsa_key

TEXTS = {
    "plain": "Hello\n",
    "dots": ".\n..\n.dot\n",
    "trailing line breaks": "Hello\n\n\n\n",
    "trailing spaces": "Hello  \n \n\t\n",
    "no line end": "Hello",
}


def signed(user, text, canonicalization="simple/simple"):
    """A signed message for a user; simple forms allow no change at all."""
    message = netmail.message(f"ann@{DOMAIN}", user, "x").text(text)
    key = rsa_key()
    return dkim.sign(message, SELECTOR, DOMAIN, key, canonicalization=canonicalization)


def is_valid(octets):
    """Whether the only signature is valid."""
    [result] = dkim.verify(octets, resolver(record(rsa_key())))
    return result.valid


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("chunking", [True, False], ids=["BDAT", "DATA"])
def test_through_postfix_and_dovecot(text, chunking, postfix, dovecot):
    """What is signed is what arrives: verified in the mailbox."""
    user = dovecot.fresh_user()
    sealed = signed(user.address, text)
    alice = dovecot.user("alice")
    options = {"tls": netmail.TLS_NONE, "chunking": chunking}

    with netmail.smtp(postfix.url("smtp", alice), **options) as transport:
        transport.send(sealed).raise_for_refused()
    [arrived] = dovecot.messages(user, 1)

    assert arrived.endswith(sealed.as_bytes())
    assert is_valid(arrived)


@pytest.fixture
def server():
    """A server with one user."""
    with MailServer([f"bob@{DOMAIN}"]) as running:
        yield running


def test_send_does_not_change_it(server):
    """The octets that are sent are those that were signed."""
    sealed = signed(f"bob@{DOMAIN}", "Hello\n\n\n")

    with server.smtp() as transport:
        transport.send(sealed).raise_for_refused()

    assert server.sent[0].content == sealed.as_bytes()


def test_value():
    """It is an envelope that cannot be changed."""
    sealed = dkim.sign(letter(), SELECTOR, DOMAIN, rsa_key())

    assert isinstance(sealed, netmail.Envelope)
    assert repr(sealed).startswith("SealedMessage(")
    with pytest.raises(AttributeError):
        sealed.content = b""


def test_options_are_kept():
    """What is asked of the servers is asked of the signed message too."""
    options = netmail.DeliveryOptions(envid="x")
    ready = netmail.envelope_of(letter())
    asked = netmail.Envelope(ready.sender, ready.recipients, ready.content, options)

    assert dkim.sign(asked, SELECTOR, DOMAIN, rsa_key()).options == options


def test_type():
    """A sealed message is signed again as any other message."""
    sealed = SealedMessage("a@example.test", ("b@example.test",), b"From: a@example.test\n\nx")

    assert is_valid(dkim.sign(sealed, SELECTOR, DOMAIN, rsa_key()))


def test_append(server):
    """A mailbox keeps the octets that were signed, by APPEND and by append_many()."""
    sealed = signed(f"bob@{DOMAIN}", "Hello\n\n\n")

    with server.imap() as imap:
        imap.append("INBOX", sealed)
        list(imap.append_many("INBOX", [sealed]))
        imap.select("INBOX")
        found = [bytes(imap.fetch(uid)) for uid in imap.search("ALL")]

    assert found == [sealed.as_bytes()] * 2


def test_pool(server):
    """A pool sends it as it is."""
    sealed = signed(f"bob@{DOMAIN}", "Hello\n\n\n")

    with netmail.TransportPool(server.smtp_url) as pool:
        pool.submit(sealed).result()

    assert server.sent[0].content == sealed.as_bytes()


def test_large(server, tmp_path):
    """A large one is sent piece by piece, with the octets that were signed."""
    file = tmp_path / "large.bin"
    file.write_bytes(bytes(range(256)) * 8192)
    message = netmail.message(f"ann@{DOMAIN}", f"bob@{DOMAIN}", "x").attachment(file)
    sealed = dkim.sign(message, SELECTOR, DOMAIN, rsa_key())

    with server.smtp() as transport:
        transport.send(sealed).raise_for_refused()

    assert server.sent[0].content == sealed.as_bytes()
    assert is_valid(server.sent[0].content)


def test_large_that_has_changed(server, tmp_path):
    """A file that changes after signing keeps the message from being delivered."""
    file = tmp_path / "large.bin"
    file.write_bytes(bytes(2_000_000))
    message = netmail.message(f"ann@{DOMAIN}", f"bob@{DOMAIN}", "x").attachment(file)
    sealed = dkim.sign(message, SELECTOR, DOMAIN, rsa_key())
    file.write_bytes(b"x" + bytes(1_999_999))

    with server.smtp() as transport:
        [result] = transport.send(sealed)

    assert "changed since the message was signed" in str(result.error)
    assert server.sent == []
