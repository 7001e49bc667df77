"""Message ids, and the subject that a thread shares.

This file knows RFC 5322 section 3.6.4 and RFC 5256 section 2.1; it knows no message.
"""

import re

_ID = re.compile(r"<\s*([^<>\s]+)\s*>")
_WORD = re.compile(r"[^\s<>(),;\"]++")

_TRAILER = re.compile(r"(?:\(fwd\)|\s)\Z", re.IGNORECASE)
_BLOB = re.compile(r"\[[^\[\]]*\]\s*")
_LEADER = re.compile(
    r"(?:re|fwd?|aw|wg|sv|vs|antw)\s*(?:\[[^\[\]]*\]\s*)?(?:\(\d{1,3}\))?:", re.IGNORECASE
)
_ROUNDS = 100
"""Prefixes that are taken off a subject; nobody has answered more often."""


def message_ids(text: str, limit: int) -> list[str]:
    """Read message ids.

    Args:
        text: An unfolded Message-ID, In-Reply-To or References value.
        limit: How many are read.

    Returns:
        The ids with their angle brackets, in order, each once. Where no brackets stand, words
        with an "@" in them are taken.

    RFC 5322 section 3.6.4.
    """
    found: dict[str, None] = {}
    for match in _ID.finditer(text):
        found.setdefault(f"<{match[1]}>")
        if len(found) >= limit:
            break
    if found:
        return list(found)
    for match in _WORD.finditer(text):
        if "@" in match[0][1:-1]:
            found.setdefault(f"<{match[0]}>")
        if len(found) >= limit:
            break
    return list(found)


def base_subject(subject: str) -> str:
    """Take the marks of replies, forwards and mailing lists off a subject.

    "Re: [list] Fwd: Lunch (fwd)" is "Lunch". German and Scandinavian marks count too.

    RFC 5256 section 2.1.
    """
    text = " ".join(subject[:4096].split())
    for _ in range(_ROUNDS):
        before = text
        text = _without_leaders(_without_trailers(text))
        if text.lower().startswith("[fwd:") and text.endswith("]"):
            text = text[5:-1].strip()
        if text == before:
            break
    return text


def _without_trailers(text: str) -> str:
    while (match := _TRAILER.search(text)) is not None:
        text = text[: match.start()]
    return text


def _without_leaders(text: str) -> str:
    while True:
        blob = _BLOB.match(text)
        rest = text[blob.end() :] if blob else text
        leader = _LEADER.match(rest)
        if leader is not None:
            text = rest[leader.end() :].lstrip()
        elif blob is not None and rest and not text.lower().startswith("[fwd:"):
            text = rest
        else:
            return text
