"""How much an IMAP account may hold.

This file knows no grammar: `wire` reads the values.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class QuotaResource:
    """How much of a resource is used, and how much may be.

    Attributes:
        usage: In units of 1024 octets for STORAGE, else a number of messages, mailboxes and so on.
        limit: The same for the most that is allowed.

    RFC 9208 section 5.
    """

    usage: int
    limit: int


@dataclass(frozen=True, slots=True)
class Quota:
    """The limits of one quota root.

    Attributes:
        root: Its name, which is no mailbox name; often "".
        resources: Usage and limit by upper-case name: "STORAGE", "MESSAGE", "MAILBOX",
            "ANNOTATION-STORAGE". A resource that is missing has no limit.

    RFC 9208 section 4.2.1.
    """

    root: str
    resources: dict[str, QuotaResource] = field(default_factory=dict)
