"""ARC: what each domain that passes a message on has found, sealed in a chain.

This file must not know how a name is looked up, nor how DKIM's own signatures are judged.

RFC 8617.
"""

import base64
from collections.abc import Generator
from datetime import datetime
from typing import ClassVar, Final, NamedTuple

from netmail import Sendable, UsageError
from netmail.crypto.dkim.keys import PrivateKey, algorithm_of, private_key, signature_of
from netmail.crypto.dkim.results import ArcResult, ArcStatus, DkimResult, DkimStatus
from netmail.crypto.dkim.signing import (
    SIGNED,
    body_digests,
    checked_name,
    header_digest,
    signed_fields,
)
from netmail.crypto.dkim.tags import (
    TagError,
    folded_tags,
    folded_value,
    parsed_tags,
    without_signature,
)
from netmail.crypto.dkim.verifying import (
    AsyncResolver,
    Refused,
    Resolver,
    Verification,
    resolved,
    resolved_async,
)
from netmail.crypto.octets import Field, Octets, Readable, octets_of, read_octets
from netmail.crypto.sealed import SealedMessage, with_fields, written
from netmail.crypto.times import moment_of

MOST: Final = 50
"""RFC 8617 section 4.2.1: "Valid ARC Sets MUST have instance values ... from 1 to 50"."""

_RESULTS, _MESSAGE, _SEAL = (
    b"arc-authentication-results",
    b"arc-message-signature",
    b"arc-seal",
)
_Chain = Generator[str, "list[bytes] | Exception", ArcResult]


class _Set(NamedTuple):
    """What one domain has added.

    Attributes:
        results: Its Authentication-Results.
        message: Its signature of the message.
        seal: Its signature of the chain.
    """

    results: Field
    message: Field
    seal: Field


class _Message(Verification):
    """An ARC-Message-Signature: as DKIM's, with an instance in place of version and identity.

    RFC 8617 section 4.1.2.
    """

    required: ClassVar[tuple[str, ...]] = ("i", "a", "b", "bh", "d", "h", "s")

    def _identity(self, text: dict[str, str]) -> str:
        return f"@{text['d']}"


class _SealOf(Verification):
    """An ARC-Seal: over all that the chain has added so far, and not over the message.

    RFC 8617 section 4.1.3.
    """

    required: ClassVar[tuple[str, ...]] = ("i", "a", "b", "cv", "d", "s")
    chain: tuple[Field, ...] = ()

    def result(self) -> Generator[str, "list[bytes] | Exception", DkimResult]:
        """Verify it; the body is no part of it."""
        try:
            self._read()
            found = yield f"{self._known.selector}._domainkey.{self._known.domain}"
            self._check_signature("relaxed", self._key(found))
        except Refused as refused:
            return DkimResult(refused.status, refused.reason, self._known.domain)
        return self._known

    def _identity(self, text: dict[str, str]) -> str:
        return f"@{text['d']}"

    def _check_tags(self, text: dict[str, str]) -> None:
        # "h" is not allowed here: what is signed is always the chain.
        if "h" in text:
            raise Refused("the seal has the tag h=")
        self._known_algorithm()
        self._check_names()

    def _signed(self) -> list[Field]:
        # RFC 8617 section 5.1.1: a seal has no h=; its fields and their order are always the same.
        return [*self.chain, _unsigned(self._field)]


def verify_chain(mail: Readable, resolver: Resolver, *, at: datetime | None = None) -> ArcResult:
    """Verify the ARC chain of a message.

    Args:
        mail: As for `verify`.
        resolver: As for `verify`.
        at: As for `verify`.

    Returns:
        The state of the chain: NONE where there is none.

    Raises:
        MessageError: As for `verify`.
        UsageError: As for `verify`.

    RFC 8617 section 5.2.
    """
    return resolved(_chain(octets_of(read_octets(mail)), moment_of(at)), resolver)


async def verify_chain_async(
    mail: Readable, resolver: AsyncResolver, *, at: datetime | None = None
) -> ArcResult:
    """Verify the ARC chain of a message; the resolver is awaited.

    Args:
        mail: As for `verify`.
        resolver: As for `verify`, to be awaited.
        at: As for `verify`.

    Raises:
        MessageError: As for `verify`.
        UsageError: As for `verify`.
    """
    # The same steps as in the blocking function: only the look-up is awaited.
    chain = _chain(octets_of(read_octets(mail)), moment_of(at))
    return await resolved_async(chain, resolver)


def _chain(octets: Octets, now: datetime) -> _Chain:
    """Verify the chain, from the newest seal to the first."""
    fields = octets.fields()
    try:
        sets = _sets(fields)
    except TagError as error:
        return ArcResult(ArcStatus.FAIL, str(error))
    if not sets:
        return ArcResult(ArcStatus.NONE)
    domains = tuple(_tag(each.seal, "d") for each in sets)
    results = tuple(
        each.results.value.partition(b";")[2].decode("utf-8", "replace").strip() for each in sets
    )
    # RFC 8617 section 5.2 step 4: the newest message signature must be right. Those before it may
    # be broken by what came later, such as the footer of a list.
    checks: list[Verification] = [_Message(octets, fields, sets[-1].message, now)]
    for count in range(len(sets), 0, -1):
        seal = _SealOf(octets, fields, sets[count - 1].seal, now)
        # Section 5.1.1: the sets in their order, and in each results, message and seal.
        # A seal covers every set before it, so that none of them can be taken out or changed.
        before = [field for each in sets[: count - 1] for field in each]
        seal.chain = (*before, sets[count - 1].results, sets[count - 1].message)
        checks.append(seal)
    for check in checks:
        found = yield from check.result()
        if not found.valid:
            # A key that is not found now does not make the chain a broken one.
            temporary = found.status is DkimStatus.TEMPERROR
            status = ArcStatus.TEMPERROR if temporary else ArcStatus.FAIL
            return ArcResult(status, f"{found.domain}: {found.reason}", domains, results)
    return ArcResult(ArcStatus.PASS, "", domains, results)


def _sets(fields: list[Field]) -> list[_Set]:
    """Find the sets, the first one first.

    Raises:
        TagError: If the chain is not whole, or a domain has found it broken.

    RFC 8617 section 5.2 steps 1 to 3.
    """
    found: dict[bytes, dict[int, Field]] = {_RESULTS: {}, _MESSAGE: {}, _SEAL: {}}
    for field in fields:
        if field.name in found:
            number = _instance(field)
            if number in found[field.name]:
                raise TagError(f"the chain has two fields of instance {number}")
            found[field.name][number] = field
    # RFC 8617 section 5.2 step 2: each instance has all three fields, and none is left out.
    numbers = set().union(*found.values())
    count = len(numbers)
    if any(set(each) != numbers for each in found.values()) or numbers != {*range(1, count + 1)}:
        raise TagError("the chain is not whole")
    sets = [_Set(*(found[name][number] for name in found)) for number in range(1, count + 1)]
    for number, each in enumerate(sets, 1):
        if _tag(each.seal, "cv") != ("none" if number == 1 else "pass"):
            raise TagError(f"the chain was broken at instance {number}")
    return sets


def _instance(field: Field) -> int:
    # The results have their instance before the first semicolon, and no tags after it.
    text = field.value.partition(b";")[0] if field.name == _RESULTS else field.value
    value = parsed_tags(text).get("i", b"")
    if not value.isdigit() or len(value) > 2 or not 1 <= int(value) <= MOST:
        raise TagError("a field of the chain has no instance")
    return int(value)


def _tag(field: Field, name: str) -> str:
    return parsed_tags(field.value).get(name, b"").decode("ascii", "replace").lower()


def _unsigned(field: Field) -> Field:
    """Return a field with an empty tag `b=`."""
    name, colon, value = field.raw.removesuffix(b"\r\n").partition(b":")
    return Field(field.name, name + colon + without_signature(value) + b"\r\n")


def seal(
    message: Sendable,
    selector: str,
    domain: str,
    key: PrivateKey,
    *,
    results: str,
    chain: ArcResult,
    password: bytes | str | None = None,
    at: datetime | None = None,
) -> SealedMessage:
    """Add a seal to a message that is passed on.

    Args:
        message: What `send()` takes; mostly an `Envelope` with the octets as they were received,
            or as a list has changed them.
        selector: As for `sign`.
        domain: As for `sign`.
        key: As for `sign`.
        results: What was found when the message was received, as in Authentication-Results:
            "mx.example.org; spf=pass smtp.mailfrom=a@example.net; dkim=pass header.d=example.net".
        chain: What `verify_chain()` returned for the message as it was received.
        password: As for `sign`.
        at: As for `sign`.

    Raises:
        KeyUnusable: As for `sign`.
        MessageError: As for `sign`.
        UsageError: If the chain cannot be continued: it is broken, has fifty seals, or its state
            is not known for now.

    RFC 8617 section 5.1.
    """
    # Section 5.1.2: after a broken chain nothing can be sealed that a receiver would use.
    if chain.status not in {ArcStatus.NONE, ArcStatus.PASS} or len(chain.domains) >= MOST:
        raise UsageError(f"the ARC chain cannot be continued: it is {chain.status}")
    # A line end would begin a field of its own.
    if not results.isprintable() or not results.isascii():
        raise UsageError("results: one line of printable ASCII, as in Authentication-Results")
    signer, now = private_key(key, password), int(moment_of(at).timestamp())
    number = str(len(chain.domains) + 1)
    # What is sealed are the octets that are sent, as for DKIM.
    envelope = written(message)
    octets = octets_of(envelope.content or b"", is_canonical=True)
    usual = [("i", number), ("a", algorithm_of(signer)), ("d", checked_name(domain))]
    usual += [("s", checked_name(selector)), ("t", str(now))]

    found = Field(_RESULTS, f"ARC-Authentication-Results: i={number};\r\n\t{results}\r\n".encode())
    # Section 4.1.2: no field of the chain is signed with the message: the seal covers them.
    signed = signed_fields(octets.fields(), SIGNED | {b"dkim-signature"})
    digest, whole = body_digests(octets.body(), "relaxed")
    names = ":".join(field.name.decode("ascii") for field in signed)
    tags = [*usual, ("c", "relaxed/relaxed"), ("h", names)]
    tags.append(("bh", base64.b64encode(digest).decode("ascii")))
    made = _made(b"ARC-Message-Signature", tags, signed, signer)
    # Section 5.1.1: the seal covers every set, with its own last.
    before = [field for each in _sets(octets.fields()) for field in each]
    state = [*usual, ("cv", "none" if number == "1" else "pass")]
    sealed = _made(b"ARC-Seal", state, [*before, found, made], signer)
    return with_fields(envelope, sealed.raw + made.raw + found.raw, whole)


def _made(
    name: bytes, tags: list[tuple[str, str]], signed: list[Field], signer: PrivateKey
) -> Field:
    """Write a field with the signature of others and of itself."""
    head = folded_tags(name.decode("ascii"), tags)
    own = Field(name.lower(), head + b"\r\n")
    # Its own field is signed too, with nothing in b=, RFC 6376 section 3.7.
    value = signature_of(private_key(signer), header_digest([*signed, own], "relaxed"))
    return Field(name.lower(), head + folded_value(value) + b"\r\n")
