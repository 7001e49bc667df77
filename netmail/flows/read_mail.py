"""A message that a server has sent, read by MIME.

This file knows no protocol; MIME is loaded when the first message is read.
"""

from typing import TYPE_CHECKING

from netmail.errors import LimitError

if TYPE_CHECKING:
    from netmail.mime.mail import Mail


def read_mail(octets: bytes) -> "Mail":
    """Read a message; of one that is larger than the limits, what could be read of it."""
    from netmail.mime.mail import Mail  # noqa: PLC0415 -- only where mail is read
    from netmail.mime.parser import parse  # noqa: PLC0415 -- only where mail is read

    try:
        return parse(octets)
    except LimitError as error:
        # One message that is too large costs no other: there is a mail of what was read of it.
        if not isinstance(error.mail, Mail):
            raise
        return error.mail
