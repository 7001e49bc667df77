"""The fields that each table has.

This file knows names and types of fields, and neither their values nor a server.
"""

from collections.abc import Sequence

from netmail import FetchItem, UsageError
from netmail.query.expressions import Every
from netmail.query.fields import (
    AddressField,
    DateField,
    Descending,
    Field,
    FlagField,
    KeywordField,
    ListField,
    NumberField,
    TextField,
)
from netmail.query.values import HEADER, SOURCES


class TableFields:
    r"""The fields of one mailbox's messages, or of several mailboxes'.

    Attributes:
        name: The table's name.
        mailbox: The mailbox's name on the server; "" for several.
        id: The UID; sequence numbers, which change, are not used.
        uid: The UID.
        answered: Whether it is flagged \Answered.
        deleted: Whether it is flagged \Deleted.
        draft: Whether it is flagged \Draft.
        flagged: Whether it is flagged \Flagged.
        recent: Whether it is flagged \Recent.
        seen: Whether it is flagged \Seen.
        keywords: Its other flags, such as "$Forwarded".
        size: Octets of the message, as the server counts them.
        created: When it came to the server (INTERNALDATE).
        modseq: The modification sequence of its last change (CONDSTORE).
        sent: When it was written (Date); `None` if that is missing or cannot be read.
        sender: The authors (From).
        to: The recipients.
        cc: The recipients of copies.
        bcc: The recipients of blind copies.
        subject: The subject, decoded.
        mime: Content-Type, as it is written.
        list_id: List-Id, as it is written.
        message_id: The Message-ID with its angle brackets.
        in_reply_to: The identifiers of the messages that it replies to.
        references: The identifiers of its thread.
        content: Its texts, plain and HTML.
        email: The whole message.
        filenames: The names of its files, "" for one without.
        attachments: Its files, which compare by their names.
        encoding: The charset of its first text.
    """

    id: NumberField
    uid: NumberField
    answered: FlagField
    deleted: FlagField
    draft: FlagField
    flagged: FlagField
    recent: FlagField
    seen: FlagField
    keywords: KeywordField
    size: NumberField
    created: DateField
    modseq: NumberField
    sent: DateField
    sender: AddressField
    to: AddressField
    cc: AddressField
    bcc: AddressField
    subject: TextField
    mime: TextField
    list_id: TextField
    message_id: TextField
    in_reply_to: ListField
    references: ListField
    content: ListField
    filenames: ListField
    email: TextField
    attachments: ListField
    encoding: TextField

    def __init__(self, name: str, mailbox: str) -> None:
        self.name = name
        self.mailbox = mailbox
        for field, source in SOURCES.items():
            setattr(self, field, source.kind(name, field))

    @property
    def fields(self) -> list[str]:
        """The names of the fields."""
        return list(SOURCES)

    def header(self, name: str) -> TextField:
        """Return a field for any header, such as "X-Spam-Flag".

        Raises:
            UsageError: If a header cannot have that name.
        """
        FetchItem.body(f"HEADER.FIELDS ({name})")
        # That would be two.
        if " " in name:
            raise UsageError(f"{name!r:.60} is no name of a header")
        return TextField(self.name, HEADER + name.lower())

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}: {self.mailbox}>"


def every(table: TableFields) -> Every:
    """Return the expression that each message of a table is."""
    return Every(table.name)


def field_names(given: Sequence[Field | str], table: str) -> list[str]:
    """Return the names of fields that are given by themselves or by name, as in "INBOX.uid".

    No field is all of them but `modseq`, which not every server has.

    Raises:
        UsageError: If there is no such field, or it is another table's.
    """
    names = [_field_name(each, table) for each in given]
    return list(dict.fromkeys(names)) or [name for name in SOURCES if name != "modseq"]


def order_of(
    given: Field | Descending | str | Sequence[Field | Descending | str] | None, table: str
) -> list[tuple[str, bool]]:
    """Return the fields of an order, each with whether the largest comes first.

    Raises:
        UsageError: If there is no such field, or it is another table's.
    """
    if given is None:
        return []
    each = [given] if isinstance(given, Field | Descending | str) else list(given)
    order = [
        (_field_name(one.field, table), True)
        if isinstance(one, Descending)
        else (_field_name(one, table), False)
        for one in each
    ]
    # That is the order that costs nothing.
    return [] if order in ([("uid", True)], [("id", True)]) else order


def _field_name(given: Field | str, table: str) -> str:
    if isinstance(given, Field):
        owner, name = given.table, given.name
    elif isinstance(given, str):
        owner, _, name = given.rpartition(".")
    else:
        raise UsageError(f"{given!r:.60} is no field of a table")
    if owner not in {"", table} or not (name in SOURCES or name.startswith(HEADER)):
        raise UsageError(f"{given!s:.60} is no field of {table}")
    return name
