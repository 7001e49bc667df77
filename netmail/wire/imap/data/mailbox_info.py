"""LIST and XLIST responses with the data that extensions add: one mailbox each.

This file knows the extended items, and no command; `mailbox_list` reads what every LIST has.

RFC 9051 section 7.3.1; RFC 5258 section 3.5.
"""

from collections.abc import Iterator

from netmail.errors import ProtocolError
from netmail.results.imap_mailbox import MailboxInfo
from netmail.wire.imap.mailbox_list import mailbox_list
from netmail.wire.imap.mailbox_name import decoded_name
from netmail.wire.imap.responses import DataResponse, Value
from netmail.wire.imap.special_use import uses_of
from netmail.wire.server_text import decode


def mailbox_info(response: DataResponse, *, strict: bool = False) -> tuple[MailboxInfo, bytes]:
    r"""Read one LIST response: the mailbox, and its name as the server wrote it.

    Raises:
        ProtocolError: If it has not attributes, delimiter and name.

    RFC 9051 section 9: mailbox-list.
    """
    # * LIST (\HasNoChildren \Sent) "/" "Sent Items"
    # * LIST (\NonExistent) "/" "Foo" ("CHILDINFO" ("SUBSCRIBED"))
    # * LIST () "/" "renamed" ("OLDNAME" ("before"))
    entry, written = mailbox_list(response, strict=strict)
    items = dict(_extended(response))
    old = next(iter(items.get("OLDNAME", ())), None)
    info = MailboxInfo(
        name=entry["name"],
        delimiter=entry["delimiter"],
        attributes=tuple(entry["attributes"]),
        uses=uses_of(entry["attributes"]),
        old_name=decoded_name(old, strict=False, utf8=response.utf8) if old else None,
        child_info=tuple(decode(each).upper() for each in items.get("CHILDINFO", ())),
    )
    return info, written


def _extended(response: DataResponse) -> Iterator[tuple[str, list[bytes]]]:
    """Yield each extended item with its strings."""
    # mbox-list-extended = "(" [mbox-list-extended-item *(SP mbox-list-extended-item)] ")",
    # mbox-list-extended-item = mbox-list-extended-item-tag SP tagged-ext-val
    try:
        parsed = response.values()
    except ProtocolError:
        return  # a name that is not quoted, which `mailbox_list` has accepted
    # (\\HasNoChildren) "/" "New" ("OLDNAME" ("Old")) is flags, delimiter, name, and the items.
    match parsed:
        case [list(), _, bytes(), list() as items]:
            for tag, value in zip(items[::2], items[1::2], strict=False):
                if isinstance(tag, bytes):
                    yield decode(tag).upper(), _strings(value)


def _strings(value: Value) -> list[bytes]:
    # "CHILDINFO" SP "(" list-select-base-opt-quoted *(SP ...) ")", "OLDNAME" SP "(" mailbox ")"
    #
    # tagged-ext-val = tagged-ext-simple / "(" [tagged-ext-comp] ")"
    given = value if isinstance(value, list) else [value]
    return [each for each in given if isinstance(each, bytes)]
