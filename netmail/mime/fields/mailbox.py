"""What one element of an address list means.

This file knows a display name from an addr-spec. The rule that everything else serves: an
address is only ever what stands there as one. Encoded words are decoded in names, after the
text was cut, never into an address; what is ambiguous is a name with an empty address.
"""

import re

from netmail.address import Address, Group
from netmail.mime.defects import DefectHandler, DefectKind
from netmail.mime.fields.encoded_words import decode_encoded_words

TEXT, QUOTED, COMMENT, LITERAL = range(4)
"""What a token is; angle brackets are texts of one character."""

Token = tuple[int, str]

_AROUND = re.compile(r"(?<![ \t])[ \t]*+([@.])[ \t]*+")
_SPEC = re.compile(
    r"(?:\"(?:[^\"\\\r\n\0]|\\[^\r\n\0])*+\"|[^\s<>()\[\]\\,;:@\"\0]++)"
    r"@(?:\[[^\[\]\s\\]*+\]|[^\s<>()\[\]\\,;:@\"\0]++)\Z"
)
_LOCAL = re.compile(r"[^\s<>()\[\]\\,;:@\"\0=]++\Z")
_ROUTE = re.compile(r"@[^:<>\"]*+:")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_PLAIN_NAME = re.compile(r"[^\"(),:;<>@\[\\\]]*+\Z")


def mailbox(tokens: list[Token], report: DefectHandler) -> Address | None:
    """Make an address of one element's tokens.

    Args:
        tokens: The tokens between two separators.
        report: Told when the element is no address.

    Returns:
        The address; its `address` is "" where the element is ambiguous or holds none. `None`
        for an element of blanks and comments.

    RFC 5322 section 3.4, CVE-2019-16056, CVE-2023-27043.
    """
    if not any(text.strip() for kind, text in tokens if kind != COMMENT):
        return None
    angles = [index for index, token in enumerate(tokens) if token == (TEXT, "<")]
    address = _angle(tokens, angles) if angles else _bare(tokens)
    if address is not None:
        return address
    report(DefectKind.BAD_ADDRESS)
    return Address(decode_encoded_words(_collapse(_written(tokens))), "")


def phrase(tokens: list[Token]) -> str:
    """Make a display name of tokens: quotes undone, encoded words decoded, comments left out."""
    text = "".join(
        _ESCAPE.sub(r"\1", text) if kind == QUOTED else text
        for kind, text in tokens
        if kind != COMMENT
    )
    return _collapse(decode_encoded_words(text))


def format_address(address: Address) -> str:
    """Write one mailbox as text for people, its name quoted where it could be misread."""
    if not address.address:
        return _quote(address.name)
    return f"{_quote(address.name)} <{address.address}>" if address.name else address.address


def format_list(elements: "list[Address | Group]") -> str:
    """Write elements as text for people; read again, they give the same."""
    return ", ".join(
        f"{_quote(element.name)}: {', '.join(map(format_address, element.mailboxes))};"
        if isinstance(element, Group)
        else format_address(element)
        for element in elements
    )


def _quote(name: str) -> str:
    if _PLAIN_NAME.match(name):
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _collapse(text: str) -> str:
    return " ".join(text.split())


def _written(tokens: list[Token]) -> str:
    """The tokens as they were written, comments left out."""
    return "".join(
        f'"{text}"' if kind == QUOTED else " " if kind == COMMENT else text for kind, text in tokens
    )


def _spec(text: str) -> str | None:
    """Read an addr-spec with the blanks that the old grammar allows; `None` if it is none."""
    text = text.strip()
    if '"' not in text:
        text = _AROUND.sub(r"\1", text)
    route = _ROUTE.match(text)
    if route is not None:
        text = text[route.end() :].strip()
    if _SPEC.match(text) or not text:
        return text
    # A user of this machine: "root".
    return text if _LOCAL.match(text) else None


def _angle(tokens: list[Token], angles: list[int]) -> Address | None:
    """Read "name <address>", with what may stand doubled, missing or behind it."""
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
        if "@" in trailing:
            return None
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
    """Read an element without angle brackets: an address, perhaps with a name around it."""
    text = _written(tokens).strip().removesuffix(">").strip()
    if "@" not in text:
        name = phrase(tokens)
        if _LOCAL.match(text):
            return Address(_from_comments(tokens), text)
        return Address(name, "") if name else None
    spec = _spec(text)
    if spec is not None:
        return Address(_from_comments(tokens), spec)
    words = text.split()
    found = [word for word in words if "@" in word]
    if len(found) != 1 or not _SPEC.match(found[0]) or '"' in found[0]:
        return None
    name = " ".join(word for word in words if word is not found[0]).replace('"', "")
    return Address(decode_encoded_words(name), found[0])


def _from_comments(tokens: list[Token]) -> str:
    """The name in "user@example.org (Name)"."""
    comments = [text for kind, text in tokens if kind == COMMENT]
    return _collapse(decode_encoded_words(_ESCAPE.sub(r"\1", " ".join(comments))))
