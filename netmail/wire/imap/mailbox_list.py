"""LIST and LSUB responses: one mailbox each.

This file knows their grammar, and no command.
"""

import re
from typing import Final

from netmail.errors import ProtocolError
from netmail.results.imap import ListEntry
from netmail.wire.imap.mailbox_name import decoded_name, mailbox_name
from netmail.wire.imap.responses import DataResponse
from netmail.wire.server_text import decode

# mailbox-list = "(" [mbx-list-flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox
# The second form of the delimiter is a backslash that is not escaped.
_LIST: Final = re.compile(
    rb'\((?P<flags>[^()"]*+)\) (?:"(?:\\(?P<escaped>["\\])|(?P<plain>[^"]))"|(?P<nil>NIL|"")) ',
    re.IGNORECASE,
)


def mailbox_list(response: DataResponse, *, strict: bool = False) -> tuple[ListEntry, bytes]:
    """Read one LIST or LSUB response: the mailbox, and its name as the server wrote it.

    Raises:
        ProtocolError: If it has not attributes, delimiter and name.

    RFC 9051 section 7.3.1: mailbox-list.
    """
    # * LIST (\HasNoChildren \Sent) "/" "Sent Items"
    # * LIST (\Noselect) NIL Public
    found = _LIST.match(response.fragments[0], response.start)
    if not found:
        expected = "(flags) delimiter name"
        raise ProtocolError("a LIST response has another form", response.rest, expected)
    # NIL and "" mean that names have no levels.
    delimiter = found["escaped"] or found["plain"]
    after = [response.fragments[0][found.end() :], *response.fragments[1:]]
    written = mailbox_name(after, strict=strict)
    entry = ListEntry(
        name=decoded_name(written, strict=strict, utf8=response.utf8),
        delimiter=decode(delimiter) if delimiter else None,
        attributes=decode(found["flags"]).split(),
    )
    return entry, written
