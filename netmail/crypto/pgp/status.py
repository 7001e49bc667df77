"""The status lines of gpg, and what they mean; its exit status and its texts mean nothing.

This file must not know how gpg is run.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple

PREFIX: Final = b"[GNUPG:] "

# RFC 9580 section 9.5: the identifiers of digests.
DIGESTS: Final = {
    "1": "md5",
    "2": "sha1",
    "3": "ripemd160",
    "8": "sha256",
    "9": "sha384",
    "10": "sha512",
    "11": "sha224",
    "12": "sha3-256",
    "14": "sha3-512",
}
_REASONS: Final = {
    "BADSIG": "the text has changed, or the signature is broken",
    "EXPSIG": "the signature has expired",
    "EXPKEYSIG": "the key has expired",
    "REVKEYSIG": "the key was revoked",
}
_UNKNOWN_KEY = "9"
_REFUSED: Final = {
    "1": "there is no key",
    "2": "the address has several keys",
    "3": "the key cannot be used for this",
    "4": "the key was revoked",
    "5": "the key has expired",
    "9": "there is no private key",
    "10": "the key is not trusted",
}
# libgpg-error: BAD_PASSPHRASE, NO_PASSPHRASE.
_FAILED: Final = {
    11: "the passphrase of the private key is wrong",
    177: "the private key needs its passphrase",
}


class Status(NamedTuple):
    """A status line.

    Attributes:
        keyword: What it is about.
        arguments: What follows, divided at spaces.
    """

    keyword: str
    arguments: tuple[str, ...]


class SignatureStatus(NamedTuple):
    """What gpg says of one signature.

    Attributes:
        reason: Why it is not right; "" if it is.
        fingerprint: That of the primary key; "" if the key is not known.
        digest: The digest.
        signed_at: When it was made.
        trusted: Whether gpg trusts the key.
    """

    reason: str
    fingerprint: str = ""
    digest: str = ""
    signed_at: datetime | None = None
    trusted: bool = False


def status_lines(octets: bytes) -> tuple[Status, ...]:
    """Read what gpg wrote to its status pipe."""
    found = []
    for line in octets.split(b"\n"):
        # Anything else in the pipe is no status.
        if line.startswith(PREFIX):
            words = line[len(PREFIX) :].decode("utf-8", "replace").split(" ")
            found.append(Status(words[0], tuple(words[1:])))
    return tuple(found)


def signatures(lines: Iterable[Status]) -> Iterator[SignatureStatus]:
    """Yield what the lines say of each signature: several are kept apart.

    A line NEWSIG begins each one.
    """
    current: dict[str, tuple[str, ...]] = {}
    for line in lines:
        if line.keyword == "NEWSIG":
            if current:
                yield _signature(current)
            current = {"NEWSIG": ()}
        # Lines before the first NEWSIG belong to no signature.
        elif current:
            current[line.keyword] = line.arguments
    if current:
        yield _signature(current)


def _signature(lines: dict[str, tuple[str, ...]]) -> SignatureStatus:
    """Judge one signature: it is right if it is GOODSIG and VALIDSIG with a whole fingerprint."""
    valid = lines.get("VALIDSIG", ())
    # Without VALIDSIG there is no whole fingerprint, and short ones can be forged.
    if len(valid) < 10:
        error = lines.get("ERRSIG", ())
        if len(error) > 5 and error[5] == _UNKNOWN_KEY:
            return SignatureStatus("the key of the signer is not known")
        return SignatureStatus(_REASONS["BADSIG"] if "BADSIG" in lines else "it cannot be verified")
    # VALIDSIG <fpr> <date> <time> <expires> <version> <-> <algorithm> <digest> <class> <primary>
    made = _moment(valid[2])
    digest = DIGESTS.get(valid[7], f"digest {valid[7]}")
    # Marginal trust is that of a stranger's friend: not enough for a yes.
    trusted = "TRUST_FULLY" in lines or "TRUST_ULTIMATE" in lines
    known = SignatureStatus("", valid[9], digest, made, trusted)
    # gpg writes VALIDSIG for expired and revoked keys too.
    for keyword, reason in _REASONS.items():
        if keyword in lines:
            return known._replace(reason=reason)
    is_good = "GOODSIG" in lines and not {"BADSIG", "ERRSIG"} & lines.keys()
    return known if is_good else known._replace(reason="it cannot be verified")


def _moment(seconds: str) -> datetime | None:
    """Return a time that the signer names; `None` where the calendar does not have it."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def refused_key(lines: Iterable[Status]) -> str:
    """Return which key cannot be used, and why; "" if no line says so.

    INV_RECP and INV_SGNR have a reason and the name that was asked for, FAILURE has a number.
    """
    for line in lines:
        # The lower half is the number of libgpg-error; the upper one says which part of gpg it was.
        number = line.arguments[-1] if line.keyword == "FAILURE" and line.arguments else ""
        if number.isdigit() and (reason := _FAILED.get(int(number) & 0xFFFF)):
            return reason
        if line.keyword in {"INV_RECP", "INV_SGNR"}:
            code, name = (*line.arguments, "", "")[:2]
            return f"{name}: {_REFUSED.get(code, 'the key cannot be used')}"
    return ""


def is_opened(lines: Iterable[Status]) -> bool:
    """Return whether what was decrypted may be handed over.

    gpg writes the text before it knows that it was changed, and text without integrity too.
    """
    words = {line.keyword for line in lines}
    return {"DECRYPTION_OKAY", "GOODMDC"} <= words and not words & {"DECRYPTION_FAILED", "BADMDC"}


def unopened(lines: Iterable[Status]) -> str:
    """Return why what was decrypted may not be handed over."""
    # DECRYPTION_INFO <mdc_method> <cipher> [<aead>]; anybody can read it off the message.
    infos = [each.arguments for each in lines if each.keyword == "DECRYPTION_INFO"]
    if infos and infos[0][:1] == ("0",) and infos[0][2:] in {(), ("0",)}:
        return "it has no protection against changes, as old programs wrote"
    return "it was changed, or is broken"
