"""The namespaces of an IMAP account: where its mailboxes are, and those of others.

This file knows no grammar: `wire` reads them.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Namespace:
    """One namespace.

    Attributes:
        prefix: What the names of its mailboxes begin with, decoded; "" for any.
        delimiter: What separates the levels of a name; `None` for a flat one.
        extensions: Data of extensions by upper-case name, such as "TRANSLATION" (RFC 5255).

    RFC 9051 section 7.3.3.
    """

    prefix: str
    delimiter: str | None
    extensions: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Namespaces:
    """All namespaces of an account; `()` for a kind that does not exist.

    Attributes:
        personal: The user's own mailboxes.
        others: Mailboxes of other users.
        shared: Mailboxes of several users.

    RFC 9051 section 6.3.10.
    """

    personal: tuple[Namespace, ...] = ()
    others: tuple[Namespace, ...] = ()
    shared: tuple[Namespace, ...] = ()
