"""How the text of a header is decoded in what a server sends of it.

This file knows that there is such a decoding, and not MIME, which is beside `wire`: the flows bring
the functions.
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple


class HeaderDecoding(NamedTuple):
    """The functions that give the meaning of header text; none of them raises.

    Attributes:
        text: Decodes free text: encoded words, and raw octets.
        date: Reads a date; `None` if it is none.
        params: Reads names and values of parameters, RFC 2231 included.

    RFC 2047; RFC 2231; RFC 5322 section 3.3.
    """

    text: Callable[[bytes], str]
    date: Callable[[bytes], datetime | None]
    params: Callable[[list[tuple[bytes, bytes]]], dict[str, str]]
