"""Messages found and read: what is left out, and what is too large."""

import pytest

from netmail.errors import UsageError
from netmail.flows.imap.fetching.mails import mails
from support.imap_sessions import run, selected
from support.replay import collected

LINES = """
C: T1 UID SEARCH ALL
S: * SEARCH 7 8
S: T1 OK done
C: T2 UID FETCH 7:8 (UID BODY.PEEK[])
S: * 1 FETCH (UID 7 BODY[] {16}
S! Subject: one\\r\\n\\r\\n)\\r\\n
S: * 2 FETCH (UID 8 BODY[] NIL)
S: * 3 FETCH (UID 9 X
S: T2 OK done
"""


def found(session):
    """Return UID and subject of each message, and how many responses could not be read."""
    read = yield from collected(mails(session, "ALL", None))
    return [(mail.uid, mail.subject) for mail in read]


def test_mails():
    """Each message has its UID; one that has gone meanwhile is left out."""
    assert run(found, LINES, selected) == [(7, "one")]


def test_nothing_found():
    """Where nothing is found nothing is fetched."""
    assert run(found, "C: T1 UID SEARCH ALL\nS: * SEARCH\nS: T1 OK done", selected) == []


@pytest.mark.parametrize(("query", "folder"), [("(", None), ("ALL", "a\nb"), (5, None)])
def test_wrong_query(query, folder):
    """A wrong query is raised by the call."""
    with pytest.raises(UsageError):
        mails(selected(), query, folder)


def test_too_large():
    """A message over a limit is a mail of what was read of it, and costs no other."""
    parts = "".join(f"--b\\r\\n\\r\\n{number}\\r\\n" for number in range(10_001))
    body = f"Subject: many\\r\\nContent-Type: multipart/mixed; boundary=b\\r\\n\\r\\n{parts}"
    size = len(body.encode().decode("unicode_escape"))
    lines = f"""
    C: T1 UID SEARCH ALL
    S: * SEARCH 7
    S: T1 OK done
    C: T2 UID FETCH 7 (UID BODY.PEEK[])
    S: * 1 FETCH (UID 7 BODY[] {{{size}}}
    S! {body})\\r\\n
    S: T2 OK done
    """

    assert run(found, lines, selected) == [(7, "many")]
