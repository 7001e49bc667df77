"""Verifying DKIM: signatures of dkimpy, and each reason why one is not valid."""

import asyncio
import base64
import re
from datetime import UTC, datetime, timedelta

import dkim as dkimpy
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

import netmail
from netmail.crypto import dkim
from support.crypto_keys import (
    DOMAIN,
    KEY_NAME,
    SELECTOR,
    ed25519_key,
    letter,
    pem,
    record,
    resolver,
    rsa_key,
)

# Nobody can make such a key any more but openssl; it is worth nothing.
SMALL = b"""-----BEGIN PRIVATE KEY-----
MIIBVAIBADANBgkqhkiG9w0BAQEFAASCAT4wggE6AgEAAkEAygt5rtGdN0/bThuS
D3IU+EHjebzV/wbFedG+ApvQ7s0Q7C+Uqo3Ci/0KygQ8Y4RbpuiCkttU3qsKqenu
kzYjWQIDAQABAkBUsy7V3MX9tBqJygEXPIoR8P09wa4sdVg/02/GhC+4i7tOdakq
7aWs3vMJducDLK/Y47kvtI982dmEnxwKMgqJAiEA/qquaTvQsMc23trPF26Ihy9l
tsfQSa3xmz9XrvFA/vsCIQDLGkRm202aYgRlvSI+Q3/H0Sv4nhiP64Rk8Eb9tKYG
uwIhAO7KBg4gixcnRNkD3IkBGL2BgOM5SqG7mz9Rzpr4FlS/AiB4NlXiI09tXzKH
HUkVXVJWbKIAB2M2XAoCzIzYQYI7XQIgaRw6qBqcyDIIdZeXSvVLKbTV3BbuYqaG
zjE7v9eMXCI=
-----END PRIVATE KEY-----
"""
FORMS = ((b"simple", b"simple"), (b"relaxed", b"simple"), (b"relaxed", b"relaxed"))


def signed(key=None, **options):
    """The octets of a signed letter."""
    return dkim.sign(letter(), SELECTOR, DOMAIN, key or rsa_key(), **options).as_bytes()


def only(octets, *records, at=None):
    """The result of the only signature."""
    [result] = dkim.verify(octets, resolver(*records or [record(rsa_key())]), at=at)
    return result


def signed_by_dkimpy(**options):
    """The octets of a letter that dkimpy has signed."""
    octets = netmail.envelope_of(letter()).content
    return dkimpy.sign(octets, b"2026", b"example.test", pem(rsa_key()), **options) + octets


@pytest.mark.parametrize("forms", FORMS)
def test_signatures_of_dkimpy(forms):
    """What another program signs is valid, in each canonical form."""
    result = only(signed_by_dkimpy(canonicalize=forms))

    assert result.reason == ""
    assert result.valid


def test_ed25519_of_dkimpy():
    """An Ed25519 signature of another program is valid."""
    octets = netmail.envelope_of(letter()).content
    secret = base64.b64encode(ed25519_key().private_bytes_raw())
    field = dkimpy.sign(
        octets, b"2026", b"example.test", secret, signature_algorithm=b"ed25519-sha256"
    )

    result = only(field + octets, record(ed25519_key()))

    assert result.valid
    assert result.key_size == 256


def test_what_is_known():
    """A result says by which domain and key which fields were signed, and when."""
    result = only(signed(identity=f"ann@{DOMAIN}"))

    assert (result.domain, result.selector, result.identity) == (
        DOMAIN,
        SELECTOR,
        f"ann@{DOMAIN}",
    )
    assert result.algorithm == "rsa-sha256"
    assert result.key_size == 2048
    assert {"from", "subject", "content-type"} <= set(result.signed_fields)
    assert result.age < timedelta(minutes=10)


def test_unsigned():
    """A message without signatures has no results."""
    assert dkim.verify(b"From: a@b\r\n\r\nx", resolver()) == ()


@pytest.mark.parametrize("old", [b"Hello", b"Subject: ", b"ann@", b"\r\n\r\n\r\n"])
def test_changed_octets(old):
    """A change of a signed field or of the body breaks the signature."""
    octets = signed(canonicalization="simple/simple")
    assert old in octets
    changed = octets.replace(old, old.swapcase() if old.strip() else b"\r\n\r\nX\r\n")

    assert only(changed).status == "fail"


def test_line_ends_of_unix():
    """A file with LF line ends is verified as it was sent."""
    assert only(signed().replace(b"\r\n", b"\n")).valid


def test_relaxed_survives_folding():
    """What relays may change breaks no relaxed signature."""
    octets = signed().replace(b"Message-ID: ", b"MESSAGE-ID:\r\n \t ")
    octets = octets.replace(b"Hello  Bob", b"Hello \t  Bob")

    assert only(octets).valid


@pytest.mark.parametrize(
    ("old", "new", "status", "reason"),
    [
        (b"v=1;", b"v=2;", "permerror", "version"),
        (b"v=1;", b"v=1; v=1;", "permerror", "twice"),
        (b"v=1;", b"v=1; nothing;", "permerror", "no list of tags"),
        (b"s=2026;", b"", "permerror", "lacks the tag s="),
        (b"a=rsa-sha256", b"a=rsa-sha1", "policy", "too weak"),
        (b"a=rsa-sha256", b"a=rsa-md5", "permerror", "not known"),
        (b"a=rsa-sha256", b"a=ed25519-sha256", "permerror", "another algorithm"),
        (b"c=relaxed/relaxed", b"c=loose", "permerror", "canonicalization"),
        (b"s=2026;", b"s=2026; i=ann@other.test;", "permerror", "identity"),
        (b"s=2026;", b"s=2026; i=ann@notexample.test;", "permerror", "identity"),
        (b"s=2026;", b"s=2026; q=http;", "permerror", "DNS"),
        (b"s=2026;", b"s=2026; x=never;", "permerror", "no time"),
        (b"s=2026;", b"s=2026; x=123456789012345;", "permerror", "no time"),
        (b"s=2026;", b"s=2026; x=1;", "permerror", "before it was made"),
        (b"s=2026;", b"s=2026; l=many;", "permerror", "no length"),
        (b"s=2026;", b"s=2026; l=99999;", "fail", "shorter"),
        (b"from:from", b"to", "permerror", "From is not signed"),
        (b"\tb=", b"\tb=*", "permerror", "base64"),
    ],
)
def test_broken_signature(old, new, status, reason):
    """Each defect of a signature has its status and its reason."""
    octets = signed()
    assert old in octets

    result = only(octets.replace(old, new, 1))

    assert result.status == status
    assert reason in result.reason


@pytest.mark.parametrize(
    ("change", "status", "reason"),
    [
        (lambda _: [], "permerror", "no key"),
        (lambda key: [key.replace(b"v=DKIM1", b"v=DKIM2")], "permerror", "version"),
        (lambda key: [key.partition(b"p=")[0] + b"p="], "permerror", "revoked"),
        (lambda key: [key.partition(b"p=")[0]], "permerror", "has no key"),
        (lambda key: [key + b"!"], "permerror", "has no key"),
        (lambda _: [b"v=DKIM1; p=YWJj"], "permerror", "cannot be read"),
        (lambda key: [key.replace(b"k=rsa", b"k=dsa")], "permerror", "not known"),
        (lambda key: [key + b"; h=sha1"], "permerror", "not for SHA-256"),
        (lambda key: [key + b"; s=tlsrpt"], "permerror", "not for mail"),
        (lambda key: [key + b"; p=x"], "permerror", "twice"),
        (lambda _: [record(ed25519_key())], "permerror", "another algorithm"),
    ],
)
def test_broken_key(change, status, reason):
    """Each defect of a key record has its reason."""
    [result] = dkim.verify(signed(), resolver(*change(record(rsa_key()))))

    assert result.status == status
    assert reason in result.reason


def test_usable_record_beside_others():
    """A record for something else beside the key does no harm."""
    assert only(signed(), b"v=spf1 -all", record(rsa_key())).valid


def test_strict_key():
    """A key with t=s is not for subdomains."""
    octets = signed(identity=f"@mail.{DOMAIN}")

    assert only(octets).valid
    assert "subdomains" in only(octets, record(rsa_key(), b"t=y:s; ")).reason


def test_testing_domain():
    """A domain that only tests says so."""
    assert only(signed(), record(rsa_key(), b"t=y; ")).testing


def test_expired():
    """A signature is valid until its end, and then says that it has expired."""
    octets = signed(lifetime=timedelta(hours=1))
    later = datetime.now(UTC) + timedelta(hours=2)

    assert only(octets).valid
    assert only(octets, at=later).reason == "the signature has expired"


def test_appended_text():
    """With l= text can be appended: dkimpy takes such a message for valid, netmail does not."""
    octets = signed_by_dkimpy(length=True)
    longer = octets + b"Buy this!\r\n"

    assert only(octets).valid
    assert dkimpy.verify(longer, dnsfunc=lambda *_, **__: record(rsa_key()))
    assert only(longer).status == "policy"
    assert "l=" in only(longer).reason


def signed_with(key, name="rsa-sha256", digest=None):
    """A signature by a key that netmail does not sign with, made by hand."""
    body = b"x\r\n"
    first = hashes.Hash(digest or hashes.SHA256())
    first.update(body)
    tags = f"v=1; a={name}; d={DOMAIN}; s={SELECTOR}; h=From; bh="
    own = b"DKIM-Signature: " + tags.encode() + base64.b64encode(first.finalize()) + b"; b="
    text = b"From: ann@example.test\r\n" + own
    made = key.sign(text, padding.PKCS1v15(), digest or hashes.SHA256())
    field = own + base64.b64encode(made) + b"\r\n"
    return field + b"From: ann@example.test\r\n\r\n" + body


def test_by_hand():
    """What the following tests are built on is right."""
    assert only(signed_with(rsa_key())).valid


def test_sha1():
    """A right signature with SHA-1 is never valid."""
    assert only(signed_with(rsa_key(), "rsa-sha1", hashes.SHA1())).status == "policy"


def test_small_key():
    """A right signature by a key under 1,024 bits is never valid."""
    small = serialization.load_pem_private_key(SMALL, None)

    result = only(signed_with(small), record(small))

    assert result.status == "policy"
    assert result.key_size == 512
    assert "too small" in result.reason


def test_resolver_fails():
    """Whatever a resolver raises is a temporary failure, with its text."""

    def resolve(name):
        raise TimeoutError(f"no reply for {name}")

    [result] = dkim.verify(signed(), resolve)

    assert result.status == "temperror"
    assert KEY_NAME in result.reason


def test_asynchronous_resolver():
    """An asynchronous resolver is awaited, and its failures are temporary too."""

    async def resolve(name):
        await asyncio.sleep(0)
        return resolver(record(rsa_key()))(name)

    async def fail(name):
        raise OSError(name)

    [good] = asyncio.run(dkim.verify_async(signed(), resolve))
    [bad] = asyncio.run(dkim.verify_async(signed(), fail))

    assert good.valid
    assert bad.status == "temperror"


def test_wrong_resolver():
    """An asynchronous resolver in the blocking function is refused, and nothing is left over."""

    async def resolve(name):
        return [name]

    with pytest.raises(netmail.UsageError, match="verify_async"):
        dkim.verify(signed(), resolve)


def test_many_signatures():
    """No message makes a verifier look up more than sixteen keys."""
    octets = signed()
    field = re.match(rb"DKIM-Signature:.*?\r\n(?=\S)", octets, re.DOTALL)[0]
    asked = []

    def resolve(name):
        asked.append(name)
        return [record(rsa_key())]

    results = dkim.verify(field * 19 + octets, resolve)

    assert [result.status for result in results] == ["pass"] * 16 + ["policy"] * 4
    assert len(asked) == 16


@pytest.mark.parametrize(
    ("mail", "error"),
    [
        (b"", netmail.MessageError),
        (b"\r\nbody", netmail.MessageError),
        (netmail.Mail({"Subject": "x"}), netmail.MessageError),
        ("From: a@b\n\nx", netmail.UsageError),
        (netmail.Envelope("a@b.test", ()), netmail.MessageError),
    ],
)
def test_no_message(mail, error):
    """What has no octets of a message is refused."""
    with pytest.raises(error):
        dkim.verify(mail, resolver())


def test_parsed_mail():
    """A mail that was parsed is verified by the octets that it was parsed from."""
    assert only(netmail.parse(signed())).valid
