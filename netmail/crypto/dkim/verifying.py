"""Verifying DKIM: each signature by itself, with the reason why it is not valid.

This file must not know how a name is looked up: the caller's resolver does it.
"""

import base64
import binascii
import inspect
from collections.abc import Awaitable, Callable, Generator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import ClassVar, Final, TypeAlias, TypeVar, cast

from netmail import UsageError
from netmail.crypto.dkim.canonical import CanonicalBody, Canonicalization
from netmail.crypto.dkim.keys import LEAST_BITS, MOST_BITS, PublicKey, RecordError, public_key
from netmail.crypto.dkim.results import DkimResult, DkimStatus
from netmail.crypto.dkim.signing import header_digest
from netmail.crypto.dkim.tags import (
    TagError,
    is_name,
    parsed_tags,
    without_signature,
    without_white_space,
)
from netmail.crypto.octets import Field, Octets, Readable, octets_of, read_octets
from netmail.crypto.times import moment_of

Resolver: TypeAlias = Callable[[str], list[bytes]]
"""Returns the TXT records of a name, the strings of each joined; an empty list for none."""

AsyncResolver: TypeAlias = Callable[[str], Awaitable[list[bytes]]]
"""The same, to be awaited."""

R = TypeVar("R")

Lookup: TypeAlias = Generator[str, "list[bytes] | Exception", "DkimResult"]

MOST_SIGNATURES: Final = 16
"""Each one costs a look-up and two digests; mail has one to four."""


def verify(
    mail: Readable, resolver: Resolver, *, at: datetime | None = None
) -> tuple[DkimResult, ...]:
    """Verify the DKIM signatures of a message.

    Args:
        mail: The message as it was received: a `Mail`, an `Envelope`, or octets.
        resolver: Returns the TXT records of a name. If it raises, for instance because no server
            of the DNS replies, the signature's status is TEMPERROR; if it returns nothing, there
            is no key.
        at: The time at which signatures must be valid, with its zone; `None` for now.

    Returns:
        A result for each signature, from the top; empty if there is none. Those after the
        sixteenth are not looked at, and their status is POLICY.

    Raises:
        MessageError: If the mail was not read from octets, or has no header.
        UsageError: If it is no message, `at` has no time zone, or the resolver is asynchronous or
            returns something else than octets.

    RFC 6376 section 6, RFC 8301, RFC 8463.
    """
    return tuple(resolved(lookup, resolver) for lookup in _lookups(mail, at))


async def verify_async(
    mail: Readable, resolver: AsyncResolver, *, at: datetime | None = None
) -> tuple[DkimResult, ...]:
    """Verify the DKIM signatures of a message; the resolver is awaited.

    Args:
        mail: As for `verify`.
        resolver: As for `verify`, to be awaited.
        at: As for `verify`.

    Raises:
        MessageError: As for `verify`.
        UsageError: As for `verify`.
    """
    return tuple([await resolved_async(lookup, resolver) for lookup in _lookups(mail, at)])


def resolved(lookup: "Generator[str, list[bytes] | Exception, R]", resolver: Resolver) -> "R":
    """Return the result of a verification whose names a resolver looks up."""
    try:
        name = next(lookup)
        while True:
            name = lookup.send(_looked_up(resolver, name))
    except StopIteration as ended:
        return cast("R", ended.value)


async def resolved_async(
    lookup: "Generator[str, list[bytes] | Exception, R]", resolver: AsyncResolver
) -> "R":
    """Return the result of a verification whose names a resolver looks up, awaited."""
    try:
        name = next(lookup)
        while True:
            found: list[bytes] | Exception
            try:
                found = list(await resolver(name) or ())
            except Exception as error:  # noqa: BLE001 -- whatever it is, there is no key now
                found = error
            name = lookup.send(_records(found))
    except StopIteration as ended:
        return cast("R", ended.value)


def _looked_up(resolver: Resolver, name: str) -> list[bytes] | Exception:
    try:
        found: object = resolver(name)
        if not inspect.isawaitable(found):
            return _records(list(cast("list[bytes]", found or ())))
    except UsageError:
        raise
    except Exception as error:  # noqa: BLE001 -- whatever it is, there is no key now
        return error
    if inspect.iscoroutine(found):
        found.close()
    raise UsageError("the resolver is asynchronous: use verify_async()")


def _records(found: list[bytes] | Exception) -> list[bytes] | Exception:
    """Check what a resolver has returned, which types cannot: libraries of the DNS differ."""
    if isinstance(found, Exception):
        return found
    for each in found:
        if not isinstance(each, bytes):
            raise UsageError(f"the resolver returned {each!r:.40}, and no list of bytes")
    return found


def _lookups(mail: Readable, at: datetime | None) -> Iterator[Lookup]:
    """Yield the verification of each signature, which asks for the names of keys."""
    # The octets, never the parsed message: a parser that writes it again would change it.
    now, octets = moment_of(at), octets_of(read_octets(mail))
    fields = octets.fields()
    signatures = [field for field in fields if field.name == b"dkim-signature"]
    for number, field in enumerate(signatures):
        # Each costs a look-up in the DNS, which an attacker must not multiply.
        if number < MOST_SIGNATURES:
            yield Verification(octets, fields, field, now).result()
        else:
            yield _left_out()


def _left_out() -> Lookup:
    yield from ()
    return DkimResult(DkimStatus.POLICY, "there are too many signatures")


class Refused(Exception):
    """The signature is not valid.

    Attributes:
        status: The outcome.
        reason: Why.
    """

    def __init__(self, reason: str, status: DkimStatus = DkimStatus.PERMERROR) -> None:
        self.reason = reason
        self.status = status


class Verification:
    """One signature while it is verified.

    Args:
        octets: The message.
        fields: The fields of its header.
        field: The field of the signature.
        now: The time at which it must be valid.
    """

    required: ClassVar[tuple[str, ...]] = ("v", "a", "b", "bh", "d", "h", "s")

    def __init__(self, octets: Octets, fields: list[Field], field: Field, now: datetime) -> None:
        self._octets = octets
        self._fields = fields
        self._field = field
        self._now = now
        self._tags: dict[str, bytes] = {}
        self._known = DkimResult(DkimStatus.PASS)

    def result(self) -> Lookup:
        """Verify it, and return the result; each name that is yielded is looked up."""
        try:
            self._read()
            self._check_times()
            form = self._form()
            # The body before the key: a changed one needs no look-up.
            self._check_body(form.body)
            found = yield f"{self._known.selector}._domainkey.{self._known.domain}"
            self._check_signature(form.header, self._key(found))
            self._check_author()
        except Refused as refused:
            # What is known of the signature stays in the result, or its owner would not be known.
            return replace(self._known, status=refused.status, reason=refused.reason)
        return self._known

    def _read(self) -> None:
        """Read the tags; what they say is known even if the signature is not valid.

        RFC 6376 section 6.1.1.
        """
        try:
            self._tags = tags = parsed_tags(self._field.value)
        except TagError as error:
            raise Refused(f"the signature is broken: {error}") from error
        # RFC 6376 section 3.5: these tags are REQUIRED; without one there is nothing to verify.
        if missing := [name for name in self.required if not tags.get(name)]:
            raise Refused(f"the signature lacks the tag {missing[0]}=")
        text = {name: value.decode("utf-8", "replace") for name, value in tags.items()}
        # RFC 6376 section 3.5: the names "MUST be compared" without case.
        names = [name.strip().lower() for name in text.get("h", "").split(":")]
        self._known = replace(
            self._known,
            domain=text["d"].lower(),
            selector=text["s"],
            identity=self._identity(text),
            algorithm=text["a"].lower(),
            signed_fields=tuple(names),
            signed_at=self._moment("t"),
            expires_at=self._moment("x"),
        )
        self._check_tags(text)

    def _identity(self, text: dict[str, str]) -> str:
        return text.get("i", f"@{text['d']}")

    def _check_tags(self, text: dict[str, str]) -> None:
        known = self._known
        if text.get("v", "1") != "1":
            raise Refused("the signature is of another version")
        self._known_algorithm()
        self._check_names()
        if "from" not in known.signed_fields:
            raise Refused("From is not signed")
        # The dot before both keeps "notexample.org" from passing for "example.org".
        host = known.identity.rpartition("@")[2].lower()
        if not f".{host}".endswith(f".{known.domain}"):
            raise Refused("the identity is not within the domain that signed")
        if "dns/txt" not in text.get("q", "dns/txt").replace(" ", "").split(":"):
            raise Refused("the key is not in the DNS")

    def _known_algorithm(self) -> None:
        known = self._known
        # RFC 8301 section 3.1: "rsa-sha1 MUST NOT be used for signing or verifying."
        if known.algorithm == "rsa-sha1":
            raise Refused("rsa-sha1 is too weak", DkimStatus.POLICY)
        if known.algorithm not in {"rsa-sha256", "ed25519-sha256"}:
            raise Refused(f"the algorithm {known.algorithm[:30]!r} is not known")

    def _check_names(self) -> None:
        # Before any look-up: an attacker chooses these names, and the resolver trusts them.
        name = f"{self._known.selector}._domainkey.{self._known.domain}"
        if not is_name(self._known.selector) or not is_name(name):
            raise Refused("the domain or the selector is no name in ASCII")

    def _check_author(self) -> None:
        # RFC 6376 section 8.15: of several From a reader may be shown one that is not signed.
        if sum(field.name == b"from" for field in self._fields) > 1:
            raise Refused("the message has several From", DkimStatus.POLICY)

    def _moment(self, tag: str) -> datetime | None:
        value = self._tags.get(tag)
        if value is None:
            return None
        # RFC 6376 section 3.5: up to 12 digits; datetime ends with the year 9999.
        if not value.isdigit() or len(value) > 11:
            raise Refused(f"the tag {tag}= is no time")
        return datetime.fromtimestamp(int(value), UTC)

    def _check_times(self) -> None:
        """Check when it was signed, and until when it is valid."""
        known = self._known
        if known.signed_at is not None:
            self._known = replace(known, age=self._now - known.signed_at)
        if known.expires_at is None:
            return
        if known.signed_at is not None and known.expires_at <= known.signed_at:
            raise Refused("the signature expires before it was made")
        # RFC 6376 section 3.5: after x= "the verifier MAY" refuse it; an old message is no proof.
        if known.expires_at < self._now:
            raise Refused("the signature has expired", DkimStatus.FAIL)

    def _form(self) -> Canonicalization:
        text = self._tags.get("c", b"simple/simple").decode("ascii", "replace")
        form = Canonicalization.parsed(text.lower())
        if form is None:
            raise Refused("the canonicalization is not known")
        return form

    def _check_body(self, form: str) -> None:
        """Compare the body's digest.

        RFC 6376 section 3.7; section 8.2: with `l=` anyone can append text.
        """
        length = self._tags.get("l")
        if length is not None and (not length.isdigit() or len(length) > 20):
            raise Refused("the tag l= is no length")
        # RFC 6376 section 8.2: a length makes the rest of the body free for anybody.
        limit = None if length is None else int(length)
        digest = sha256()
        body = CanonicalBody(form, digest.update, limit).feed(self._octets.body())
        if limit is not None and limit > body.size:
            raise Refused("the body is shorter than what was signed", DkimStatus.FAIL)
        if digest.digest() != _decoded(self._tags["bh"]):
            raise Refused("the body has changed", DkimStatus.FAIL)
        if limit is not None and limit < body.size:
            raise Refused("text follows what was signed (l=)", DkimStatus.POLICY)

    def _key(self, found: list[bytes] | Exception) -> PublicKey:
        """Choose the key.

        RFC 6376 section 6.1.2.
        """
        if isinstance(found, Exception):
            text = f"the key cannot be looked up now: {found}"
            raise Refused(text, DkimStatus.TEMPERROR)
        if not found:
            raise Refused("there is no key of this name")
        reason = ""
        # Some domains have other TXT records of the same name, such as those of wildcards.
        for record in found:
            try:
                return public_key(record)
            except RecordError as error:
                reason = reason or str(error)
        raise Refused(reason)

    def _check_signature(self, form: str, key: PublicKey) -> None:
        known = self._known = replace(self._known, key_size=key.bits, testing=key.testing)
        if known.algorithm != f"{key.kind}-sha256":
            raise Refused("the key is for another algorithm")
        if key.hashes and "sha256" not in key.hashes:
            raise Refused("the key is not for SHA-256")
        host = known.identity.rpartition("@")[2].lower()
        # RFC 6376 section 3.6.1, t=s: "the domain of i= MUST NOT be a subdomain of" d=.
        if key.strict and host != known.domain:
            raise Refused("the key is not for subdomains")
        if key.kind == "rsa" and key.bits < LEAST_BITS:
            raise Refused(f"a key of {key.bits} bits is too small", DkimStatus.POLICY)
        if key.bits > MOST_BITS:
            raise Refused(f"a key of {key.bits} bits is too large", DkimStatus.POLICY)
        if not key.verify(_decoded(self._tags["b"]), header_digest(self._signed(), form)):
            raise Refused("the signature is not that of this header", DkimStatus.FAIL)

    def _signed(self) -> list[Field]:
        """Return the fields that were signed, the signature's own last.

        RFC 6376 section 5.4.2: each name takes the next field of that name, from the bottom.
        """
        left: dict[bytes, list[Field]] = {}
        for field in self._fields:
            left.setdefault(field.name, []).append(field)
        names = [name.encode("ascii", "replace") for name in self._known.signed_fields]
        chosen = [left[name].pop() for name in names if left.get(name)]
        title, colon, value = self._field.raw.removesuffix(b"\r\n").partition(b":")
        own = title + colon + without_signature(value) + b"\r\n"
        return [*chosen, Field(self._field.name, own)]


def _decoded(value: bytes) -> bytes:
    try:
        return base64.b64decode(without_white_space(value), validate=True)
    except binascii.Error as error:
        raise Refused("base64 of the signature is broken") from error
