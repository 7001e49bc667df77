"""What an attacker makes of DKIM: other authors, odd names, and odd replies of the DNS."""

import asyncio

import dkim as dkimpy
import pytest

import netmail
from netmail.crypto import dkim
from support.crypto_keys import DOMAIN, SELECTOR, letter, pem, record, resolver, rsa_key


def only(octets):
    """The result of the only signature."""
    [result] = dkim.verify(octets, resolver(record(rsa_key())))
    return result


def signed():
    """The octets of a signed letter."""
    return dkim.sign(letter(), SELECTOR, DOMAIN, rsa_key()).as_bytes()


def signed_by_dkimpy(**options):
    """The octets of a letter that dkimpy has signed."""
    octets = netmail.envelope_of(letter()).content
    return dkimpy.sign(octets, b"2026", b"example.test", pem(rsa_key()), **options) + octets


@pytest.mark.parametrize(
    "name",
    ["From: carol@example.test", "FROM : carol@example.test", "from:ann@example.test"],
)
@pytest.mark.parametrize("place", ["above", "below"])
def test_several_from(name, place):
    """A second From, which a reader may be shown, is not covered by the signature of the first."""
    octets = signed_by_dkimpy(include_headers=[b"from", b"to", b"subject"])
    assert only(octets).valid
    field = name.encode() + b"\r\n"

    changed = field + octets if place == "above" else octets.replace(b"To: ", field + b"To: ", 1)

    assert not only(changed).valid
    # Of one that is added below, the signature takes another one than it was made of.
    if place == "above":
        assert only(changed).status == "policy"
        assert only(changed).reason == "the message has several From"


HELLO = b"From: ann@example.test\r\n\r\n"
NAMES = [
    *("example.test\0", "exa mple.test", "..", "example..test", "\xe9.test", "x/../y", "a\tb"),
    *("\x1b[2J.test", "x" * 64 + ".test", "a" * 254, "example.test.", "*.test"),
]


@pytest.mark.parametrize("tag", ["d", "s"])
@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_name_that_cannot_be_looked_up(tag, name):
    """The sender chooses the name: a resolver is asked for what can be a name, and nothing else."""
    asked = []

    def resolve(wanted):
        asked.append(wanted)
        return []

    names = {"d": "example.test", "s": "s"} | {tag: name}
    head = f"DKIM-Signature: v=1; a=rsa-sha256; d={names['d']}; s={names['s']}; h=from; "
    head += "bh=frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=; b=AAAA\r\n"

    [result] = dkim.verify(head.encode() + HELLO, resolve)

    assert asked == []
    assert result.status == "permerror"
    assert result.reason == "the domain or the selector is no name in ASCII"


def looked_up(octets, found):
    """The status of the only signature, by each of the functions, where a resolver returns this."""

    async def resolve(name):
        return found() if callable(found) else found

    def resolve_now(name):
        return found() if callable(found) else found

    [now] = dkim.verify(octets, resolve_now)
    [awaited] = asyncio.run(dkim.verify_async(octets, resolve))
    assert now.status == awaited.status
    return now.status


def fails_later():
    """A resolver's iterator that fails while it is read."""
    yield record(rsa_key())
    raise OSError("no reply")


@pytest.mark.parametrize(
    ("found", "status"),
    [(None, "permerror"), ((), "permerror"), (fails_later, "temperror"), (5, "temperror")],
)
def test_what_a_resolver_returns(found, status):
    """Nothing is no key; what breaks while it is read is no key for now."""
    assert looked_up(signed(), found) == status


@pytest.mark.parametrize("found", ["v=DKIM1", ["v=DKIM1"], [b"a", None], [(b"a", b"b")], b"ab"])
def test_resolver_that_returns_no_octets(found):
    """A resolver that returns something else is the caller's mistake, and raises."""
    with pytest.raises(netmail.UsageError, match="no list of bytes"):
        looked_up(signed(), found)
