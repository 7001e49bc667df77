"""What TLS mode and what protocol there are: the values of two options.

This file must not know an option, nor what follows from a value.
"""

from enum import IntEnum, StrEnum
from typing import Final


class TlsMode(IntEnum):
    """How much TLS is required, with libcurl's numbers (CURLUSESSL_*)."""

    TLS_NONE = 0
    """Do not attempt TLS."""
    TLS_TRY = 1
    """Use TLS where the server offers it, and continue in clear where it does not."""
    TLS_CONTROL = 2
    """Require TLS for the control connection. Mail protocols have one connection: as `TLS_ALL`."""
    TLS_ALL = 3
    """Require TLS or fail."""


TLS_NONE: Final = TlsMode.TLS_NONE
TLS_TRY: Final = TlsMode.TLS_TRY
TLS_CONTROL: Final = TlsMode.TLS_CONTROL
TLS_ALL: Final = TlsMode.TLS_ALL


class MailProtocol(StrEnum):
    """The protocol of a session."""

    SMTP = "smtp"
    POP3 = "pop3"
    IMAP = "imap"
