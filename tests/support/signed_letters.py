"""A small message, signed by S/MIME and verified, as most tests of signatures need it.

This file must not know what is tested.
"""

import netmail
from netmail.crypto import smime
from support.crypto_certificates import ANN, BOB, authority

HEAD = b"From: ann@example.test\r\nTo: bob@example.test\r\nSubject: x\r\n"


def letter():
    """A message."""
    return netmail.message(ANN, BOB, "x").text("Hello\n")


def signed(who, **options):
    """The octets of a signed message."""
    return smime.sign(letter(), who.cert, who.key, **options).as_bytes()


def judged(octets):
    """The signature of a message."""
    return smime.verify(octets, [authority().cert])
