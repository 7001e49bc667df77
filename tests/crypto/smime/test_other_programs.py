"""What other programs and gateways write: it is verified as it came, whatever it is called."""

import re

import pytest

import netmail
from netmail.crypto import smime
from support.crypto_certificates import ANN, BOB, person
from support.openssl import openssl
from support.signed_letters import HEAD, judged, letter, signed


@pytest.mark.parametrize("said", ["enveloped-data", "authEnveloped-data", "certs-only", "x"])
def test_type_that_lies(said):
    """What the structure says counts, whatever the header says."""
    octets = signed(person(), opaque=True).replace(
        b"smime-type=signed-data", b"smime-type=" + said.encode()
    )

    assert judged(octets).valid


@pytest.mark.parametrize("said", ["signed-data", "enveloped-data", ""])
def test_encrypted_is_not_signed(said):
    """A message that is encrypted only is not signed, whatever its header says."""
    [sealed] = smime.encrypt(letter(), [person(BOB).cert])
    octets = sealed.as_bytes().replace(b"smime-type=enveloped-data", b"smime-type=" + said.encode())

    assert judged(octets).reasons == ("the message is not signed by S/MIME",)


@pytest.mark.parametrize(
    "micalg", [b'"sha256"', b"SHA-256", b'"sha-256,sha-512"', b'"md5"', b'""', b"unknown"]
)
def test_name_of_the_digest(micalg):
    """The name of the digest in the header is written in many forms, and proves nothing."""
    octets = signed(person())

    assert judged(octets.replace(b'micalg="sha-256"', b"micalg=" + micalg)).valid
    assert judged(octets.replace(b'; micalg="sha-256"', b"")).valid


ODD = {
    "folded": b"Content-Type:  text/plain;\r\n \tcharset = us-ascii\r\n\r\nHello\r\n",
    "order": b"X-Own: a\r\ncontent-TYPE: text/plain\r\nContent-ID: <a@b>\r\n\r\nHello\r\n",
    "8 bit": b"Content-Type: text/plain; charset=latin1\r\n\r\nGr\xfc\xdfe\r\n",
    "spaces": b"Content-Type: text/plain \r\n\r\n  Hello \t \r\n\r\n\r\n\r\n",
    "no header": b"\r\nHello\r\n",
    "no line end": b"Content-Type: text/plain\r\n\r\nHello",
    "long line": b"Content-Type: text/plain\r\n\r\n" + b"x" * 5000 + b"\r\n",
    "delimiters": b"Content-Type: text/plain\r\n\r\n--\r\n--x\r\n",
    "encoded": b"Content-Transfer-Encoding: base64\r\n\r\nSGVsbG8=\r\n=\r\nSGVs\r\n",
}


@pytest.mark.parametrize("part", ODD.values(), ids=ODD)
def test_octets_are_as_they_came(part, tmp_path):
    """A part is verified as it was received, however its header is written."""
    who = person()
    arguments = ["-sign", "-binary", "-signer", "{cert}", "-inkey", "{key}"]
    made, octets = openssl(tmp_path, *arguments, octets=part, cert=who.pem, key=who.key_pem)
    assert made, octets

    found = judged(HEAD + octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))

    assert found.valid
    assert found.content == part


def test_gateway_encodes_again():
    """A gateway that writes base64 in other lines breaks a signature, unless it is opaque."""
    data = bytes(range(256)) * 20
    message = netmail.message(ANN, BOB, "x").attachment(data, "data.bin")
    for opaque in (False, True):
        made = smime.sign(message, person().cert, person().key, opaque=opaque).as_bytes()
        text = made.partition(b"base64\r\n")[2]
        digits = re.search(rb"\r\n\r\n((?:[A-Za-z0-9+/]{76}\r\n){5,})", text)[1]
        again = digits.replace(b"\r\n", b"").replace(digits[:60], digits[:60] + b"\r\n", 1)
        found = judged(made.replace(digits, again + b"\r\n"))

        assert found.intact is opaque
        assert found.trusted
        assert opaque or found.reasons == ("the text has changed",)
