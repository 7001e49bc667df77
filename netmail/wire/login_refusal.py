"""What the refusal of a login means: whether another mechanism may be tried.

This file must not know a mechanism: it reads codes and texts of the three protocols.
"""

import re
from typing import Final

from netmail.errors import ImapError, Pop3Error, ReplyError, SmtpError

# Servers without a code of their own for it, or with the one for a wrong password, have sent
# "[AUTH] Account is locked", "user is locked by your organization's security", "This account has
# been disabled", "Your password has expired" and "Too many login attempts".
_ACCOUNT: Final = re.compile(
    r"\b(?:account|user|mailbox|password)\b[\w ]{0,20}?"
    r"\b(?:locked|disabled|expired|suspended|blocked|deactivated)\b|\btoo many\b",
    re.IGNORECASE,
)

_IMAP: Final = frozenset(
    {"AUTHORIZATIONFAILED", "CONTACTADMIN", "EXPIRED", "INUSE", "LIMIT", "UNAVAILABLE"}
)
"""Response codes that no other mechanism changes, RFC 5530 section 3. EXPIRED: "access is no longer
permitted using that passphrase"; AUTHORIZATIONFAILED: the password was right; UNAVAILABLE: "a
subsystem is down"; CONTACTADMIN: "The user should contact the system administrator"."""

_POP3: Final = frozenset({"IN-USE", "LOGIN-DELAY", "SYS/PERM", "SYS/TEMP"})
"""The same for POP3, RFC 2449 section 8.1 and RFC 3206 section 4. AUTH is not among them: it is
about the credentials, which another mechanism may send in another form."""

_SMTP: Final = frozenset({"13", "14"})
"""Details of enhanced codes 4.7.x and 5.7.x. 13: "the failure is permanent until the user contacts
their system administrator to get the account re-enabled", RFC 5248 section 2.4; 14: a trust between
servers is missing; Gmail sends it with "Please log in via your web browser"."""

_PASSWORD_TRANSITION: Final = 432


def is_final(refusal: ReplyError) -> bool:
    """Tell whether a refusal is about the account or the server, and not about one mechanism.

    Another attempt would be in vain then, and count towards a lockout.

    RFC 5530 section 3, RFC 3206 section 4, RFC 4954 section 6.
    """
    if _ACCOUNT.search(refusal.text):
        return True
    if isinstance(refusal, ImapError):
        return refusal.code in _IMAP
    if isinstance(refusal, Pop3Error):
        return refusal.code in _POP3
    if isinstance(refusal, SmtpError):
        # 432 4.7.12: "the user needs to transition to the selected authentication mechanism. This
        # is typically done by authenticating once using the [PLAIN] authentication mechanism."
        if refusal.code == _PASSWORD_TRANSITION:
            return False
        # 454 4.7.0: "the authentication failed due to a temporary server failure."
        security, _, detail = refusal.enhanced.partition(".7.")
        return refusal.transient or (bool(security) and detail in _SMTP)
    return False
