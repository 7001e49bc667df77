"""What verifying a DKIM signature finds.

This file must not know how signatures are verified.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class DkimStatus(StrEnum):
    """The outcome for one signature, as Authentication-Results names it.

    RFC 8601 section 2.7.1.
    """

    PASS = "pass"  # noqa: S105 -- no password
    FAIL = "fail"
    POLICY = "policy"
    PERMERROR = "permerror"
    TEMPERROR = "temperror"


@dataclass(frozen=True, slots=True)
class DkimResult:
    """One DKIM signature, verified.

    Attributes:
        status: The outcome. POLICY is a signature that is right and yet not accepted.
        reason: Why it is not valid; "" if it is.
        domain: The domain that signed (`d=`).
        selector: The name of its key (`s=`).
        identity: The user or agent for which it signed (`i=`).
        algorithm: Such as "rsa-sha256".
        signed_fields: The names of the signed fields, in lower case.
        key_size: Bits of the key; `None` where no key was found.
        signed_at: When it was signed, if it says so.
        expires_at: Until when it is valid, if it says so.
        age: How old it was when it was verified, if it says so.
        testing: Whether the domain only tests DKIM.

    RFC 6376 section 6.
    """

    status: DkimStatus
    reason: str = ""
    domain: str = ""
    selector: str = ""
    identity: str = ""
    algorithm: str = ""
    signed_fields: tuple[str, ...] = ()
    key_size: int | None = None
    signed_at: datetime | None = None
    expires_at: datetime | None = None
    age: timedelta | None = None
    testing: bool = False

    @property
    def valid(self) -> bool:
        """Whether the domain has signed this message, and the signature is accepted."""
        return self.status is DkimStatus.PASS

    def __bool__(self) -> bool:
        return self.valid
