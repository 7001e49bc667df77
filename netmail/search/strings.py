"""Search keys of text in a message.

This file knows names of keys, and neither how they combine nor how they are sent. A server looks
for the text anywhere in the field or the body, in any case; some find only the beginnings of terms.
"""

from netmail.search.key import string
from netmail.wire.imap.search_key import SearchKey


def bcc(text: str) -> SearchKey:
    """Find messages with this text in Bcc.

    RFC 9051 section 6.4.4.
    """
    return string("BCC", text)


def body(text: str) -> SearchKey:
    """Find messages with this text in the body.

    RFC 9051 section 6.4.4.
    """
    return string("BODY", text)


def cc(text: str) -> SearchKey:
    """Find messages with this text in Cc.

    RFC 9051 section 6.4.4.
    """
    return string("CC", text)


def from_(text: str) -> SearchKey:
    """Find messages with this text in From.

    RFC 9051 section 6.4.4.
    """
    return string("FROM", text)


def subject(text: str) -> SearchKey:
    """Find messages with this text in Subject.

    RFC 9051 section 6.4.4.
    """
    return string("SUBJECT", text)


def text(text: str) -> SearchKey:
    """Find messages with this text in the header or the body.

    RFC 9051 section 6.4.4.
    """
    return string("TEXT", text)


def to(text: str) -> SearchKey:
    """Find messages with this text in To.

    RFC 9051 section 6.4.4.
    """
    return string("TO", text)


def header(name: str, text: str = "") -> SearchKey:
    """Find messages with this text in a header field.

    Args:
        name: The field's name, such as "List-Id".
        text: The text; "" for every message that has the field.

    RFC 9051 section 6.4.4.
    """
    return string("HEADER", name, text)
