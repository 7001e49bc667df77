"""Domain names for machines: letters beyond ASCII as A-labels.

This file knows neither addresses nor protocols: only the labels of a domain name.
"""

import re

from netmail.errors import UsageError

DOMAIN_LIMIT = 253
"""Octets of a domain name, RFC 1035 section 2.3.4 without the root's dot."""

# IDNA 2003, which Python has, maps these to other letters and so to another's domain; 2008 not.
_DEVIATION = re.compile("([\u00df\u03c2])")
_DOTS = re.compile("[.\u3002\uff0e\uff61]")


def to_ascii(domain: str) -> str:
    """Write a domain name in ASCII.

    Returns:
        The domain with A-labels; an ASCII one as it stands, unchecked.

    Raises:
        UsageError: If a label has no ASCII form.

    RFC 5891 section 4.4.
    """
    if domain.isascii():
        return domain
    # Bounded first: mapping a label is not linear in every Python that we run on.
    if len(domain) > DOMAIN_LIMIT:
        raise UsageError(f"the domain {domain[:40]!r}... is longer than {DOMAIN_LIMIT} characters")
    try:
        return ".".join(_a_label(label) for label in _DOTS.split(domain))
    except UnicodeError as error:
        raise UsageError(f"the domain {domain!r} has no ASCII form: {error}") from error


def _a_label(label: str) -> str:
    if not _DEVIATION.search(label):
        return label.encode("idna").decode("ascii")
    from encodings.idna import nameprep  # noqa: PLC0415 -- large tables for rare names

    pieces = _DEVIATION.split(label)
    mapped = "".join(p if _DEVIATION.fullmatch(p) else nameprep(p) for p in pieces)
    return "xn--" + mapped.encode("punycode").decode("ascii")
