"""Fields of mailing lists: List-Id, and the URLs of List-Unsubscribe and its relatives.

This file knows RFC 2919 and RFC 2369; it fetches no URL.
"""

import re
from typing import NamedTuple

from netmail.mime.fields.comments import without_comments

# Section 2 has no ABNF: "a comma-separated list of angle-bracket enclosed URLs", "The URLs have
# order of preference from left to right".                    RFC 2369 section 2
# "client applications should treat any whitespace, that might be inserted by poorly behaved MTAs,
# as characters to ignore"
_URL = re.compile(r"<\s*([^<>]+?)\s*>")

# "List-Unsubscribe: https://example.org/u": newsletter programs that leave the brackets out.
_BARE = re.compile(r"(?:https?://|mailto:)[^\s,<>]+", re.IGNORECASE)

_MOST = 50
"""URLs read from one field; real ones have below 5."""


class ListId(NamedTuple):
    """A mailing list.

    Attributes:
        name: Its name for display; "" if it is missing.
        id: Its identifier, such as "devel.lists.example.org".
    """

    name: str
    id: str


def list_id(text: str | None) -> ListId | None:
    """Read List-Id.

    Args:
        text: The decoded value; `None` without the field.

    RFC 2919 section 3.
    """
    if not text or not text.strip():
        return None
    # list-id-header = "List-ID:" [phrase] "<" list-id ">" CRLF
    # The phrase may contain "<" in quotes, the identifier may not: the last one counts.
    name, angle, rest = text.rpartition("<")
    if not angle:
        # Some list servers write the identifier alone.
        return ListId("", text.strip())
    return ListId(" ".join(name.replace('"', "").split()), rest.partition(">")[0].strip())


def list_urls(text: str | None) -> list[str]:
    """Read the URLs of List-Unsubscribe, List-Post and so on.

    Args:
        text: The decoded value; `None` without the field.

    Returns:
        The URLs in order, spaces inside (from folding) removed.

    RFC 2369 section 2.
    """
    if not text:
        return []
    # Section 2 allows comments; a parenthesis inside a URL must be escaped there.
    plain, _ = without_comments(text)
    found = _URL.findall(plain) or _BARE.findall(plain)
    return ["".join(url.split()) for url in found[:_MOST]]
