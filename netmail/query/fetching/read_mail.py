"""Octets of a message, or of its header, read as far as the limits reach.

This file must not know what is read of it.
"""

import netmail
from netmail import LimitError, Mail


def read_mail(octets: bytes) -> Mail:
    """Read a message; of one beyond the limits, what was read of it."""
    try:
        return netmail.parse(octets)
    except LimitError as error:
        if not isinstance(error.mail, Mail):
            raise
        return error.mail
