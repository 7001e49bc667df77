"""Protected fields, read from messages as the RFC, and programs before it, write them."""

import pytest

import netmail
from netmail.crypto import pgp
from netmail.crypto.protected import protected_headers
from netmail.crypto.results import Decrypted, Signature
from support.pgp_keys import ANN, BOB

OUTER = """\
Received: from mx.example.test; Fri, 21 Jan 2022 20:40:49 -0500
From: Ann <ann@example.test>
To: Bob <bob@example.test>
Subject: [...]
Date: Fri, 21 Jan 2022 20:40:48 -0500
Message-ID: <1@example.test>
MIME-Version: 1.0
Content-Type: application/pkcs7-mime; smime-type=enveloped-data

x
"""
FIELDS = """\
From: Ann <ann@example.test>
To: Bob <bob@example.test>
Subject: Dinner plans
Date: Fri, 21 Jan 2022 20:40:48 -0500
Message-ID: <1@example.test>
"""
HP_OUTER = """\
HP-Outer: From: Ann <ann@example.test>
HP-Outer: To: Bob
 <bob@example.test>
HP-Outer: Subject: [...]
HP-Outer: Date: Fri, 21 Jan 2022 20:40:48 -0500
HP-Outer: Message-ID: <1@example.test>
"""
CIPHER = FIELDS + HP_OUTER + 'Content-Type: text/plain; hp="cipher"\n\nAt eight.\n'
CLEAR = FIELDS + 'Content-Type: text/plain; hp="clear"\n\nAt eight.\n'
OLD = FIELDS + 'Content-Type: text/plain; protected-headers="v1"\n\nAt eight.\n'


def octets(text):
    """Octets with CRLF line ends."""
    return text.replace("\n", "\r\n").encode()


def opened(content, outer=OUTER):
    """What was encrypted."""
    return Decrypted(octets(content), netmail.parse(octets(outer)))


def test_cipher():
    """The author's fields are shown, and those that nobody else could read are named."""
    found = opened(CIPHER)

    assert found.subject == "Dinner plans"
    assert found.protected.kind == "cipher"
    assert found.protected.headers["subject"] == "Dinner plans"
    assert "hp-outer" not in found.protected.headers
    assert "content-type" not in found.protected.headers
    assert found.protected.hidden == ("subject",)
    assert found.protected.changed == ()
    assert not found.protected.is_old


def test_fields_that_are_not_outside():
    """A field that HP-Outer does not list was hidden altogether."""
    found = opened("Keywords: secret\n" + CIPHER)

    assert found.protected.hidden == ("keywords", "subject")


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("Subject: [...]", "Subject: Invoice", ("subject",)),
        ("From: Ann <ann@example.test>", "From: Eve <eve@evil.test>", ("from",)),
        ("To: Bob <bob@example.test>\n", "", ("to",)),
        ("To: Bob", "Cc: eve@evil.test\nTo: Bob", ("cc",)),
        ("To: Bob", "Reply-To: eve@evil.test\nTo: Bob", ("reply-to",)),
        ("To: Bob", "In-Reply-To: <9@evil.test>\nTo: Bob", ("in-reply-to",)),
        ("To: Bob", "To: eve@evil.test\nTo: Bob", ("to",)),
        ("To: Bob", "List-Id: <list.test>\nTo: Bob", ()),
        ("To: Bob <bob", "To: Bob\n <bob", ()),
    ],
)
def test_changed_outside(old, new, changed):
    """What somebody has changed or added outside is named, and never shown as the author's."""
    found = opened(CIPHER, OUTER.replace(old, new))

    assert found.protected.changed == changed
    assert found.subject == "Dinner plans"
    assert found.protected.headers["from"] == "Ann <ann@example.test>"


def test_clear():
    """What is signed only hides nothing; the outer fields are compared with the signed ones."""
    outer = netmail.parse(octets(OUTER.replace("[...]", "Dinner plans")))

    found = protected_headers(octets(CLEAR), outer)

    assert (found.kind, found.hidden, found.changed) == ("clear", (), ())
    forged = netmail.parse(octets(OUTER))
    assert protected_headers(octets(CLEAR), forged).changed == ("subject",)


def test_hp_outer_of_a_signed_message():
    """RFC 9788 section 2.2: only what is encrypted says what was outside."""
    forged = CLEAR.replace("Content-Type", HP_OUTER + "Content-Type", 1)

    found = protected_headers(octets(forged), netmail.parse(octets(OUTER)))

    assert found.hidden == ()
    assert found.changed == ("subject",)


def test_old_programs():
    """`protected-headers="v1"`, which Thunderbird writes, says nothing of what was outside."""
    found = opened(OLD)

    assert found.subject == "Dinner plans"
    assert found.protected.is_old
    assert found.protected.kind == "cipher"
    assert found.protected.hidden == ("subject",)
    assert protected_headers(octets(OLD), netmail.parse(octets(OUTER))).kind == "clear"


SIGNED = (
    'Content-Type: multipart/signed; boundary=s; protocol="application/pgp-signature"\n\n'
    "--s\n{}\n--s\nContent-Type: application/pgp-signature\n\nx\n--s--\n"
)


@pytest.mark.parametrize("content", [CIPHER, OLD], ids=["hp", "v1"])
def test_signed_within(content):
    """The fields are with what was signed, also within several signatures."""
    once = opened(SIGNED.format(content))
    twice = opened(SIGNED.replace("--s", "--t").replace("=s", "=t").format(SIGNED.format(content)))

    assert once.subject == twice.subject == "Dinner plans"
    assert once.protected.hidden == twice.protected.hidden == ("subject",)


@pytest.mark.parametrize(
    "content",
    [
        "Content-Type: text/plain\n\nAt eight.\n",
        "Subject: x\nContent-Type: text/plain\n\nAt eight.\n",
        'Subject: x\nContent-Type: text/plain; hp="other"\n\nAt eight.\n',
        "\nAt eight.\n",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n" + CIPHER + "--b--\n",
    ],
)
def test_not_protected(content):
    """Fields are protected where the root of what was encrypted says so."""
    assert opened(content).protected is None


def test_subject_that_differs(keys):
    """A subject that was changed outside is noticed, and the signed one is there."""
    sealed = pgp.sign(netmail.message(ANN, BOB, "Plans").text("x"), keys, protect_headers="clear")
    forged = sealed.as_bytes().replace(b"Subject: Plans", b"Subject: Invoice", 1)

    assert pgp.verify(sealed, keys).protected.changed == ()
    assert pgp.verify(forged, keys).protected.changed == ("subject",)
    assert pgp.verify(forged, keys).mail.subject == "Plans"


def test_unsigned():
    """A signature that is not there protects nothing."""
    assert Signature().protected is None
