"""The language of the server's texts: LANG.

This file knows when the server may be asked, and no grammar.

RFC 6856 section 3.
"""

from netmail.flows.flow import Flow
from netmail.flows.pop3.listing import entries
from netmail.flows.pop3.session import Pop3Session
from netmail.results.pop3 import Language
from netmail.wire import pop3
from netmail.wire.server_text import encode


def lang(session: Pop3Session) -> Flow[list[Language]]:
    """List the languages that there are: LANG without argument.

    RFC 6856 section 3.2.
    """
    # "for each language tag the server supports, the POP3 server responds with a line for that
    # language"
    yield from session.require("LANG")
    return (yield from entries(session, b"LANG", pop3.language))


def set_lang(session: Pop3Session, tag: str) -> Flow[str]:
    """Choose a language: LANG with a language range.

    RFC 6856 section 3.2.
    """
    # "the server returns a +OK response followed by a single space, the exact language tag
    # selected, and another space." After -ERR the language is as before.
    line = b"LANG " + pop3.language_range(tag)
    yield from session.require("LANG")
    session.language = pop3.language(encode((yield from session.command(line))))["tag"]
    return session.language
