"""Message identifiers, and the subject that a thread shares.

This file knows RFC 5322 section 3.6.4 and RFC 5256; it knows no message.
"""

import re

# message-id  = "Message-ID:" msg-id CRLF                     RFC 5322 section 3.6.4
# in-reply-to = "In-Reply-To:" 1*msg-id CRLF
# references  = "References:" 1*msg-id CRLF
# msg-id      = [CFWS] "<" id-left "@" id-right ">" [CFWS]
# id-left     = dot-atom-text / obs-id-left
# id-right    = dot-atom-text / no-fold-literal / obs-id-right
#
# Any text without spaces counts: some mailers write no "@", and what matters is that a reply
# refers to the same octets. obs-references allows phrases between the identifiers (section 4.5.4).
_MSG_ID = re.compile(r"<\s*([^<>\s]+)\s*>")

# "In-Reply-To: 3@a.example", "Your message of Monday": a word that may be an identifier.
# This pattern and those of subjects are strings: `re` compiles each at its first use and keeps it.
_WORD = r"[^\s<>(),;\"]++"

# subject      = *subj-leader [subj-middle] *subj-trailer     RFC 5256 section 5
# subj-trailer = "(fwd)" / WSP
_TRAILER = r"(?i)(?:\(fwd\)|\s)\Z"

# subj-middle = *subj-blob (subj-base / subj-fwd)             RFC 5256 section 5
# subj-blob   = "[" *BLOBCHAR "]" *WSP
# BLOBCHAR is any character except "[" and "]".
_BLOB = r"\[[^\[\]]*\]\s*"

# subj-leader = (*subj-blob subj-refwd) / WSP                 RFC 5256 section 5
# subj-refwd  = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":"
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
        brackets, each token that has an "@" inside counts.

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
