"""Search keys that extensions add.

This file knows names of keys, and neither how they combine nor how they are sent.
"""

from typing import Final

from netmail.errors import UsageError
from netmail.search.key import named, string
from netmail.text import check_text
from netmail.wire.imap import encode, utf7
from netmail.wire.imap.search import search_keys
from netmail.wire.imap.search_key import SearchKey, Written, prefixed

_LARGEST: Final = 0xFFFF_FFFF_FFFF_FFFF
"""The largest number that Gmail gives a message or a thread: 64 bits without a sign."""


def fuzzy(key: SearchKey) -> SearchKey:
    """Find messages by a key that need not match exactly, as the server sees fit.

    Raises:
        CapabilityError: By `search()`, if the server has no SEARCH=FUZZY.

    RFC 6203 section 3.
    """
    return prefixed("FUZZY", key, "SEARCH=FUZZY")


def email_id(identifier: str) -> SearchKey:
    """Find messages with this EMAILID, which copies in other mailboxes share.

    Raises:
        CapabilityError: By `search()`, if the server has no OBJECTID.

    RFC 8474 section 6.
    """
    return named("EMAILID", _object_id(identifier), capability="OBJECTID")


def thread_id(identifier: str) -> SearchKey:
    """Find messages of the thread with this THREADID.

    Raises:
        CapabilityError: By `search()`, if the server has no OBJECTID.

    RFC 8474 section 6.
    """
    return named("THREADID", _object_id(identifier), capability="OBJECTID")


def filter_(name: str) -> SearchKey:
    """Find messages by a filter that is stored on the server.

    Args:
        name: The filter's name.

    Raises:
        CapabilityError: By `search()`, if the server has no FILTERS.

    RFC 5466 section 3.1.
    """
    return named(
        "FILTER", encode.atom(name, "a filter's name").decode("ascii"), capability="FILTERS"
    )


def annotation(entry: str, attribute: str, value: str) -> SearchKey:
    """Find messages by an annotation.

    Args:
        entry: The entry, such as "/comment"; "*" and "%" are wildcards.
        attribute: "value", "value.priv" or "value.shared".
        value: The text that it holds.

    Raises:
        CapabilityError: By `search()`, if the server has no ANNOTATE-EXPERIMENT-1.

    RFC 5257 section 4.5.
    """
    return string("ANNOTATION", entry, attribute, value, capability="ANNOTATE-EXPERIMENT-1")


def gmail_raw(query: str) -> SearchKey:
    """Find messages as Gmail's own search does, such as "has:attachment in:unread".

    Raises:
        CapabilityError: By `search()`, if the server has no X-GM-EXT-1.
    """
    return string("X-GM-RAW", query, capability="X-GM-EXT-1")


def gmail_message(number: int) -> SearchKey:
    """Find the message with this X-GM-MSGID, in any mailbox the same.

    Raises:
        CapabilityError: By `search()`, if the server has no X-GM-EXT-1.
    """
    return named("X-GM-MSGID", _number(number), capability="X-GM-EXT-1")


def gmail_thread(number: int) -> SearchKey:
    """Find the messages of the conversation with this X-GM-THRID.

    Raises:
        CapabilityError: By `search()`, if the server has no X-GM-EXT-1.
    """
    return named("X-GM-THRID", _number(number), capability="X-GM-EXT-1")


def gmail_label(label: str) -> SearchKey:
    r"""Find messages with this label of Gmail.

    Args:
        label: Its name in any characters, or one of Gmail's own such as r"\Inbox".

    Raises:
        CapabilityError: By `search()`, if the server has no X-GM-EXT-1.
        UsageError: If it is empty.
    """
    # Gmail writes labels as it writes mailbox names, which they are.
    if not check_text(label, "a label"):
        raise UsageError("a label cannot be empty")
    written = utf7.encode(label).decode("ascii")
    return string("X-GM-LABELS", written, capability="X-GM-EXT-1")


def keys(text: str) -> SearchKey:
    """Find messages by search keys that are written as IMAP has them, for keys not known here.

    Args:
        text: Keys as `search()` takes them, such as 'SEEN FROM "ann"'.

    Raises:
        UsageError: If there are none, or they are wrong, as for `search()`.

    RFC 9051 section 6.4.4.
    """
    if not check_text(text, "a search query").strip():
        raise UsageError("a query needs at least one key")
    search_keys(text)
    return Written(text.strip())


def _object_id(identifier: str) -> str:
    # RFC 8474 section 7: objectid = 1*255(ALPHA / DIGIT / "_" / "-")
    text = check_text(identifier, "an object identifier")
    letters = text.replace("-", "").replace("_", "") or "x"
    if not (0 < len(text) <= 255 and letters.isascii() and letters.isalnum()):
        raise UsageError(f"an object identifier is letters, digits, _ and -, not {text!r:.60}")
    return text


def _number(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST:
        raise UsageError(f"Gmail's numbers are ints from 0 to {_LARGEST}, not {value!r:.60}")
    return str(value)
