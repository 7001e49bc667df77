"""Signing by S/MIME, judged by openssl."""

import subprocess
import sys

import pytest

import netmail
from netmail.crypto import smime
from netmail.crypto.errors import KeyUnusable
from support.crypto_certificates import ANN, BOB, WEB, authority, person, usage
from support.openssl import openssl

TEXTS = {
    "plain": "Hello\n",
    "no line end": "Hello",
    "empty": "",
    "trailing spaces": "Hello  \n\t\n \n",
    "trailing line breaks": "Hello\n\n\n",
    "From at the beginning": "From here\nFrom there\n",
    "outside ASCII": "Grüße\n",
    "dots": ".\n..\n",
}


def letter(text="Hello\n"):
    """A message."""
    return netmail.message(ANN, BOB, "Grüße").text(text)


def signed(message=None, who=None, **options):
    """A signed message."""
    who = who or person()
    return smime.sign(message or letter(), who.cert, who.key, **options)


def verified(folder, octets):
    """What openssl finds: whether it is valid, and the text."""
    return openssl(folder, "-verify", "-CAfile", "{ca}", octets=octets, ca=authority().pem)


@pytest.mark.parametrize("opaque", [False, True], ids=["detached", "opaque"])
@pytest.mark.parametrize("kind", ["rsa", "ec"])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_openssl_verifies(text, kind, opaque, tmp_path):
    """Another program verifies any text, and reads it as it was written."""
    sealed = signed(letter(text), person(kind=kind), opaque=opaque)

    valid, octets = verified(tmp_path, sealed.as_bytes())

    assert valid, octets
    assert netmail.parse(octets).text.rstrip("\n") == text.rstrip("\n")
    assert smime.verify(sealed, [authority().cert]).valid


def test_form():
    """The signed message has the parameters that the RFC demands, and its own fields outside."""
    mail = netmail.parse(signed().as_bytes())

    assert mail.root.content_type == "multipart/signed"
    assert mail.root.params["protocol"] == "application/pkcs7-signature"
    assert mail.root.params["micalg"] == "sha-256"
    assert [part.content_type for part in mail.root.children] == [
        "text/plain",
        "application/pkcs7-signature",
    ]
    assert mail.subject == "Grüße"
    assert mail.text == "Hello\n"
    assert "subject" not in mail.root.children[0].headers


def test_spaces_are_encoded():
    """Gateways remove spaces at the ends of lines: they are encoded."""
    octets = signed(letter("Hello \n")).as_bytes()

    assert b"quoted-printable" in octets
    assert b" \r\n" not in octets
    assert b"Hello=20\r\n" in octets


def test_from_at_the_beginning_of_a_line():
    """Mailbox files quote "From " at the beginning of a line: it is encoded."""
    octets = signed(letter("From here\nFrom there\n")).as_bytes()

    assert b"\nFrom here" not in octets
    assert b"\nFrom there" not in octets


def test_attachments_and_alternatives(tmp_path):
    """A message of several parts is signed whole."""
    message = letter().html("<p>Hello</p>").attachment(b"\x00\xff" * 500, "data.bin")

    valid, octets = verified(tmp_path, signed(message).as_bytes())

    assert valid
    assert netmail.parse(octets).attachments[0].content == b"\x00\xff" * 500


def test_message_of_another_program(tmp_path):
    """Octets with line ends of Unix are signed with CRLF, as they are sent."""
    octets = b"From: ann@example.test\nTo: bob@example.test\nX: y\n\nHello\n"
    envelope = netmail.Envelope(ANN, (BOB,), octets)

    assert verified(tmp_path, signed(envelope).as_bytes())[0]


def test_signed_twice(tmp_path):
    """A signed message is signed again: the outer signature covers the inner one."""
    twice = signed(signed())

    assert verified(tmp_path, twice.as_bytes())[0]
    assert smime.verify(twice, [authority().cert]).valid


def test_chain_is_sent(tmp_path):
    """The certificates between signer and authority are in the message."""
    between = authority("Between", "Root")
    sealed = signed(None, person(issuer="Between"), chain=[between.pem])

    assert verified(tmp_path, sealed.as_bytes())[0]
    found = smime.verify(sealed, [authority().cert])
    assert found.valid
    assert len(found.chain) == 3


@pytest.mark.parametrize("opaque", [False, True])
def test_without_certificates(tmp_path, opaque):
    """Only a receiver that has them already can verify it."""
    between = authority("Between", "Root")
    who = person(issuer=between)
    octets = signed(None, who, chain=[between.pem], nocerts=True, opaque=opaque).as_bytes()

    found = smime.verify(octets, [authority().cert])
    assert found.reasons == ("the signer's certificate is missing",)
    assert not verified(tmp_path, octets)[0]
    given = {"ca": authority().pem + between.pem, "own": who.pem}
    arguments = ("-verify", "-CAfile", "{ca}", "-certfile", "{own}")
    assert openssl(tmp_path, *arguments, octets=octets, **given)[0]


def test_files():
    """Certificate and key are read from PEM, the key with its password."""
    from cryptography.hazmat.primitives import serialization

    who = person()
    locked = who.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )

    sealed = smime.sign(letter(), who.pem.decode(), locked, "secret")

    assert smime.verify(sealed, [authority().pem]).valid


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        (person(title="old", days=(-20, -10)), "expired"),
        (person(title="new", days=(10, 20)), "valid from"),
        (person(title="web", purposes=WEB), "not for mail"),
        (person(title="reader", usage=usage(key_encipherment=True)), "not for signing"),
    ],
    ids=["expired", "not valid yet", "for the web", "for encrypting"],
)
def test_unusable_certificate(who, reason):
    """A certificate that receivers would not accept is refused at signing."""
    with pytest.raises(KeyUnusable, match=reason):
        signed(None, who)


def test_key_of_another():
    """Certificate and key must belong together."""
    with pytest.raises(KeyUnusable, match="another key"):
        smime.sign(letter(), person().cert, person(BOB).key)


@pytest.mark.parametrize("broken", [b"", b"nothing", b"-----BEGIN CERTIFICATE-----"])
def test_broken_files(broken):
    """What is no certificate and no key is refused by its reason."""
    with pytest.raises(KeyUnusable, match="certificate cannot be read"):
        smime.sign(letter(), broken, person().key)
    with pytest.raises(KeyUnusable, match="key cannot be read"):
        smime.sign(letter(), person().cert, broken)


def test_long_line():
    """A line that servers would break is refused, since the signature would break."""
    octets = b"From: ann@example.test\r\n\r\n" + b"x" * 2000
    with pytest.raises(netmail.MessageError, match="line is longer"):
        signed(netmail.Envelope(ANN, (BOB,), octets))


def test_protected_headers():
    """The fields of the message are signed as copies, and a changed From is noticed."""
    sealed = signed(protect_headers="clear")
    found = smime.verify(sealed, [authority().cert])

    assert found.valid
    assert found.mail.subject == "Grüße"
    assert [str(each) for each in found.mail.to] == [BOB]
    assert found.mail.root.params["hp"] == "clear"

    forged = sealed.as_bytes().replace(b"From: ann@", b"From: eve@", 1)
    found = smime.verify(forged, [authority().cert])
    assert not found.valid
    assert "From differs from the author that was signed" in found.reasons


def test_large_message(tmp_path):
    """A large attachment is read piece by piece, and its signature is right."""
    file = tmp_path / "large.bin"
    file.write_bytes(bytes(range(256)) * 8192)

    sealed = signed(letter().attachment(file))

    assert isinstance(sealed.content, netmail.LargeContent)
    assert len(sealed.as_bytes()) == sealed.content.size
    assert verified(tmp_path, sealed.as_bytes())[0]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is of Linux")
def test_memory(tmp_path):
    """Signing 100 MB adds less than 32 MiB: measured in a process of its own."""
    program = """
import sys, netmail
from netmail.crypto import smime
cert, key = (open(name, "rb").read() for name in sys.argv[1:3])
def used():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
smime.sign(netmail.message("a@b.test", "c@d.test").text("x"), cert, key)
before = used()
message = netmail.message("a@b.test", "c@d.test").text("x").attachment(sys.argv[3])
sealed = smime.sign(message, cert, key)
assert sum(map(len, sealed.content.chunks())) > 130_000_000
print(used() - before)
"""
    cert, key, file = (tmp_path / name for name in ("cert.pem", "key.pem", "large.bin"))
    cert.write_bytes(person().pem)
    key.write_bytes(person().key_pem)
    with file.open("wb") as opened:
        opened.truncate(100_000_000)
    command = [sys.executable, "-c", program, str(cert), str(key), str(file)]

    done = subprocess.run(command, capture_output=True, check=True, timeout=300)

    assert int(done.stdout) < 32 * 1024


def test_files_of_several_certificates():
    """A file may hold the chain after the certificate, as authorities send it, or several roots."""
    person_of = person(issuer="Below", kind="ec")
    below = authority("Below", "Root")
    files = person_of.pem + below.pem
    roots = authority("Other").pem + authority().pem

    sealed = smime.sign(letter(), files, person_of.key)

    assert smime.verify(sealed, roots).valid
    assert smime.verify(sealed, [roots.decode()]).valid
    assert smime.verify(sealed, authority().cert).valid
    assert not smime.verify(sealed, authority("Other").pem).trusted
    apart = smime.sign(letter(), person_of.pem, person_of.key, chain=below.pem)
    assert smime.verify(apart, roots).valid
    bob = person(BOB, kind="ec")
    assert smime.encrypt(letter(), bob.pem + below.pem)[0].recipients == (BOB,)


@pytest.mark.parametrize("wrong", ["certificate", "key"])
def test_name_of_a_file(wrong):
    """The name of a file is not what is in it, and the error says so."""
    ann = person(kind="ec")
    given = {"certificate": ann.pem, "key": ann.key_pem, wrong: "ann.pem"}

    with pytest.raises(KeyUnusable, match="give what is in the file"):
        smime.sign(letter(), **given)
