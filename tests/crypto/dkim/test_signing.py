"""Signing by DKIM, judged by dkimpy."""

import sys
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import dkim as dkimpy
import pytest

import netmail
from netmail.crypto import SealedMessage, dkim
from netmail.crypto.errors import KeyUnusable
from support.crypto_keys import (
    DOMAIN,
    SELECTOR,
    ed25519_key,
    letter,
    pem,
    record,
    resolver,
    rsa_key,
)

FORMS = ("simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed")
KEYS = {"rsa": rsa_key, "ed25519": ed25519_key}
HEADER = b"From: ann@example.test\r\nTo: bob@example.test\r\nSubject: x\r\n"


def judged(octets, key):
    """What dkimpy finds."""
    return dkimpy.verify(octets, dnsfunc=lambda *_, **__: record(key))


def raw(body):
    """A message that another program wrote."""
    return netmail.Envelope("ann@example.test", ("bob@example.test",), HEADER + b"\r\n" + body)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KEYS)
def test_dkimpy_verifies(kind, form):
    """Another program verifies every algorithm in every canonical form."""
    key = KEYS[kind]()

    sealed = dkim.sign(letter(), SELECTOR, DOMAIN, key, canonicalization=form)

    assert judged(sealed.as_bytes(), key)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\r\n",
        b"\r\n\r\n",
        b"one",
        b"one\r\n",
        b"one \t \r\n\r\n \r\n",
        b" \t one\t\ttwo \r\n",
        b" ",
        b"\t\r\n\t\r\n",
        b"one\ntwo\n",
        b"\xff\xfe \r\n",
    ],
)
def test_any_body(body, form):
    """Empty bodies, spaces, line ends of Unix and 8-bit octets are signed as others read them."""
    sealed = dkim.sign(raw(body), SELECTOR, DOMAIN, rsa_key(), canonicalization=form)

    assert judged(sealed.as_bytes(), rsa_key())
    assert dkim.verify(sealed, resolver(record(rsa_key())))[0].valid


def test_sealed_message():
    """The result has the envelope of the message, and its octets below the new field."""
    message = letter().bcc("carol@example.test")

    sealed = dkim.sign(message, SELECTOR, DOMAIN, rsa_key())

    assert isinstance(sealed, SealedMessage)
    assert sealed.sender == "ann@example.test"
    assert sealed.recipients == ("bob@example.test", "carol@example.test")
    assert sealed.as_bytes().startswith(b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;")
    assert sealed.as_bytes().endswith(netmail.envelope_of(message).content)
    assert b"carol" not in sealed.as_bytes()


def test_lines_are_short():
    """Relays fold long lines, which breaks simple signatures."""
    sealed = dkim.sign(letter(), SELECTOR, DOMAIN, rsa_key(), identity=f"ann@{DOMAIN}")

    assert max(map(len, sealed.as_bytes().split(b"\r\n"))) <= 78


def test_standard_library_message():
    """A message of another library is signed as it is sent."""
    message = EmailMessage()
    message["From"], message["To"] = "ann@example.test", "bob@example.test"
    message.set_content("Grüße")

    sealed = dkim.sign(message, SELECTOR, DOMAIN, rsa_key())

    assert judged(sealed.as_bytes(), rsa_key())


def test_added_from_breaks():
    """From is over-signed: another one above or below breaks the signature."""
    octets = dkim.sign(letter(), SELECTOR, DOMAIN, rsa_key()).as_bytes()
    forged = b"From: eve@example.test\r\n" + octets

    [result] = dkim.verify(forged, resolver(record(rsa_key())))

    assert result.status == "fail"
    assert not judged(forged, rsa_key())


def test_two_signatures():
    """A signed message is signed again, with another key, and both are valid."""
    once = dkim.sign(letter(), SELECTOR, DOMAIN, rsa_key())
    twice = dkim.sign(once, SELECTOR, DOMAIN, ed25519_key())
    both = {"rsa-sha256": rsa_key(), "ed25519-sha256": ed25519_key()}

    found = {
        result.algorithm: result.reason
        for key in both.values()
        for result in dkim.verify(twice, resolver(record(key)))
        if result.valid
    }

    assert found == dict.fromkeys(both, "")


def test_chosen_fields():
    """Other fields than the usual ones are signed on request, From always."""
    message = letter().header({"X-Mark": "1"})

    sealed = dkim.sign(message, SELECTOR, DOMAIN, rsa_key(), fields=["X-Mark"])
    [result] = dkim.verify(sealed, resolver(record(rsa_key())))

    assert result.signed_fields == ("x-mark", "from", "from")
    assert result.valid


def test_pem_with_password():
    """A key is read from a file's octets or text."""
    for form in (pem(rsa_key()), pem(rsa_key()).decode()):
        sealed = dkim.sign(letter(), SELECTOR, DOMAIN, form)

        assert judged(sealed.as_bytes(), rsa_key())


def test_times():
    """The time of signing and the end of validity are written as asked for."""
    begun = datetime(2026, 1, 2, tzinfo=UTC)
    sealed = dkim.sign(letter(), SELECTOR, DOMAIN, rsa_key(), at=begun, lifetime=timedelta(days=3))

    [result] = dkim.verify(sealed, resolver(record(rsa_key())), at=begun + timedelta(days=2))

    assert result.valid
    assert result.signed_at == begun
    assert result.expires_at == begun + timedelta(days=3)
    assert result.age == timedelta(days=2)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"canonicalization": "loose"}, "canonicalization"),
        ({"selector": "a b"}, "selector"),
        ({"selector": "a;b=c"}, "selector"),
        ({"domain": ""}, "domain"),
        ({"domain": "bücher.test"}, "in ASCII"),
        ({"domain": "a\r\nb"}, "domain"),
        ({"identity": "ann@other.test"}, "identity"),
        ({"identity": "a;b@example.test"}, "identity"),
    ],
)
def test_wrong_arguments(given, reason):
    """No argument can write tags of its own."""
    usual = {"selector": SELECTOR, "domain": DOMAIN, "key": rsa_key()}

    with pytest.raises(netmail.UsageError, match=reason):
        dkim.sign(letter(), **(usual | given))


def test_without_author():
    """A message without From cannot be signed."""
    envelope = netmail.Envelope("a@example.test", ("b@example.test",), b"To: b\r\n\r\nx\r\n")

    with pytest.raises(netmail.UsageError, match="From"):
        dkim.sign(envelope, SELECTOR, DOMAIN, rsa_key())


def test_broken_key():
    """A file that is no key is refused by its reason."""
    with pytest.raises(KeyUnusable, match="cannot be read"):
        dkim.sign(letter(), SELECTOR, DOMAIN, b"-----BEGIN NOTHING-----")


def test_large_message(tmp_path):
    """A large attachment is read piece by piece; the octets are those that are sent."""
    file = tmp_path / "large.bin"
    file.write_bytes(bytes(range(256)) * 8192)
    message = letter().attachment(file)

    sealed = dkim.sign(message, SELECTOR, DOMAIN, rsa_key())

    assert isinstance(sealed.content, netmail.LargeContent)
    assert len(sealed.as_bytes()) == sealed.content.size
    assert judged(sealed.as_bytes(), rsa_key())


def test_changed_file(tmp_path):
    """A file that changes after signing is noticed before the message is whole."""
    file = tmp_path / "large.bin"
    file.write_bytes(bytes(2_000_000))
    sealed = dkim.sign(letter().attachment(file), SELECTOR, DOMAIN, rsa_key())
    file.write_bytes(b"x" + bytes(1_999_999))

    with pytest.raises(netmail.MessageError, match="changed since"):
        sealed.as_bytes()


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is of Linux")
def test_memory(tmp_path):
    """Signing 100 MB adds less than 32 MiB: measured in a process of its own."""
    import subprocess

    program = """
import sys, netmail
from netmail.crypto import dkim
key = open(sys.argv[1], "rb").read()
def used():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
dkim.sign(netmail.message("a@b.test", "c@d.test").text("x"), "s", "b.test", key)
before = used()
message = netmail.message("a@b.test", "c@d.test").text("x").attachment(sys.argv[2])
sealed = dkim.sign(message, "s", "b.test", key)
assert sum(map(len, sealed.content.chunks())) > 130_000_000
print(used() - before)
"""
    key, file = tmp_path / "key.pem", tmp_path / "large.bin"
    key.write_bytes(pem(rsa_key()))
    with file.open("wb") as opened:
        opened.truncate(100_000_000)
    command = [sys.executable, "-c", program, str(key), str(file)]

    done = subprocess.run(command, capture_output=True, check=True, timeout=300)

    assert int(done.stdout) < 32 * 1024


@pytest.mark.parametrize("lifetime", [timedelta(), timedelta(-1), timedelta.max])
def test_lifetime_that_no_signature_has(lifetime):
    """A signature expires after it was made, and within the calendar."""
    with pytest.raises(netmail.UsageError, match="lifetime"):
        dkim.sign(letter(), SELECTOR, DOMAIN, rsa_key(), lifetime=lifetime)


def test_key_that_no_file_holds():
    """A lone surrogate in a key is an error of netmail's."""
    with pytest.raises(KeyUnusable, match="surrogate"):
        dkim.sign(letter(), SELECTOR, DOMAIN, "\ud800")
