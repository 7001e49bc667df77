"""ARC, judged by dkimpy there and back, and each reason why a chain is broken."""

import asyncio

import dkim as dkimpy
import pytest

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

RESULTS = "mx.example.test; spf=pass smtp.mailfrom=ann@example.test; dkim=pass"
NONE = dkim.ArcResult(dkim.ArcStatus.NONE)


def lookup(*_, **__):
    """The record as dkimpy asks for it."""
    return record(rsa_key())


def sealed(message=None, chain=NONE, key=None):
    """A message with one seal more."""
    message = message or letter()
    return dkim.seal(message, SELECTOR, DOMAIN, key or rsa_key(), results=RESULTS, chain=chain)


def judged(message):
    """What netmail finds."""
    return dkim.verify_chain(message, resolver(record(rsa_key())))


def again(octets):
    """A message as the next domain passes it on."""
    return netmail.Envelope("list@example.test", ("bob@example.test",), octets)


def test_dkimpy_verifies():
    """Another program verifies one seal, and two."""
    once = sealed()
    twice = sealed(again(once.as_bytes()), judged(once))

    assert dkimpy.arc_verify(once.as_bytes(), dnsfunc=lookup)[0] == b"pass"
    assert dkimpy.arc_verify(twice.as_bytes(), dnsfunc=lookup)[0] == b"pass"


def test_chain_of_dkimpy():
    """What another program seals is valid, and says what was found."""
    octets = netmail.envelope_of(letter()).content
    head = b"Authentication-Results: mx.example.test; spf=pass\r\n"
    fields = dkimpy.arc_sign(
        head + octets, SELECTOR.encode(), DOMAIN.encode(), pem(rsa_key()), b"mx.example.test"
    )

    found = judged(b"".join(fields) + head + octets)

    assert found.reason == ""
    assert found.valid
    assert found.domains == (DOMAIN,)
    assert "spf=pass" in found.results[0]


def test_no_chain():
    """A message that nobody has sealed has no chain."""
    assert judged(letter_octets()) == NONE


def letter_octets():
    """The octets of a letter."""
    return netmail.envelope_of(letter()).content


def test_changed_by_a_list():
    """A footer breaks the first message signature; the list's own seal keeps the chain whole."""
    once = sealed()
    chain = judged(once)
    changed = again(once.as_bytes() + b"-- \r\nThe list\r\n")

    assert judged(changed).status == "fail"
    assert "the body has changed" in judged(changed).reason
    twice = judged(sealed(changed, chain))
    assert twice.valid
    assert twice.domains == (DOMAIN, DOMAIN)
    assert twice.results == (RESULTS, RESULTS)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"spf=pass", b"spf=fail", "not that of this header"),
        (b"cv=none", b"cv=pass", "broken at instance 1"),
        (b"cv=none", b"cv=fail", "broken at instance 1"),
        (b"ARC-Seal: i=1", b"ARC-Seal: i=2", "not whole"),
        (b"ARC-Seal: i=1", b"ARC-Seal: i=77", "no instance"),
        (b"ARC-Seal: i=1", b"X-Seal: i=1", "not whole"),
        (b"ARC-Seal: i=1;", b"ARC-Seal: i=1; h=from;", "the tag h="),
        (b"ARC-Seal: i=1; a=rsa-sha256", b"ARC-Seal: i=1; a=rsa-sha1", "too weak"),
        (b"Hello", b"Howdy", "the body has changed"),
        (b"Subject", b"X-Subject", "not that of this header"),
    ],
)
def test_broken_chain(old, new, reason):
    """Each defect of a chain has its reason."""
    octets = sealed().as_bytes()
    assert old in octets

    found = judged(octets.replace(old, new, 1))

    assert found.status == "fail"
    assert reason in found.reason


def test_field_twice():
    """A second field of one instance breaks the chain."""
    octets = sealed().as_bytes()
    field = octets[octets.index(b"ARC-Authentication-Results") :]
    field = field[: field.index(b"From:")]

    assert "two fields of instance 1" in judged(field + octets).reason


def test_resolver_fails():
    """A resolver that raises is a temporary failure."""

    def fail(name):
        raise TimeoutError(name)

    found = dkim.verify_chain(sealed(), fail)

    assert found.status == "temperror"
    assert KEY_NAME in found.reason


def test_asynchronous_resolver():
    """An asynchronous resolver is awaited."""

    async def resolve(name):
        return resolver(record(ed25519_key()))(name)

    message = sealed(key=ed25519_key())

    assert asyncio.run(dkim.verify_chain_async(message, resolve)).valid


@pytest.mark.parametrize(
    "chain",
    [
        dkim.ArcResult(dkim.ArcStatus.FAIL),
        dkim.ArcResult(dkim.ArcStatus.TEMPERROR),
        dkim.ArcResult(dkim.ArcStatus.PASS, "", (DOMAIN,) * 50),
    ],
)
def test_chain_that_cannot_be_continued(chain):
    """A broken chain gets no further seal, nor one that is full."""
    with pytest.raises(netmail.UsageError, match="cannot be continued"):
        sealed(chain=chain)


def test_results_cannot_break_out():
    """The results are one line: they cannot add fields."""
    for results in ("mx; spf=pass\r\nX: y", "mx; spf=ü"):
        with pytest.raises(netmail.UsageError, match="results"):
            dkim.seal(letter(), SELECTOR, DOMAIN, rsa_key(), results=results, chain=NONE)


@pytest.mark.parametrize("wrong", ["a\r\nX: y", "", "a b", "x" * 64], ids=ascii)
@pytest.mark.parametrize("name", ["selector", "domain"])
def test_names_cannot_break_out(name, wrong):
    """Selector and domain are names of the DNS: they cannot add fields or tags."""
    names = {"selector": SELECTOR, "domain": DOMAIN} | {name: wrong}

    with pytest.raises(netmail.UsageError, match="no domain or selector"):
        dkim.seal(letter(), **names, key=rsa_key(), results="mx; spf=pass", chain=NONE)


def test_several_from():
    """A second From breaks the chain, as it breaks a signature of DKIM."""
    message = sealed().as_bytes()
    assert dkim.verify_chain(message, resolver(record(rsa_key()))).valid

    found = dkim.verify_chain(b"From: carol@evil.test\r\n" + message, resolver(record(rsa_key())))

    assert found.status == "fail"
    assert "several From" in found.reason
