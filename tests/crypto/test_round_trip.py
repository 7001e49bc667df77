"""Every kind of sealed message, sent and fetched: what arrives is what was sealed, and is valid."""

import asyncio

import pytest

import netmail
from netmail.crypto import dkim, pgp, smime
from netmail.delivery import Mailer
from netmail.delivery.outbox import Outbox
from netmail.testing import MailServer
from support.crypto_certificates import ANN, authority, person
from support.crypto_keys import DOMAIN, SELECTOR, record, resolver, rsa_key
from support.pgp_keys import BOB, fingerprints

# What DATA, gateways and readers like to change: dots, spaces and line ends at the end, "From ".
TEXT = ".\n..\nFrom here  \n\nGrüße\n\n\n"


class Cases:
    """How messages are sealed for a recipient, and opened again."""

    def __init__(self, keys, address):
        self.home = keys
        self.address = address
        self.ann = person(kind="ec")
        self.bob = person(address, kind="ec")
        self.trust = [authority().cert]

    def letter(self):
        """A message, new each time."""
        return netmail.message(ANN, self.address, "Grüße").text(TEXT)

    def keys(self):
        """The recipient's key of PGP, which has another address."""
        return {self.address: fingerprints(self.home, BOB)[0]}

    def smime_signed(self, **options):
        return smime.sign(self.letter(), self.ann.cert, self.ann.key, **options)

    def smime_opaque(self):
        return self.smime_signed(opaque=True)

    def smime_large(self):
        files = self.letter().attach("a.bin", bytes(range(256)) * 8192)
        return smime.sign(files, self.ann.cert, self.ann.key)

    def smime_encrypted(self, message=None, **options):
        [sealed] = smime.encrypt(message or self.letter(), [self.bob.cert], **options)
        return sealed

    def smime_gcm(self):
        return self.smime_encrypted(cipher="aes256-gcm")

    def smime_both(self):
        return self.smime_encrypted(self.smime_signed(protect_headers="cipher"), hide_subject=True)

    def pgp_signed(self):
        return pgp.sign(self.letter(), self.home)

    def pgp_encrypted(self, message=None, **options):
        [sealed] = pgp.encrypt(message or self.letter(), self.home, keys=self.keys(), **options)
        return sealed

    def pgp_both(self):
        return self.pgp_encrypted(sign=True, hide_subject=True)

    def pgp_within(self):
        return self.pgp_encrypted(pgp.sign(self.letter(), self.home))

    def dkim_signed(self, message=None):
        form = "simple/simple"
        key = rsa_key()
        return dkim.sign(message or self.letter(), SELECTOR, DOMAIN, key, canonicalization=form)

    def dkim_of_smime(self):
        return self.dkim_signed(self.smime_signed())

    def dkim_of_pgp(self):
        return self.dkim_signed(self.pgp_both())

    def open_smime_signed(self, octets):
        found = smime.verify(octets, self.trust)
        assert found.reasons == ()
        return found.mail

    open_smime_opaque = open_smime_large = open_smime_signed

    def open_smime_encrypted(self, octets):
        return smime.decrypt(octets, self.bob.cert, self.bob.key).mail

    open_smime_gcm = open_smime_encrypted

    def open_smime_both(self, octets):
        opened = smime.decrypt(octets, self.bob.cert, self.bob.key)
        assert opened.subject == "Grüße"
        return self.open_smime_signed(opened)

    def open_pgp_signed(self, octets):
        found = pgp.verify(octets, self.home)
        assert found.reasons == ()
        return found.mail

    def open_pgp_encrypted(self, octets):
        opened = pgp.decrypt(octets, self.home)
        assert opened.signature is None
        return opened.mail

    def open_pgp_both(self, octets):
        opened = pgp.decrypt(octets, self.home)
        assert opened.signature.reasons == ()
        assert opened.subject == "Grüße"
        return opened.mail

    def open_pgp_within(self, octets):
        return self.open_pgp_signed(pgp.decrypt(octets, self.home))

    def open_dkim_signed(self, octets):
        [result] = dkim.verify(octets, resolver(record(rsa_key())))
        assert result.reason == ""
        return netmail.parse(octets)

    def open_dkim_of_smime(self, octets):
        self.open_dkim_signed(octets)
        return self.open_smime_signed(octets)

    def open_dkim_of_pgp(self, octets):
        self.open_dkim_signed(octets)
        return self.open_pgp_both(octets)


KINDS = [name.removeprefix("open_") for name in vars(Cases) if name.startswith("open_")]
LARGE = "smime_large"


def check(cases, kind, octets):
    """Open what has arrived, and compare it with what was written."""
    mail = getattr(cases, f"open_{kind}")(octets)

    assert mail.text.rstrip("\n") == TEXT.rstrip("\n")
    if kind == LARGE:
        assert mail.attachments[0].content == bytes(range(256)) * 8192


@pytest.mark.parametrize("chunking", [True, False], ids=["BDAT", "DATA"])
@pytest.mark.parametrize("kind", KINDS)
def test_postfix_and_dovecot(kind, chunking, keys, postfix, dovecot):
    """Sent by SMTP, delivered by LMTP, fetched by IMAP and by POP3: the octets are those sealed."""
    user = dovecot.fresh_user()
    cases = Cases(keys, user.address)
    sealed = getattr(cases, kind)()
    options = {"tls": netmail.TLS_NONE}

    url = postfix.url("smtp", dovecot.user("alice"))
    with netmail.smtp(url, chunking=chunking, **options) as transport:
        assert transport.send(sealed)
    dovecot.messages(user, 1)
    with netmail.imap(dovecot.url("imap", user), **options) as imap:
        imap.select("INBOX")
        [uid] = imap.search("ALL")
        fetched = bytes(imap.fetch(uid))
    with netmail.pop3(dovecot.url("pop3", user), **options) as pop:
        retrieved = bytes(pop.retr(1))

    # Return-Path, Delivered-To and Received are above; nothing else differs.
    assert fetched.endswith(b"\r\n" + sealed.as_bytes())
    assert retrieved == fetched
    check(cases, kind, fetched)


def test_lmtp(keys, dovecot):
    """LMTP delivers the octets, to each recipient."""
    user = dovecot.fresh_user()
    cases = Cases(keys, user.address)
    sealed = [getattr(cases, kind)() for kind in KINDS]

    with netmail.Transport(f"lmtp://127.0.0.1:{dovecot.ports.lmtp}") as transport:
        assert transport.send(*sealed)
    arrived = dovecot.messages(user, len(sealed))

    for kind, message, octets in zip(KINDS, sealed, arrived, strict=True):
        assert octets.endswith(b"\r\n" + message.as_bytes())
        check(cases, kind, octets)


@pytest.mark.parametrize("many", [False, True], ids=["append", "append_many"])
def test_append(many, keys, dovecot):
    """A mailbox keeps the octets."""
    user = dovecot.fresh_user()
    cases = Cases(keys, user.address)
    sealed = [getattr(cases, kind)() for kind in KINDS]

    with netmail.imap(dovecot.url("imap", user), tls=netmail.TLS_NONE) as imap:
        if many:
            list(imap.append_many("INBOX", sealed))
        else:
            for message in sealed:
                imap.append("INBOX", message)

    for kind, message, octets in zip(KINDS, sealed, dovecot.messages(user), strict=True):
        assert octets == message.as_bytes()
        check(cases, kind, octets)


def by_stream(server, sealed, _folder):
    with server.smtp() as transport:
        for result in transport.stream(sealed):
            assert result.accepted


def by_pool(server, sealed, _folder):
    with netmail.TransportPool(server.smtp_url) as pool:
        for future in [pool.submit(each) for each in sealed]:
            assert future.result().accepted


def by_async_transport(server, sealed, _folder):
    async def run():
        async with netmail.AsyncTransport(server.smtp_url) as transport:
            assert await transport.send(*sealed)

    asyncio.run(run())


def by_async_stream(server, sealed, _folder):
    async def run():
        async with netmail.AsyncTransport(server.smtp_url) as transport:
            async for result in transport.stream(sealed):
                assert result.accepted

    asyncio.run(run())


def by_async_pool(server, sealed, _folder):
    async def run():
        async with netmail.AsyncTransportPool(server.smtp_url) as pool:
            for future in [await pool.submit(each) for each in sealed]:
                assert (await future).accepted

    asyncio.run(run())


def by_outbox(server, sealed, folder):
    with Outbox(folder / "outbox.sqlite") as outbox:
        for each in sealed:
            outbox.add(each)
        report = outbox.work(netmail.Transport(server.smtp_url))
        assert report.sent == len(sealed)


def by_mailer(use):
    def send(server, sealed, folder):
        transport = {"use": "smtp", "url": server.smtp_url}
        manager = {"use": use}
        if use == "outbox":
            manager["file"] = str(folder / "mailer.sqlite")
        with Mailer({"manager": manager, "transport": transport}) as mailer:
            for future in [mailer.send(each) for each in sealed]:
                assert future.result().accepted

    return send


def by_async_mailer(server, sealed, _folder):
    async def run():
        transport = {"use": "smtp", "url": server.smtp_url}
        async with Mailer({"manager": {"use": "asyncio"}, "transport": transport}) as mailer:
            for future in [mailer.send(each) for each in sealed]:
                assert (await future).accepted

    asyncio.run(run())


WAYS = {
    "stream": by_stream,
    "pool": by_pool,
    "asyncio": by_async_transport,
    "asyncio stream": by_async_stream,
    "asyncio pool": by_async_pool,
    "outbox": by_outbox,
    **{f"mailer {use}": by_mailer(use) for use in ("immediate", "dynamic", "futures", "outbox")},
    "mailer asyncio": by_async_mailer,
}


@pytest.mark.parametrize("send", WAYS.values(), ids=WAYS)
def test_ways(send, keys, tmp_path):
    """Whatever sends it, the server receives the octets that were sealed, and the envelope."""
    with MailServer([f"box@{DOMAIN}"]) as server:
        cases = Cases(keys, f"box@{DOMAIN}")
        sealed = [getattr(cases, kind)() for kind in KINDS]
        send(server, sealed, tmp_path)

        arrived = {each.content for each in server.sent}
        assert len(server.sent) == len(sealed)

    assert arrived == {each.as_bytes() for each in sealed}
    assert {(each.sender, each.recipients) for each in server.sent} == {(ANN, (f"box@{DOMAIN}",))}
