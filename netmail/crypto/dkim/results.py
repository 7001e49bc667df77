"""What verifying DKIM signatures and ARC chains finds.

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
        # POLICY is no pass: the signature is right, and proves nothing.
        return self.status is DkimStatus.PASS

    def __bool__(self) -> bool:
        return self.valid


class ArcStatus(StrEnum):
    """The state of a chain, as the tag `cv=` names it; TEMPERROR where a key is not found now.

    RFC 8617 section 4.4.
    """

    NONE = "none"
    PASS = "pass"  # noqa: S105 -- no password
    FAIL = "fail"
    TEMPERROR = "temperror"


@dataclass(frozen=True, slots=True)
class ArcResult:
    """The chain of those that have passed a message on.

    Attributes:
        status: Its state.
        reason: Why it is not valid; "" if it is, or if there is none.
        domains: The domains that have sealed the message, the first one first.
        results: The Authentication-Results of each, as they have seen the message.

    RFC 8617 section 5.2.
    """

    status: ArcStatus
    reason: str = ""
    domains: tuple[str, ...] = ()
    results: tuple[str, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether there is a chain, and it is whole; its domains may be anybody's."""
        return self.status is ArcStatus.PASS

    def __bool__(self) -> bool:
        return self.valid
