"""Search queries as values: `from netmail import search as S`, then `S.unseen() & S.from_("ann")`.

Each function makes one search key of IMAP and has its name in small letters, with "_" after it
where Python has a use for the name. Keys combine by `&`, `|` and `~`. Nothing here knows a server:
`imap.search()` takes the query, as often as wanted.

RFC 9051 section 6.4.4.
"""

from netmail.search.dates import before as before
from netmail.search.dates import older as older
from netmail.search.dates import on as on
from netmail.search.dates import save_date_supported as save_date_supported
from netmail.search.dates import saved_before as saved_before
from netmail.search.dates import saved_on as saved_on
from netmail.search.dates import saved_since as saved_since
from netmail.search.dates import sent_before as sent_before
from netmail.search.dates import sent_on as sent_on
from netmail.search.dates import sent_since as sent_since
from netmail.search.dates import since as since
from netmail.search.dates import younger as younger
from netmail.search.extensions import annotation as annotation
from netmail.search.extensions import email_id as email_id
from netmail.search.extensions import filter_ as filter_
from netmail.search.extensions import fuzzy as fuzzy
from netmail.search.extensions import gmail_label as gmail_label
from netmail.search.extensions import gmail_message as gmail_message
from netmail.search.extensions import gmail_raw as gmail_raw
from netmail.search.extensions import gmail_thread as gmail_thread
from netmail.search.extensions import keys as keys
from netmail.search.extensions import thread_id as thread_id
from netmail.search.flags import all_ as all_
from netmail.search.flags import answered as answered
from netmail.search.flags import deleted as deleted
from netmail.search.flags import draft as draft
from netmail.search.flags import flagged as flagged
from netmail.search.flags import keyword as keyword
from netmail.search.flags import new as new
from netmail.search.flags import old as old
from netmail.search.flags import recent as recent
from netmail.search.flags import seen as seen
from netmail.search.flags import unanswered as unanswered
from netmail.search.flags import undeleted as undeleted
from netmail.search.flags import undraft as undraft
from netmail.search.flags import unflagged as unflagged
from netmail.search.flags import unkeyword as unkeyword
from netmail.search.flags import unseen as unseen
from netmail.search.numbers import larger as larger
from netmail.search.numbers import modseq as modseq
from netmail.search.numbers import saved as saved
from netmail.search.numbers import sequence_set as sequence_set
from netmail.search.numbers import smaller as smaller
from netmail.search.numbers import uid as uid
from netmail.search.strings import bcc as bcc
from netmail.search.strings import body as body
from netmail.search.strings import cc as cc
from netmail.search.strings import from_ as from_
from netmail.search.strings import header as header
from netmail.search.strings import subject as subject
from netmail.search.strings import text as text
from netmail.search.strings import to as to
from netmail.wire.imap.search_key import SearchKey as SearchKey
from netmail.wire.imap.search_key import all_of as all_of
from netmail.wire.imap.search_key import any_of as any_of

__all__ = [
    "SearchKey",
    "all_",
    "all_of",
    "annotation",
    "answered",
    "any_of",
    "bcc",
    "before",
    "body",
    "cc",
    "deleted",
    "draft",
    "email_id",
    "filter_",
    "flagged",
    "from_",
    "fuzzy",
    "gmail_label",
    "gmail_message",
    "gmail_raw",
    "gmail_thread",
    "header",
    "keys",
    "keyword",
    "larger",
    "modseq",
    "new",
    "old",
    "older",
    "on",
    "recent",
    "save_date_supported",
    "saved",
    "saved_before",
    "saved_on",
    "saved_since",
    "seen",
    "sent_before",
    "sent_on",
    "sent_since",
    "sequence_set",
    "since",
    "smaller",
    "subject",
    "text",
    "thread_id",
    "to",
    "uid",
    "unanswered",
    "undeleted",
    "undraft",
    "unflagged",
    "unkeyword",
    "unseen",
    "younger",
]
