"""Mailboxes made, deleted, renamed, subscribed to: CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE.

This file knows what becomes of the selected mailbox, and nothing of messages.

RFC 9051 sections 6.3.4 to 6.3.8.
"""

from netmail.flows.flow import Flow
from netmail.flows.imap.select import same_mailbox
from netmail.flows.imap.session import ImapSession
from netmail.results.imap import ImapState


def create(session: ImapSession, name: str) -> Flow[list[str]]:
    """Make a mailbox: CREATE.

    RFC 9051 section 6.3.4.
    """
    yield from _mailbox_command(session, "CREATE", name)
    return [name]


def delete(session: ImapSession, name: str) -> Flow[list[str]]:
    """Delete a mailbox and its messages: DELETE.

    RFC 9051 section 6.3.5.
    """
    yield from _mailbox_command(session, "DELETE", name)
    # RFC 9051 leaves open what is selected afterwards; if nothing is, no call works on a mailbox
    # that is gone.
    if session.mailbox is not None and same_mailbox(session.mailbox.name, name):
        session.deselect()
    return [name]


def rename(session: ImapSession, old_name: str, new_name: str) -> Flow[list[str]]:
    """Rename a mailbox: RENAME.

    RFC 9051 section 6.3.6.
    """
    yield from _mailbox_command(session, "RENAME", old_name, new_name)
    selected = session.mailbox
    # "Renaming INBOX is permitted [...]: It moves all messages in INBOX to a new mailbox with the
    # given name, leaving INBOX empty", and so INBOX stays selected.
    if selected is None or selected.name is None or old_name.upper() == "INBOX":
        return [new_name]
    if selected.name == old_name:
        selected.name = new_name
    elif selected.name.startswith(old_name):
        # "the inferior hierarchical names MUST also be renamed"; whether this is one of them is not
        # known, because LIST was not asked for the delimiter.
        selected.name = None
    return [new_name]


def subscribe(session: ImapSession, name: str) -> Flow[bool]:
    """Add a mailbox to the subscribed ones: SUBSCRIBE.

    RFC 9051 section 6.3.7.
    """
    return (yield from _mailbox_command(session, "SUBSCRIBE", name))


def unsubscribe(session: ImapSession, name: str) -> Flow[bool]:
    """Take a mailbox from the subscribed ones: UNSUBSCRIBE.

    RFC 9051 section 6.3.8.
    """
    return (yield from _mailbox_command(session, "UNSUBSCRIBE", name))


def _mailbox_command(session: ImapSession, verb: str, *names: str) -> Flow[bool]:
    """Send a command whose arguments are names of mailboxes."""
    # create = "CREATE" SP mailbox; delete, subscribe and unsubscribe are alike.
    # rename = "RENAME" SP mailbox SP mailbox
    #
    # C: T1 RENAME "Entw&APw-rfe" "Drafts"
    # S: T1 OK done
    arguments = [session.mailbox_argument(name) for name in names]
    session.require_state(ImapState.AUTHENTICATED, ImapState.SELECTED)
    yield from session.command(verb, *arguments)
    return True
