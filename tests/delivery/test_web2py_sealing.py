"""web2py's settings of signing and encryption: what servers receive is verified and decrypted."""

import os
import subprocess
import sys
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives import serialization

from delivery.web2py_mailers import SECRET, gpg, mailer, x509
from netmail import UsageError
from netmail.crypto import pgp, smime
from netmail.crypto.errors import DecryptionError, KeyUnusable
from netmail.delivery import Mail
from netmail.testing import MailServer
from support.crypto_certificates import ANN, BOB, CAROL, authority, person
from support.openssl import openssl
from support.pgp_keys import LOCKED, PASSPHRASE, folder_of_keys, new_key

TEXT = "The plan: früh.  \n\nFrom here on, quietly.\n"


@pytest.fixture
def server():
    """Accept every recipient."""
    with MailServer(accept_any=True) as server:
        yield server


@pytest.fixture(scope="module")
def home():
    """Return a folder with the keys of all."""
    with folder_of_keys() as home:
        for who in (ANN, BOB, CAROL):
            new_key(home, who, "ed25519")
        new_key(home, LOCKED, "ed25519", PASSPHRASE)
        yield home


@pytest.fixture
def files(tmp_path):
    """Return the files of certificates and keys, by address; Ann's key has a passphrase."""
    for who in (ANN, BOB, CAROL):
        (tmp_path / f"{who}.pem").write_bytes(person(who).pem)
    locked = serialization.BestAvailableEncryption(SECRET.encode())
    key = person(ANN).key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked
    )
    (tmp_path / "ann.key").write_bytes(key)
    return tmp_path


def opened(sent, who):
    """Decrypt what a server has received."""
    return smime.decrypt(sent.mail, person(who).cert, person(who).key)


def test_x509_signed_and_encrypted(server, files, tmp_path):
    """web2py's example: the recipient reads it, and sees the author's signature within."""
    assert x509(server, files, BOB, x509_crypt_certfiles=str(files / f"{BOB}.pem")).send(
        BOB, "Plans", TEXT
    )
    (sent,) = server.sent
    read = opened(sent, BOB)

    assert b"quietly" not in sent.mail.raw
    assert read.mail.text == TEXT
    assert smime.verify(read, [authority().cert]).valid
    # Another program reads it too.
    given = {"octets": sent.mail.raw, "cert": person(BOB).pem, "key": person(BOB).key_pem}
    done, octets = openssl(tmp_path, "-decrypt", "-recip", "{cert}", "-inkey", "{key}", **given)
    assert done
    assert openssl(tmp_path, "-verify", "-CAfile", "{ca}", octets=octets, ca=authority().pem)[0]


def test_x509_signed_only(server, files):
    """The text can be read without S/MIME, and the recipients need no certificate."""
    assert x509(server, files).send([BOB, "stranger@x.test"], "Plans", (TEXT, "<p>früh</p>"))
    (sent,) = server.sent

    assert (sent.mail.text, sent.mail.html.strip()) == (TEXT, "<p>früh</p>")
    assert smime.verify(sent.mail, [authority().cert]).valid


def test_x509_encrypted_only(server, files):
    """No key of the author's is needed."""
    mail = x509(server, files, BOB, sign=False, x509_sign_keyfile=None)
    assert mail.send(BOB, "Plans", TEXT, attachments=Mail.Attachment(b"%PDF", "plan.pdf"))
    read = opened(server.sent[0], BOB)

    assert read.mail.text == TEXT
    assert read.mail.attachments[0].filename == "plan.pdf"
    assert not smime.verify(read, [authority().cert]).intact


@pytest.mark.parametrize("cipher", ["x509", "gpg"])
def test_refused_bcc(files, home, cipher):
    """The outcome is that of all the recipients."""
    with MailServer({BOB: "x"}) as server:
        mail = x509(server, files, BOB, CAROL) if cipher == "x509" else gpg(server, home)
        assert not mail.send(BOB, "Plans", TEXT, bcc=CAROL)
        assert [each.address for each in mail.result.accepted] == [BOB]
        assert [each.address for each in mail.result.refused] == [CAROL]
        assert mail.result.envelope.recipients == (BOB, CAROL)
        assert mail.error is None


@pytest.mark.parametrize("cipher", ["x509", "gpg"])
def test_bcc_gets_its_own_message(server, files, home, cipher):
    """web2py encrypts once for all, and the others count the keys or see the addresses."""
    mail = x509(server, files, BOB, ANN, CAROL) if cipher == "x509" else gpg(server, home)
    assert mail.send(BOB, "Plans", TEXT, cc=ANN, bcc=CAROL)
    first, second = server.sent

    assert (first.recipients, second.recipients) == ((BOB, ANN), (CAROL,))
    assert {each.address for each in mail.result.accepted} == {BOB, ANN, CAROL}
    for sent, who in ((first, BOB), (first, ANN), (second, CAROL)):
        read = opened(sent, who) if cipher == "x509" else pgp.decrypt(sent.mail, home)
        assert read.mail.text == TEXT
        assert CAROL.encode() not in sent.mail.raw
    if cipher == "x509":
        with pytest.raises(DecryptionError):
            opened(first, CAROL)


@pytest.mark.parametrize("form", ["path", "pathlib", "text", "octets", "der"])
def test_x509_forms_of_certificates(server, files, form):
    """A file or its content, as in web2py."""

    def given(name):
        path = files / name
        if form == "der" and name.endswith(".pem"):
            return person(name[:-4]).cert.public_bytes(serialization.Encoding.DER)
        forms = {"path": str(path), "text": path.read_text(), "octets": path.read_bytes()}
        return forms.get(form, path)

    mail = x509(
        server,
        files,
        BOB,
        x509_sign_keyfile=given("ann.key"),
        x509_sign_certfile=given(f"{ANN}.pem"),
        x509_crypt_certfiles=given(f"{BOB}.pem"),
    )
    assert mail.send(BOB, "Plans", TEXT), mail.error

    assert smime.verify(opened(server.sent[0], BOB), [authority().cert]).valid


def test_x509_several_in_one_file(server, files):
    """The key's file may have its certificate, and one file the certificates of several."""
    both, all_of_them = files / "both.pem", files / "all.pem"
    both.write_bytes((files / "ann.key").read_bytes() + person(ANN).pem)
    all_of_them.write_bytes(person(BOB).pem + b"\nCarol's:\n" + person(CAROL).pem + b"\n\n")
    mail = x509(
        server,
        files,
        BOB,
        x509_sign_keyfile=str(both),
        x509_sign_certfile=None,
        x509_crypt_certfiles=str(all_of_them),
    )
    assert mail.send([BOB, CAROL], "Plans", TEXT), mail.error

    assert opened(server.sent[0], CAROL).mail.text == TEXT


def test_x509_certificates_by_address(server, files):
    """A certificate without an address is for that of its key in a dictionary."""
    nameless = person("Carol", names=(), title="Carol")
    mail = x509(server, files, BOB, x509_crypt_certfiles={CAROL: nameless.pem})
    assert mail.send(CAROL, "Plans", TEXT), mail.error

    read = smime.decrypt(server.sent[0].mail, nameless.cert, nameless.key)
    assert read.mail.text == TEXT


def test_x509_chain_and_nocerts(server, files, tmp_path):
    """The certificates above the author's travel with the signature, or none at all."""
    between = authority("Between", "Root")
    ann = person(ANN, issuer=between)
    (tmp_path / "chain.pem").write_bytes(between.pem)
    mail = mailer(
        server,
        cipher_type="x509",
        encrypt=False,
        x509_sign_keyfile=ann.key_pem,
        x509_sign_certfile=ann.pem,
        x509_sign_chainfile=str(tmp_path / "chain.pem"),
    )
    assert mail.send(BOB, "Plans", TEXT)
    assert mail.send(BOB, "Plans", TEXT, x509_nocerts=True)
    whole, bare = (each.mail for each in server.sent)

    assert smime.verify(whole, [authority().cert]).valid
    assert not smime.verify(bare, [authority().cert]).valid
    # A receiver with these certificates can verify it.
    given = {"octets": bare.raw, "ca": authority().pem + between.pem, "own": ann.pem}
    assert openssl(tmp_path, "-verify", "-CAfile", "{ca}", "-certfile", "{own}", **given)[0]


def test_gpg_signed_and_encrypted(server, home):
    """web2py's example; the environment of the process is left alone."""
    before = dict(os.environ)
    assert gpg(server, home).send(BOB, "Plans", TEXT)
    (sent,) = server.sent
    read = pgp.decrypt(sent.mail, home)

    assert b"quietly" not in sent.mail.raw
    assert read.mail.text == TEXT
    assert read.signature.valid
    assert read.signature.signer == ANN
    assert dict(os.environ) == before


@pytest.mark.parametrize(("sign", "encrypt"), [(True, False), (False, True)])
def test_gpg_signed_only_and_encrypted_only(server, home, sign, encrypt):
    """One of the two, set for one message."""
    assert gpg(server, home).send(BOB, "Plans", TEXT, sign=sign, encrypt=encrypt)
    mail = server.sent[0].mail

    if encrypt:
        assert pgp.decrypt(mail, home).signature is None
        assert pgp.decrypt(mail, home).mail.text == TEXT
    else:
        assert pgp.verify(mail, home).valid
        assert b'micalg="pgp-sha1"' not in mail.raw
        assert mail.text == TEXT


def test_gpg_passphrase(server, home):
    """It opens the author's key; a wrong one is no message at all."""
    mail = gpg(server, home, sender=LOCKED)
    for passphrase, reason in (
        ("other", "passphrase of the private key is wrong"),
        (None, "key cannot be used"),
    ):
        for encrypt in (True, False):
            mail.settings.sign_passphrase, mail.settings.encrypt = passphrase, encrypt
            assert not mail.send(BOB, "Plans", TEXT)
            assert reason in str(mail.error)
    assert not server.sent
    mail.settings.encrypt = True
    # The agent keeps what is right, so that the wrong one comes first.
    mail.settings.sign_passphrase = PASSPHRASE
    assert mail.send(BOB, "Plans", TEXT), mail.error
    assert pgp.decrypt(server.sent[0].mail, home).signature.signer == LOCKED


FAILURES = {
    "no key file": ({"x509_sign_keyfile": "gone.key"}, "gone.key: No such file"),
    "no certificate file": ({"x509_crypt_certfiles": ["gone.pem"]}, "gone.pem: No such file"),
    "wrong passphrase": ({"sign_passphrase": "other"}, "private key cannot be read"),
    "no passphrase": ({"sign_passphrase": None}, "private key cannot be read"),
    "another's certificate": ({"x509_sign_certfile": person(BOB).pem}, "is for another key"),
    "expired": ({"x509_crypt_certfiles": [person(BOB, days=(-9, -1)).pem]}, "expired"),
    "no certificate for it": ({"x509_crypt_certfiles": [person(ANN).pem]}, f"for {BOB}"),
    "broken": ({"x509_crypt_certfiles": ["-----BEGIN CERTIFICATE-----\nx\n"]}, "cannot be read"),
    "a folder": ({"x509_crypt_certfiles": ["/"]}, "/: Is a directory"),
    "no path": ({"x509_crypt_certfiles": ["a\0b"]}, "null byte"),
}


@pytest.mark.parametrize(("change", "match"), FAILURES.values(), ids=FAILURES)
def test_x509_failure_sends_nothing(server, files, change, match):
    """False, with the reason; never in clear, and never to some of the recipients only."""
    mail = x509(server, files, ANN, BOB)
    for name, value in change.items():
        setattr(mail.settings, name, value)
    assert mail.send([ANN, BOB], "Plans", TEXT) is False

    assert match in str(mail.error)
    assert isinstance(mail.error, KeyUnusable)
    assert mail.result is None
    assert not server.sent


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"to": "stranger@x.test"}, "stranger@x.test"),
        ({"to": BOB, "bcc": "stranger@x.test"}, "stranger@x.test"),
        ({"to": BOB, "sender": "stranger@x.test"}, "stranger@x.test"),
    ],
)
def test_gpg_failure_sends_nothing(server, home, arguments, match):
    """A recipient or an author without a key."""
    mail = gpg(server, home)
    assert mail.send(subject="Plans", message=TEXT, **arguments) is False

    assert match in str(mail.error)
    assert mail.result is None
    assert not server.sent


def test_gpg_key_that_is_not_trusted(server, home):
    """web2py encrypts for any key of the address; here it must be trusted."""
    public = subprocess.run(
        ["gpg", "--homedir", str(home), "--export", BOB], capture_output=True, check=True
    ).stdout
    with folder_of_keys() as other:
        new_key(other, ANN, "ed25519")
        subprocess.run(
            ["gpg", "--homedir", str(other), "--quiet", "--import"], input=public, check=True
        )
        mail = gpg(server, other)
        assert not mail.send(BOB, "Plans", TEXT)
        assert "trust" in str(mail.error)
    assert not server.sent


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"cipher_type": "rot13"}, "'x509' or 'gpg'"),
        ({"sign": False, "encrypt": False}, "sign and encrypt are False"),
        ({"x509_sign_keyfile": None}, "x509_sign_keyfile"),
        ({"x509_crypt_certfiles": []}, "x509_crypt_certfiles"),
    ],
)
def test_wrong_settings(server, files, settings, match):
    """web2py sends in clear where it does not know the cipher."""
    mail = x509(server, files, BOB, **settings)
    with pytest.raises(UsageError, match=match):
        mail.send(BOB, "Plans", TEXT)
    assert not server.sent


@pytest.mark.parametrize("cipher", ["x509", "gpg"])
def test_domain_signs_last(server, files, home, cipher):
    """DKIM covers each message as it is sent."""
    mail = x509(server, files, BOB, ANN) if cipher == "x509" else gpg(server, home)
    mail.settings.dkim = SimpleNamespace(key=person(CAROL).key_pem, selector="2026")
    assert mail.send(BOB, "Plans", TEXT, bcc=ANN)

    assert len(server.sent) == 2
    assert all(each.mail.raw.startswith(b"DKIM-Signature:") for each in server.sent)


def test_missing_extra():
    """The error names it, and the message is not sent in clear."""
    program = """
import sys
sys.modules["cryptography"] = None
from netmail import UsageError
from netmail.delivery import Mail
from netmail.testing import MailServer
with MailServer(accept_any=True) as server:
    mail = Mail("127.0.0.1:" + server.smtp_url.rpartition(":")[2], "a@x.test", tls=False)
    try:
        mail.send("b@x.test", "s", "m", cipher_type="x509", sign=False, x509_crypt_certfiles="x")
    except UsageError as error:
        print(error, len(server.sent))
"""
    command = [sys.executable, "-c", program]
    printed = subprocess.run(command, capture_output=True, check=True, timeout=60, text=True).stdout

    assert "pip install netmail[crypto]" in printed
    assert printed.endswith(" 0\n")


def test_logged_message_is_sealed_too(files, tmp_path):
    """What is written to a file in place of sending is what would be sent."""
    mail = x509(SimpleNamespace(smtp_url="smtp://127.0.0.1:1"), files, BOB)
    mail.settings.server = f"logging:{tmp_path / 'sent.mbox'}"
    assert mail.send(BOB, "Plans", TEXT)
    assert b"quietly" not in (tmp_path / "sent.mbox").read_bytes()


@pytest.mark.parametrize("cipher", ["x509", "gpg"])
def test_through_postfix_and_dovecot(files, home, postfix, dovecot, cipher):
    """Real servers change nothing that matters: it is read in the mailboxes."""
    bob, carol = dovecot.fresh_user(), dovecot.fresh_user()
    alice, names = dovecot.user("alice"), [bob.address, carol.address]
    at = urlsplit(postfix.url("smtp", alice))
    where = SimpleNamespace(smtp_url=f"smtp://127.0.0.1:{at.port}")
    mail = x509(where, files, BOB) if cipher == "x509" else gpg(where, home)
    mail.settings.login = f"{at.username}:{at.password}"
    if cipher == "x509":
        mail.settings.x509_crypt_certfiles = [person(each).pem for each in names]
    else:
        for each in names:
            new_key(home, each, "ed25519")
    assert mail.send(bob.address, "Plans", TEXT, bcc=carol.address), mail.error

    for user in (bob, carol):
        [arrived] = dovecot.messages(user, 1)
        if cipher == "x509":
            read = smime.decrypt(arrived, person(user.address).cert, person(user.address).key)
            signature = smime.verify(read, [authority().cert])
        else:
            read = pgp.decrypt(arrived, home)
            signature = read.signature
        assert read.mail.text == TEXT
        assert signature.valid
