"""Mailing lists' own fields: List-Id and the URLs of List-Unsubscribe and its kin.

This file knows RFC 2919 and RFC 2369.
"""

import re
from typing import NamedTuple

from netmail.mime.fields.comments import without_comments

_URL = re.compile(r"<\s*([^<>]+?)\s*>")
_BARE = re.compile(r"(?:https?://|mailto:)[^\s,<>]+", re.IGNORECASE)
_MOST = 50
"""URLs read from one field."""


class ListId(NamedTuple):
    """A mailing list.

    Attributes:
        name: What it is called; "" if not said.
        id: Its identifier, such as "devel.lists.example.org".
    """

    name: str
    id: str


def list_id(text: str | None) -> ListId | None:
    """Read List-Id.

    Args:
        text: The decoded value; `None` without the field.

    RFC 2919 section 2.
    """
    if not text or not text.strip():
        return None
    name, angle, rest = text.rpartition("<")
    if not angle:
        return ListId("", text.strip())
    return ListId(" ".join(name.replace('"', "").split()), rest.partition(">")[0].strip())


def list_urls(text: str | None) -> list[str]:
    """Read the URLs of List-Unsubscribe, List-Post and so on.

    Args:
        text: The decoded value; `None` without the field.

    Returns:
        The URLs in order, blanks inside (from folding) taken out.

    RFC 2369 section 2.
    """
    if not text:
        return []
    plain, _ = without_comments(text)
    found = _URL.findall(plain) or _BARE.findall(plain)
    return ["".join(url.split()) for url in found[:_MOST]]
