"""Header protection as it is written, by S/MIME and by PGP."""

import pytest

import netmail
from netmail.crypto import pgp, smime
from netmail.crypto.protection import obscured, protected_header
from support.crypto_certificates import authority, person
from support.pgp_keys import ANN, BOB


def test_protected_fields():
    """The copies say what everybody could read; the subject is hidden."""
    outer = b"From: a@example.test\r\nSubject: real\r\nMIME-Version: 1.0\r\n"

    found = protected_header(outer, b"Content-Type: text/plain\r\n", "cipher")

    assert obscured(outer).splitlines()[1] == b"Subject: [...]"
    assert found.splitlines() == [
        b"From: a@example.test",
        b"Subject: real",
        b"HP-Outer: From: a@example.test",
        b"HP-Outer: Subject: [...]",
        b"Content-Type: text/plain;",
        b'\thp="cipher"',
    ]


def letter():
    """A message with everything that is hidden."""
    message = netmail.message(ANN, BOB, "Dinner plans").text("At eight.\n")
    return message.header({"Keywords": "food", "Comments": "tasty"})


class Smime:
    """S/MIME, with the shape that both have here."""

    def __init__(self, keys):
        del keys
        self.ann, self.bob = person(kind="ec"), person(BOB, kind="ec")

    def sign(self, message, **options):
        return smime.sign(message, self.ann.cert, self.ann.key, **options)

    def encrypt(self, message, **options):
        [sealed] = smime.encrypt(message, [self.bob.cert], **options)
        return sealed

    def decrypt(self, message):
        return smime.decrypt(message, self.bob.cert, self.bob.key)

    def verify(self, message):
        return smime.verify(message, [authority().cert])


class Pgp:
    """PGP/MIME."""

    def __init__(self, keys):
        self.keys = keys

    def sign(self, message, **options):
        return pgp.sign(message, self.keys, **options)

    def encrypt(self, message, **options):
        [sealed] = pgp.encrypt(message, self.keys, **options)
        return sealed

    def decrypt(self, message):
        return pgp.decrypt(message, self.keys)

    def verify(self, message):
        return pgp.verify(message, self.keys)


@pytest.fixture(params=[Smime, Pgp])
def crypto(request, keys):
    """Each of both."""
    return request.param(keys)


def test_nothing_hidden_is_outside(crypto):
    """Subject, Keywords and Comments are in the encrypted part only."""
    sealed = crypto.encrypt(letter(), hide_subject=True)
    opened = crypto.decrypt(sealed)

    header = netmail.parse(sealed.as_bytes()).headers
    assert header["subject"] == "[...]"
    assert "keywords" not in header
    assert "comments" not in header
    assert opened.subject == "Dinner plans"
    assert opened.protected.hidden == ("subject", "keywords", "comments")
    assert opened.protected.changed == ()
    assert opened.mail.text == "At eight.\n"


def test_display_for_old_programs(crypto):
    """Old programs show the subject above the text; netmail shows it once."""
    opened = crypto.decrypt(crypto.encrypt(letter(), hide_subject=True, legacy_display=True))

    assert netmail.parse(opened.content).text == "Subject: Dinner plans\n\nAt eight.\n"
    assert opened.mail.text == "At eight.\n"
    assert opened.subject == "Dinner plans"


def test_signed_and_then_encrypted(crypto):
    """The fields and the display are within the signature, which holds."""
    signed = crypto.sign(letter(), protect_headers="cipher", legacy_display=True)
    opened = crypto.decrypt(crypto.encrypt(signed, hide_subject=True))
    found = crypto.verify(opened)

    assert found.reasons == ()
    assert found.mail.text == "At eight.\n"
    assert b"Subject: Dinner plans" in netmail.parse(found.content).root.content
    assert found.mail.subject == opened.subject == "Dinner plans"
    assert found.protected == opened.protected
    assert "subject" in found.protected.hidden


def test_fields_of_a_signed_message(crypto):
    """What is signed in clear can be compared with what is outside."""
    sealed = crypto.sign(letter(), protect_headers="clear")

    found = crypto.verify(sealed)

    assert found.protected.kind == "clear"
    assert found.protected.changed == ()
    assert found.protected.headers["subject"] == "Dinner plans"


def test_signed_without_its_fields(crypto):
    """Beside a signature the subject would be lost: the mistake is named."""
    for protection in ("", "clear"):
        signed = crypto.sign(letter(), protect_headers=protection)
        with pytest.raises(netmail.UsageError, match='protect_headers="cipher"'):
            crypto.encrypt(signed, hide_subject=True)


def test_display_of_a_signed_message(crypto):
    """A signed text cannot be changed any more."""
    signed = crypto.sign(letter(), protect_headers="cipher")

    with pytest.raises(netmail.UsageError, match="give it to sign"):
        crypto.encrypt(signed, hide_subject=True, legacy_display=True)


@pytest.mark.parametrize("protection", ["", "clear"])
def test_display_of_what_is_not_hidden(protection, crypto):
    """Only what is hidden is written above the text."""
    with pytest.raises(netmail.UsageError, match="legacy_display"):
        crypto.sign(letter(), protect_headers=protection, legacy_display=True)


def test_display_without_hiding(crypto):
    """The same, at encrypting."""
    with pytest.raises(netmail.UsageError, match="legacy_display"):
        crypto.encrypt(letter(), legacy_display=True)


def test_opaque(keys):
    """The fields within an opaque signature are those of what verify() returns."""
    crypto = Smime(keys)
    signed = crypto.sign(letter(), protect_headers="cipher", opaque=True)
    opened = crypto.decrypt(crypto.encrypt(signed, hide_subject=True))

    assert opened.subject == "Dinner plans"
    assert crypto.verify(opened).protected.headers["subject"] == "Dinner plans"


def test_protected_again(crypto):
    """What was read and is sent again has one set of fields, those of the new message."""
    old = crypto.decrypt(crypto.encrypt(letter(), hide_subject=True))
    octets = old.content.replace(b"Dinner plans", b"Old plans")
    octets = octets.replace(b"HP-Outer: Subject", b"HP-Outer: X")
    again = netmail.Envelope(ANN, (BOB,), octets)

    opened = crypto.decrypt(crypto.encrypt(again, hide_subject=True))

    assert opened.subject == "Old plans"
    assert opened.content.count(b"hp=") == 1
    assert opened.content.count(b"HP-Outer: Subject: [...]") == 1
    assert b"HP-Outer: X" not in opened.content


def test_no_subject(crypto):
    """A message without a subject shows nothing above its text."""
    message = netmail.message(ANN, BOB).text("At eight.\n")

    opened = crypto.decrypt(crypto.encrypt(message, hide_subject=True, legacy_display=True))

    assert netmail.parse(opened.content).text == "At eight.\n"
