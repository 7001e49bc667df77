"""Mail servers inside the process, for tests: SMTP, LMTP, IMAP and POP3 over one store.

This package is above the clients and none of the layers below may know it. Its extra
(`netmail[testing]`) is imported when a server is made, not when this package is.
"""

from netmail.testing.failures import Failure, FailureDict
from netmail.testing.sent import SentMail
from netmail.testing.server import MailServer

__all__ = ["Failure", "FailureDict", "MailServer", "SentMail"]
