"""The path from a signer's certificate to a trusted one, and why there is none.

This file must not know signatures of messages. Revocation is not looked up.

RFC 5280 section 6, RFC 8550 section 4.
"""

from collections.abc import Iterable
from datetime import datetime

from cryptography import x509
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)

_DEEPEST = 16
"""No path is longer; a circle of certificates ends there."""


def path(
    leaf: x509.Certificate,
    others: Iterable[x509.Certificate],
    trust: Iterable[x509.Certificate],
    at: datetime,
) -> tuple[tuple[x509.Certificate, ...], str]:
    """Find the path.

    Args:
        leaf: The signer's certificate.
        others: The certificates that the message brings.
        trust: The authorities.
        at: The time at which all of the path must be valid.

    Returns:
        The path from the signer to the authority, and ""; or nothing, and the reason.
    """
    between, roots = list(others), list(trust)
    # A store without certificates is an error of `cryptography`, and no reason.
    if not roots:
        return (), "no authority is trusted"
    if reason := _not_current(leaf, at, "the certificate"):
        return (), reason
    # What a purpose is has been checked before; the profile for web servers would demand another.
    usual = ExtensionPolicy.permit_all()
    every = usual.may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, None)
    policy = PolicyBuilder().store(Store(roots)).time(at).max_chain_depth(_DEEPEST)
    policy = policy.extension_policies(
        ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=every
    )
    try:
        verified = policy.build_client_verifier().verify(leaf, between)
    except (VerificationError, ValueError) as error:
        return (), _reason(leaf, between, roots, at) or f"the chain is not accepted: {error}"
    return tuple(verified.chain), ""


def _reason(
    leaf: x509.Certificate,
    between: list[x509.Certificate],
    roots: list[x509.Certificate],
    at: datetime,
) -> str:
    """Follow the issuers from the signer on, as far as they are there."""
    current = leaf
    # The library says that there is no path; a user wants to know which certificate is the cause.
    for _ in range(_DEEPEST):
        if current in roots:
            return ""
        # An authority that vouches for itself proves nothing: anyone can make one.
        if current.issuer == current.subject:
            return f"the authority {current.subject.rfc4514_string()} is not trusted"
        issuer = next((each for each in (*roots, *between) if each.subject == current.issuer), None)
        # The usual cause: the sender has not sent the certificates between.
        if issuer is None:
            name = current.issuer.rfc4514_string()
            return f"the certificate of the issuer {name} is missing, and it is not trusted"
        name = f"the certificate of {issuer.subject.rfc4514_string()}"
        if reason := _not_current(issuer, at, name):
            return reason
        current = issuer
    return "the chain is too long"


def _not_current(cert: x509.Certificate, at: datetime, name: str) -> str:
    if at > cert.not_valid_after_utc:
        return f"{name} has expired on {cert.not_valid_after_utc:%Y-%m-%d}"
    if at < cert.not_valid_before_utc:
        return f"{name} is not valid before {cert.not_valid_before_utc:%Y-%m-%d}"
    return ""
