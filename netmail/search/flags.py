"""Search keys of flags.

This file knows names of keys, and neither how they combine nor how they are sent.
"""

from netmail.search.key import bare, named
from netmail.wire.imap import encode
from netmail.wire.imap.search_key import SearchKey


def all_() -> SearchKey:
    """Find all messages in the mailbox.

    RFC 9051 section 6.4.4.
    """
    return bare("ALL")


def answered() -> SearchKey:
    r"""Find messages flagged \Answered.

    RFC 9051 section 6.4.4.
    """
    return bare("ANSWERED")


def deleted() -> SearchKey:
    r"""Find messages flagged \Deleted.

    RFC 9051 section 6.4.4.
    """
    return bare("DELETED")


def draft() -> SearchKey:
    r"""Find messages flagged \Draft.

    RFC 9051 section 6.4.4.
    """
    return bare("DRAFT")


def flagged() -> SearchKey:
    r"""Find messages flagged \Flagged.

    RFC 9051 section 6.4.4.
    """
    return bare("FLAGGED")


def seen() -> SearchKey:
    r"""Find messages flagged \Seen.

    RFC 9051 section 6.4.4.
    """
    return bare("SEEN")


def unanswered() -> SearchKey:
    r"""Find messages not flagged \Answered.

    RFC 9051 section 6.4.4.
    """
    return bare("UNANSWERED")


def undeleted() -> SearchKey:
    r"""Find messages not flagged \Deleted.

    RFC 9051 section 6.4.4.
    """
    return bare("UNDELETED")


def undraft() -> SearchKey:
    r"""Find messages not flagged \Draft.

    RFC 9051 section 6.4.4.
    """
    return bare("UNDRAFT")


def unflagged() -> SearchKey:
    r"""Find messages not flagged \Flagged.

    RFC 9051 section 6.4.4.
    """
    return bare("UNFLAGGED")


def unseen() -> SearchKey:
    r"""Find messages not flagged \Seen.

    RFC 9051 section 6.4.4.
    """
    return bare("UNSEEN")


def new() -> SearchKey:
    r"""Find messages flagged \Recent and not \Seen.

    RFC 3501 section 6.4.4; IMAP4rev2 has it no more.
    """
    return bare("NEW")


def old() -> SearchKey:
    r"""Find messages not flagged \Recent.

    RFC 3501 section 6.4.4; IMAP4rev2 has it no more.
    """
    return bare("OLD")


def recent() -> SearchKey:
    r"""Find messages flagged \Recent: new to this session.

    RFC 3501 section 6.4.4; IMAP4rev2 has it no more.
    """
    return bare("RECENT")


def keyword(name: str) -> SearchKey:
    """Find messages with this keyword.

    Args:
        name: A flag that is no system flag, such as "$Forwarded".

    Raises:
        UsageError: If it is no atom.

    RFC 9051 section 6.4.4.
    """
    return named("KEYWORD", encode.atom(name, "a keyword").decode("ascii"))


def unkeyword(name: str) -> SearchKey:
    """Find messages without this keyword.

    Args:
        name: A flag that is no system flag, such as "$Forwarded".

    Raises:
        UsageError: If it is no atom.

    RFC 9051 section 6.4.4.
    """
    return named("UNKEYWORD", encode.atom(name, "a keyword").decode("ascii"))
