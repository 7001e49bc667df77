"""One message of an upload, with flags and a date of its own.

This file knows no conversation.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from netmail.mime.stored import Storable


class Upload(NamedTuple):
    r"""A message for `append_many()`, where not all messages have the same flags and date.

    Attributes:
        message: A `Message`, an `EmailMessage`, a `Mail`, octets, or a binary file.
        flags: Flags to set, such as r"\Seen"; `None` for those of the call.
        date: Its internal date, with a time zone; `None` for that of the call.
    """

    message: "Storable"
    flags: str | Iterable[str] | None = None
    date: datetime | None = None
