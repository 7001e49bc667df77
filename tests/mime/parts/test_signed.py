"""Signed and encrypted mail (RFC 1847): the octets that a signature is over."""

import pytest

from netmail import parse

SIGNED = (
    b'Content-Type: multipart/signed; protocol="application/pgp-signature"; micalg=pgp-sha256;\n'
    b" boundary=b\n\n--b\nContent-Type: text/plain\n\ntext  \n\n--b\n"
    b"Content-Type: application/pgp-signature\n\nSIG\n--b--\n"
)


@pytest.mark.parametrize("raw", [SIGNED, SIGNED.replace(b"\n", b"\r\n")])
def test_signed_octets_are_exact(raw):
    """RFC 1847: header and body, CRLF line ends, without the line end before the boundary."""
    signed = parse(raw).signed

    assert signed.octets == b"Content-Type: text/plain\r\n\r\ntext  \r\n"
    assert (signed.signature, signed.micalg) == (b"SIG", "pgp-sha256")
    assert signed.protocol == "application/pgp-signature"


def test_unsigned_mail():
    """Mail without a signature says so."""
    mail = parse("\nx")

    assert mail.signed is None
    assert mail.is_encrypted is False


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/encrypted; boundary=b\n\n--b\n\nx\n--b--",
        "application/pkcs7-mime; smime-type=enveloped-data\n\nx",
        "application/x-pkcs7-mime\n\nx",
    ],
)
def test_encrypted_mail_is_recognised(kind):
    """PGP/MIME and S/MIME."""
    assert parse(f"Content-Type: {kind}\n").is_encrypted
