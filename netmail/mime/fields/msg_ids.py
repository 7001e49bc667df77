"""Message identifiers, and the subject that a thread shares.

This file knows RFC 5322 section 3.6.4 and RFC 5256; it knows no message.
"""

import re

# msg-id = [CFWS] "<" id-left "@" id-right ">" [CFWS]         RFC 5322 section 3.6.4
# Any text without spaces counts: some mailers write no "@", and what matters is that a reply
# refers to the same octets.
_MSG_ID = re.compile(r"<\s*([^<>\s]+)\s*>")

# "In-Reply-To: 3@a.example", "Your message of Monday": a word that may be an identifier.
# This pattern and those of subjects are strings: `re` compiles each at its first use and keeps it.
_WORD = r"[^\s<>(),;\"]++"

# subj-trailer = "(fwd)" / WSP                                RFC 5256 section 5
_TRAILER = r"(?i)(?:\(fwd\)|\s)\Z"

# subj-blob = "[" *BLOBCHAR "]" *WSP                          RFC 5256 section 5
_BLOB = r"\[[^\[\]]*\]\s*"

# subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":"     RFC 5256 section 5
# And what localised mailers write for it: "AW: WG: Antw:" (German), "SV: VS:" (Scandinavian),
# and counted replies, "Re[2]:" and "Re(2):".
_LEADER = r"(?i)(?:re|fwd?|aw|wg|sv|vs|antw)\s*(?:\[[^\[\]]*\]\s*)?(?:\(\d{1,3}\))?:"

_ROUNDS = 100
"""Prefixes that are taken off a subject; real ones have below 10."""


def message_ids(text: str, limit: int) -> list[str]:
    """Read message identifiers.

    Args:
        text: An unfolded Message-ID, In-Reply-To or References value.
        limit: How many are read.

    Returns:
        The identifiers with their angle brackets, in order, each once. In a value without
        brackets, words that have an "@" inside count.

    RFC 5322 section 3.6.4.
    """
    found: dict[str, None] = {}
    for match in _MSG_ID.finditer(text):
        found.setdefault(f"<{match[1]}>")
        if len(found) >= limit:
            break
    if found:
        return list(found)
    for match in re.finditer(_WORD, text):
        if "@" in match[0][1:-1]:
            found.setdefault(f"<{match[0]}>")
        if len(found) >= limit:
            break
    return list(found)


def base_subject(subject: str) -> str:
    """Take the marks of replies, forwards and mailing lists off a subject.

    "Re: [list] Fwd: Lunch (fwd)" is "Lunch". German, Dutch and Scandinavian marks count too.

    RFC 5256 section 2.1.
    """
    text = " ".join(subject[:4096].split())
    # Section 2.1, step 6: until nothing more can be removed, since "[Fwd: ...]" reveals others.
    for _ in range(_ROUNDS):
        before = text
        text = _without_leaders(_without_trailers(text))
        # subj-fwd = "[fwd:" subject "]"
        if text.lower().startswith("[fwd:") and text.endswith("]"):
            text = text[5:-1].strip()
        if text == before:
            break
    return text


def _without_trailers(text: str) -> str:
    while (match := re.search(_TRAILER, text)) is not None:
        text = text[: match.start()]
    return text


def _without_leaders(text: str) -> str:
    while True:
        blob = re.match(_BLOB, text)
        rest = text[blob.end() :] if blob else text
        leader = re.match(_LEADER, rest)
        if leader is not None:
            text = rest[leader.end() :].lstrip()
        # Section 2.1, step 4: a blob is removed only if something remains.
        elif blob is not None and rest and not text.lower().startswith("[fwd:"):
            text = rest
        else:
            return text
