"""A new connection in place of one that was lost: what a POP3 session can take along.

This file must not know a connection, nor when it is lost.

RFC 1939 sections 4 and 6.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from netmail.errors import CapabilityError, Pop3Error
from netmail.flows.flow import Flow
from netmail.flows.pop3.language import set_lang
from netmail.flows.pop3.session import Pop3Session


def resumption(session: Pop3Session) -> Callable[[], Flow[None]] | None:
    """Return what brings a new session into the state of this one, which has lost its connection.

    Returns:
        What makes the conversation; `None` if a new session cannot be as this one was.

    RFC 1939 sections 4 and 6.
    """
    # Without QUIT the server "MUST not remove any messages from the maildrop", RFC 1939 section 6:
    # the caller must know that what it has marked is not deleted.
    if session.messages.marked:
        return None
    return partial(_resume, session, session.language)


def _resume(session: Pop3Session, language: str | None) -> Flow[None]:
    # C: LANG es
    # S: +OK es Idioma cambiado
    session.messages.numbers_lost = True
    # Texts alone are in the language: where it is gone, every call works without.
    if language is not None:
        with suppress(Pop3Error, CapabilityError):
            yield from set_lang(session, language)
