"""Responses that were asked for and cannot be read: an error, and never an empty result."""

import pytest

from netmail.errors import ProtocolError
from netmail.flows.imap import extended_search, mailbox_info, mailbox_list
from netmail.flows.imap.extensions import metadata, sort, thread
from support.imap_sessions import run, selected

CAPABILITIES = "IMAP4rev1 ESEARCH MULTISEARCH SORT ESORT THREAD=REFERENCES METADATA LIST-EXTENDED"
CALLS = {
    "search": (
        lambda i: extended_search.search(i, "ALL", None, "all", None),
        "UID SEARCH RETURN (ALL) ALL",
        ['* ESEARCH (TAG "T1") UID ALL x', '* ESEARCH (TAG "T1") UID ALL'],
    ),
    "search_many": (
        lambda i: extended_search.search_many(i, "ALL", "personal"),
        "ESEARCH IN (personal) RETURN (ALL) ALL",
        ['* ESEARCH (TAG "T1" MAILBOX x UIDVALIDITY 1) UID ALL x', "* ESEARCH ("],
    ),
    "sort": (
        lambda i: sort.sort(i, "DATE", None, None),
        "UID SORT (DATE) US-ASCII ALL",
        ["* SORT x", "* SORT 1 -1", "* SORT 4294967296", "* SORT (1)"],
    ),
    "sort_for": (
        lambda i: sort.sort(i, "DATE", None, None, result="all"),
        "UID SORT RETURN (ALL) (DATE) US-ASCII ALL",
        ['* ESEARCH (TAG "T1") UID ALL x', '* ESEARCH (TAG "T9") UID ALL 1'],
    ),
    "thread": (
        lambda i: thread.thread(i, "REFERENCES", None, None),
        "UID THREAD REFERENCES US-ASCII ALL",
        ["* THREAD x", "* THREAD (1", "* THREAD (x)"],
    ),
    "metadata": (
        lambda i: metadata.get_metadata(i, "INBOX", "/private/comment", "0", None),
        'GETMETADATA "INBOX" ("/private/comment")',
        ["* METADATA", "* METADATA INBOX (/private/comment", "* METADATA INBOX (/private/comment)"],
    ),
    "list": (
        lambda i: mailbox_list.list_mailboxes(i, "", "*"),
        'LIST "" "*"',
        ["* LIST", "* LIST x", '* LIST () "/"', '* LIST (a "/" x'],
    ),
    "list_mailboxes": (
        lambda i: mailbox_info.list_mailboxes(i, "", "*"),
        'LIST "" "*" RETURN (SUBSCRIBED CHILDREN)',
        ["* LIST", "* LIST x", '* LIST () "/"', '* LIST (a "/" x'],
    ),
}


@pytest.mark.parametrize(
    ("name", "response"),
    [(name, response) for name, (_, _, lines) in CALLS.items() for response in lines],
)
def test_unreadable(name, response):
    """What cannot be read raises, in strict mode as well."""
    call, command, _ = CALLS[name]
    for strict in (False, True):
        with pytest.raises(ProtocolError):
            run(
                call,
                f"C: T1 {command}\nS: {response}\nS: T1 OK done\n",
                lambda strict=strict: selected(CAPABILITIES, strict=strict),
            )
