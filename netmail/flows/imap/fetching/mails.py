"""Messages found and read, each handed over as soon as it has come: UID SEARCH and UID FETCH.

This file knows that a message is read by MIME, and neither search keys nor MIME.

RFC 9051 sections 6.4.4 and 6.4.5.
"""

from typing import TYPE_CHECKING

from netmail.flows.flow import StreamingFlow
from netmail.flows.imap.fetching.streaming import reading_of, stream
from netmail.flows.imap.search import search
from netmail.flows.imap.session import ImapSession
from netmail.flows.read_mail import read_mail
from netmail.wire.imap.fetch_data import fetched_messages
from netmail.wire.imap.fragments import Fragments
from netmail.wire.imap.search_program import SearchQuery, search_program
from netmail.wire.imap.sequence_set import uid_sets

if TYPE_CHECKING:
    from netmail.mime.mail import Mail


def mails(
    session: ImapSession, query: SearchQuery | None, mailbox: str | None
) -> "StreamingFlow[Mail]":
    """Find messages and fetch them whole; their flags stay as they are.

    A query that is wrong is raised here, and not when the first message is asked for.

    RFC 9051 sections 6.4.4 and 6.4.5.
    """
    search_program("" if query is None else query)
    if mailbox:
        session.mailbox_argument(mailbox)
    return _mails(session, query, mailbox)


def _mails(
    session: ImapSession, query: SearchQuery | None, mailbox: str | None
) -> "StreamingFlow[Mail]":
    # C: T1 UID SEARCH UNSEEN
    # S: * SEARCH 7 8
    # S: T1 OK done
    # C: T2 UID FETCH 7:8 (UID BODY.PEEK[])
    # S: * 3 FETCH (UID 7 BODY[] {310}
    # S: ...)
    # S: T2 OK done
    #
    # BODY.PEEK is the form "that does not implicitly set the \Seen flag", RFC 9051 section 6.4.5.
    uids = yield from search(session, query, mailbox)
    reading = reading_of(session)

    def read(batch: list[Fragments]) -> "list[Mail]":
        messages, broken = fetched_messages(batch, reading)
        for fragments in broken:
            session.keep_unparsed(fragments, "FETCH data with a UID")
        bodies = [(message.uid, message.body) for message in messages]
        return [_mail(uid, body) for uid, body in bodies if body is not None]

    # "A non-existent unique identifier is ignored", RFC 9051 section 6.4.9: a message that another
    # session expunges between the two commands is left out.
    for some in uid_sets(uids):
        command = stream(session, "UID FETCH", some.encode(), b"(UID BODY.PEEK[])", read=read)
        yield from command


def _mail(uid: int, body: bytes) -> "Mail":
    mail = read_mail(body)
    mail.uid = uid
    return mail
