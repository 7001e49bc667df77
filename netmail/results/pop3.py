"""What POP3 calls return: plain dictionaries with typed keys.

This file must not know commands, nor how a line is read.
"""

from typing import TypedDict


class Stat(TypedDict):
    """The size of a maildrop.

    `count` messages, of `size` octets together; messages marked as deleted count in neither.

    RFC 1939 section 5: "drop listing".
    """

    count: int
    size: int


class ScanListing(TypedDict):
    """One entry of LIST: the message number `uid` and its `size` in octets.

    RFC 1939 section 5.
    """

    uid: int
    size: int


class UniqueId(TypedDict):
    """One entry of UIDL: the message number `uid` and the `id` that it keeps over sessions.

    RFC 1939 section 7: "unique-id listing".
    """

    uid: int
    id: str


class Language(TypedDict):
    """A language of the server's texts: its `tag`, such as "de", and its name in itself.

    `description` is "" where the server gives none.

    RFC 6856 section 3.2: "language listing".
    """

    tag: str
    description: str
