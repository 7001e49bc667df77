"""The headers of mailing lists and of unsubscribing (RFC 2369, RFC 2919, RFC 8058).

This file must not know the message around them.
"""

import re
from collections.abc import Iterable

from netmail.errors import MessageError
from netmail.text import check_text

# A URL between "<" and ">"                                   RFC 2369 section 2
# Without space, bracket, comma and control: nothing that ends it, or the list of URLs.
_URL = re.compile(r"(?:https?://|mailto:)[!#-&(-+\--;=?-\[\]^_`a-z|~]+", re.IGNORECASE)

# list-id = list-label "." list-id-namespace                  RFC 2919 section 2
# list-label = dot-atom-text; of its characters those of domain names.
_LIST_ID = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+")


def list_headers(
    list_id: str, name: str = "", **urls: str | Iterable[str] | None
) -> list[tuple[str, str]]:
    """Make the headers that name a list and its addresses.

    Args:
        list_id: The list's identifier, such as "devel.example.org".
        name: The list's name for display.
        **urls: For each of `help subscribe post owner archive` a URL, an address or several.

    Raises:
        MessageError: If the identifier or a URL is not valid.

    RFC 2369, RFC 2919.
    """
    if not _LIST_ID.fullmatch(check_text(list_id, "list id", MessageError)) or len(list_id) > 255:
        raise MessageError(f"list id: {list_id[:80]!r} is not of the form devel.example.org")
    shown = f"{check_text(name, 'list name', MessageError)} " if name else ""
    headers = [("List-Id", f"{shown}<{list_id}>")]
    headers += [
        (f"List-{key.capitalize()}", _bracketed([given] if isinstance(given, str) else given))
        for key, given in urls.items()
        if given
    ]
    return headers


def unsubscribe_headers(urls: Iterable[str], *, one_click: bool) -> list[tuple[str, str]]:
    """Make the headers that a mail program uses to unsubscribe.

    Args:
        urls: URLs (https, http, mailto) or addresses.
        one_click: Promise that a POST to the https URL unsubscribes at once, without a login
            or a question.

    Raises:
        MessageError: If there is no URL, one is not valid, or one click has no https URL.

    RFC 2369 section 3.2, RFC 8058 section 3.1.
    """
    written = _bracketed(urls)
    if not one_click:
        return [("List-Unsubscribe", written)]
    if "<https://" not in written.lower():
        raise MessageError("unsubscribe: one click needs an https URL")
    return [
        ("List-Unsubscribe", written),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    ]


def _bracketed(urls: Iterable[str]) -> str:
    written = []
    for given in urls:
        check_text(given, "list URL", MessageError)
        url = given if ":" in given else f"mailto:{given}"
        if not _URL.fullmatch(url):
            raise MessageError(f"list URL: {given[:80]!r} is not a URL for a header; escape it")
        written.append(f"<{url}>")
    if not written:
        raise MessageError("list URL: none given")
    return ", ".join(written)
