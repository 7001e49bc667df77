"""What one mailbox of an address field means, however it is written.

This file knows a display name from an addr-spec; it knows no list. The rule that everything
else serves: an address is only what is written as one. RFC 2047's encoded words are
decoded in names, after the text was cut, never into an address; what is ambiguous is a name with
an empty address.
"""

import re

from netmail.address import Address
from netmail.mime.defects import DefectHandler, DefectKind
from netmail.mime.fields.encoded_words import decode_encoded_words

TEXT, QUOTED, COMMENT, LITERAL = range(4)
"""What a token is; angle brackets are texts of one character."""

Token = tuple[int, str]

# obs-local-part = word *("." word);  obs-domain = atom *("." atom)    RFC 5322 section 4.4
# Both allow CFWS around "." and "@": "a @ b . example" is a@b.example.
_AROUND = re.compile(r"(?<![ \t])[ \t]*+([@.])[ \t]*+")

# addr-spec     = local-part "@" domain                       RFC 5322 section 3.4.1
# local-part    = dot-atom / quoted-string / obs-local-part
# domain        = dot-atom / domain-literal / obs-domain
# dot-atom-text = 1*atext *("." 1*atext)                      RFC 5322 section 3.2.3
# Any character but specials counts as atext, as mailers have it: "a..b@c", "müller@bücher.example".
# A second "@" is refused, else a program that splits at the other one reads another address
# (CVE-2019-16056).
_SPEC = re.compile(
    r"(?:\"(?:[^\"\\\r\n\0]|\\[^\r\n\0])*+\"|[^\s<>()\[\]\\,;:@\"\0]++)"
    r"@(?:\[[^\[\]\s\\]*+\]|[^\s<>()\[\]\\,;:@\"\0]++)\Z"
)

# quoted-string = DQUOTE *([FWS] qcontent) [FWS] DQUOTE       RFC 5322 section 3.2.4
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)

# "root": a local part without a domain, as cron and local mailers write it. With "=" it may be an
# encoded word.
_LOCAL = re.compile(r"[^\s<>()\[\]\\,;:@\"\0=]++\Z")

# obs-route = obs-domain-list ":"                             RFC 5322 section 4.4
_ROUTE = re.compile(r"@[^:<>\"]*+:")

# quoted-pair = ("\" (VCHAR / WSP)) / obs-qp                  RFC 5322 section 3.2.1
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def mailbox(tokens: list[Token], report: DefectHandler) -> Address | None:
    """Make an address of one mailbox's tokens.

    Args:
        tokens: The tokens between two separators.
        report: Called with BAD_ADDRESS if they are no address.

    Returns:
        The address; its `address` is "" if the text is ambiguous or has none. `None`
        for spaces and comments only.

    RFC 5322 section 3.4, CVE-2019-16056, CVE-2023-27043.
    """
    if not any(text.strip() for kind, text in tokens if kind != COMMENT):
        return None
    # Text in angle brackets is the address; without any, the whole text may be one.
    angles = [index for index, token in enumerate(tokens) if token == (TEXT, "<")]
    address = _angle(tokens, angles) if angles else _bare(tokens)
    if address is not None:
        return address
    report(DefectKind.BAD_ADDRESS)
    return Address(decode_encoded_words(_collapse(_written(tokens))), "")


def phrase(tokens: list[Token]) -> str:
    """Make a display name of tokens: quotes undone, encoded words decoded, comments left out.

    RFC 5322 section 3.2.5, RFC 2047 section 5 (3).
    """
    # RFC 2047 section 5 forbids encoded words inside quoted strings. Too many mailers write
    # '"=?utf-8?q?J=C3=BCrgen?=" <j@b.example>' to show it undecoded: quirk word-in-quotes.
    text = "".join(
        _ESCAPE.sub(r"\1", text) if kind == QUOTED else text
        for kind, text in tokens
        if kind != COMMENT
    )
    return _collapse(decode_encoded_words(text))


def _collapse(text: str) -> str:
    return " ".join(text.split())


def _written(tokens: list[Token]) -> str:
    """Return the tokens as they were written, comments left out."""
    return "".join(
        f'"{text}"' if kind == QUOTED else " " if kind == COMMENT else text for kind, text in tokens
    )


def _spec(text: str) -> str | None:
    """Read an addr-spec with the spaces that the obsolete grammar allows; `None` if it is none."""
    text = text.strip()
    # The spaces inside quotes are the local part's own: '"a b" @ c . example'.
    quoted = _QUOTED.match(text)
    start = quoted.end() if quoted else 0
    if '"' not in text[start:]:
        text = text[:start] + _AROUND.sub(r"\1", text[start:])
    route = _ROUTE.match(text)
    if route is not None:
        # Section 4.4: "the route portion SHOULD be ignored".
        text = text[route.end() :].strip()
    if _SPEC.match(text) or not text:
        return text
    return text if _LOCAL.match(text) else None


def _angle(tokens: list[Token], angles: list[int]) -> Address | None:
    """Read "name <address>", also with brackets doubled or missing, or the name after them."""
    specs: list[str] = []
    names: list[Token] = tokens[: angles[0]]
    for start, following in zip(angles, [*angles[1:], len(tokens)], strict=True):
        inside = tokens[start + 1 : following]
        close = next((i for i, token in enumerate(inside) if token == (TEXT, ">")), len(inside))
        text = _written(inside[:close])
        if text.strip():
            specs.append(text)
        names += [token for token in inside[close + 1 :] if token != (TEXT, ">")]
        trailing = _written(inside[close + 1 :])
        # "<a@bank.example>b@evil.example": two programs would read two addresses.
        if "@" in trailing:
            return None
    # "<> <a@b.example>", "Ann <ann> <a@b.example>": one of several is an address. Of two addresses
    # a program may take either, so neither counts.
    if len(specs) > 1:
        with_at = [text for text in specs if "@" in text]
        if len(with_at) != 1:
            return None
        specs = with_at
    spec = _spec(specs[0]) if specs else ""
    if spec is None:
        return None
    return Address(phrase(names) or _from_comments(tokens), spec)


def _bare(tokens: list[Token]) -> Address | None:
    """Read a mailbox without angle brackets: an address, perhaps with a name around it."""
    # "Ann a@b.example>": the opening bracket is missing, quirk missing-bracket.
    text = _written(tokens).strip().removesuffix(">").strip()
    # A name without an address: "Ann Doe", "undisclosed recipients"; or a local user: "root".
    if "@" not in text:
        name = phrase(tokens)
        if _LOCAL.match(text):
            return Address(_from_comments(tokens), text)
        return Address(name, "") if name else None
    spec = _spec(text)
    if spec is not None:
        return Address(_from_comments(tokens), spec)
    # "Ann a@b.example": exactly one word is an address, and nothing else looks like one.
    words = text.split()
    found = [word for word in words if "@" in word]
    if len(found) != 1 or not _SPEC.match(found[0]) or '"' in found[0]:
        return None
    name = " ".join(word for word in words if word is not found[0]).replace('"', "")
    return Address(decode_encoded_words(name), found[0])


def _from_comments(tokens: list[Token]) -> str:
    """Return the name in "user@example.org (Name)", the form of RFC 822 mailers."""
    comments = [text for kind, text in tokens if kind == COMMENT]
    return _collapse(decode_encoded_words(_ESCAPE.sub(r"\1", " ".join(comments))))
